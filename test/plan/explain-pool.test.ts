import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PoolPlan } from '../../src/domain/plan.ts'
import { planFleet } from '../../src/plan/plan-fleet.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { aProblem } from './a-problem.ts'
import type { SmallProblem } from './a-problem.ts'

const solver = await loadSolver()
async function poolsOf(small: SmallProblem): Promise<readonly PoolPlan[]> {
  return (await planFleet(aProblem(small), solver, new AbortController().signal)).plan.pools
}
const reasonOf = (pool: PoolPlan | undefined): readonly [string | undefined, string | undefined] => [pool?.driver, pool?.reason]

test('a raise follows demand, by how much and by when', async () => {
  assert.deepEqual(reasonOf((await poolsOf({ demand: [[[10, 30]]], fleet: [[[1]]] }))[0]), ['demand', '1 -> 3 by 01:00: demand p95 of w0 rises 200 %'])
})

test('a raise for an event names it, one that the event has little part in, or that is served elsewhere, does not', async () => {
  const sale = { name: 'winter sale', workload: 0, userZone: 0, share: 1, from: 1, to: 2 }
  const raised: SmallProblem = { demand: [[[15, 40]]], fleet: [[[2]]], events: [sale] }
  assert.deepEqual(reasonOf((await poolsOf(raised))[0]), ['event', "2 -> 4 by 01:00: event 'winter sale' raises demand p95 of w0 167 %"])
  for (const event of [{ ...sale, share: 0.1 }, { ...sale, from: 2, to: 3 }, { ...sale, from: 0 }]) assert.equal((await poolsOf({ ...raised, events: [event] }))[0]?.driver, 'demand')
  const apart = await poolsOf({ demand: [[[15, 40], [15, 40]]], regions: ['a', 'b'], reach: [[0], [1]], fleet: [[[2]], [[2]]], events: [sale] })
  assert.deepEqual(apart.map(({ region, driver }) => [region, driver]), [['a', 'event'], ['b', 'demand']])
})

test('a raise up to the quota names the quota, one up to the budget the budget', async () => {
  const [cheap] = await poolsOf({ demand: [[[40]]], regions: ['cheap', 'dear'], price: [[[1]], [[1.5]]], quota: 3 })
  assert.equal(cheap?.driver, 'quota')
  assert.equal((await poolsOf({ demand: [[[40]]], maxUsdPerHour: 3 }))[0]?.driver, 'budget')
})

test('nodes for work that waits name the work', async () => {
  const work = { name: 'backup', workload: 0, amount: 40, earliest: 0, deadline: 0, maxPerStep: 40, regions: [0] }
  assert.deepEqual(reasonOf((await poolsOf({ demand: [[[10]]], deferrable: [work] }))[0]), ['deferrable', '0 -> 5 now: backup is done here then, 80 % of the load'])
})

test('nodes that only a failure asks for name the failure', async () => {
  const pools = await poolsOf({ demand: [[[60]]], regions: ['a', 'b', 'c'], survival: { zone: 'none', region: true } })
  assert.deepEqual(pools.map(({ driver }) => driver), ['survival', 'survival', 'survival'])
})

test('a count that cannot rise in time names the lead time', async () => {
  assert.equal((await poolsOf({ demand: [[[30, 10]]], leadSteps: 2, fleet: [[[1]]] }))[0]?.driver, 'lead-time')
})

test('committed nodes stand with the on-demand ones of the cloud, are used first, and cost nothing more', async () => {
  const problem = aProblem({ demand: [[[50]]], options: ['on-demand'], price: [[[1]]] })
  const committed = {
    ...problem,
    options: [...problem.options, { name: 'committed', kind: 'committed' as const }],
    workloads: problem.workloads.map((workload) => ({ ...workload, options: [0, 1] })),
    usdPerHour: [[[1, 0]]], usdPerStart: [[[0, 0]]], maxNodes: [[[100, 3]]], quotaVcpu: [[100, 3]],
    availability: { normal: [[1, 1]], failure: [[1, 1]] }, fleet: [[[[0, 0]]]], leadSteps: [[[0, 0]]], sunkUsdPerHour: 1.8,
  }
  const { plan } = await planFleet(committed, solver, new AbortController().signal)
  assert.deepEqual(plan.pools.map(({ option, counts, usdPerNodeHour }) => [option, counts, usdPerNodeHour]), [['on-demand', [5], 1]])
  assert.match(plan.pools[0]?.reason ?? '', /beside 3 committed/)
  assert.equal(plan.cost.sunkUsd, 1.8)
  assert.equal(plan.cost.totalUsd, 2 + 1.8)
})
