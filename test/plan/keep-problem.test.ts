import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexProblem } from '../../src/plan/index-problem.ts'
import { keepProblem, solveProblem } from '../../src/plan/solve-problem.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { aProblem } from './a-problem.ts'

const solver = await loadSolver()
const small = { regions: ['a', 'b', 'c'], types: [20, 5], startUsd: 0.1, survival: { zone: 'none', region: true } } as const
const before = [[[310, 470, 120, 800], [50, 60, 300, 20]]]
const after = [[[350, 470, 150, 700], [90, 60, 200, 20]]]

test('a kept model solved for other demand has the bound of a model made for it, and a plan near to it', () => {
  const indexed = indexProblem(aProblem({ ...small, demand: before }))
  const kept = keepProblem(indexed, solver)
  try {
    const again = kept.solveFor(after)
    const fresh = solveProblem(indexProblem(aProblem({ ...small, demand: after })), solver)
    assert.ok(Math.abs(again.relaxation.lowerBound - fresh.relaxation.lowerBound) < 1e-4 * fresh.relaxation.lowerBound)
    assert.ok(again.nodes.usd < 1.03 * fresh.nodes.usd, `${again.nodes.usd} ${fresh.nodes.usd}`)
    for (let step = 0; step < 4; step++) assert.ok(again.nodes.coverage.carries(0, step))
  } finally {
    kept.close()
  }
})

test('solved again for the same demand, no node moves', () => {
  const indexed = indexProblem(aProblem({ ...small, demand: before }))
  const kept = keepProblem(indexed, solver)
  try {
    const counts = [...kept.solved.nodes.state.counts]
    assert.deepEqual([...kept.solveFor(before).nodes.state.counts], counts)
  } finally {
    kept.close()
  }
})
