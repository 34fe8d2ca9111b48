import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  catalogueHash,
  type Configuration,
  loadCatalogue,
  loadConfiguration,
  loadSettings,
  settingsHash,
} from '../../src/config/load-settings.ts'
import { smallestCatalogue, smallestSettings } from '../../src/config/reference-files.ts'
import { catalogueSchema, settingsSchema } from '../../src/config/schema.ts'
import { expectation, type KeyShape, sampleOf, type Shape, shapeOf } from '../../src/config/schema-tree.ts'
import { faultLine } from '../../src/domain/problem.ts'
import { edited, faultsOf } from './faults-of.ts'

const root = join(import.meta.dirname, '..', '..')
const golden = join(import.meta.dirname, 'golden')

function configuration(settings: string, catalogue = smallestCatalogue): Configuration {
  return loadConfiguration({ text: settings, file: 'p.yaml' }, (path) => ({ text: catalogue, file: path }))
}

test('every fault of a file is told at once, at its line and column, in words that say what was expected', () => {
  const text = readFileSync(join(golden, 'faulty.yaml'), 'utf8')
  const told = faultsOf(() => loadSettings(text, 'prescale.yaml'))
  assert.equal(`${told.join('\n')}\n`, readFileSync(join(golden, 'faulty.txt'), 'utf8'))
})

test("the repository's own settings and catalogue load without a fault or a warning", () => {
  const read = (file: string) => ({ text: readFileSync(join(root, file), 'utf8'), file })
  const loaded = loadConfiguration(read('prescale.yaml'), read)
  assert.deepEqual(loaded.warnings, [])
  assert.equal(loaded.settings.name, 'sandbox')
  assert.deepEqual([...new Set(loaded.settings.regions.map((region) => region.cloud))], ['aws', 'gcp', 'azure'])
})

test('durations are seconds, and what is left out has its default', () => {
  const settings = loadSettings(edited(['name: shop', 'name: shop\nexpiry: 1.5h']), 'p.yaml')
  assert.equal(settings.expiry, 5400)
  assert.equal(settings.historyLimits.window, 28 * 86400)
  assert.equal(settings.workloads[0]?.leadTime, 300)
  assert.deepEqual(settings.workloads[0]?.options, ['on-demand', 'spot'])
})

const workload = '    userZones: [us-east]\n'

