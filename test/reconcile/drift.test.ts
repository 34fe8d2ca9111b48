import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DesiredPool } from '../../src/domain/desired-state.ts'
import type { LivePool } from '../../src/domain/observation.ts'
import type { AppliedRecord } from '../../src/reconcile/changed-stacks.ts'
import { driftSentence, leaveRaises, type DriftRecord, watchDrift } from '../../src/reconcile/drift.ts'
import { aDesiredPool, aDesiredState, aLivePool, liveCounts, midnight } from '../support/a-desired-state.ts'

const pool = aDesiredPool({ desired: 4, was: 4 })
const applied = (of: DesiredPool = pool): AppliedRecord => ({
  stack: 'sandbox.aws-us-east-1',
  resources: 'r1',
  shape: 's1',
  program: 'p1',
  counts: { [of.group]: of.desired },
  before: { [of.group]: of.desired },
  held: {},
  state: aDesiredState([of]),
  atSeconds: midnight - 86_400,
})

/** Looks one after another, each so many seconds after midnight, at a pool that the plan wants as it was applied. */
function watched(...looks: readonly (readonly [seconds: number, live: Partial<LivePool>])[]): readonly DriftRecord[] {
  let known: readonly DriftRecord[] = []
  for (const [seconds, live] of looks) known = watchDrift(known, [{ wanted: aDesiredState([pool]), applied: applied() }], liveCounts([aLivePool(pool, live)], midnight + seconds))
  return known
}

test('a count that was changed once and stays was changed by hand; before it has stayed, nobody knows', () => {
  assert.equal(watched([0, { desired: 9 }])[0]?.cause, 'unknown')
  assert.equal(watched([0, { desired: 9 }], [1799, { desired: 9 }])[0]?.cause, 'unknown')
  assert.deepEqual(watched([0, { desired: 9 }], [1800, { desired: 9 }]).map(({ cause, sinceSeconds }) => [cause, sinceSeconds]), [['hand', midnight]])
})

test('a count that moves again and again is moved by an autoscaler', () => {
  assert.equal(watched([0, { desired: 9 }], [900, { desired: 8 }])[0]?.cause, 'unknown')
  assert.equal(watched([0, { desired: 9 }], [900, { desired: 8 }], [1800, { desired: 10 }])[0]?.cause, 'autoscaler')
})

test('a count that moved once more is nobody’s yet: half an hour since it was first seen proves nothing', () => {
  assert.equal(watched([0, { desired: 9 }], [900, { desired: 8 }], [1800, { desired: 8 }])[0]?.cause, 'unknown')
})

test('an autoscaler that is known to act on the group is named at once', () => {
  const [drift] = watched([0, { desired: 9, autoscaler: 'cpu-60' }])
  assert.equal(drift && driftSentence(drift), 'aws/us-east-1/web/m7g.large/on-demand: count is 9, wanted 4, changed by an autoscaler (cpu-60)')
})

test('bounds are changed by hand, and so is a group deleted', () => {
  const bounds = { ...pool, owns: 'bounds', min: 2, max: 9 } as const
  const look = (live: readonly LivePool[]) => watchDrift([], [{ wanted: aDesiredState([bounds]), applied: applied(bounds) }], liveCounts(live))
  assert.deepEqual(look([aLivePool(bounds, { max: 20 })]).map(({ property, cause }) => [property, cause]), [['bounds', 'hand']])
  assert.deepEqual(look([]).map(({ property, cause }) => [property, cause]), [['existence', 'hand']])
})

test('a difference is over when the count is as it was applied', () => {
  assert.deepEqual(watched([0, { desired: 9 }], [60, { desired: 4 }]), [])
})

test('a raise that was left as it is stays on record after the engine took it over, until the plan wants as much', () => {
  const known = watched([0, { desired: 9 }])
  const takenOver = { ...applied({ ...pool, desired: 9 }), held: { [pool.group]: 9 } }
  const look = (desired: number, live: number) => watchDrift(known, [{ wanted: aDesiredState([{ ...pool, desired }]), applied: takenOver }], liveCounts([aLivePool(pool, { desired: live })], midnight + 60))
  assert.deepEqual([look(4, 9).length, look(9, 9).length], [1, 0])
})

test('what others raised is left, what they lowered is raised again', () => {
  const counts = (live: number) => leaveRaises([aDesiredState([pool])], watched([0, { desired: live }]), liveCounts([aLivePool(pool, { desired: live })]))[0]?.pools.map(({ desired, max }) => [desired, max])
  assert.deepEqual([counts(9), counts(12), counts(1)], [[[9, 10]], [[12, 12]], [[4, 10]]])
})

test('bounds that others widened are left, bounds they narrowed are not', () => {
  const bounds = { ...pool, owns: 'bounds', min: 2, max: 9 } as const
  const left = (live: Partial<LivePool>) => {
    const now = liveCounts([aLivePool(bounds, live)])
    return leaveRaises([aDesiredState([bounds])], watchDrift([], [{ wanted: aDesiredState([bounds]), applied: applied(bounds) }], now), now)[0]?.pools.map(({ min, max }) => [min, max])
  }
  assert.deepEqual([left({ min: 3, max: 20 }), left({ min: 1, max: 5 })], [[[3, 20]], [[2, 9]]])
})
