import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan } from '../../src/domain/plan.ts'
import { planFleet } from '../../src/plan/plan-fleet.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { aProblem } from './a-problem.ts'
import type { SmallProblem } from './a-problem.ts'
import { faultsOf } from './plan-checker.ts'

const solver = await loadSolver()

async function plan(small: SmallProblem): Promise<Plan> {
  const problem = aProblem(small)
  const { plan: made } = await planFleet(problem, solver, new AbortController().signal)
  assert.deepEqual(faultsOf(problem, made), [])
  return made
}
const countsOf = (made: Plan): Record<string, readonly number[]> =>
  Object.fromEntries(made.pools.map((pool) => [`${pool.workload}/${pool.region}/${pool.type}/${pool.option}`, pool.counts]))

test('35 requests/s on nodes of 10 at 70 % take 5 nodes', async () => {
  const made = await plan({ demand: [[[35]]], utilisation: { normal: 0.7, failure: 1 } })
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [5] })
  assert.equal(made.cost.totalUsd, 5)
  assert.deepEqual(made.shortages, [])
})

test('the cheapest mix of sizes is bought: 23 units are one node of 20 and one of 5, not two of 20', async () => {
  const made = await plan({ demand: [[[23]]], types: [20, 5], price: [[[2], [0.6]]] })
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [1], 'w0/north/t1/on-demand': [1] })
})

test('a trough of one hour is kept through when stopping and starting costs more than the hour', async () => {
  const demand = [[[40, 20, 40]]]
  assert.deepEqual(countsOf(await plan({ demand, startUsd: 1.2 })), { 'w0/north/t0/on-demand': [4, 4, 4] })
  assert.deepEqual(countsOf(await plan({ demand, startUsd: 0.8 })), { 'w0/north/t0/on-demand': [4, 2, 4] })
})

test('a raise that is ordered now serves only after its lead time, and the steps before are reported as short', async () => {
  const made = await plan({ demand: [[[30, 30, 30]]], leadSteps: 2, fleet: [[[1]]] })
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [1, 1, 3] })
  assert.deepEqual(made.shortages.map(({ step, amount }) => [step, amount]), [[0, 20], [1, 20]])
  assert.equal(made.cost.lowerBoundUsd, undefined)
})

test('a vCPU quota sends the rest of the load to the dearer region, and is priced at what one more vCPU saves', async () => {
  const made = await plan({ demand: [[[40]]], regions: ['cheap', 'dear'], price: [[[1]], [[1.5]]], quota: 3 })
  assert.deepEqual(countsOf(made), { 'w0/cheap/t0/on-demand': [3], 'w0/dear/t0/on-demand': [1] })
  assert.deepEqual(made.binding, [{ limit: 'quota/aws/cheap/on-demand', unit: 'vCPU', usdPerHourPerUnit: 0.5 }])
})

test('at a spot share of one half, every spot node stands beside one on demand', async () => {
  const made = await plan({ demand: [[[40]]], options: ['on-demand', 'spot'], price: [[[1, 0.3]]], workload: { spotShare: [0.5] } })
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [2], 'w0/north/t0/spot': [2] })
})

test('surviving the loss of any one of three equal regions takes half as much again', async () => {
  const lonely = await plan({ demand: [[[60]]], regions: ['a', 'b', 'c'] })
  const safe = await plan({ demand: [[[60]]], regions: ['a', 'b', 'c'], survival: { zone: 'none', region: true } })
  assert.equal(lonely.cost.totalUsd, 6)
  assert.equal(safe.cost.totalUsd, 9)
  assert.deepEqual(Object.values(countsOf(safe)), [[3], [3], [3]])
})

test('surviving the loss of a zone takes three nodes where two would do, since one zone of three may hold one', async () => {
  const made = await plan({ demand: [[[20]]], survival: { zone: 'scenario', region: false } })
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [3] })
})

test('one node in a region of three zones counts for nothing when its zone is lost', async () => {
  const made = await plan({ demand: [[[10]]], survival: { zone: 'scenario', region: false } })
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [2] })
})

test('demand is routed to the near region unless the price of latency is below the price of nodes', async () => {
  const regions = { demand: [[[10]]], regions: ['near', 'far'], price: [[[1]], [[0.8]]], latencyMs: [[10, 110]] }
  assert.deepEqual(countsOf(await plan({ ...regions, usdPerUnitMs: 0.0003 })), { 'w0/near/t0/on-demand': [1] })
  assert.deepEqual(countsOf(await plan({ ...regions, usdPerUnitMs: 0.0001 })), { 'w0/far/t0/on-demand': [1] })
})

