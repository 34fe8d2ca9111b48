import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { dailyDemand } from '../forecast/series.ts'
import { runPrescale } from './run-prescale.ts'

const hourSeconds = 3600
/** So chosen that the origin has just been reached: it stays the same for most of an hour to come. */
const settleSeconds = (Math.floor(Date.now() / 1000) % hourSeconds) + hourSeconds - 60

let root: string
before(() => {
  root = mkdtempSync(join(tmpdir(), 'prescale-models-e2e-'))
  mkdirSync(join(root, 'demand'))
  writeFileSync(
    join(root, 'prescale.yaml'),
    `name: few
history: { source: csv, paths: [demand/*.csv] }
historyLimits: { step: 1h, window: 21d, maxAge: 9h, settle: ${settleSeconds}s }
userZones: [{ name: eu, latitude: 50, longitude: 8 }, { name: us, latitude: 40, longitude: -74 }]
regions: [{ cloud: aws, region: us-east-1, zones: [us-east-1a, us-east-1b] }]
workloads: [{ name: web, unit: requests/s, demand: { measurement: demand, field: value, kind: gauge }, userZones: [eu, us], serves: { perUnit: { vcpu: 0.01 } } }]
`,
  )
  writeFileSync(
    join(root, 'catalogue.yaml'),
    'source: made up\ndate: 2026-01-01\nlicence: CC0-1.0\nregions: [{ cloud: aws, region: us-east-1, latitude: 39, longitude: -77 }]\n' +
      'types: [{ cloud: aws, type: m7g.large, vcpu: 2, memoryGib: 8, usdPerHour: { us-east-1: { on-demand: 0.08, spot: 0.03 } } }]\n',
  )
  const start = Math.floor((Date.now() / 1000 - settleSeconds) / hourSeconds) * hourSeconds - 22 * 24 * hourSeconds
  const rows = ['eu', 'us'].flatMap((zone, i) =>
    Array.from(dailyDemand(22, i + 1), (value, hour) => `web/${zone},${new Date((start + hour * hourSeconds) * 1000).toISOString()},${value}`),
  )
  writeFileSync(join(root, 'demand', 'web.csv'), `series,timestamp,value\n${rows.join('\n')}\n`)
})
after(() => rmSync(root, { recursive: true, force: true }))

test('forecasts name their version, come out the same to the bit again, and follow a version that is pinned; without its weights they say so', async () => {
  const forecast = await runPrescale(root, ['forecast'])
  assert.equal(forecast.code, 0, forecast.stderr)
  const [version] = /v1 [0-9a-f]{16}/.exec(readFileSync(join(root, 'forecasts/web/eu.yaml'), 'utf8')) ?? []
  assert.ok(version !== undefined)

  const listed = JSON.parse((await runPrescale(root, ['models', '--json'])).stdout) as { lines: { versions: { number: number; hash: string }[]; inForce: { number: number } }[] }
  assert.equal(listed.lines[0]?.inForce.number, 1)
  assert.equal(`v1 ${listed.lines[0]?.versions[0]?.hash ?? ''}`, version)

  const again = await runPrescale(root, ['models', 'verify'])
  assert.equal(again.code, 0, again.stdout + again.stderr)
  assert.match(again.stdout, new RegExp(`made with ${version}, come out the same to the bit`))

  const shown = await runPrescale(root, ['models', 'show', 'v1'])
  assert.match(shown.stdout, /put in force, the first that could be used/)
  const back = await runPrescale(root, ['models', 'rollback'])
  assert.equal(back.code, 7, 'there is nothing to go back to')
  assert.match((await runPrescale(root, ['models', 'pin', 'v1'])).stdout, /v1 is used, and nothing is trained anew, until it is unpinned/)
  assert.equal((await runPrescale(root, ['models', 'unpin', 'v1'])).code, 0)
  assert.match((await runPrescale(root, ['models', 'pin', 'v7'])).stderr, /v7 has no model that is kept; there are v1/)

  const kept = await runPrescale(root, ['forecast'])
  assert.match(kept.stdout, /made from this very history: kept/)
  const weights = join(root, '.prescale/store/models')
  for (const file of readdirSync(weights)) writeFileSync(join(weights, file), '{}')
  const lost = await runPrescale(root, ['models', 'verify'])
  assert.equal(lost.code, 7)
  assert.match(lost.stderr, /the weights of .*v1 .* are gone, were changed/)
})
