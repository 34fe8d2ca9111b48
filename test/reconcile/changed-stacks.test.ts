import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DesiredPool } from '../../src/domain/desired-state.ts'
import type { LivePool } from '../../src/domain/observation.ts'
import { type AppliedRecord, changedStacks, driftOf, type StackNeed } from '../../src/reconcile/changed-stacks.ts'
import { aDesiredPool, aDesiredState, aLivePool, liveCounts, midnight } from '../support/a-desired-state.ts'

const stack = 'sandbox.aws-us-east-1'
const record = (change: Partial<AppliedRecord> = {}): AppliedRecord => ({ stack, resources: 'r1', shape: 's1', program: 'p1', counts: { 'web-m7g-large-on-demand': 3 }, before: { 'web-m7g-large-on-demand': 6 }, held: {}, state: aDesiredState([aDesiredPool()]), atSeconds: midnight - 86_400, ...change })

function needOf(pool: DesiredPool, live: readonly LivePool[], applied: AppliedRecord | undefined, resources = 'r1', atSeconds = midnight): StackNeed | undefined {
  const records = new Map(applied === undefined ? [] : [[stack, applied]])
  return changedStacks([{ stack, desired: aDesiredState([pool]), resources, shape: 's1' }], records, liveCounts(live, atSeconds), 'p1')[0]
}
const reasons = (need: StackNeed | undefined): readonly string[] => (need?.kind === 'engine' ? need.reasons.map(({ kind }) => kind) : [])

test('a stack that holds what was applied last needs no engine', () => {
  const pool = aDesiredPool()
  assert.deepEqual(needOf(pool, [aLivePool(pool)], record()), { stack, kind: 'none' })
})

test('a stack that was never applied, or whose last apply failed, needs the engine', () => {
  assert.deepEqual(reasons(needOf(aDesiredPool(), [], undefined)), ['never-applied'])
})

test('a changed desired state and a changed program each need the engine, without a look at the cloud', () => {
  const pool = aDesiredPool({ desired: 5 })
  const changed = needOf(pool, [aLivePool(pool, { desired: 3 })], record(), 'r2')
  assert.deepEqual([reasons(changed), changed?.kind === 'engine' && changed.refresh], [['desired-state'], 'no'])
  assert.deepEqual(reasons(needOf(aDesiredPool(), [aLivePool(aDesiredPool())], record({ program: 'p0' }))), ['program'])
})

test('where a cloud puts groups whole, a count that is somebody else’s is looked up before any update sends one', () => {
  const refresh = (change: Partial<DesiredPool>): unknown => {
    const pool = aDesiredPool({ owns: 'bounds', ...change })
    const need = needOf(pool, [aLivePool(pool, { desired: 8 })], record(), 'r2')
    return need?.kind === 'engine' && need.refresh
  }
  assert.deepEqual([refresh({ cloud: 'azure' }), refresh({ cloud: 'aws' }), refresh({ cloud: 'gcp' })], ['first', 'no', 'no'])
  assert.equal(refresh({ cloud: 'azure', owns: 'schedule' }), 'first')
})

test('after a run that never reported, its counts and those before are both its own, and the engine is asked after a look at the cloud', () => {
  const pool = aDesiredPool({ desired: 3 })
  const died = record({ underWay: { [pool.group]: 7 } })
  for (const desired of [3, 7]) {
    const need = needOf(pool, [aLivePool(pool, { desired })], died)
    assert.deepEqual([reasons(need), need?.kind === 'engine' && need.refresh], [['desired-state'], 'first'])
    assert.deepEqual(driftOf(aDesiredState([pool]), liveCounts([aLivePool(pool, { desired })]), died), [])
  }
  assert.equal(driftOf(aDesiredState([pool]), liveCounts([aLivePool(pool, { desired: 8 })]), died).length, 1)
})

test('a count that a hand changed is drift, which the engine sees only when it looks first', () => {
  const pool = aDesiredPool()
  const need = needOf(pool, [aLivePool(pool, { desired: 9 })], record())
  assert.deepEqual([reasons(need), need?.kind === 'engine' && need.refresh], [['drift'], 'first'])
})

test('a plan back to the count that was applied, over a count that a hand changed, needs the look too', () => {
  const pool = aDesiredPool({ desired: 3, max: 11 })
  const need = needOf(pool, [aLivePool(pool, { desired: 9 })], record(), 'r2')
  assert.deepEqual([reasons(need), need?.kind === 'engine' && need.refresh], [['desired-state', 'drift'], 'first'])
})

