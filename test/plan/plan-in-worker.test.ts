import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planFleet } from '../../src/plan/plan-fleet.ts'
import { openPlanThread } from '../../src/plan/plan-in-worker.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { aProblem } from './a-problem.ts'

const never = new AbortController().signal

test('a plan made in a thread is the plan made without one, twice on the same thread', async () => {
  const problem = aProblem({ demand: [[[31, 47, 12]]], types: [20, 5], startUsd: 0.1 })
  const own = await planFleet(problem, await loadSolver(), never)
  const thread = openPlanThread()
  try {
    assert.equal((await thread.plan(problem, never)).id, own.id)
    assert.equal((await thread.plan(problem, never)).id, own.id)
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
    const made = thread.plan(large, stop.signal)
    setImmediate(() => stop.abort(new Error('stopped by hand')))
    await assert.rejects(made, /stopped by hand/)
    assert.equal((await thread.plan(aProblem(), never)).cost.totalUsd, 1)
  } finally {
    await thread.close()
  }
})
