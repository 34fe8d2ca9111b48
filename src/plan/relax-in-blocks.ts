import type { IndexedProblem } from './index-problem.ts'
import { joinRelaxations } from './join-relaxations.ts'
import type { RelaxedSteps } from './join-relaxations.ts'
import type { Opening } from './opening.ts'
import { openRelaxation } from './relax.ts'
import type { OpenRelaxation, Relaxation } from './relax.ts'
import { dive } from './round/dive.ts'
import { sliceSteps } from './slice-steps.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import type { SolvedLayout } from './step-layout.ts'
import { item, real } from './vector.ts'

/** Steps of one block: with one, nothing is kept for what comes next; from three on, starts between steps slow the solver more than they save. */
const blockSteps = 2
/** Relative distance of objective and lower bound that ends a block. */
const tolerance = 5e-4
/** How each block's counts are made whole: the share of the fractional ones that each round fixes, and how many rounds. */
const wholeCounts = { share: 0.7, rounds: 3 }

/** Rounds of a dive, until its counts are nearly whole. */
function nearlyWhole(indexed: IndexedProblem, opened: OpenRelaxation, relaxation: Relaxation): Relaxation {
  let last = relaxation
  let round = 0
  for (const next of dive(indexed, opened, relaxation, wholeCounts.share)) {
    last = next
    if (++round === wholeCounts.rounds) break
  }
  return last
}

/**
 * Relaxes a problem a few steps at a time, each block beginning with the fleet that the one before ended with, its counts nearly whole. The lower bound is
 * that of blocks that begin with whatever they like: starts across their edges, which couple them, are free in it.
 * @param opening  with the solved step that each step is taken from
 * @param entry    `live`: the first step follows the live fleet; `free`: its nodes may be there already, since the problem is a part of a longer one
 */
export function relaxInBlocks(indexed: IndexedProblem, solver: LinearSolver, opening: Opening & { readonly solved: SolvedLayout; readonly nearest: Int32Array }, entry: 'live' | 'free'): Relaxation {
  const { steps, pools } = indexed
  const parts: RelaxedSteps[] = []
  let lowerBound = 0
  let begin = opening
  let fleet: ReadonlyMap<number, number> = new Map(pools.map((pool) => [pool.index, entry === 'live' ? pool.fleet : 0]))
  const longestLead = pools.reduce((longest, { leadSteps }) => Math.max(longest, leadSteps), 0)
  for (let from = 0; from < steps;) {
    const to = Math.min(steps, from + (from === 0 ? Math.max(blockSteps, longestLead) : blockSteps))
    const there = fleet
    const block = sliceSteps(indexed, from, to, (pool) => there.get(pool.index) ?? 0)
    const opened = openRelaxation(block, solver, {
      pools: begin.pools.map(({ index }) => item(block.pools, index)), cuts: begin.cuts, routes: begin.routes, growth: [], tolerance,
    })
    try {
      opened.startFrom(begin.solved, begin.nearest.subarray(0, to - from))
      if (from === 0 && entry === 'free') opened.freeEntry()
      const relaxation = opened.solve()
      begin = {
        growth: [],
        pools: [...opened.basicPools()], cuts: relaxation.cuts, routes: [...opened.farRoutes()], solved: opened.layout(),
        nearest: new Int32Array(steps).fill(to - from - 1),
      }
      const { nodes, load, surviving } = nearlyWhole(block, opened, relaxation)
      fleet = new Map([...nodes].map(([pool, course]) => [pool.index, real(course, to - from - 1)]))
      parts.push({ from, steps: to - from, relaxation: { ...relaxation, nodes, load, surviving } })
      if (from === 0) lowerBound += relaxation.lowerBound
      else {
        opened.release()
        opened.freeEntry()
        lowerBound += opened.solve().lowerBound
      }
    } finally {
      opened.close()
    }
    from = to
  }
  return joinRelaxations(indexed, parts, lowerBound)
}
