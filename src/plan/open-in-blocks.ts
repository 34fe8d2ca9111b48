import type { IndexedProblem, Pool } from './index-problem.ts'
import { openingOf } from './opening.ts'
import type { Opening } from './opening.ts'
import { fleetAfter, openSteps, stepByStep, together } from './relax-in-blocks.ts'
import type { Begin } from './relax-in-blocks.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import type { SolvedStep } from './step-layout.ts'
import { item } from './vector.ts'

/** Steps of one block: with more its solve takes longer, with fewer that of all steps together. */
export const openedSteps = 12
/** Steps that are sampled: the others find for themselves what they need. */
const sampledSteps = 2

/** A relaxed block of steps. */
export interface RelaxedBlock {
  readonly from: number
  readonly to: number
  /** Pools that it may use. */
  readonly pools: readonly Pool[]
  /** Where its steps ended, in one model. */
  readonly solved: readonly SolvedStep[]
}

/** What a problem is opened with that was relaxed in blocks. */
export interface OpeningInBlocks extends Opening {
  readonly blocks: readonly RelaxedBlock[]
}

/**
 * Relaxes a problem in blocks, each beginning with the fleet that the one before ended with and at the vertices of its steps one by one. Together their vertices
 * are one of the whole problem that keeps all its bounds: only what looking beyond a block is worth remains to be found.
 */
export function openInBlocks(indexed: IndexedProblem, solver: LinearSolver): OpeningInBlocks {
  const { steps, pools } = indexed
  const { solved: sampled, ...opening } = openingOf(indexed, solver, sampledSteps)
  const blocks: RelaxedBlock[] = []
  let begin: Begin = { ...opening, solved: item(sampled, 0), fleet: new Map(pools.map((pool) => [pool.index, pool.fleet])) }
  for (let from = 0; from < steps; from += openedSteps) {
    const to = Math.min(steps, from + openedSteps)
    const { solved: alone, lastPools, ...found } = stepByStep(indexed, solver, begin, from, to, 'live')
    const { opened } = openSteps(indexed, solver, { ...begin, ...found }, from, to)
    try {
      opened.startFrom(alone)
      opened.iterateBy('primal')
      const { nodes, cuts } = opened.solve()
      const used = together(indexed, opened.basicPools())
      blocks.push({ from, to, pools: used, solved: opened.solvedSteps() })
      begin = { pools: together(indexed, used, lastPools), cuts, routes: new Set([...found.routes, ...opened.farRoutes()]), solved: item(alone, alone.length - 1), fleet: fleetAfter(nodes) }
    } finally {
      opened.close()
    }
  }
  return { pools: together(indexed, ...blocks.map((block) => block.pools)), cuts: begin.cuts, routes: [...begin.routes], growth: [], blocks }
}
