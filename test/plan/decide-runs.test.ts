import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateInstance } from '../../bench/plan/generate-instance.ts'
import type { InstanceDocument } from '../../src/plan/documents/instance-document.ts'
import { problemFromInstance } from '../../src/plan/documents/instance-document.ts'
import { indexProblem } from '../../src/plan/index-problem.ts'
import type { IndexedProblem } from '../../src/plan/index-problem.ts'
import { openingOf } from '../../src/plan/opening.ts'
import { openRelaxation } from '../../src/plan/relax.ts'
import type { Relaxation } from '../../src/plan/relax.ts'
import { createCoverage } from '../../src/plan/round/coverage.ts'
import { decideRuns } from '../../src/plan/round/decide-runs.ts'
import { createFleetState } from '../../src/plan/round/fleet-state.ts'
import { roundNodes, totalUsd } from '../../src/plan/round/round-nodes.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'

const solver = await loadSolver()

function relaxed(indexed: IndexedProblem): Relaxation {
  const { solved, ...opening } = openingOf(indexed, solver)
  const opened = openRelaxation(indexed, solver, { ...opening, tolerance: 1e-6 })
  try {
    opened.startFrom(solved)
    return opened.solve()
  } finally {
    opened.close()
  }
}

/** Nodes may come at once, and a route costs so much that where nodes stand matters as much as what they cost. */
function withDearRoutes(made: InstanceDocument): InstanceDocument {
  return { ...made, leadSteps: made.leadSteps.map((options) => options.map(() => 0)), routeCostPerUnitMs: 20 * made.routeCostPerUnitMs }
}

/** Cost of the cheapest fleet of one step, all counts tried. */
function cheapest(indexed: IndexedProblem, relaxation: Relaxation, most: number): number {
  const state = createFleetState(indexed, relaxation.deferred)
  const coverage = createCoverage(state, relaxation.cuts)
  const { pools } = indexed
  let best = Infinity
  for (;;) {
    let pool = pools[0]
    let next = 0
    for (; pool !== undefined && (state.count(pool, 0) === most || !state.mayAdd(pool, 0)); pool = pools[++next]) coverage.apply(pool, { from: 0, to: 0 }, -state.count(pool, 0))
    if (pool === undefined) return best
    coverage.apply(pool, { from: 0, to: 0 }, 1)
    if (state.usd() < best && indexed.open.every((_, cell) => state.spotOver(cell) === 0) && coverage.violation(0, 0) === undefined) best = Math.min(best, totalUsd(state))
  }
}

test('one step ends with the cheapest fleet there is, routes and starts included', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const size = { regions: 2, families: 1, sizes: 2, userZones: 3, steps: 1, workloads: 1, demand: 90 }
    const indexed = indexProblem(problemFromInstance(withDearRoutes(generateInstance(`tiny-${seed}`, size, { derate: false, tight: false, committed: false }, seed))))
    const relaxation = relaxed(indexed)
    const { state } = roundNodes(indexed, relaxation)
    // which regions must hold what together has yet to be learned
    const coverage = createCoverage(state, [])
    // dearer than it need be, but within every limit
    for (const pool of indexed.pools) if (!pool.isSpot && state.mayAdd(pool, 0)) coverage.apply(pool, { from: 0, to: 0 }, 1)
    const before = totalUsd(state)
    decideRuns(state, coverage, indexed.pools, { runSteps: [1, 1, 1], nodes: 10_000 })
    const least = cheapest(indexed, relaxation, 9)
    assert.ok(least < before - 0.01)
    assert.ok(totalUsd(state) < least + 1e-3, `${totalUsd(state)} ${least}`)
    assert.equal(createCoverage(state, []).violation(0, 0), undefined)
  }
})

test('runs of several steps make a fleet cheaper that is the best of every step by itself, and what it carries is carried', () => {
  let saved = 0
  for (const seed of [1, 2, 3]) {
    const size = { regions: 3, families: 1, sizes: 4, userZones: 8, steps: 12, workloads: 2, demand: 1500 }
    const problem = problemFromInstance(withDearRoutes(generateInstance(`runs-${seed}`, size, { derate: false, tight: seed === 2, committed: seed === 3 }, seed)))
    const maxLowering = seed === 2 ? 2 : Infinity
    const indexed = indexProblem({ ...problem, workloads: problem.workloads.map((workload) => ({ ...workload, maxLowering })) })
    const { state } = roundNodes(indexed, relaxed(indexed))
    const coverage = createCoverage(state, [])
    const costs = [totalUsd(state)]
    for (const runSteps of [[1], [1], [4, 3, 2, 1]]) {
      decideRuns(state, coverage, indexed.pools, { runSteps, nodes: 2000 })
      assert.ok(totalUsd(state) <= (costs.at(-1) ?? NaN))
      costs.push(totalUsd(state))
    }
    const [rounded = NaN, single = NaN, , runs = NaN] = costs
    assert.ok(single < rounded)
    saved += single - runs
    for (let workload = 0; workload < 2; workload++) for (let step = 0; step < 12; step++) assert.equal(createCoverage(state, []).violation(workload, step), undefined)
    for (const pool of indexed.pools) for (let step = 0; step < 12; step++) assert.ok(!state.isOver(pool, step) && state.count(pool, step) >= 0)
    for (const pool of indexed.pools) for (let step = 1; step < 12; step++) assert.ok(state.count(pool, step - 1) - state.count(pool, step) <= maxLowering)
    assert.ok(indexed.open.every((_, cell) => state.spotOver(cell) === 0))
  }
  assert.ok(saved > 0.1, `${saved} USD`)
})