test('a user zone that no region may serve is short, and no node is bought for it', async () => {
  const made = await plan({ demand: [[[10], [25]]], reach: [[0], []] })
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [1] })
  assert.deepEqual(made.shortages, [{ workload: 'w0', step: 0, amount: 25, reason: 'no allowed region is near enough to u1' }])
})

test('counts stand still through a freeze, and the raise comes before it', async () => {
  const made = await plan({ demand: [[[10, 10, 30, 10, 10]]], workload: { frozen: [false, false, true, true, false] } })
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [1, 3, 3, 3, 1] })
})

test('in a freeze that holds now, live counts stay even above a limit', async () => {
  const { plan: made } = await planFleet(aProblem({ demand: [[[10, 10]]], fleet: [[[7]]], maxNodes: 5, workload: { frozen: [true, false] } }), solver, new AbortController().signal)
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [7, 1] })
})

test('a region in maintenance carries no load: the other region holds the nodes in that step', async () => {
  const made = await plan({ demand: [[[20, 20]]], regions: ['a', 'b'], price: [[[1]], [[2]]], workload: { closed: [[false, true], []] } })
  assert.deepEqual(countsOf(made), { 'w0/a/t0/on-demand': [2, 0], 'w0/b/t0/on-demand': [0, 2] })
})

test('floors hold without demand: two nodes in each region, five in all', async () => {
  const made = await plan({ demand: [[[0]]], regions: ['a', 'b'], price: [[[1]], [[2]]], workload: { limits: { min: 5, max: 9, minPerRegion: 2, maxPerRegion: 9 } } })
  assert.deepEqual(countsOf(made), { 'w0/a/t0/on-demand': [3], 'w0/b/t0/on-demand': [2] })
})

test('a budget that buys two nodes leaves the third node’s demand short and names itself', async () => {
  const made = await plan({ demand: [[[30]]], maxUsdPerHour: 2.5 })
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [2] })
  assert.deepEqual(made.shortages.map(({ amount }) => amount), [10])
  assert.match(made.shortages[0]?.reason ?? '', /budget/)
})

test('a pool that may lower by two nodes per step comes down in a ramp', async () => {
  const made = await plan({ demand: [[[10, 10, 10]]], fleet: [[[6]]], workload: { maxLowering: 2 } })
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [4, 2, 1] })
})

test('deferrable work fills the trough: nothing is bought for it at the peak', async () => {
  const work = { name: 'backup', workload: 0, amount: 40, earliest: 0, deadline: 3, maxPerStep: 20, regions: [0] }
  const made = await plan({ demand: [[[30, 10, 10, 30]]], deferrable: [work], startUsd: 5, fleet: [[[3]]] })
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [3, 3, 3, 3] })
  assert.equal(made.cost.totalUsd, 12)
})

test('the preferred region is taken while it is at most two percent dearer', async () => {
  const regions = { demand: [[[10]]], regions: ['liked', 'other'], workload: { preference: [1, 1.02] } }
  assert.deepEqual(countsOf(await plan({ ...regions, price: [[[1.019]], [[1]]] })), { 'w0/liked/t0/on-demand': [1] })
  assert.deepEqual(countsOf(await plan({ ...regions, price: [[[1.03]], [[1]]] })), { 'w0/other/t0/on-demand': [1] })
})

test('two workloads share what a region has of a type', async () => {
  const made = await plan({ demand: [[[30]], [[30]]], regions: ['a', 'b'], price: [[[1]], [[2]]], maxNodes: 4 })
  const inCheap = made.pools.filter(({ region }) => region === 'a').reduce((sum, { counts }) => sum + (counts[0] ?? 0), 0)
  assert.equal(inCheap, 4)
  assert.equal(made.cost.totalUsd, 4 + 2 * 2)
})

test('traffic shares of a user zone add up to one and follow capacity', async () => {
  const made = await plan({ demand: [[[40]]], regions: ['near', 'far'], quota: 3, latencyMs: [[10, 50]], usdPerUnitMs: 1e-5 })
  assert.deepEqual(made.traffic.map(({ region, shares }) => [region, shares]), [['near', [0.75]], ['far', [0.25]]])
})

