import type { IndexedProblem, Pool } from './index-problem.ts'
import { joinRelaxations } from './join-relaxations.ts'
import type { RelaxedSteps } from './join-relaxations.ts'
import { openedSteps } from './open-in-blocks.ts'
import type { RelaxedBlock } from './open-in-blocks.ts'
import { smallestPools } from './opening.ts'
import { fleetAfter, openSteps, together } from './relax-in-blocks.ts'
import type { OpenRelaxation, Relaxation } from './relax.ts'
import { dive } from './round/dive.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import { item, real } from './vector.ts'

/** How a block's counts are made whole: the share of the fractional ones that each round fixes, and how many rounds. */
const wholeCounts = { share: 0.7, rounds: 2 }
/** By how much of its cost a block may become dearer in all: where limits are tight, fixed counts soon leave demand short. */
const mostDearer = 0.002

/** @returns the last round of a dive that is not too dear */
function nearlyWhole(indexed: IndexedProblem, opened: OpenRelaxation, relaxation: Relaxation): Relaxation {
  let last = relaxation
  let round = 0
  for (const next of dive(indexed, opened, relaxation, wholeCounts.share)) {
    if (next.objective > (1 + mostDearer) * relaxation.objective) break
    last = next
    if (++round === wholeCounts.rounds) break
  }
  return last
}

/**
 * Dives block by block from a relaxation of all steps, in models of a few steps that are solved in a fraction of the time. Each block begins with the fleet that
 * the one before ended with, and is paid for what it hands on what that is worth in the relaxation of all steps.
 * @param opened  the relaxation of all steps as it was solved last
 */
export function diveInBlocks(indexed: IndexedProblem, solver: LinearSolver, blocks: readonly RelaxedBlock[], opened: OpenRelaxation, relaxation: Relaxation): Relaxation {
  const { pools, steps } = indexed
  const parts: RelaxedSteps[] = []
  const routes = [...opened.farRoutes()]
  const small = smallestPools(indexed)
  let fleet: ReadonlyMap<number, number> = new Map(pools.map((pool) => [pool.index, pool.fleet]))
  for (const { from, to, pools: known, solved } of blocks) {
    const used = [...relaxation.nodes].filter(([, counts]) => counts.subarray(from, to).some((count) => count > 0)).map(([pool]) => pool)
    const { part, opened: block } = openSteps(indexed, solver, { pools: together(indexed, known, used, small), cuts: relaxation.cuts, routes, fleet }, from, to)
    try {
      block.startFrom(solved, openedSteps)
      const worth = (pool: Pool): number => (to < steps ? opened.entryUsd(item(pools, pool.index), to) : 0)
      block.priceEdges({ entry: 'live', first: () => 0, last: worth })
      const last = nearlyWhole(part, block, block.solveAgain())
      fleet = fleetAfter(last.nodes)
      let handedOn = 0
      for (const [pool, counts] of last.nodes) handedOn += worth(pool) * real(counts, counts.length - 1)
      parts.push({ from, steps: to - from, relaxation: { ...last, objective: last.objective + handedOn } })
    } finally {
      block.close()
    }
  }
  return joinRelaxations(indexed, parts, relaxation.lowerBound)
}
