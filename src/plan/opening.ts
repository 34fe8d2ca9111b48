import type { IndexedProblem, Pool } from './index-problem.ts'
import { openRelaxation } from './relax.ts'
import type { RelaxOptions } from './relax.ts'
import { sampleSteps } from './sample.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import type { SolvedStep } from './step-layout.ts'
import { item } from './vector.ts'

/** Steps of the first, small problem, unless said. */
const usualSampledSteps = 6
/** Relative distance of objective and lower bound that ends its relaxation. */
const tolerance = 1e-3

const usdPerUnit = (pool: Pool): number => pool.usdPerStep / pool.planned

/** @returns of each workload, region and option those pools that may have nodes, the first `count` in an order */
function firstPools(indexed: IndexedProblem, count: number, order: (a: Pool, b: Pool) => number): Pool[] {
  return indexed.poolsIn.flatMap((pools) => Array.from({ length: indexed.optionCount }, (_, option) =>
    pools.filter((pool) => pool.option === option && pool.maxNodes > 0 && pool.planned > 0).sort((a, b) => order(a, b) || a.index - b.index).slice(0, count)).flat())
}

/** @returns the `count` cheapest pools per unit of planned capacity, of each workload, region and option */
export function cheapestPools(indexed: IndexedProblem, count: number): Pool[] {
  return firstPools(indexed, count, (a, b) => usdPerUnit(a) - usdPerUnit(b))
}

/** @returns the cheapest pool of the smallest nodes, by vCPUs, of each workload, region and option: nothing covers better what whole counts of larger ones leave over */
export function smallestPools(indexed: IndexedProblem): Pool[] {
  return firstPools(indexed, 1, (a, b) => a.vcpu - b.vcpu || usdPerUnit(a) - usdPerUnit(b))
}

/** What a model is opened with. */
export type Opening = Omit<RelaxOptions, 'tolerance' | 'pools'> & { readonly pools: readonly Pool[] }

/** @returns pools, routes and cuts that a few steps of the problem ask for, and for each step where that of them ended whose demand is nearest */
export function openingOf(indexed: IndexedProblem, solver: LinearSolver, sampledSteps = usualSampledSteps): Opening & { readonly solved: readonly SolvedStep[] } {
  const sample = sampleSteps(indexed, Math.min(sampledSteps, indexed.steps))
  const first = openRelaxation(sample.indexed, solver, { pools: cheapestPools(sample.indexed, 3), cuts: [], routes: [], growth: [], tolerance })
  try {
    const { cuts } = first.solve()
    const solved = first.solvedSteps()
    const pools = new Set([...first.basicPools(), ...cheapestPools(sample.indexed, 1)].map((pool) => item(indexed.pools, pool.index)))
    return { pools: [...pools], cuts, routes: [...first.farRoutes()], growth: [], solved: Array.from(sample.nearest, (step) => item(solved, step)) }
  } finally {
    first.close()
  }
}