test('the same problem gives the same plan, to its id', async () => {
  const small = { demand: [[[31, 47, 12, 80]], [[10, 20, 30, 5]]], regions: ['a', 'b'], types: [20, 5], startUsd: 0.1, survival: { zone: 'scenario', region: false } } as const
  assert.equal((await plan(small)).id, (await plan(small)).id)
})

test('a plan that is cancelled before it begins ends with the reason of the cancellation', async () => {
  await assert.rejects(planFleet(aProblem(), solver, AbortSignal.abort(new Error('stopped by hand'))), /stopped by hand/)
})

test('the counts of the plan in force are kept while a new plan saves less than its changes cost', async () => {
  const problem = aProblem({ demand: [[[31, 47, 12, 80]]], types: [20, 5], startUsd: 0.1 })
  const first = await planFleet(problem, solver, new AbortController().signal)
  const live = { ...problem, fleet: [[[[first.plan.pools.find(({ type }) => type === 't0')?.counts[0] ?? 0], [first.plan.pools.find(({ type }) => type === 't1')?.counts[0] ?? 0]]]] }
  const { plan: second } = await planFleet(live, solver, new AbortController().signal, first)
  assert.deepEqual(countsOf(second), countsOf(first.plan))
})

test('where demand outgrows the plan in force, nodes are added to its counts', async () => {
  const first = await planFleet(aProblem({ demand: [[[100, 100]]] }), solver, new AbortController().signal)
  const more = aProblem({ demand: [[[100, 110]]], fleet: [[[10]]] })
  assert.deepEqual(countsOf((await planFleet(more, solver, new AbortController().signal, first)).plan), { 'w0/north/t0/on-demand': [10, 11] })
})

test('a plan in force that costs too much is left for the new one', async () => {
  const first = await planFleet(aProblem({ demand: [[[100, 100]]] }), solver, new AbortController().signal)
  const less = aProblem({ demand: [[[100, 50]]], fleet: [[[10]]] })
  assert.deepEqual(countsOf((await planFleet(less, solver, new AbortController().signal, first)).plan), { 'w0/north/t0/on-demand': [10, 5] })
})

test('within its lead time a pool does not fall, since it could not rise again', async () => {
  assert.deepEqual(countsOf(await plan({ demand: [[[10, 50, 50]]], fleet: [[[5]]], leadSteps: 2 })), { 'w0/north/t0/on-demand': [5, 5, 5] })
})

test('deferrable work that does not fit into the trough raises it by what is missing', async () => {
  const work = { name: 'backup', workload: 0, amount: 60, earliest: 1, deadline: 2, maxPerStep: 30, regions: [0] }
  assert.deepEqual(countsOf(await plan({ demand: [[[30, 10, 10, 30]]], deferrable: [work], fleet: [[[3]]] })), { 'w0/north/t0/on-demand': [3, 4, 4, 3] })
})

test('a quota below what is live is approached as fast as the pool may lower', async () => {
  const { plan: made } = await planFleet(aProblem({ demand: [[[10, 10, 10, 10]]], fleet: [[[6]]], quota: 3, workload: { maxLowering: 1 } }), solver, new AbortController().signal)
  assert.deepEqual(countsOf(made), { 'w0/north/t0/on-demand': [5, 4, 3, 2] })
  assert.deepEqual(made.shortages, [])
})

test('a node moves to the cheaper type when that saves more than an hour of both, and stays when it saves less', async () => {
  const dear = { demand: [[[40, 40, 40, 40]]], types: [10, 10], price: [[[1], [1.5]]], fleet: [[[4], [0]]], changeCostHours: 0.5 }
  const first = await planFleet(aProblem({ demand: dear.demand, types: dear.types, price: dear.price }), solver, new AbortController().signal)
  assert.deepEqual(countsOf(first.plan), { 'w0/north/t0/on-demand': [4, 4, 4, 4] })
  // Out and in cost 0.5 x 1 + 0.5 x 0.8 a node: a saving of 0.2 over 4 hours is 0.8, one of 0.4 is 1.6.
  const { plan: little } = await planFleet(aProblem({ ...dear, price: [[[1], [0.8]]] }), solver, new AbortController().signal, first)
  assert.deepEqual(countsOf(little), { 'w0/north/t0/on-demand': [4, 4, 4, 4] })
  const { plan: much } = await planFleet(aProblem({ ...dear, price: [[[1], [0.6]]] }), solver, new AbortController().signal, first)
  assert.deepEqual(countsOf(much), { 'w0/north/t0/on-demand': [0, 0, 0, 0], 'w0/north/t1/on-demand': [4, 4, 4, 4] })
})
