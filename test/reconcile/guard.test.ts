import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DesiredPool, DesiredState } from '../../src/domain/desired-state.ts'
import type { LivePool } from '../../src/domain/observation.ts'
import { findingSentence, type FleetFacts, fleetFindings, type Limits, stackFindings } from '../../src/reconcile/guard.ts'
import { aDesiredPool, aDesiredState, aLivePool, liveCounts, midnight } from '../support/a-desired-state.ts'

const limits: Limits = {
  usdPerHour: 10,
  largestStep: { nodes: 100, share: 2 },
  floorShare: 0.5,
  loweringPerHour: 1,
  forecastHealth: { minCoverage95: 0.8, mostOfNaive: 1.2 },
  freezes: [],
}
const ruling = (pool: DesiredPool, live: Partial<LivePool>) => stackFindings(aDesiredState([pool]), liveCounts([aLivePool(pool, live)]), limits)[0]
const first = (state: DesiredState, live: readonly LivePool[]) => stackFindings(state, liveCounts(live), limits)[0]

test('a state within its limits is allowed as it is', () => {
  assert.deepEqual(stackFindings(aDesiredState([aDesiredPool({ desired: 5 })]), liveCounts([aLivePool(aDesiredPool())]), limits), [])
})

test('a region that holds groups may not become empty, one that was never used may stay so', () => {
  assert.equal(first(aDesiredState([]), [aLivePool(aDesiredPool(), { desired: 0 })])?.guard, 'no-pools')
  assert.equal(first(aDesiredState([]), []), undefined)
})

test('a pool with nodes that the state does not know is refused, one without nodes is not', () => {
  const stray = aDesiredPool({ workload: 'old' })
  const state = aDesiredState([aDesiredPool()])
  const refused = first(state, [aLivePool(aDesiredPool()), aLivePool(stray, { desired: 4 })])
  assert.deepEqual([refused?.guard, refused?.effect, refused?.subject, refused?.value], ['vanished-pool', 'refuse', 'aws/us-east-1/old/m7g.large/on-demand', 4])
  assert.equal(first(state, [aLivePool(aDesiredPool()), aLivePool(stray, { desired: 0 })]), undefined)
  assert.equal(first(state, [aLivePool(aDesiredPool()), aLivePool(stray, { region: 'eu-west-1' })]), undefined)
})

test('a step of a pool is at most its share of the live count', () => {
  const within = aDesiredPool({ was: 20, desired: 60, max: 200 })
  assert.equal(ruling(within, { desired: 20 }), undefined)
  const refused = ruling({ ...within, desired: 61 }, { desired: 20 })
  assert.deepEqual([refused?.guard, refused?.value, refused?.limit, refused?.override], ['largest-step', 41, 40, 'limits.largestStep.share, or --override largest-step --reason <why>'])
})

test('a step of a pool is at most its number of nodes, up and down, and from nothing', () => {
  const big = aDesiredPool({ was: 200, desired: 301, max: 999 })
  assert.equal(ruling(big, { desired: 200 })?.guard, 'largest-step')
  assert.equal(ruling(aDesiredPool({ was: 200, desired: 99, max: 999 }), { desired: 200 })?.guard, 'largest-step')
  assert.equal(ruling(aDesiredPool({ was: 0, desired: 100, max: 999 }), { desired: 0 }), undefined)
  assert.equal(ruling(aDesiredPool({ was: 0, desired: 101, max: 999 }), { desired: 0 })?.guard, 'largest-step')
})

test('a small pool may grow by a few nodes whatever its share', () => {
  assert.equal(ruling(aDesiredPool({ was: 1, desired: 11, max: 50 }), { desired: 1 }), undefined)
  assert.equal(ruling(aDesiredPool({ was: 1, desired: 12, max: 50 }), { desired: 1 })?.guard, 'largest-step')
})

test('a raise that someone made since the plan is never undercut', () => {
  fc.assert(fc.property(fc.nat(30), fc.nat(30), fc.nat(30), (was, desired, live) => {
    const result = ruling(aDesiredPool({ was, desired, min: 0, max: 99 }), { desired: live })
    if (result?.guard === 'raised-by-others') assert.ok(live > was && live > desired)
    else assert.ok(desired >= live || live <= was)
  }))
  const held = ruling(aDesiredPool({ was: 3, desired: 2 }), { desired: 6 })
  assert.deepEqual([held?.guard, held?.effect, held?.stack, held?.value, held?.limit], ['raised-by-others', 'hold', 'aws-us-east-1', 6, 2])
  assert.equal(ruling(aDesiredPool({ was: 3, desired: 7 }), { desired: 6 }), undefined)
})

const facts: FleetFacts = {
  limits,
  nowSeconds: midnight,
  throughputPerNode: (pool) => (pool.type === 'm7g.large' ? 100 : 200),
  vcpuPerNode: () => 2,
  quotaVcpu: () => 1000,
  freezeOn: () => undefined,
  recentCapacity: new Map(),
  accuracies: () => [],
}
const fleet = (pools: readonly DesiredPool[], live: readonly LivePool[], change: Partial<FleetFacts> = {}) =>
  fleetFindings([aDesiredState(pools)], liveCounts(live), { ...facts, ...change })[0]

