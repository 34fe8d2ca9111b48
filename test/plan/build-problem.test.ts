import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTimes } from '../../src/config/cron-window.ts'
import { loadSettings } from '../../src/config/load-settings.ts'
import type { Catalogue, Settings } from '../../src/config/schema.ts'
import type { DemandForecast } from '../../src/domain/forecast.ts'
import type { LivePool } from '../../src/domain/observation.ts'
import { buildProblem } from '../../src/plan/build-problem.ts'
import { instanceFromProblem, problemFromInstance } from '../../src/plan/documents/instance-document.ts'
import type { InstanceDocument } from '../../src/plan/documents/instance-document.ts'
import type { PlanProblem } from '../../src/plan/problem.ts'
import { aForecast, origin, someCatalogue, someSettings } from './some-settings.ts'

const both = [aForecast('east', [100, 200, 300, 400]), aForecast('west', [10, 20, 30, 40])]

interface Given {
  readonly settings?: Settings
  readonly catalogue?: Catalogue
  readonly forecasts?: readonly DemandForecast[]
  readonly pools?: readonly LivePool[]
  readonly length?: number
}
function problemOf({ settings = someSettings(), catalogue = someCatalogue(), forecasts = both, pools = [], length = 4 }: Given = {}): PlanProblem {
  return buildProblem({ settings, catalogue, forecasts, live: { atSeconds: origin, pools }, gridFromOrigin: { startSeconds: origin, stepSeconds: 3600, length }, openTimes })
}

test('demand is the planned quantile of the forecasts, by user zone', () => {
  assert.deepEqual(problemOf().demand, [[[100, 200, 300, 400], [10, 20, 30, 40]]])
})

test('events that a forecast expects are told by the steps that they touch', () => {
  const expecting = { ...aForecast('west', [10, 20, 30, 40]), events: [{ name: 'sale', share: 0.5, startSeconds: origin + 5400, endSeconds: origin + 7200 }] }
  const problem = problemOf({ forecasts: [aForecast('east', [100, 200, 300, 400]), expecting] })
  assert.deepEqual(problem.events, [{ name: 'sale', workload: 0, userZone: 1, share: 0.5, from: 1, to: 2 }])
})

test('beyond the forecast’s end its highest value holds', () => {
  assert.deepEqual(problemOf({ length: 6 }).demand[0]?.[0], [100, 200, 300, 400, 400, 400])
})

test('without the forecast of one user zone the workload keeps its counts in every step', () => {
  const problem = problemOf({ forecasts: both.slice(0, 1) })
  assert.deepEqual(problem.heldBecause, ['no forecast of web/west'])
  assert.deepEqual(problem.workloads[0]?.frozen, [true, true, true, true])
})

test('a node serves what its scarcest resource allows: 16 GiB at 0.5 GiB per unit are 32, though its vCPUs would do for 40', () => {
  const problem = problemOf({ settings: someSettings('serves: { perUnit: { vcpu: 0.1, memoryGib: 0.5 } }') })
  assert.deepEqual(problem.throughput, [[32, 32]])
})

test('a type of unknown network is not used for a workload that needs network', () => {
  const problem = problemOf({ settings: someSettings('serves: { perUnit: { vcpu: 0.1, networkMbps: 500 } }') })
  assert.deepEqual(problem.throughput, [[25, null]])
})

test('an option that the catalogue does not price cannot be bought', () => {
  assert.deepEqual(problemOf().usdPerHour[1]?.[1], [0.13, null])
})

test('a latency limit keeps the ocean between a user zone and a region, and a measured round trip replaces the estimate', () => {
  const problem = problemOf({ settings: someSettings('serves: { perUnit: { vcpu: 0.1 } }\nlatencyLimitMs: 60') })
  assert.deepEqual(problem.reach.normal, [[[0], [1]]])
  assert.equal(problem.latencyMs[1]?.[1], 12)
})

test('a step is frozen when its counts would change, or be ordered, within the freeze', () => {
  const problem = problemOf({ settings: someSettings("serves: { perUnit: { vcpu: 0.1 } }\nfreezes: [{ cron: '0 13 * * *', lasts: 1h, reason: release }]") })
  assert.deepEqual(problem.workloads[0]?.frozen, [false, true, true, false])
})

test('a region in maintenance is closed in every step that the window touches', () => {
  const problem = problemOf({ settings: someSettings("serves: { perUnit: { vcpu: 0.1 } }\nmaintenance: [{ cron: '30 13 * * *', lasts: 1h, reason: network, regions: [aws/us-east-1] }]") })
  assert.deepEqual(problem.workloads[0]?.closed, [[false, true, true, false], []])
})

test('live nodes are those ordered, ready or not', () => {
  const pool = { cloud: 'aws', region: 'us-east-1', workload: 'web', type: 'm7g.xlarge', option: 'spot', group: 'g', min: 0, desired: 7, max: 9, ready: 2 } as const
  assert.deepEqual(problemOf({ pools: [pool] }).fleet[0]?.[0]?.[0], [0, 7])
})

test('a saved problem gives back the problem, through JSON', () => {
  const problem = problemOf({ settings: someSettings('serves: { perUnit: { vcpu: 0.1 } }\nnodes: { min: 2, max: 50 }\nleadTime: 3h') })
  const saved = JSON.parse(JSON.stringify(instanceFromProblem(problem))) as InstanceDocument
  assert.deepEqual(JSON.parse(JSON.stringify(problemFromInstance(saved))), JSON.parse(JSON.stringify(problem)))
})

