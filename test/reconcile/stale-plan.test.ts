import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { resourceHash, shapeHash } from '../../src/documents/desired-state-file.ts'
import type { DesiredPool, DesiredState } from '../../src/domain/desired-state.ts'
import type { LivePool } from '../../src/domain/observation.ts'
import type { AppliedRecord } from '../../src/reconcile/changed-stacks.ts'
import { stalePlan } from '../../src/reconcile/stale-plan.ts'
import { aDesiredPool, aDesiredState, aLivePool, liveCounts, midnight } from '../support/a-desired-state.ts'

const stack = 'shop.aws-us-east-1'
const wanted = (desired: DesiredState) => ({ stack, desired, resources: resourceHash(desired), shape: shapeHash(desired) })
const stale = (desired: DesiredState, live: readonly LivePool[], { nowSeconds = midnight, applied, planOrder = [] }: { nowSeconds?: number; applied?: DesiredState; planOrder?: readonly string[] } = {}) =>
  stalePlan(wanted(desired), { live: liveCounts(live), applied: applied && recordOf(applied), planOrder, nowSeconds })

function recordOf(state: DesiredState): AppliedRecord {
  return { ...wanted(state), program: '', counts: {}, before: {}, held: {}, state, atSeconds: midnight }
}

/** A plan that wants so many nodes of the pool, of which the cloud holds three. */
const aPlan = (planId: string, desired: number, expiresSeconds = midnight + 3600): DesiredState => aDesiredState([aDesiredPool({ was: 3, desired })], { planId, expiresSeconds })
const live = [aLivePool(aDesiredPool())]

test('a plan goes stale when its time is over', () => {
  const pool: DesiredPool = aDesiredPool()
  const state = aDesiredState([pool], { expiresSeconds: midnight })
  assert.equal(stale(state, [aLivePool(pool)]), undefined)
  assert.match(stale(state, [aLivePool(pool)], { nowSeconds: midnight + 1 })?.message ?? '', /plan 0123456789abcdef expired at 2026-01-01T00:00:00Z/)
})

test('a plan goes stale when the cloud holds a count outside of what it was made on and what it wants', () => {
  fc.assert(fc.property(fc.nat(9), fc.nat(9), fc.nat(9), (was, desired, count) => {
    const pool = aDesiredPool({ was, desired, min: 0 })
    const expected = count >= Math.min(was, desired) && count <= Math.max(was, desired) ? undefined : 'plan-base-moved'
    assert.equal(stale(aDesiredState([pool]), [aLivePool(pool, { desired: count })])?.code, expected)
  }))
  const bounds = aDesiredPool({ owns: 'bounds', was: 1 })
  assert.equal(stale(aDesiredState([bounds]), [aLivePool(bounds, { desired: 9 })]), undefined)
})

test('a plan is superseded when one that was made later is applied, though the clouds hold what it was made on', () => {
  const planOrder = ['first', 'second']
  const problem = stale(aPlan('first', 2), live, { applied: aPlan('second', 3), planOrder })
  assert.deepEqual([problem?.code, problem?.exitCode], ['plan-superseded', 6])
  assert.match(problem?.message ?? '', /plan first of shop\.aws-us-east-1 was superseded: plan second/)
  assert.equal(stale(aPlan('second', 3), live, { applied: aPlan('first', 2), planOrder }), undefined, 'a later one follows an earlier one')
  assert.equal(stale(aPlan('second', 2), live, { applied: aPlan('second', 3), planOrder }), undefined, 'of one plan, a part may wait for another')
  assert.equal(stale(aPlan('first', 3), live, { applied: aPlan('second', 3), planOrder }), undefined, 'both want the same')
  assert.equal(stale(aPlan('first', 2), live, { applied: aPlan('second', 3), planOrder: ['first', 'second', 'first'] }), undefined, 'made again since')
})

test('plans that were made elsewhere are told apart by when they expire, and are let through where that does not tell', () => {
  const code = (expiresSeconds: number, planOrder: readonly string[] = []) => stale(aPlan('one', 2, expiresSeconds), live, { applied: aPlan('two', 3, midnight + 3600), planOrder })?.code
  assert.equal(code(midnight + 3599), 'plan-superseded')
  assert.equal(code(midnight + 3600), undefined)
  assert.equal(code(midnight + 3599, ['one']), 'plan-superseded', 'one of them is known only')
  assert.equal(code(midnight + 3599, ['two', 'one']), undefined, 'a shorter expiry makes no plan older')
})