test('all pools together stay within the budget of an hour', () => {
  const pools = [aDesiredPool({ desired: 50, usdPerNodeHour: 0.1 }), aDesiredPool({ workload: 'api', desired: 51, usdPerNodeHour: 0.1 })]
  const refused = fleet(pools, [])
  assert.deepEqual([refused?.guard, refused?.effect, refused?.limit], ['budget', 'refuse', 10])
  assert.equal(fleet(pools.slice(0, 1), []), undefined)
  assert.equal(fleet(pools, [], { limits: { ...limits, usdPerHour: undefined } }), undefined)
})

test('a day is budgeted by what the schedule will cost, not by the hour at hand', () => {
  // 10 nodes for 8 hours, 40 for the other 16, at 0.1 USD
  const change = (minuteOfDay: number, desired: number) => ({ minuteOfDay, min: 1, desired, max: 50 })
  const pool = aDesiredPool({ desired: 10, max: 50, usdPerNodeHour: 0.1, schedule: [change(60, 10), change(540, 40)] })
  const within = (usdPerDay: number) => fleet([pool], [], { limits: { ...limits, usdPerDay } })
  assert.equal(within(72), undefined)
  const refused = within(71.9)
  assert.deepEqual([refused?.guard, refused?.unit], ['budget-day', 'USD per day'])
  assert.ok(Math.abs(Number(refused?.value) - 72) < 1e-9)
})

test('the vCPUs of a region stay within the quota of each purchase option', () => {
  const pools = [aDesiredPool({ desired: 30 }), aDesiredPool({ workload: 'api', desired: 21 }), aDesiredPool({ option: 'spot', desired: 40 })]
  const refused = fleet(pools, [], { quotaVcpu: ({ option }) => (option === 'spot' ? 80 : 100) })
  assert.deepEqual([refused?.guard, refused?.subject, refused?.value, refused?.limit], ['quota', 'aws/us-east-1 on-demand', 102, 100])
  assert.equal(fleet(pools, [], { quotaVcpu: () => 102 }), undefined)
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

test('in a freeze a stack whose counts would change is held, one that stays as it is is not', () => {
  const frozen: Partial<FleetFacts> = { freezeOn: ({ workload }) => (workload === 'web' ? { reason: 'sale', untilSeconds: midnight + 3600 } : undefined) }
  const held = fleet([aDesiredPool({ desired: 6 })], [aLivePool(aDesiredPool({ desired: 5 }))], frozen)
  assert.deepEqual([held?.guard, held?.effect, held?.stack, held?.limit], ['freeze', 'hold', 'aws-us-east-1', '2026-01-01T01:00:00Z'])
  assert.equal(fleet([aDesiredPool({ desired: 5 })], [aLivePool(aDesiredPool({ desired: 5 }))], frozen), undefined)
  assert.equal(fleet([aDesiredPool({ workload: 'api', desired: 6 })], [aLivePool(aDesiredPool({ workload: 'api', desired: 5 }))], frozen), undefined)
})

test('within an hour a workload gives up no more than its share of what it had, however often it is lowered', () => {
  const hour: Partial<FleetFacts> = { limits: { ...limits, floorShare: 0, loweringPerHour: 0.4 }, recentCapacity: new Map([['web', 1000]]) }
  const lowered = (from: number, to: number) => fleet([aDesiredPool({ desired: to })], [aLivePool(aDesiredPool({ desired: from }))], hour)
  assert.equal(lowered(8, 6), undefined)
  const held = lowered(8, 5)
  assert.deepEqual([held?.guard, held?.effect, held?.value, held?.limit], ['lowering-rate', 'hold', 0.5, 0.4])
  assert.equal(lowered(4, 5), undefined, 'what is raised is no lowering, however little there is')
})

const accuracy = (change: object) => ({ origins: 7, weightedQuantileLoss: 0.1, naiveWeightedQuantileLoss: 0.1, coverage95: 0.95, steps: 100, exceeded: 5, worst: [], ...change })

test('a forecast that was exceeded too often, or loses to the naive one, may raise and lowers nothing', () => {
  const judged = (change: object, to: number) => fleet([aDesiredPool({ desired: to })], [aLivePool(aDesiredPool({ desired: 5 }))], { accuracies: () => [undefined, accuracy(change)] })
  assert.equal(judged({}, 4), undefined)
  assert.deepEqual([judged({ coverage95: 0.79 }, 4)?.guard, judged({ coverage95: 0.79 }, 4)?.value], ['forecast-health', 0.79])
  assert.deepEqual([judged({ weightedQuantileLoss: 0.13 }, 4)?.guard, judged({ weightedQuantileLoss: 0.13 }, 4)?.limit], ['forecast-health', 1.2])
  assert.equal(judged({ coverage95: 0.5, weightedQuantileLoss: 9 }, 6), undefined)
  assert.equal(fleet([aDesiredPool({ desired: 4 })], [aLivePool(aDesiredPool({ desired: 5 }))], { accuracies: () => [undefined] }), undefined)
})

test('a finding says which guard, about what, with value, limit and what lets it pass', () => {
  const finding = fleet([aDesiredPool({ desired: 101, usdPerNodeHour: 0.1 })], [])
  assert.equal(finding === undefined ? '' : findingSentence(finding), 'guard budget: all pools would be at 10.10 USD per hour, the limit is 10')
  assert.equal(finding?.override, 'limits.usdPerHour, or --override budget --reason <why>')
})
