import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planFleet } from '../../src/plan/plan-fleet.ts'
import { openPlanThread } from '../../src/plan/plan-in-worker.ts'
import type { PlanInForce } from '../../src/plan/plan-in-force.ts'
import type { PlanRequest } from '../../src/plan/plan-worker.ts'
import type { PlanProblem } from '../../src/plan/problem.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { aProblem } from './a-problem.ts'

const never = new AbortController().signal
const toPlan = (problem: PlanProblem): PlanRequest & { readonly kind: 'plan' } => ({ kind: 'plan', problem, inForce: undefined })

test('a plan made in a thread is the plan made without one, twice on the same thread', async () => {
  const problem = aProblem({ demand: [[[31, 47, 12]]], types: [20, 5], startUsd: 0.1 })
  const { plan: own } = await planFleet(problem, await loadSolver(), never)
  const thread = openPlanThread()
  try {
    assert.equal((await thread.ask(toPlan(problem), never)).plan.id, own.id)
    assert.equal((await thread.ask(toPlan(problem), never)).plan.id, own.id)
  } finally {
    await thread.close()
  }
})

test('a plan in the making ends with the reason of its cancellation, and the next plan is made as ever', async () => {
  const regions = Array.from({ length: 8 }, (_, r) => `r${r}`)
  const demand = [Array.from({ length: 30 }, (_, u) => Array.from({ length: 48 }, (_step, t) => 500 + 300 * Math.sin(u + t / 4)))]
  const large = aProblem({ demand, regions, types: [80, 40, 20, 10, 5], startUsd: 0.2, survival: { zone: 'none', region: true } })
  const thread = openPlanThread()
  try {
    const stop = new AbortController()
    const made = thread.ask(toPlan(large), stop.signal)
    setImmediate(() => stop.abort(new Error('stopped by hand')))
    await assert.rejects(made, /stopped by hand/)
    assert.equal((await thread.ask(toPlan(aProblem()), never)).plan.cost.totalUsd, 1)
  } finally {
    await thread.close()
  }
})

test('whenever it is aborted, before the thread runs or while it solves, a plan ends before anything else happens', async () => {
  const demand = [Array.from({ length: 30 }, (_, u) => Array.from({ length: 48 }, (_step, t) => 500 + 300 * Math.sin(u + t / 4)))]
  const large = aProblem({ demand, regions: Array.from({ length: 8 }, (_, r) => `r${r}`), types: [80, 40, 20, 10, 5], startUsd: 0.2, survival: { zone: 'none', region: true } })
  const thread = openPlanThread()
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  try {
    for (const turns of [0, 1, 10, 100, 1000, 10000]) {
      const stop = new AbortController()
      const made = thread.ask(toPlan(large), stop.signal).then(() => 'made', () => 'ended')
      for (let waited = 0; waited < turns; waited++) await turn()
      stop.abort(new Error('stopped by hand'))
      assert.equal(await Promise.race([made, turn().then(() => 'late')]), 'ended', `after ${turns} turns`)
    }
  } finally {
    await thread.close()
  }
})

test('a plan from a plan in force is the same on a thread that made it, on one that made others since, and from JSON on a new one', async () => {
  const first = aProblem({ demand: [[[310, 470, 120, 800]]], types: [20, 5], startUsd: 0.1 })
  const second = aProblem({ demand: [[[310, 470, 150, 800]]], types: [20, 5], startUsd: 0.1 })
  const [thread, other] = [openPlanThread(), openPlanThread()]
  try {
    const inForce = await thread.ask(toPlan(first), never)
    const made = await thread.ask({ kind: 'plan', problem: second, inForce }, never)
    const before = new Map(inForce.plan.pools.map((pool) => [pool.type, pool.counts]))
    for (const { type, counts } of made.plan.pools) for (const step of [0, 1, 3]) assert.equal(counts[step], before.get(type)?.[step] ?? 0)
    await thread.ask({ kind: 'plan', problem: aProblem({ demand: [[[900, 20, 500, 30]]], types: [20, 5] }), inForce: made }, never)
    assert.deepEqual(await thread.ask({ kind: 'plan', problem: second, inForce }, never), made)
    assert.deepEqual(await other.ask({ kind: 'plan', problem: second, inForce: JSON.parse(JSON.stringify(inForce)) as PlanInForce }, never), made)
  } finally {
    await Promise.all([thread.close(), other.close()])
  }
})
