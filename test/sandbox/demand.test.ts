import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { demandOf, type Traces } from '../../src/sandbox/demand.ts'
import { loadScenario, loadTraces, readTrace } from '../../src/sandbox/scenario.ts'
import type { WorldUserZone, WorldWorkload } from '../../src/sandbox/world.ts'
import { aTemporaryFolder, aWorld, day, monday } from './a-world.ts'

const week = 7 * day
const weekSteps = 7 * 288
/** Ten days in which each step's count is its own number. */
const counted: Traces = { counted: { startSeconds: monday - 52 * week, counts: Array.from({ length: 10 * 288 }, (_, step) => step) } }

function played(over: Partial<WorldWorkload>, zone: Partial<WorldUserZone>, seconds: number): number {
  const world = aWorld()
  const [workload] = world.workloads
  if (workload === undefined) throw new Error('no workload')
  return demandOf(world, counted)({ ...workload, trace: 'counted', ...over }, { name: 'us-east', share: 1, laterHours: 0, ...zone }, seconds)
}

test('the recorded instant is played at the start, and every zone lives it that many hours later', () => {
  assert.equal(played({}, {}, monday + 3 * 300), 3)
  assert.equal(played({}, { laterHours: 1 }, monday + 3600 + 3 * 300), 3)
  assert.equal(played({}, { laterHours: -5 }, monday), 60)
  assert.equal(played({ recordedAtSeconds: monday - 51 * week }, {}, monday), weekSteps)
})

test('share and scale multiply, and events are whole', () => {
  assert.equal(played({ scale: 2.5 }, { share: 0.3 }, monday + 10 * 300), 8)
})

test('after the end of a trace its last week repeats, before its start its first', () => {
  assert.equal(played({}, {}, monday + 10 * day), 3 * 288)
  assert.equal(played({}, {}, monday + 10 * day + week + 300), 3 * 288 + 1)
  assert.equal(played({}, {}, monday - 300), weekSteps - 1)
  assert.equal(played({}, {}, monday - 3 * week), 0)
})

test('timestamps are moved back to their step, longer recorded steps are shared evenly, missing steps have no events', (context) => {
  const directory = aTemporaryFolder(context)
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'trace.csv.gz')
  writeFileSync(file, gzipSync('timestamp,tweets\n2015-02-26T21:42:53Z,7\n2015-02-26T21:57:53Z,9\n'))
  assert.deepEqual(readTrace(file, 300), { startSeconds: Date.parse('2015-02-26T21:40:00Z') / 1000, counts: [7, 0, 0, 9] })
  writeFileSync(file, gzipSync('timestamp,passengers\n2014-07-01T00:00:00Z,60\n2014-07-01T00:30:00Z,12\n'))
  assert.deepEqual(readTrace(file, 1800).counts, [...new Array<number>(6).fill(10), ...new Array<number>(6).fill(2)])
})

const scenarioFile = fileURLToPath(new URL('../../data/scenario.yaml', import.meta.url))

test('what the bundled scenario plays in the 28 days before its start and the 12 after lies within the recordings', () => {
  const scenario = loadScenario(scenarioFile)
  const traces = loadTraces(scenarioFile, scenario)
  for (const workload of scenario.workloads) {
    const trace = traces[workload.trace]
    assert.ok(trace !== undefined)
    for (const zone of workload.userZones) {
      const first = workload.recordedAt - 28 * day - zone.laterHours * 3600
      const last = workload.recordedAt + 12 * day - zone.laterHours * 3600
      assert.ok(first >= trace.startSeconds, `${workload.name}/${zone.name} starts before its recording`)
      assert.ok(last <= trace.startSeconds + trace.counts.length * 300, `${workload.name}/${zone.name} outlasts its recording`)
    }
  }
})

test('on an ordinary day each bundled workload needs 10 to 60 nodes of 4 vCPUs at 70 percent use', () => {
  const scenario = loadScenario(scenarioFile)
  const world = { ...aWorld(), startSeconds: scenario.start }
  const demandAt = demandOf(world, loadTraces(scenarioFile, scenario))
  for (const { recordedAt, ...workload } of scenario.workloads) {
    const vcpus = Array.from({ length: 14 * 288 }, (_, step) => {
      const at = scenario.start - 14 * day + step * 300
      return workload.userZones.reduce((sum, zone) => sum + demandAt({ ...workload, recordedAtSeconds: recordedAt }, zone, at), 0) * (workload.vcpuPerUnit / 300 / 0.7)
    }).sort((a, b) => a - b)
    const usual = vcpus[Math.floor(vcpus.length * 0.95)] ?? 0
    assert.ok(usual / 4 >= 10 && usual / 4 <= 60, `${workload.name} needs ${usual.toFixed(0)} vCPUs`)
  }
})