/** What stands in the file, and the one fault that follows. */
const single: readonly (readonly [sentence: string, text: string, fault: string])[] = [
  [
    'a key with a slip of the pen',
    edited(['name: shop', 'name: shop\nexpirry: 3h']),
    'p.yaml:2:1 expirry: is not a key here; did you mean expiry?',
  ],
  [
    'a key of another block',
    edited(['name: shop', 'name: shop\napproval: none\nminPerRegion: 3']),
    'p.yaml:3:1 minPerRegion: is not a key here, expected one of name, catalogue, history, historyLimits, forecast, plan, limits, expiry, moves, drift, approval, coordination, policyPacks, policyPackConfigs, tags, userZones, regions, events, regressors, workloads, prices, commitments, deferrable, sandbox',
  ],
  ['a missing key', edited(['    unit: requests/s\n', '']), 'p.yaml:8:5 workloads[0].unit: is missing, expected text'],
  [
    'a missing block',
    edited(['    demand: { measurement: http_requests, kind: count }\n', '']),
    'p.yaml:8:5 workloads[0].demand: is missing, expected a block with measurement, kind',
  ],
  [
    'an empty key',
    edited(['name: shop', 'name: shop\nlimits:']),
    'p.yaml:2:8 limits: is empty, expected a block with usdPerHour, usdPerDay, largestStep, floorShare, loweringPerHour, forecastHealth, freezes (or leave the key out)',
  ],
  [
    'a number in quotes',
    edited([workload, `${workload}    latencyLimitMs: "90"\n`]),
    'p.yaml:12:21 workloads[0].latencyLimitMs: is "90", expected a number above 0',
  ],
  [
    'a duration without a unit',
    edited(['name: shop', 'name: shop\nexpiry: 300']),
    'p.yaml:2:9 expiry: is 300, expected a duration such as 90s, 5m, 48h or 28d',
  ],
  [
    'a duration of nothing',
    edited(['name: shop', 'name: shop\nexpiry: 0s']),
    'p.yaml:2:9 expiry: is "0s", expected a duration such as 90s, 5m, 48h or 28d',
  ],
  [
    'a number that is not one',
    edited(['vcpu: 0.02', 'vcpu: .nan']),
    'p.yaml:12:32 workloads[0].serves.perUnit.vcpu: is NaN, expected a number above 0',
  ],
  [
    'two forms at once',
    edited(['serves: {', 'serves: { perNode: { m7g.large: 3 },']),
    'p.yaml:12:5 workloads[0].serves: has perNode and perUnit, expected one of them',
  ],
  [
    'a token in place of the name of its variable',
    edited(['bucket: telegraf', 'bucket: telegraf, tokenEnv: "s3cr3t=="']),
    'p.yaml:2:100 history.tokenEnv: is not the name of an environment variable, such as INFLUX_TOKEN; the value is not shown, it may be a secret',
  ],
  [
    'a token in the address',
    edited(['http://localhost', 'http://user:s3cr3t@localhost']),
    'p.yaml:2:34 history.url: holds a user name or token, expected the address alone: the token is read from the environment (history.tokenEnv)',
  ],
  [
    'an address without a scheme',
    edited(['http://localhost:8086', 'localhost']),
    'p.yaml:2:34 history.url: is "localhost", expected an address such as http://localhost:8086',
  ],
  [
    'a user zone that is not configured',
    edited([workload, '    userZones: [us-est]\n']),
    'p.yaml:11:17 workloads[0].userZones[0]: us-est is not a configured user zone; did you mean us-east?',
  ],
  [
    'a denied region that is not configured',
    edited([workload, `${workload}    regions: { deny: [gcp/us-east1] }\n`]),
    'p.yaml:12:23 workloads[0].regions.deny[0]: gcp/us-east1 is not a configured region; did you mean aws/us-east-1?',
  ],
  [
    'every region denied',
    edited([workload, `${workload}    regions: { deny: [aws/us-east-1] }\n`]),
    'p.yaml:12:5 workloads[0].regions: leaves web no region',
  ],
  [
    'a preferred region that is not allowed',
    edited(
      ['zones: [us-east-1a, us-east-1b, us-east-1c] }', 'zones: [a, b] }\n  - { cloud: gcp, region: us-east1, zones: [c] }'],
      [workload, `${workload}    regions: { allow: [aws/us-east-1], prefer: [gcp/us-east1] }\n`],
    ),
    'p.yaml:13:49 workloads[0].regions.prefer[0]: gcp/us-east1 is preferred and not allowed',
  ],
  [
    'the loss of a region to be survived with one region',
    edited(['name: shop', 'name: shop\nplan: { survive: { region: true } }']),
    'p.yaml:2:20 workloads[0].regions: leaves web one region, and plan.survive.region asks to survive the loss of any one',
  ],
  [
    'a minimum above the maximum',
    edited([workload, `${workload}    nodes: { min: 9, max: 4 }\n`]),
    'p.yaml:12:19 workloads[0].nodes.min: is 9, above max 4',
  ],
  [
    'a minimum above a maximum left at its default',
    edited([workload, `${workload}    nodes: { minPerRegion: 2000, max: 5000 }\n`]),
    'p.yaml:12:28 workloads[0].nodes.minPerRegion: is 2000, above maxPerRegion 1000',
  ],
  [
    'regional minimums that add up to more than the maximum',
    edited([workload, `${workload}    nodes: { minPerRegion: 5, max: 4 }\n`]),
    'p.yaml:12:28 workloads[0].nodes.minPerRegion: is 5 in each of 1 regions, together 5, above max 4',
  ],
  [
    'spot alone with a smaller share',
    edited([workload, `${workload}    options: [spot]\n`]),
    'p.yaml:12:14 workloads[0].spotShare: is 0.6, expected 1 where spot is the only purchase option',
  ],
  [
    'a planned quantile outside those forecast',
    edited(['name: shop', 'name: shop\nplan: { quantile: 0.999 }']),
    'p.yaml:2:19 plan.quantile: is 0.999, outside forecast.quantiles, which reach from 0.1 to 0.99',
  ],
  [
    'settings for some policy packs and not for others',
    edited(['name: shop', 'name: shop\npolicyPacks: [one, two]\npolicyPackConfigs: [one.json]']),
    'p.yaml:3:20 policyPackConfigs: is for 1 of 2 policyPacks, expected one file for each or none',
  ],
  [
    'a horizon that is not a multiple of the step',
    edited(['name: shop', 'name: shop\nforecast: { horizon: 47h, step: 2h }']),
    'p.yaml:2:22 forecast.horizon: is 47h, not a multiple of forecast.step 2h',
  ],
  [
    'a history step that does not divide the forecast step',
    edited(['name: shop', 'name: shop\nhistoryLimits: { step: 8m, window: 8h }']),
    'p.yaml:2:24 forecast.step: is 1h, not a multiple of the history’s step 8m (historyLimits.step)',
  ],
  [
    'more steps than can be planned',
    edited(['name: shop', 'name: shop\nforecast: { horizon: 365d }']),
    'p.yaml:2:22 forecast.horizon: is 8760 steps of 1h, at most 2016 can be planned',
  ],
  [
    'a freshness limit below the step',
    edited(['name: shop', 'name: shop\nhistoryLimits: { maxAge: 1m }']),
    'p.yaml:2:26 historyLimits.maxAge: is 1m, below historyLimits.step 5m: every history would count as stale',
  ],
  [
    'a lead time beyond the horizon',
    edited([workload, `${workload}    leadTime: 3d\n`]),
    'p.yaml:12:15 workloads[0].leadTime: is 3d, not within the horizon 48h (forecast.horizon)',
  ],
  [
    'Flux for files',
    edited(
      ['{ source: influx2, url: http://localhost:8086, org: platform, bucket: telegraf }', '{ source: csv, paths: [a.csv] }'],
      ['kind: count', 'kind: count, flux: "from(bucket)"'],
    ),
    'p.yaml:10:62 workloads[0].demand.flux: is used with history.source csv, expected influx2',
  ],
  [
    'Flux that ignores the page it is asked for',
    edited(['kind: count', 'kind: count, flux: "range(start: {{from}})"']),
    'p.yaml:10:62 workloads[0].demand.flux: lacks {{to}}: every page would read the same samples',
  ],
  [
    'an Azure region without a resource group',
    edited(['cloud: aws, region: us-east-1', 'cloud: azure, region: eastus']),
    'p.yaml:6:14 regions[0].launch.resourceGroup: is missing, expected the existing resource group that holds the scale sets',
  ],
  [
    'a setting of another cloud',
    edited(['us-east-1c] }', 'us-east-1c], launch: { resourceGroup: web } }']),
    'p.yaml:6:93 regions[0].launch.resourceGroup: is Azure’s, and us-east-1 is a region of aws',
  ],
  [
    'a type with no throughput',
    edited(['serves: { perUnit: { vcpu: 0.02 } }', 'serves: { perNode: { m7g.large: 3 } }\n    types: [m7g.large, m7g.xlarge]']),
    'p.yaml:13:24 workloads[0].types[1]: m7g.xlarge has no throughput in serves.perNode; did you mean m7g.large?',
  ],
  [
    'maintenance that leaves no region',
    edited([workload, `${workload}    maintenance: [{ cron: '0 2 * * 0', lasts: 1h, reason: x, regions: [aws/us-east-1] }]\n`]),
    'p.yaml:12:71 workloads[0].maintenance[0].regions: leaves web no region while the window is open',
  ],
  [
    'cron that YAML reads as an anchor',
    edited([workload, `${workload}    freezes: [{ cron: */5 * * * *, lasts: 1m, reason: x }]\n`]),
    'p.yaml:12:27 is not YAML: unexpected alias at node end; text that starts with * must be in quotes',
  ],
]

