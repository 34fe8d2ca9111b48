import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DesiredPool } from '../../src/domain/desired-state.ts'
import type { LivePool } from '../../src/domain/observation.ts'
import type { PoolKey } from '../../src/domain/pool.ts'
import { guardDesiredState, guardFleet, type Limits } from '../../src/reconcile/guard.ts'
import { stalePlan } from '../../src/reconcile/stale-plan.ts'
import { aDesiredPool, aDesiredState, aLivePool, liveCounts, midnight } from '../support/a-desired-state.ts'

const limits: Limits = { usdPerHour: 10, largestStep: { nodes: 100, share: 2 }, floorShare: 0.5 }
const ruling = (pool: DesiredPool, live: Partial<LivePool>) => guardDesiredState(aDesiredState([pool]), liveCounts([aLivePool(pool, live)]), limits)
const guardOf = (result: { readonly kind: string; readonly guard?: string } | undefined) => result?.guard

test('a state within its limits is allowed as it is', () => {
  const state = aDesiredState([aDesiredPool({ desired: 5 })])
  assert.deepEqual(guardDesiredState(state, liveCounts([aLivePool(aDesiredPool())]), limits), { kind: 'allow', desired: state })
})

test('a region that holds groups may not become empty, one that was never used may stay so', () => {
  assert.equal(guardOf(guardDesiredState(aDesiredState([]), liveCounts([aLivePool(aDesiredPool(), { desired: 0 })]), limits)), 'no-pools')
  assert.equal(guardDesiredState(aDesiredState([]), liveCounts([]), limits).kind, 'allow')
})

test('a pool with nodes that the state does not know is refused, one without nodes is not', () => {
  const stray = aDesiredPool({ workload: 'old' })
  const state = aDesiredState([aDesiredPool()])
  const refused = guardDesiredState(state, liveCounts([aLivePool(aDesiredPool()), aLivePool(stray, { desired: 4 })]), limits)
  assert.deepEqual(refused.kind === 'refuse' && [refused.guard, refused.subject, refused.value], ['vanished-pool', 'aws/us-east-1/old/m7g.large/on-demand', 4])
  assert.equal(guardDesiredState(state, liveCounts([aLivePool(aDesiredPool()), aLivePool(stray, { desired: 0 })]), limits).kind, 'allow')
  assert.equal(guardDesiredState(state, liveCounts([aLivePool(aDesiredPool()), aLivePool(stray, { region: 'eu-west-1' })]), limits).kind, 'allow')
})

test('a step of a pool is at most its share of the live count', () => {
  const within = aDesiredPool({ was: 20, desired: 60, max: 200 })
  assert.equal(ruling(within, { desired: 20 }).kind, 'allow')
  const refused = ruling({ ...within, desired: 61 }, { desired: 20 })
  assert.deepEqual(refused.kind === 'refuse' && [refused.guard, refused.value, refused.limit, refused.override], ['largest-step', 41, 40, 'limits.largestStep.share'])
})

test('a step of a pool is at most its number of nodes, up and down, and from nothing', () => {
  const big = aDesiredPool({ was: 200, desired: 301, max: 999 })
  assert.equal(guardOf(ruling(big, { desired: 200 })), 'largest-step')
  assert.equal(guardOf(ruling(aDesiredPool({ was: 200, desired: 99, max: 999 }), { desired: 200 })), 'largest-step')
  assert.equal(ruling(aDesiredPool({ was: 0, desired: 100, max: 999 }), { desired: 0 }).kind, 'allow')
  assert.equal(guardOf(ruling(aDesiredPool({ was: 0, desired: 101, max: 999 }), { desired: 0 })), 'largest-step')
})

test('a small pool may grow by a few nodes whatever its share', () => {
  assert.equal(ruling(aDesiredPool({ was: 1, desired: 11, max: 50 }), { desired: 1 }).kind, 'allow')
  assert.equal(guardOf(ruling(aDesiredPool({ was: 1, desired: 12, max: 50 }), { desired: 1 })), 'largest-step')
})

