import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateInstance, instanceSizes } from '../../bench/plan/generate-instance.ts'
import { problemFromInstance } from '../../src/plan/documents/instance-document.ts'
import { indexProblem } from '../../src/plan/index-problem.ts'
import type { Pool } from '../../src/plan/index-problem.ts'
import { cheapestPools } from '../../src/plan/opening.ts'
import { openRelaxation } from '../../src/plan/relax.ts'
import { sliceSteps } from '../../src/plan/slice-steps.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import type { SolvedStep } from '../../src/plan/step-layout.ts'
import { basisFrom, inBasis } from '../../src/plan/step-layout.ts'
import type { CutName } from '../../src/plan/survival-cuts.ts'
import { item, real } from '../../src/plan/vector.ts'

const solver = await loadSolver()

test('steps solved one after another give a vertex of all of them that keeps all bounds, and the same optimum', () => {
  const indexed = indexProblem(problemFromInstance(generateInstance('two', { ...instanceSizes.s, workloads: 2 }, { derate: false, tight: false, committed: false }, 1)))
  const solved: SolvedStep[] = []
  const names = { pools: new Set<number>(cheapestPools(indexed, 4).map(({ index }) => index)), routes: new Set<number>() }
  let fleet: ReadonlyMap<number, number> = new Map(indexed.pools.map((pool) => [pool.index, pool.fleet]))
  let cuts: readonly CutName[] = []
  let usd = 0
  for (let step = 0; step < 3; step++) {
    const there = fleet
    const part = sliceSteps(indexed, step, step + 1, (pool) => there.get(pool.index) ?? 0)
    const opened = openRelaxation(part, solver, { pools: [...names.pools].map((index) => item(part.pools, index)), cuts, routes: names.routes, growth: [], tolerance: 1e-9 })
    const { nodes, objective, cuts: found } = opened.solve()
    usd += objective
    cuts = found
    solved.push(item(opened.solvedSteps(), 0))
    for (const { index } of opened.basicPools()) names.pools.add(index)
    for (const route of opened.farRoutes()) names.routes.add(route)
    fleet = new Map(Array.from(nodes, ([pool, course]) => [pool.index, real(course, 0)]))
    opened.close()
  }
  const block = sliceSteps(indexed, 0, 3, (pool) => pool.fleet)
  const pools = [...names.pools].map((index): Pool => item(block.pools, index))
  const options = { pools, cuts, routes: names.routes, growth: [], tolerance: 1e-9 }
  const anew = openRelaxation(block, solver, options)
  const { objective } = anew.solve()
  const layouts = anew.solvedSteps().map(({ layout }) => layout)
  const basis = basisFrom(solved, layouts, anew.size())
  for (const [step, { columns }] of layouts.entries()) {
    assert.ok(columns.some((column) => basis?.columns[column] === inBasis), `step ${step} begins with its slacks`)
  }
  const begun = openRelaxation(block, solver, options)
  begun.startFrom(solved)
  begun.iterateBy('primal')
  const other = begun.solve().objective
  assert.ok(Math.abs(objective - other) < 1e-6 * objective, `${objective} ${other}`)
  assert.ok(objective <= usd * (1 + 1e-9), `${objective} is dearer than ${usd} of single steps`)
  begun.close()
  anew.close()
})
