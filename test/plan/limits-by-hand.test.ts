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
const countsOf = (made: Plan): Record<string, readonly number[]> => Object.fromEntries(made.pools.map((pool) => [`${pool.region}/${pool.type}/${pool.option}`, pool.counts]))
const workOf = (made: Plan): Record<string, readonly number[]> => Object.fromEntries((made.work ?? []).map((placed) => [placed.name, placed.amounts]))

// Two steps of twelve hours from midnight make one UTC day, so that 1 USD per hour and node are 12 USD per step.
const halfDays = (small: SmallProblem): SmallProblem => ({ steps: 2, ...small })

test('a budget of 4 USD a day in two hours of it buys four node-hours: where they are short is told, with the budget in the way', async () => {
  // Two of 24 hours have a twelfth of 48 USD: 4 node-hours for 3 + 3.
  const made = await plan(halfDays({ demand: [[[30, 30]]], maxUsdPerDay: 48 }))
  assert.equal(countsOf(made)['north/t0/on-demand']?.reduce((sum, count) => sum + count, 0), 4)
  assert.equal(made.shortages.reduce((sum, { amount }) => sum + amount, 0), 20)
  assert.match(made.shortages[0]?.reason ?? '', /budget\/day/)
})

test('a daily budget that is just enough lets a busy hour spend what a quiet one leaves', async () => {
  const made = await plan(halfDays({ demand: [[[10, 50]]], maxUsdPerDay: 72 }))
  assert.deepEqual(countsOf(made), { 'north/t0/on-demand': [1, 5] })
  assert.deepEqual(made.shortages, [])
})

test('days that the plan crosses have budgets of their own', async () => {
  // 23 hours of Monday and 1 of Tuesday: Tuesday's hour may cost 2, whatever Monday leaves.
  const demand = Array.from({ length: 26 }, (_, hour) => (hour === 24 ? 30 : 10))
  const made = await plan({ demand: [[demand]], maxUsdPerDay: 48 })
  assert.deepEqual(made.shortages, [])
  const tight = await plan({ demand: [[demand]], maxUsdPerDay: 36 })
  assert.deepEqual(tight.shortages.map(({ step, amount }) => [step, amount]), [[24, 10]])
})

test('nodes that must run for three hours stay after the peak, in the place of the one that was there before it', async () => {
  assert.deepEqual(countsOf(await plan({ demand: [[[10, 30, 10, 10, 10]]], fleet: [[[1]]] })), { 'north/t0/on-demand': [1, 3, 1, 1, 1] })
  assert.deepEqual(countsOf(await plan({ demand: [[[10, 30, 10, 10, 10]]], fleet: [[[1]]], workload: { minRunSteps: 3 } })), { 'north/t0/on-demand': [1, 3, 2, 2, 1] })
})

test('of nodes started one after another the oldest may go first: each runs its two hours', async () => {
  const made = await plan({ demand: [[[10, 20, 20, 10]]], workload: { minRunSteps: 2 } })
  assert.deepEqual(countsOf(made), { 'north/t0/on-demand': [1, 2, 2, 1] })
})

test('between two peaks nodes are kept where they could not be given back in time, and after the second the oldest go at once', async () => {
  const made = await plan({ demand: [[[30, 10, 30, 10]]], workload: { minRunSteps: 2 } })
  assert.deepEqual(countsOf(made), { 'north/t0/on-demand': [3, 3, 3, 1] })
})

test('no more than half of a region stands in one spot pool: the second cheapest pool takes the other half', async () => {
  const spot = { demand: [[[80]]], types: [10, 10], options: ['on-demand', 'spot'] as const, price: [[[1, 0.3], [1, 0.4]]] }
  assert.deepEqual(countsOf(await plan(spot)), { 'north/t0/spot': [8] })
  assert.deepEqual(countsOf(await plan({ ...spot, workload: { spotPoolShare: 0.5 } })), { 'north/t0/spot': [4], 'north/t1/spot': [4] })
  assert.deepEqual(countsOf(await plan({ ...spot, types: [10], price: [[[1, 0.3]]], workload: { spotPoolShare: 0.25 } })), { 'north/t0/on-demand': [6], 'north/t0/spot': [2] })
})

test('data that costs more to send than nodes cost to move draws the load to the region it is cheap from', async () => {
  const regions = { demand: [[[40]]], regions: ['cheap', 'dear'], price: [[[1]], [[1.2]]], usdPerUnitSent: [[[0.05, 0.01]]] }
  const made = await plan(regions)
  assert.deepEqual(countsOf(made), { 'dear/t0/on-demand': [4] })
  assert.equal(made.cost.sentUsd, 0.4)
  assert.equal(made.cost.totalUsd, 5.2)
  assert.deepEqual(countsOf(await plan({ ...regions, usdPerUnitSent: [[[0.05, 0.04]]] })), { 'cheap/t0/on-demand': [4] })
})

