import type { IndexedProblem, Pool } from './index-problem.ts'
import { relax } from './relax.ts'
import type { Relaxation } from './relax.ts'
import { roundNodes } from './round/round-nodes.ts'
import type { WholeNodes } from './round/round-nodes.ts'
import { sampleSteps } from './sample.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import { item } from './vector.ts'

/** Steps of the first, small problem. */
const sampledSteps = 6
/** Relative distance of objective and lower bound that ends a relaxation. */
const tolerance = { sample: 1e-3, whole: 2e-5 }

/** @returns the `count` cheapest pools per unit of planned capacity, of each workload, region and option */
export function cheapestPools(indexed: IndexedProblem, count: number): Pool[] {
  const usdPerUnit = (pool: Pool): number => pool.usdPerStep / pool.planned
  return indexed.poolsIn.flatMap((pools) => Array.from({ length: indexed.optionCount }, (_, option) =>
    pools.filter((pool) => pool.option === option && pool.maxNodes > 0 && pool.planned > 0)
      .sort((a, b) => usdPerUnit(a) - usdPerUnit(b) || a.index - b.index).slice(0, count)).flat())
}

/** A solved problem: the bound and the whole nodes. */
export interface SolvedProblem {
  readonly relaxation: Relaxation
  readonly nodes: WholeNodes
}

/** Relaxes on a few steps, then on all of them, then rounds. */
export function solveProblem(indexed: IndexedProblem, solver: LinearSolver): SolvedProblem {
  const sample = sampleSteps(indexed, Math.min(sampledSteps, indexed.steps))
  const first = relax(sample, solver, { pools: cheapestPools(sample, 3), cuts: [], tolerance: tolerance.sample })
  const wanted = [...first.nodes.keys()].map((pool) => item(indexed.pools, pool.index))
  const relaxation = relax(indexed, solver, { pools: [...cheapestPools(indexed, 1), ...wanted], cuts: first.cuts, tolerance: tolerance.whole })
  return { relaxation, nodes: roundNodes(indexed, relaxation) }
}
