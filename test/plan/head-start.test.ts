import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instanceFromProblem } from '../../src/plan/documents/instance-document.ts'
import type { InstanceDocument } from '../../src/plan/documents/instance-document.ts'
import type { HeadStart } from '../../src/plan/head-start.ts'
import { indexProblem } from '../../src/plan/index-problem.ts'
import { planFleet } from '../../src/plan/plan-fleet.ts'
import { planInstance } from '../../src/plan/plan-instance.ts'
import type { PlanProblem } from '../../src/plan/problem.ts'
import { solveProblem } from '../../src/plan/solve-problem.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import type { LinearSolver } from '../../src/plan/solver/linear-solver.ts'
import { aProblem } from './a-problem.ts'
import type { SmallProblem } from './a-problem.ts'

const solver = await loadSolver()
const never = new AbortController().signal
const small: SmallProblem = {
  regions: ['a', 'b', 'c'], types: [20, 5], startUsd: 0.1, survival: { zone: 'none', region: true }, quota: 100, fleet: [[[40], [0]], [[30], [0]], [[30], [0]]],
  demand: [[[310, 470, 120, 800], [50, 60, 300, 20]]],
}
const changes: Readonly<Record<string, SmallProblem>> = {
  demand: { demand: [[[350, 470, 150, 700], [90, 60, 200, 20]]] },
  prices: { price: [[[2.4], [0.6]], [[1.9], [0.5]], [[2], [0.55]]] },
  quotas: { quota: 60 },
  'live counts': { fleet: [[[12], [0]], [[30], [8]], [[36], [0]]] },
  'lead times': { leadSteps: 1 },
}
const headStart = solveProblem(indexProblem(aProblem(small)), solver).headStart

/** A solver that counts the models made with it. */
function counting(): LinearSolver & { readonly made: () => number } {
  let count = 0
  return { createModel: () => (count++, solver.createModel()), made: () => count }
}

function boundOf(problem: PlanProblem, start: HeadStart | undefined): { readonly bound: number; readonly models: number; readonly next: HeadStart | undefined } {
  const counted = counting()
  const { relaxation, headStart: next } = solveProblem(indexProblem(problem), counted, { headStart: start })
  return { bound: relaxation.lowerBound, models: counted.made(), next }
}

for (const [what, change] of Object.entries(changes)) {
  test(`after a change of ${what} one model, begun where the last one ended, has the bound of the problem from the start`, () => {
    const changed = aProblem({ ...small, ...change })
    const [from, fresh] = [boundOf(changed, headStart), boundOf(changed, undefined)]
    assert.ok(Math.abs(from.bound - fresh.bound) < 1e-4 * fresh.bound, `${from.bound} ${fresh.bound}`)
    assert.equal(from.models, 1)
    assert.ok(fresh.models > 1)
  })
}

test('after every change in turn the bound is that of the problem as it was', () => {
  let start = headStart
  for (const change of [...Object.values(changes), {}]) start = boundOf(aProblem({ ...small, ...change }), start).next
  const [last, first] = [boundOf(aProblem(small), start), boundOf(aProblem(small), undefined)]
  assert.equal(last.models, 1)
  assert.ok(Math.abs(last.bound - first.bound) < 1e-4 * first.bound)
})

test('a problem with one more region, and one whose model has grown to more than twice its first size, are solved from the start', () => {
  const wider = aProblem({ ...small, regions: ['a', 'b', 'c', 'd'], fleet: [[[40], [0]], [[30], [0]], [[30], [0]], [[0], [0]]] })
  assert.deepEqual(boundOf(wider, headStart), boundOf(wider, undefined))
  assert.ok(headStart !== undefined)
  const grown = { ...headStart, firstSize: 1 }
  assert.deepEqual(boundOf(aProblem(small), grown), boundOf(aProblem(small), undefined))
})

test('planned again, the same problem moves no node, nor does one that is dearer by a thousandth', async () => {
  const problem = { ...aProblem(small), changeCostHours: 0 }
  const inForce = await planFleet(problem, solver, never)
  const countsOf = ({ plan }: typeof inForce): unknown => plan.pools.map(({ region, type, counts }) => [region, type, counts])
  assert.deepEqual(countsOf(await planFleet(problem, solver, never, inForce)), countsOf(inForce))
  const dearer = aProblem({ ...small, price: [[[2.002], [0.5]], [[2], [0.5]], [[2], [0.5]]] })
  assert.deepEqual(countsOf(await planFleet(dearer, solver, never, inForce)), countsOf(inForce))
})

test('a problem saved with what it was planned from gives the counts of the plan, where the problem alone gives others', async () => {
  const likely: SmallProblem = { demand: [[[40, 40, 40, 40]]], types: [10, 10], price: [[[1], [1.5]]], fleet: [[[4], [0]]] }
  const inForce = await planFleet(aProblem(likely), solver, never)
  const dear = aProblem({ ...likely, price: [[[1], [0.8]]] })
  const { plan } = await planFleet(dear, solver, never, inForce)
  const replayed = async (document: InstanceDocument): Promise<unknown> =>
    (await planInstance(JSON.parse(JSON.stringify(document)) as InstanceDocument, solver, never)).plan.nodes.map(({ type, count }) => [`t${type}`, count])
  assert.deepEqual(await replayed(instanceFromProblem(dear, inForce)), plan.pools.flatMap(({ type, counts }) => (counts.some((count) => count > 0) ? [[type, counts]] : [])))
  assert.deepEqual(await replayed(instanceFromProblem(dear)), [['t1', [4, 4, 4, 4]]])
})
