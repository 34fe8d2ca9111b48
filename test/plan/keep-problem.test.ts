import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexProblem } from '../../src/plan/index-problem.ts'
import type { PlanProblem } from '../../src/plan/problem.ts'
import { keepProblem, solveProblem } from '../../src/plan/solve-problem.ts'
import type { KeptProblem, SolvedProblem } from '../../src/plan/solve-problem.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import type { LinearSolver } from '../../src/plan/solver/linear-solver.ts'
import { aProblem } from './a-problem.ts'
import type { SmallProblem } from './a-problem.ts'

const solver = await loadSolver()
const live = [[[40], [0]], [[30], [0]], [[30], [0]]]
const small: SmallProblem = {
  regions: ['a', 'b', 'c'], types: [20, 5], startUsd: 0.1, survival: { zone: 'none', region: true }, quota: 100, fleet: live,
  demand: [[[310, 470, 120, 800], [50, 60, 300, 20]]],
}
const changes: Readonly<Record<string, SmallProblem>> = {
  demand: { demand: [[[350, 470, 150, 700], [90, 60, 200, 20]]] },
  prices: { price: [[[2.4], [0.6]], [[1.9], [0.5]], [[2], [0.55]]] },
  quotas: { quota: 60 },
  'live counts': { fleet: [[[12], [0]], [[30], [0]], [[36], [0]]] },
  'lead times': { leadSteps: 1 },
}

/** A solver that counts the models made with it. */
function counting(): LinearSolver & { readonly made: () => number } {
  let count = 0
  return { createModel: () => (count++, solver.createModel()), made: () => count }
}

function withKept(problem: PlanProblem, use: (kept: KeptProblem, made: () => number) => void): void {
  const counted = counting()
  const kept = keepProblem(problem, counted)
  try {
    use(kept, counted.made)
  } finally {
    kept.close()
  }
}

const countsOf = ({ nodes }: SolvedProblem): readonly number[] => [...nodes.state.counts]

for (const [what, change] of Object.entries(changes)) {
  test(`after a change of ${what} the kept model has the bound of one made for it, no model is made, and the plan is within half a percent or as good as a new one`, () => {
    const changed = aProblem({ ...small, ...change })
    withKept(aProblem(small), (kept, made) => {
      const before = made()
      const again = kept.solveFor(changed)
      assert.equal(made(), before)
      const fresh = solveProblem(indexProblem(changed), solver)
      assert.ok(Math.abs(again.relaxation.lowerBound - fresh.relaxation.lowerBound) < 1e-4 * fresh.relaxation.lowerBound, `${again.relaxation.lowerBound} ${fresh.relaxation.lowerBound}`)
      assert.ok(again.nodes.usd < Math.max(1.005 * again.relaxation.lowerBound, 1.03 * fresh.nodes.usd), `${again.nodes.usd} ${fresh.nodes.usd}`)
      for (let step = 0; step < 4; step++) assert.ok(again.nodes.coverage.carries(0, step))
    })
  })
}

test('solved again for the same problem no node moves, and after every change in turn the bound is that of the problem as it was', () => {
  withKept(aProblem(small), (kept) => {
    assert.deepEqual(countsOf(kept.solveFor(aProblem(small))), countsOf(kept.solved))
    for (const change of Object.values(changes)) kept.solveFor(aProblem({ ...small, ...change }))
    const last = kept.solveFor(aProblem(small))
    assert.ok(Math.abs(last.relaxation.lowerBound - kept.solved.relaxation.lowerBound) < 1e-4 * last.relaxation.lowerBound)
  })
})

test('a price that rises by a thousandth moves no node', () => {
  withKept(aProblem(small), (kept) => {
    const dearer = aProblem({ ...small, price: [[[2.002], [0.5]], [[2], [0.5]], [[2], [0.5]]] })
    assert.deepEqual(countsOf(kept.solveFor(dearer)), countsOf(kept.solved))
  })
})

test('a problem with one more region is solved as if it were the first', () => {
  withKept(aProblem(small), (kept) => {
    const wider = aProblem({ ...small, regions: ['a', 'b', 'c', 'd'], fleet: [...live, [[0], [0]]] })
    const { lowerBound } = solveProblem(indexProblem(wider), solver).relaxation
    assert.ok(Math.abs(kept.solveFor(wider).relaxation.lowerBound - lowerBound) < 1e-6 * lowerBound)
  })
})
