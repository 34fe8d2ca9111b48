import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPlan } from '../../bench/plan/check-plan.ts'
import { generateInstance, instanceSizes } from '../../bench/plan/generate-instance.ts'
import { varyInstance } from '../../bench/plan/vary-instance.ts'
import type { InstanceDocument } from '../../src/plan/documents/instance-document.ts'
import { problemFromInstance } from '../../src/plan/documents/instance-document.ts'
import { planDocument } from '../../src/plan/documents/plan-document.ts'
import { findShortages } from '../../src/plan/find-shortages.ts'
import { indexProblem } from '../../src/plan/index-problem.ts'
import { judged } from '../../src/plan/round/round-nodes.ts'
import { solveInThreads } from '../../src/plan/solve-in-threads.ts'
import { settledWindows, solveProblem } from '../../src/plan/solve-problem.ts'
import { solveWindow, windowsOf } from '../../src/plan/solve-windows.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'

const solver = await loadSolver()
const never = new AbortController().signal
const indexedOf = (instance: InstanceDocument): ReturnType<typeof indexProblem> => indexProblem(problemFromInstance(instance))
const halves = (steps: number): { from: number; to: number }[] => [{ from: 0, to: steps / 2 }, { from: steps / 2, to: steps }]
const two = { ...instanceSizes.s, workloads: 2 }

for (const seed of [1, 2, 3]) {
  test(`two windows make a plan that breaks no limit, with a bound that holds for the whole, near the plan of one: seed ${seed}`, () => {
    const instance = generateInstance('two', two, { derate: false, tight: seed === 2, committed: seed === 3 }, seed)
    const indexed = indexedOf(instance)
    const whole = solveProblem(indexed, solver)
    const { relaxation, nodes } = settledWindows(indexed, halves(24).map((window) => solveWindow(indexed, window, solver)), solver, undefined)
    const { faults, shortages } = checkPlan(instance, planDocument(indexed, nodes.state))
    assert.deepEqual(faults, [])
    // where the live fleet is too small within its lead time, the plan of one is short as well
    assert.equal(shortages.length, checkPlan(instance, planDocument(indexed, whole.nodes.state)).shortages.length)
    assert.ok(relaxation.lowerBound <= whole.relaxation.objective * (1 + 1e-4), `${relaxation.lowerBound} ${whole.relaxation.objective}`)
    // 0.9982 of seed 1 where starts across the edges of blocks are free; commitments, whose starts cost nothing, leave less to share
    assert.ok(relaxation.lowerBound >= (seed === 3 ? 0.998 : 0.9985) * whole.relaxation.lowerBound, `${relaxation.lowerBound} ${whole.relaxation.lowerBound}`)
    assert.ok(judged(nodes).usd <= 1.01 * judged(whole.nodes).usd, `${judged(nodes).usd} ${judged(whole.nodes).usd}`)
  })
}

test('windows of problems with limits of every tightness break none, and say which steps are short', () => {
  let planned = 0
  for (let seed = 1; planned < 25; seed++) {
    const instance = varyInstance(seed)
    if (instance.steps < 6) continue
    planned++
    const indexed = indexedOf(instance)
    const { nodes, relaxation } = settledWindows(indexed, halves(instance.steps).map((window) => solveWindow(indexed, window, solver)), solver, undefined)
    const { faults, shortages } = checkPlan(instance, planDocument(indexed, nodes.state))
    assert.deepEqual(faults, [], instance.name)
    assert.equal(findShortages(indexed, relaxation, nodes.state).length > 0, shortages.length > 0, `${instance.name}: ${shortages.slice(0, 3).join('; ')}`)
    assert.ok(shortages.length > 0 || relaxation.lowerBound <= judged(nodes).usd * (1 + 1e-6) + 1e-6, instance.name)
  }
})

test('threads give the plan that is made without them', async () => {
  const indexed = indexedOf(generateInstance('two', two, { derate: false, tight: false, committed: false }, 4))
  const windows = halves(24)
  const alone = settledWindows(indexed, windows.map((window) => solveWindow(indexed, window, solver)), solver, undefined)
  const inThreads = await solveInThreads(indexed, solver, never, undefined, windows)
  assert.deepEqual(inThreads.nodes.state.counts, alone.nodes.state.counts)
  assert.equal(inThreads.relaxation.lowerBound, alone.relaxation.lowerBound)
})

const xl = generateInstance('xl', instanceSizes.xl, { derate: false, tight: false, committed: false }, 1)

test('only a large problem whose steps are coupled by starts alone is solved in windows', () => {
  const problem = problemFromInstance(xl)
  assert.deepEqual(windowsOf(indexProblem(problem)), [{ from: 0, to: 24 }, { from: 24, to: 48 }])
  assert.equal(windowsOf(indexProblem({ ...problem, maxUsdPerDay: 1e6 })).length, 1)
  assert.equal(windowsOf(indexProblem({ ...problem, workloads: problem.workloads.map((workload) => ({ ...workload, minRunSteps: 2 })) })).length, 1)
  assert.equal(windowsOf(indexedOf(generateInstance('l', instanceSizes.l, { derate: false, tight: false, committed: false }, 1))).length, 1)
})

test('a large plan in the making ends within 100 ms of its cancellation', async () => {
  const stop = new AbortController()
  let aborted = NaN
  const made = solveInThreads(indexedOf(xl), solver, stop.signal)
  setTimeout(() => {
    aborted = performance.now()
    stop.abort(new Error('stopped by hand'))
  }, 1500)
  await assert.rejects(made, /stopped by hand/)
  assert.ok(performance.now() - aborted < 100, `${performance.now() - aborted} ms`)
})