const withTop = (more: string): Settings => loadSettings(`name: shop
history: { source: csv, paths: [demand.csv] }
plan: { quantile: 0.9, survive: { zone: false, region: false } }
userZones: [{ name: east, latitude: 40, longitude: -75 }, { name: west, latitude: 51, longitude: 0 }]
regions:
  - { cloud: aws, region: us-east-1, zones: [a, b, c], quotaVcpu: { on-demand: 40, spot: 20 } }
  - { cloud: gcp, region: europe-west1, zones: [b, c, d] }
workloads:
  - { name: web, unit: requests/s, demand: { measurement: http, kind: count }, userZones: [east, west], serves: { perUnit: { vcpu: 0.1 } }, minRun: 90m, nodes: { maxLowered: 3 } }
  - { name: jobs, unit: jobs/s, demand: { measurement: http, kind: count }, userZones: [east], serves: { perUnit: { vcpu: 1 } } }
${more}
`, 'prescale.yaml')

test('committed nodes are an option of their own that costs nothing more, counts against the on-demand quota, and holds live nodes first', () => {
  const settings = withTop('commitments: [{ cloud: aws, region: us-east-1, type: m7g.xlarge, nodes: 3, usdPerHour: 0.1 }]\nlimits: { usdPerHour: 2 }')
  const live = (workload: string, desired: number): LivePool => ({ cloud: 'aws', region: 'us-east-1', workload, type: 'm7g.xlarge', option: 'on-demand', group: workload, min: 0, desired, max: 9, ready: desired })
  const problem = problemOf({ settings, forecasts: [...both, { ...aForecast('east', [5, 5, 5, 5]), workload: 'jobs' }], pools: [live('web', 2), live('jobs', 4)] })
  assert.deepEqual(problem.options.map(({ kind }) => kind), ['on-demand', 'spot', 'committed'])
  assert.deepEqual(problem.usdPerHour[0]?.[0], [0.16, 0.05, 0])
  assert.deepEqual(problem.maxNodes[0]?.[0]?.[2], 3)
  assert.deepEqual(problem.quotaVcpu[0], [28, 20, 12])
  assert.deepEqual(problem.fleet.map((regions) => regions[0]?.[0]), [[0, 0, 2], [3, 0, 1]])
  assert.ok(Math.abs(problem.sunkUsdPerHour - 0.3) < 1e-12)
  assert.ok(Math.abs((problem.maxUsdPerHour ?? 0) - 1.7) < 1e-12)
})

test('minimum runs are rounded up to steps, the rate of lowering is that of the settings', () => {
  const { workloads } = problemOf({ settings: withTop('') })
  assert.deepEqual([workloads[0]?.minRunSteps, workloads[0]?.maxLowering], [2, 3])
  assert.deepEqual([workloads[1]?.minRunSteps, workloads[1]?.maxLowering], [1, Infinity])
})

test('deferrable work runs whenever its window lies within the plan, in units times steps, and waits for the latest run before it', () => {
  // The plan goes from 12:00 to 18:00.
  const settings = withTop(`deferrable:
  - { name: export, workload: jobs, amount: 6, maxUnits: 4, cron: '0 13 * * *', within: 2h }
  - { name: report, workload: jobs, amount: 2, maxUnits: 4, cron: '30 13 * * *', within: 4h, atLeast: 2h, atMost: 3h, after: [export], regions: [gcp/europe-west1] }
  - { name: late, workload: jobs, amount: 2, maxUnits: 4, cron: '0 17 * * *', within: 3h }`)
  assert.deepEqual(problemOf({ settings, length: 6 }).deferrable, [
    { name: 'export', workload: 1, amount: 6, earliest: 1, deadline: 2, maxPerStep: 4, regions: [0, 1], longestSteps: Infinity, after: [] },
    { name: 'report', workload: 1, amount: 2, earliest: 2, deadline: 4, maxPerStep: 1, regions: [1], longestSteps: 3, after: [0] },
  ])
})

test('of work whose window has begun all is planned that still fits into it', () => {
  const settings = withTop("deferrable: [{ name: export, workload: jobs, amount: 20, maxUnits: 4, cron: '0 9 * * *', within: 6h }]")
  assert.deepEqual(problemOf({ settings, length: 6 }).deferrable.map(({ amount, earliest, deadline }) => [amount, earliest, deadline]), [[12, 0, 2]])
})

test('what data costs is that of the user zone, else of the region; without either nobody is served from there', () => {
  const sends = withTop('').workloads.map((workload) => ({ ...workload, gbPerUnitHour: 2 }))
  const settings = withTop('')
  const priced = { ...settings, workloads: sends, regions: settings.regions.map((region, r) => (r === 0 ? { ...region, usdPerGbSent: 0.09, usdPerGbTo: { west: 0.02 } } : region)) }
  const problem = problemOf({ settings: priced })
  assert.deepEqual(problem.usdPerUnitSent?.[0], [[0.18, 0], [0.04, 0]])
  assert.deepEqual(problem.reach.normal[0], [[0], [0]])
})

test('under the blanket derate two of three zones of every region count while all is well', () => {
  const settings = withTop('')
  const problem = problemOf({ settings: { ...settings, plan: { ...settings.plan, survive: { zone: true, region: false, blanket: true } } } })
  assert.equal(problem.survival.zone, 'derate')
  assert.deepEqual(problem.availability.normal[0], [2 / 3, 0.6])
  assert.deepEqual(problem.availability.failure[0], [1, 0.75])
})

test('a node serves no more than its disk can carry, and a type of unknown disk is not used for work that needs it', () => {
  const settings = someSettings('serves: { perUnit: { vcpu: 0.1, diskMbps: 50 } }')
  const catalogue = someCatalogue()
  const types = catalogue.types.map((type, k) => (k === 0 ? { ...type, diskMbps: 1250 } : type))
  assert.deepEqual(problemOf({ settings, catalogue: { ...catalogue, types } }).throughput, [[25, null]])
})
