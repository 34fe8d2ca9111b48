import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateInstance, instanceSizes } from '../../bench/plan/generate-instance.ts'
import { problemFromInstance } from '../../src/plan/documents/instance-document.ts'
import { indexProblem } from '../../src/plan/index-problem.ts'
import type { IndexedProblem, Pool } from '../../src/plan/index-problem.ts'
import { openingOf } from '../../src/plan/opening.ts'
import { openSteps, stepByStep } from '../../src/plan/relax-in-blocks.ts'
import { unpaidEdges } from '../../src/plan/relax.ts'
import { sliceDemand } from '../../src/plan/slice-steps.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { item } from '../../src/plan/vector.ts'

const solver = await loadSolver()
const problem = problemFromInstance(generateInstance('two', { ...instanceSizes.s, workloads: 2 }, { derate: false, tight: false, committed: false }, 1))

test('a model of one step that is moved to another has its optimum, with the fleet that it is given and what entering costs', () => {
  const indexed = indexProblem({ ...problem, leadSteps: problem.leadSteps.map((regions) => regions.map((options) => options.map(() => 0))) })
  const { pools, cuts, routes } = openingOf(indexed, solver)
  const fleetAt = (step: number) => new Map(indexed.pools.map(({ index }) => [index, index % 3 === 0 ? 1 + ((index * 7 + step) % 4) : 0]))
  const { opened: moved } = openSteps(indexed, solver, { pools, cuts, routes, fleet: fleetAt(0) }, 0, 1)
  moved.priceEdges({ entry: 'free', ...unpaidEdges })
  const free = moved.solve().objective
  moved.priceEdges({ entry: 'live', ...unpaidEdges })
  assert.ok(moved.solve().objective > free * 1.001)
  for (const step of [9, 0, 3]) {
    const fleet = fleetAt(step)
    moved.moveTo(sliceDemand(indexed, step, step + 1), ({ index }) => fleet.get(index) ?? 0)
    const { opened: anew } = openSteps(indexed, solver, { pools, cuts, routes, fleet }, step, step + 1)
    const [was, is] = [anew.solve(), moved.solve()]
    // both end within the tolerance of what no pool or route could improve
    assert.ok(Math.abs(was.objective - is.objective) < 1e-3 * was.objective && Math.abs(was.lowerBound - is.lowerBound) < 1e-3 * was.objective, `step ${step}: ${is.objective} of ${was.objective}`)
    anew.close()
  }
  moved.close()
})

/** How many models are made for the steps, and how many regions are open in each. */
function modelsOf(indexed: IndexedProblem): { readonly models: number; readonly open: readonly number[] } {
  const { solved, ...opening } = openingOf(indexed, solver)
  let models = 0
  const counted = { createModel: () => (models++, solver.createModel()) }
  const begin = { ...opening, solved: item(solved, 0), fleet: new Map(indexed.pools.map((pool: Pool) => [pool.index, pool.fleet])) }
  return { open: stepByStep(indexed, counted, begin, 0, 12, 'live').solved.map(({ layout }) => layout.open), models }
}

test('the model of one step is kept while demand and fleet alone differ, and made anew while lead times pass and where a region closes or opens', () => {
  const withLead = (steps: number) => problem.leadSteps.map((regions) => regions.map((options) => options.map(() => steps)))
  assert.equal(modelsOf(indexProblem({ ...problem, leadSteps: withLead(0) })).models, 1)
  assert.equal(modelsOf(indexProblem({ ...problem, leadSteps: withLead(2) })).models, 3)
  const closed = problem.workloads.map((workload, w) => ({
    ...workload, closed: problem.regions.map((_, region) => Array.from({ length: problem.steps }, (_step, step) => w === 1 && region === 0 && (step === 5 || step === 6))),
  }))
  const all = problem.regions.length * problem.workloads.length
  assert.deepEqual(modelsOf(indexProblem({ ...problem, leadSteps: withLead(0), workloads: closed })), { models: 3, open: Array.from({ length: 12 }, (_, step) => (step === 5 || step === 6 ? all - 1 : all)) })
})