for (const [sentence, text, fault] of single) {
  test(`${sentence} is one fault: ${fault.slice(fault.indexOf(' ') + 1, 90)}`, () => {
    const told = faultsOf(() => loadSettings(text, 'p.yaml'))
    assert.deepEqual(told, [fault])
  })
}

const fit: readonly (readonly [sentence: string, settings: string, catalogue: string, faults: readonly string[]])[] = [
  [
    'a type that the catalogue does not have',
    edited([workload, `${workload}    types: [m7g.larg]\n`]),
    smallestCatalogue,
    ['p.yaml:12:13 workloads[0].types[0]: m7g.larg is not in the catalogue; did you mean m7g.large?'],
  ],
  [
    'a latency that no region keeps',
    edited([workload, `${workload}    latencyLimitMs: 8\n`]),
    smallestCatalogue,
    [
      'p.yaml:12:21 workloads[0].latencyLimitMs: is 8, and no allowed region is that near to us-east: aws/us-east-1 is nearest, at 14 ms (estimated)',
    ],
  ],
  [
    'a region whose place nobody knows',
    smallestSettings,
    smallestCatalogue.replace(/regions:\n.*\n/, 'regions: []\n'),
    ['p.yaml:6:27 regions[0].region: the catalogue does not say where aws/us-east-1 is, and userZones has no latencyMs to it from us-east'],
  ],
  [
    'a region in which nothing is sold',
    smallestSettings,
    smallestCatalogue.replace('us-east-1: {', 'us-west-2: {'),
    ['p.yaml:8:5 workloads[0].types: nothing that web may use has a price in aws/us-east-1'],
  ],
  [
    'a budget below the fewest nodes',
    edited(['name: shop', 'name: shop\nlimits: { usdPerHour: 1 }'], [workload, `${workload}    nodes: { min: 100 }\n`]),
    smallestCatalogue,
    ['p.yaml:2:23 limits.usdPerHour: is 1, below the 3.17 USD per hour of the fewest nodes (workloads[].nodes)'],
  ],
  [
    'a name that makes too long a group name',
    edited(['- name: web', `- name: ${'w'.repeat(39)}`]),
    smallestCatalogue.replace('m7g.large', 'm7g.metal-for-large-things'),
    [
      `p.yaml:8:11 workloads[0].name: makes the group name ${'w'.repeat(39)}-m7g-metal-for-large-things-on-demand, of 76 characters, above the 63 that clouds allow`,
    ],
  ],
  [
    'a price of nothing',
    smallestSettings,
    smallestCatalogue.replace('0.0816', '0'),
    ['catalogue.yaml:10:31 types[0].usdPerHour.us-east-1.on-demand: is 0, expected a number above 0'],
  ],
  [
    'faults of both files',
    edited(['vcpu: 0.02', 'vcpu: no']),
    smallestCatalogue.replace('vcpu: 2', 'vpcu: 2'),
    [
      'p.yaml:12:32 workloads[0].serves.perUnit.vcpu: is "no", expected a number above 0',
      'catalogue.yaml:5:5 types[0].vcpu: is missing, expected a number above 0',
      'catalogue.yaml:7:5 types[0].vpcu: is not a key here; did you mean vcpu?',
    ],
  ],
]

