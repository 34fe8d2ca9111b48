import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leadTimeSummaries, measuredLeadTime, measureLeadTimes, type Outstanding, type PoolLook } from '../../src/observe/lead-times.ts'

const pool = { cloud: 'aws', region: 'us-east-1', workload: 'web', type: 'm7g.large', option: 'spot' } as const
const look = (desired: number, ready: number): PoolLook => ({ pool, name: 'web', desired, ready })

/** Looks at one pool, each so many seconds after the start. */
function watched(...looks: readonly (readonly [seconds: number, desired: number, ready: number])[]) {
  let known: { readonly samples: Readonly<Record<string, readonly number[]>>; readonly outstanding: Readonly<Record<string, Outstanding>> } = { samples: {}, outstanding: {} }
  for (const [seconds, desired, ready] of looks) known = measureLeadTimes(known.samples, known.outstanding, [look(desired, ready)], seconds)
  return known
}

test('each node that became ready measures the time since it was ordered', () => {
  assert.deepEqual(watched([0, 3, 0], [100, 3, 0], [120, 3, 2], [150, 3, 3]).samples, { 'aws/m7g.large/spot': [120, 120, 150] })
})

test('when all are ready nothing is outstanding', () => {
  assert.deepEqual(watched([0, 3, 0], [100, 3, 3]).outstanding, {})
})

test('a further order starts the clock anew', () => {
  assert.deepEqual(watched([0, 3, 0], [100, 5, 0], [190, 5, 0], [200, 5, 1]).samples, { 'aws/m7g.large/spot': [100] })
})

test('looks too far apart measure nothing: the moment between them is not known', () => {
  assert.deepEqual(watched([0, 3, 0], [900, 3, 3]).samples, {})
  assert.deepEqual(watched([0, 3, 0], [690, 3, 0], [900, 3, 3]).samples, { 'aws/m7g.large/spot': [900, 900, 900] })
})

test('too few samples say nothing; those of the cloud stand in for a kind that has too few', () => {
  const twenty = Array.from({ length: 20 }, (_, index) => 10 * (index + 1))
  assert.equal(measuredLeadTime({ 'aws/m7g.large/spot': twenty.slice(1) }, pool), undefined)
  assert.equal(measuredLeadTime({ 'aws/c6i.large/spot': twenty }, pool), 190)
  assert.equal(measuredLeadTime({ 'aws/m7g.large/spot': twenty.map((seconds) => seconds * 2), 'aws/c6i.large/spot': twenty }, pool), 380)
  assert.equal(measuredLeadTime({ 'gcp/n2-standard-4/spot': twenty }, pool), undefined)
})

test('the newest two hundred samples of a kind are kept', () => {
  let known = measureLeadTimes({ 'aws/m7g.large/spot': new Array<number>(200).fill(50) }, {}, [look(2, 0)], 0)
  known = measureLeadTimes(known.samples, known.outstanding, [look(2, 0)], 90)
  known = measureLeadTimes(known.samples, known.outstanding, [look(2, 2)], 100)
  const kept = known.samples['aws/m7g.large/spot'] ?? []
  assert.deepEqual([kept.length, kept.at(-3), kept.at(-1)], [200, 50, 100])
})

test('kinds are shown by cloud and name with median and p95', () => {
  const samples = { 'gcp/n2/spot': [30, 10, 20], 'aws/m7g.large/spot': [5] }
  assert.deepEqual(leadTimeSummaries(samples), [
    { kind: 'aws/m7g.large/spot', nodes: 1, medianSeconds: 5, p95Seconds: 5 },
    { kind: 'gcp/n2/spot', nodes: 3, medianSeconds: 20, p95Seconds: 30 },
  ])
})