test('demand moves to a region that is cheaper for an hour only when the hour saves more than two moves cost', async () => {
  // The second hour is 4 x 0.5 cheaper in b; there and back moves 40 units twice.
  const trip = { demand: [[[40, 40, 40]]], regions: ['a', 'b'], price: [[[1]], [[1.5]]], workload: { closed: [[false, false, false], []] } }
  const cheapOnce = { ...trip, price: [[[1]], [[1]]], latencyMs: [[10, 20]], usdPerUnitMs: 0.001 }
  const closed = { ...cheapOnce, workload: { closed: [[false, true, false], []] } }
  assert.deepEqual(countsOf(await plan({ ...closed, sharesNow: [[[1, 0]]] })), { 'a/t0/on-demand': [4, 0, 4], 'b/t0/on-demand': [0, 4, 0] })
  // Staying in b costs 40 x 10 ms x 0.001 = 0.4 an hour more: less than moving 40 units back for 0.02 each.
  const made = await plan({ ...closed, sharesNow: [[[1, 0]]], workload: { ...closed.workload, usdPerUnitMoved: 0.02 } })
  assert.deepEqual(countsOf(made), { 'a/t0/on-demand': [4, 0, 0], 'b/t0/on-demand': [0, 4, 4] })
  assert.equal(made.cost.movedUsd, 0.8)
})

test('demand that grows where it is served is not moved', async () => {
  const made = await plan({ demand: [[[20, 40]]], regions: ['a', 'b'], latencyMs: [[10, 20]], usdPerUnitMs: 0.001, sharesNow: [[[1, 0]]], workload: { usdPerUnitMoved: 5 } })
  assert.equal(made.cost.movedUsd, 0)
  assert.deepEqual(countsOf(made), { 'a/t0/on-demand': [2, 4] })
})

const trough = { demand: [[[30, 10, 10, 10, 30]]], fleet: [[[3]]], startUsd: 5 }

test('work that waits begins only after all that it waits for has ended', async () => {
  const first = { name: 'export', workload: 0, amount: 20, earliest: 0, deadline: 4, maxPerStep: 20, regions: [0] }
  const second = { ...first, name: 'report', amount: 40, after: [0] }
  const made = await plan({ ...trough, deferrable: [first, second] })
  assert.deepEqual(workOf(made), { export: [0, 20, 0, 0, 0], report: [0, 0, 20, 20, 0] })
  assert.deepEqual(countsOf(made), { 'north/t0/on-demand': [3, 3, 3, 3, 3] })
})

test('a chain that does not fit into its windows leaves its end undone, and says so', async () => {
  const first = { name: 'export', workload: 0, amount: 40, earliest: 0, deadline: 1, maxPerStep: 20, regions: [0] }
  const made = await plan({ demand: [[[10, 10, 10]]], deferrable: [first, { ...first, name: 'report', amount: 40, deadline: 2, after: [0] }] })
  assert.deepEqual(made.shortages.map(({ step, amount, reason }) => [step, amount, reason.split(';')[0]]), [[2, 40, 'report is not done by then']])
})

test('work that may last two hours is done in hours that follow each other, though two quiet hours apart would do', async () => {
  const busy = { demand: [[[30, 15, 30, 15, 30]]], types: [5], price: [[[1]]], startUsd: 5, fleet: [[[6]]] }
  const work = { name: 'backup', workload: 0, amount: 30, earliest: 0, deadline: 4, maxPerStep: 40, regions: [0] }
  const free = await plan({ ...busy, deferrable: [work] })
  assert.deepEqual(workOf(free), { backup: [0, 15, 0, 15, 0] })
  const steps = (workOf(await plan({ ...busy, deferrable: [{ ...work, longestSteps: 2 }] }))['backup'] ?? []).flatMap((amount, step) => (amount > 0 ? [step] : []))
  assert.ok(Math.max(...steps) - Math.min(...steps) < 2, steps.join())
})

test('work is done where it may be: on the cheaper of its regions, not on the cheapest of all', async () => {
  const work = { name: 'backup', workload: 0, amount: 20, earliest: 0, deadline: 0, maxPerStep: 20, regions: [1, 2] }
  const made = await plan({ demand: [[[0]]], regions: ['a', 'b', 'c'], price: [[[1]], [[3]], [[2]]], deferrable: [work] })
  assert.deepEqual(countsOf(made), { 'c/t0/on-demand': [2] })
})

test('with one region only, surviving zone and region still keeps what the loss of a zone needs', async () => {
  const made = await plan({ demand: [[[20]]], survival: { zone: 'scenario', region: true } })
  assert.deepEqual(countsOf(made), { 'north/t0/on-demand': [3] })
})

test('a rate of lowering of two, across a peak, spreads the way down over the hours after it', async () => {
  const made = await plan({ demand: [[[10, 70, 10, 10, 10]]], fleet: [[[1]]], workload: { maxLowering: 2 } })
  assert.deepEqual(countsOf(made), { 'north/t0/on-demand': [1, 7, 5, 3, 1] })
})