for (const [sentence, settings, catalogue, faults] of fit) {
  test(`${sentence} is told with both files at hand`, () => {
    assert.deepEqual(
      faultsOf(() => configuration(settings, catalogue)),
      faults,
    )
  })
}

test('a type without a price in a used region is a warning, not a fault', () => {
  const catalogue = smallestCatalogue.replace(
    'types:\n',
    'types:\n  - { cloud: aws, type: c7g.large, vcpu: 2, memoryGib: 4, usdPerHour: { us-west-2: { spot: 0.02 } } }\n',
  )
  const { warnings } = configuration(edited([workload, `${workload}    types: [m7g.large, c7g.large]\n`]), catalogue)
  assert.deepEqual(warnings.map(faultLine), [
    'p.yaml:12:24 workloads[0].types[1]: c7g.large has no price in aws/us-east-1: it is not used there',
  ])
})

test('spot that is dearer than on-demand is a warning', () => {
  const { warnings } = configuration(smallestSettings, smallestCatalogue.replace('0.0317', '0.0817'))
  assert.deepEqual(warnings.map(faultLine), ['catalogue.yaml:10:45 types[0].usdPerHour.us-east-1.spot: is 0.0817, above on-demand 0.0816'])
})

test('a measured round trip stands against the estimate', () => {
  const measured = edited(
    ['longitude: -74.0', 'longitude: -74.0, latencyMs: { aws/us-east-1: 7 }'],
    [workload, `${workload}    latencyLimitMs: 8\n`],
  )
  assert.deepEqual(configuration(measured).warnings, [])
})

test('comments, order, anchors and defaults written out leave the hash as it is, a changed number does not', () => {
  const plain = settingsHash(loadSettings(smallestSettings, 'p.yaml'))
  const rewritten = edited(
    ['name: shop\n', '# a comment\nexpiry: 180m\n'],
    ['    serves: { perUnit: { vcpu: 0.02 } }\n', '    serves: { perUnit: { vcpu: 2.0e-2 } }\nname: shop\n'],
  )
  assert.equal(settingsHash(loadSettings(rewritten, 'p.yaml')), plain)
  const tagged = (tags: string): string => settingsHash(loadSettings(edited(['name: shop', `name: shop\ntags: ${tags}`]), 'p.yaml'))
  assert.equal(tagged('{ team: web, stage: test }'), tagged('{ stage: test, team: web }'))
  assert.notEqual(settingsHash(loadSettings(edited(['vcpu: 0.02', 'vcpu: 0.021']), 'p.yaml')), plain)
  assert.notEqual(
    catalogueHash(loadCatalogue(smallestCatalogue.replace('0.0317', '0.0318'), 'c')),
    catalogueHash(loadCatalogue(smallestCatalogue, 'c')),
  )
})