test('a raise that someone made since the plan is never undercut', () => {
  fc.assert(fc.property(fc.nat(30), fc.nat(30), fc.nat(30), (was, desired, live) => {
    const result = ruling(aDesiredPool({ was, desired, min: 0, max: 99 }), { desired: live })
    if (result.kind === 'allow') assert.ok(desired >= live || live <= was)
    if (result.kind === 'hold') assert.ok(live > was && live > desired)
  }))
  assert.deepEqual(ruling(aDesiredPool({ was: 3, desired: 2 }), { desired: 6 }), {
    kind: 'hold',
    reasons: [{ pool: 'aws/us-east-1/web/m7g.large/on-demand', was: 3, live: 6, desired: 2 }],
  })
  assert.equal(ruling(aDesiredPool({ was: 3, desired: 7 }), { desired: 6 }).kind, 'allow')
})

const perNode = (pool: PoolKey): number => (pool.type === 'm7g.large' ? 100 : 200)
const fleet = (pools: readonly DesiredPool[], live: readonly LivePool[], change: Partial<Limits> = {}) =>
  guardFleet([aDesiredState(pools)], liveCounts(live), { ...limits, ...change }, perNode)

test('all pools together stay within the budget', () => {
  const pools = [aDesiredPool({ desired: 50, usdPerNodeHour: 0.1 }), aDesiredPool({ workload: 'api', desired: 51, usdPerNodeHour: 0.1 })]
  const refused = fleet(pools, [])
  assert.deepEqual([refused?.guard, refused?.limit], ['budget', 10])
  assert.equal(fleet(pools.slice(0, 1), []), undefined)
  assert.equal(fleet(pools, [], { usdPerHour: undefined }), undefined)
})

test('a workload keeps its share of live capacity, counted in what nodes serve', () => {
  const live = aLivePool(aDesiredPool({ desired: 10 }))
  assert.equal(fleet([aDesiredPool({ desired: 5 })], [live]), undefined)
  const refused = fleet([aDesiredPool({ desired: 4 })], [live])
  assert.deepEqual([refused?.guard, refused?.subject, refused?.value], ['floor', 'web', 0.4])
  assert.equal(fleet([aDesiredPool({ desired: 0 }), aDesiredPool({ type: 'c7g.xlarge', desired: 3 })], [live]), undefined)
})

test('capacity in regions that are not planned counts on neither side', () => {
  const elsewhere = aLivePool(aDesiredPool({ region: 'eu-west-1', desired: 100 }))
  assert.equal(fleet([aDesiredPool({ desired: 5 })], [elsewhere, aLivePool(aDesiredPool({ desired: 6 }))]), undefined)
})

test('a plan goes stale when its time is over', () => {
  const pool = aDesiredPool()
  const state = aDesiredState([pool], { expiresSeconds: midnight })
  assert.equal(stalePlan(state, liveCounts([aLivePool(pool)]), midnight), undefined)
  assert.match(stalePlan(state, liveCounts([aLivePool(pool)]), midnight + 1)?.message ?? '', /plan 0123456789abcdef expired at 2026-01-01T00:00:00Z/)
})

test('a plan goes stale when the cloud holds a count outside of what it was made on and what it wants', () => {
  fc.assert(fc.property(fc.nat(9), fc.nat(9), fc.nat(9), (was, desired, live) => {
    const pool = aDesiredPool({ was, desired, min: 0 })
    const stale = stalePlan(aDesiredState([pool]), liveCounts([aLivePool(pool, { desired: live })]), midnight)
    assert.equal(stale?.code, live >= Math.min(was, desired) && live <= Math.max(was, desired) ? undefined : 'plan-base-moved')
  }))
  const bounds = aDesiredPool({ owns: 'bounds', was: 1 })
  assert.equal(stalePlan(aDesiredState([bounds]), liveCounts([aLivePool(bounds, { desired: 9 })]), midnight), undefined)
})
