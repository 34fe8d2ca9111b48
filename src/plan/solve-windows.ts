import type { IndexedProblem, Pool } from './index-problem.ts'
import { joinRelaxations } from './join-relaxations.ts'
import { cheapestPools, openingOf } from './opening.ts'
import { relaxInBlocks } from './relax-in-blocks.ts'
import type { Relaxation } from './relax.ts'
import { createCoverage } from './round/coverage.ts'
import { createFleetState } from './round/fleet-state.ts'
import { rebuild, trialsFor } from './round/rebuild.ts'
import type { RebuildEffort, TrialBudget } from './round/rebuild.ts'
import { repair, roundNodes } from './round/round-nodes.ts'
import type { RoundedNodes } from './round/round-nodes.ts'
import { sliceSteps } from './slice-steps.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import { item, real, whole } from './vector.ts'

/** User zones times regions times steps, over all workloads, from which on a problem is solved in windows: as one it would take minutes and a gigabyte. */
const largeFrom = 150_000
/** Windows that a large problem is solved in, each in a thread of its own where there are threads. */
const windowCount = 2
/** Fewest steps of a window: below, what is lost at its edge counts. */
const leastSteps = 8

/** Steps that are sampled of a window: its blocks find for themselves what they need. */
const sampledSteps = 2

/** Pools that a window's fleet is built again from, beside those of the relaxation: the cheapest of each workload, region and option. */
const rebuiltFrom = 8
/** Most of what longer windows and more nodes at once gain is found in a step and by few nodes, in a fraction of the time. */
const rebuildWindow: Omit<RebuildEffort, 'trials'> = { windowSteps: [1], mostTaken: 3, clearAllShare: 0, clearRegionShare: 0, worthTesting: 1e-6, hopelessFrom: 0.1 }
const windowTrials: TrialBudget = { atReachOne: 9_000_000, least: 0, most: 40_000 }

/** Steps `from` to before `to`. */
export interface SolveWindow {
  readonly from: number
  readonly to: number
}

/** A window's part of a plan; may come from another thread. */
export interface SolvedWindow {
  readonly window: SolveWindow
  /** Without the cuts' needs: those are of the window alone. */
  readonly relaxation: Relaxation
  /** Shape [pools × steps of the window]. */
  readonly counts: Int32Array
}

/** Whether steps are coupled by starts and short lead times alone, so that windows of them can be solved one by one. */
export function isSeparable({ problem, spanStart, heldSteps, pools }: IndexedProblem): boolean {
  return problem.deferrable.length === 0 && problem.maxUsdPerDay === undefined
    && problem.workloads.every(({ maxLowering, minRunSteps, usdPerUnitMoved }) => maxLowering === Infinity && minRunSteps === 1 && usdPerUnitMoved === 0)
    && heldSteps.every((steps) => steps === 0) && spanStart.every((starts) => starts.every((start, step) => start === step))
    && pools.every(({ leadSteps }) => leadSteps <= leastSteps)
}

/** @returns the windows that a problem is solved in: one, unless it is large and falls apart into windows */
export function windowsOf(indexed: IndexedProblem): readonly SolveWindow[] {
  const { steps, userZoneCount, regionCount, workloadCount } = indexed
  const isLarge = userZoneCount * regionCount * steps * workloadCount >= largeFrom
  const count = isLarge && steps >= windowCount * leastSteps && isSeparable(indexed) ? windowCount : 1
  return Array.from({ length: count }, (_, index) => ({ from: Math.round((index * steps) / count), to: Math.round(((index + 1) * steps) / count) }))
}

/** Solves one window of a large problem: relaxes it in blocks, and rounds it as a whole. */
export function solveWindow(indexed: IndexedProblem, window: SolveWindow, solver: LinearSolver): SolvedWindow {
  const { from, to } = window
  const isFirst = from === 0
  const part = sliceSteps(indexed, from, to, (pool) => (isFirst ? pool.fleet : 0))
  const relaxation = relaxInBlocks(part, solver, openingOf(part, solver, sampledSteps), isFirst ? 'live' : 'free')
  /** Whatever serves first is taken to be there already: the window before ends with nearly the same fleet. */
  const there = new Map([...relaxation.nodes].map(([pool, course]) => [pool.index, Math.round(real(course, 0))]))
  const rounded = isFirst ? part : sliceSteps(indexed, from, to, (pool) => there.get(pool.index) ?? 0)
  const own = (pool: Pool): Pool => item(rounded.pools, pool.index)
  const { state, coverage } = roundNodes(rounded, { ...relaxation, nodes: new Map([...relaxation.nodes].map(([pool, course]) => [own(pool), course])) })
  rebuild(state, coverage, [...new Set([...relaxation.active.map(own), ...cheapestPools(rounded, rebuiltFrom)])], { ...rebuildWindow, trials: trialsFor(rounded, windowTrials) })
  return { window, relaxation, counts: state.counts }
}

/** @returns the plan of windows that together are the whole problem, and its relaxation; every step is tested again, and nodes are added where any is short */
export function joinWindows(indexed: IndexedProblem, windows: readonly SolvedWindow[]): { readonly relaxation: Relaxation; readonly nodes: RoundedNodes } {
  const lowerBound = windows.reduce((sum, { relaxation }) => sum + relaxation.lowerBound, 0)
  const relaxation = joinRelaxations(indexed, windows.map(({ window: { from, to }, relaxation: part }) => ({ from, steps: to - from, relaxation: part })), lowerBound)
  const state = createFleetState(indexed, relaxation.deferred)
  for (const { window: { from, to }, counts } of windows) {
    for (const pool of indexed.pools) {
      for (let step = from; step < to; step++) {
        const nodes = whole(counts, pool.index * (to - from) + step - from)
        if (nodes > 0) state.change(pool, { from: step, to: step }, nodes)
      }
    }
  }
  const coverage = createCoverage(state, relaxation.cuts)
  repair(state, coverage)
  return { relaxation, nodes: { state, coverage } }
}