test('whatever stands in the place of a value, loading gives settings or faults with places, and never anything else', () => {
  const lines = smallestSettings.split('\n')
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '*a',
      '&a [*a]',
      '{',
      '[]',
      '{}',
      '- - -',
      '? x',
      '!!set {a}',
      '\t',
      '"',
      '| ',
      '<<: 3',
      '__proto__: 1',
      'constructor: {}',
      '.inf',
      '1e999',
      '0x1F',
      '2026-01-01',
      'null',
      '~',
    ),
  )
  fc.assert(
    fc.property(fc.nat(lines.length - 2), value, fc.boolean(), (at, text, keepsKey) => {
      const line = lines[at] ?? ''
      const key = /^(\s*(- )?[\w]+: )/.exec(line)?.[0] ?? ''
      const changed = lines.with(at, (keepsKey ? key : '') + text).join('\n')
      for (const fault of faultsOf(() => loadSettings(changed, 'p.yaml'))) assert.match(fault, /^p\.yaml:\d+:\d+ /)
    }),
    { numRuns: 400 },
  )
})

test('for every key, what stands in for a wrong value is accepted by the schema', () => {
  const everyKey = (shape: Shape): readonly KeyShape[] => {
    switch (shape.kind) {
      case 'block':
        return shape.keys.flatMap((key) => [key, ...everyKey(key.shape)])
      case 'forms':
        return shape.forms.flatMap((form) => form.keys.flatMap((key) => [key, ...everyKey(key.shape)]))
      case 'list':
        return everyKey(shape.item)
      case 'map':
        return everyKey(shape.value)
      default:
        return []
    }
  }
  for (const schema of [settingsSchema, catalogueSchema]) {
    const shape = shapeOf(schema)
    assert.ok(schema.safeParse(sampleOf(shape)).success)
    for (const key of everyKey(shape)) {
      assert.notEqual(key.description, '', `${key.name} has a description`)
      assert.notEqual(expectation(key.shape), '')
      if (key.required === 'required') assert.notEqual(key.example ?? sampleOf(key.shape), undefined)
    }
  }
})

test('prices of one’s own stand in place of the catalogue’s, and only where they are given', () => {
  const { catalogue } = configuration(edited(['name: shop', 'name: shop\nprices: [{ cloud: aws, region: us-east-1, type: m7g.large, spot: 0.011 }]']))
  const before = configuration(smallestSettings).catalogue.types[0]?.usdPerHour['us-east-1']
  assert.deepEqual(catalogue.types[0]?.usdPerHour['us-east-1'], { ...before, spot: 0.011 })
})

test('a price of one’s own for a type that the catalogue does not have is a fault', () => {
  const faults = faultsOf(() => configuration(edited(['name: shop', 'name: shop\nprices: [{ cloud: gcp, region: us-east-1, type: m7g.large, spot: 0.011 }]'])))
  assert.deepEqual(faults, ['p.yaml:2:49 prices[0].type: m7g.large is not a type of gcp in the catalogue'])
})

test('deferrable work is checked for what it names, how long it may take, and whether it waits for itself', () => {
  const work = (more: string): string => edited(['name: shop', `name: shop\ndeferrable:\n  - { name: a, workload: web, amount: 10, maxUnits: 5, cron: '0 1 * * *', within: 4h, ${more} }`])
  assert.deepEqual(faultsOf(() => loadSettings(work('after: [a]'), 'p.yaml')).map((line) => line.split(' ').slice(1).join(' ')), ['deferrable[0].after: a waits for itself in the end'])
  assert.match(faultsOf(() => loadSettings(work('atMost: 1h'), 'p.yaml')).join(), /amount: is 10, above the 5 that maxUnits allows within 1h/)
  assert.match(faultsOf(() => loadSettings(work('after: [b]'), 'p.yaml')).join(), /b is no deferrable work of this file/)
  assert.deepEqual(faultsOf(() => loadSettings(work('atLeast: 2h'), 'p.yaml')), [])
})

test('a workload that sends data is asked what that costs, never taken to send it for nothing', () => {
  const sends = edited(['    unit: requests/s\n', '    unit: requests/s\n    gbPerUnitHour: 0.4\n'])
  assert.match(faultsOf(() => configuration(sends)).join(), /gbPerUnitHour: what a GB costs is not known in aws\/us-east-1/)
})

test('a commitment is to a type of a configured region', () => {
  const wrong = edited(['name: shop', 'name: shop\ncommitments: [{ cloud: aws, region: eu-west-9, type: m7g.large, nodes: 3, usdPerHour: 0.05 }]'])
  assert.match(faultsOf(() => configuration(wrong)).join(), /commitments\[0\].region: aws\/eu-west-9 is not a configured region/)
})