test('a group that is gone needs the engine to look', () => {
  const need = needOf(aDesiredPool(), [], record())
  assert.deepEqual(need, { stack, kind: 'engine', reasons: [{ kind: 'drift', drift: { group: 'web-m7g-large-on-demand', property: 'existence', wanted: 'there', live: 'gone' } }], refresh: 'first', look: 'no' })
})

test('a count on its way down is not drift for a quarter of an hour, a count above what it came from is', () => {
  const pool = aDesiredPool({ was: 9, desired: 3 })
  const lately = record({ atSeconds: midnight - 60 })
  assert.equal(needOf(pool, [aLivePool(pool, { desired: 5 })], lately)?.kind, 'none')
  assert.deepEqual(reasons(needOf(pool, [aLivePool(pool, { desired: 7 })], lately)), ['drift'])
  assert.deepEqual(reasons(needOf(pool, [aLivePool(pool, { desired: 2 })], lately)), ['drift'])
  assert.deepEqual(reasons(needOf(pool, [aLivePool(pool, { desired: 5 })], record({ atSeconds: midnight - 901 }))), ['drift'])
  const scheduled = aDesiredPool({ desired: 7, schedule: [{ minuteOfDay: 0, min: 1, desired: 3, max: 10 }, { minuteOfDay: 840, min: 1, desired: 7, max: 10 }] })
  const at = midnight + 86_400
  assert.equal(needOf(scheduled, [aLivePool(scheduled, { desired: 6 })], record({ counts: { 'web-m7g-large-on-demand': 7 } }), 'r1', at + 600)?.kind, 'none')
  assert.deepEqual(reasons(needOf(scheduled, [aLivePool(scheduled, { desired: 6 })], record({ counts: { 'web-m7g-large-on-demand': 7 } }), 'r1', at + 1200)), ['drift'])
})

test('a count that the pool’s own schedule has made is not drift, an hour earlier it is', () => {
  const pool = aDesiredPool({ schedule: [{ minuteOfDay: 480, min: 1, desired: 3, max: 10 }, { minuteOfDay: 840, min: 1, desired: 7, max: 10 }] })
  assert.equal(needOf(pool, [aLivePool(pool, { desired: 7 })], record(), 'r1', midnight + 845 * 60)?.kind, 'none')
  assert.deepEqual(reasons(needOf(pool, [aLivePool(pool, { desired: 7 })], record(), 'r1', midnight + 785 * 60)), ['drift'])
})

test('where only bounds are owned the count may move, the bounds may not', () => {
  const pool = aDesiredPool({ owns: 'bounds' })
  assert.deepEqual(driftOf(aDesiredState([pool]), liveCounts([aLivePool(pool, { desired: 8 })]), undefined), [])
  assert.deepEqual(driftOf(aDesiredState([pool]), liveCounts([aLivePool(pool, { max: 20 })]), undefined), [
    { group: pool.group, property: 'bounds', wanted: '1 to 10', live: '1 to 20' },
  ])
})

test('where only the schedule is owned, nothing but the group’s absence is drift', () => {
  const pool = aDesiredPool({ owns: 'schedule' })
  fc.assert(fc.property(fc.nat(50), fc.nat(50), (desired, max) => {
    assert.deepEqual(driftOf(aDesiredState([pool]), liveCounts([aLivePool(pool, { desired, max })]), undefined), [])
  }))
})

test('a group of the same name in another region says nothing about this one', () => {
  const pool = aDesiredPool()
  assert.equal(driftOf(aDesiredState([pool]), liveCounts([aLivePool(pool, { region: 'eu-west-1' })]), undefined).length, 1)
})

test('only where what the groups are has changed, or nobody knows, does an apply look at the whole before it begins', () => {
  const pool = aDesiredPool({ desired: 5 })
  const look = (applied: AppliedRecord | undefined) => {
    const need = needOf(pool, [aLivePool(pool, { desired: 3 })], applied, 'r2')
    return need?.kind === 'engine' ? need.look : need?.kind
  }
  assert.deepEqual([look(record()), look(record({ shape: 's0' })), look(record({ program: 'p0' })), look(undefined)], ['no', 'first', 'first', 'first'])
})

test('a count that is kept above what is wanted, because its lowering waits, is not drift', () => {
  const pool = aDesiredPool({ desired: 1 })
  const held = (count: number) => driftOf(aDesiredState([pool]), liveCounts([aLivePool(pool, { desired: 4 })]), record({ held: { [pool.group]: count } }))
  assert.deepEqual([held(4).length, held(3).length], [0, 1])
})
