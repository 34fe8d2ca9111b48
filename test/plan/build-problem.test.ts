import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTimes } from '../../src/config/cron-window.ts'
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
