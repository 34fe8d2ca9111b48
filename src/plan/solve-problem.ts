import { chooseWindows, needsWindow } from './choose-windows.ts'
import { indexProblem } from './index-problem.ts'
import type { IndexedProblem, Pool } from './index-problem.ts'
import type { PlanProblem } from './problem.ts'
import { cheapestPools, openingOf } from './opening.ts'
import { openRelaxation } from './relax.ts'
import type { OpenRelaxation, Relaxation } from './relax.ts'
import { changeUsd, churnUsd } from './round/churn.ts'
import { dive } from './round/dive.ts'
import { improve } from './round/improve.ts'
import { keepCounts } from './round/keep-counts.ts'
import type { EarlierCounts } from './round/keep-counts.ts'
import { rebuild } from './round/rebuild.ts'
import { relieve } from './round/relieve.ts'
import { judged, roundNodes } from './round/round-nodes.ts'
import type { WholeNodes } from './round/round-nodes.ts'
import { keepModel } from './solver/kept-model.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import { joinWindows, solveWindow, windowsOf } from './solve-windows.ts'
import type { SolvedWindow } from './solve-windows.ts'
import { add, item } from './vector.ts'

/** Relative distance of objective and lower bound that ends a relaxation. */
const tolerance = 2e-5
/** Node columns from which on each round of a dive takes long enough to count. */
const largeFrom = 4000
/** How a dive goes: the share of the fractional counts that each round fixes, and from where on a count is rounded up after which rounds. */
interface Search {
  readonly share: number
  /** By round, 0 being the relaxation itself. */
  readonly roundUpFrom: readonly (readonly number[])[]
}

/** Found on problems of three sizes and several seeds: what is rounded up early, or after how many rounds, makes up to a tenth of the gap, and neither is best for all. */
const largeSearch: Search = { share: 0.7, roundUpFrom: [[], [], [0.7], [], [0.7, 0.85]] }
const smallSearch: Search = { share: 0.5, roundUpFrom: Array.from({ length: 5 }, () => [0.5, 0.7, 0.85]) }
/** Fleets up to `nodes` are taken apart and built again; above `fewNodes` in fewer trials, since each takes longer and gains less. */
const rebuildUpTo = { nodes: 250, fewNodes: 60, trials: 6000, pools: 4 }

/** A solved problem: the bound and the whole nodes. */
export interface SolvedProblem {
  readonly relaxation: Relaxation
  readonly nodes: WholeNodes
}

/** Nodes at the busiest step, of a fractional plan. */
function peakNodes(indexed: IndexedProblem, relaxation: Relaxation): number {
  const total = new Float64Array(indexed.steps)
  for (const course of relaxation.nodes.values()) for (const [step, count] of course.entries()) add(total, step, count)
  return total.reduce((most, count) => Math.max(most, count), 0)
}

/**
 * Rounds a relaxation and those of a dive from it, and keeps the cheapest. Small problems afford to round often, and
 * small fleets, where one node matters, a search by taking apart and building again.
 */
function bestNodes(indexed: IndexedProblem, opened: OpenRelaxation, relaxation: Relaxation): WholeNodes {
  const isLarge = relaxation.active.length * indexed.steps > largeFrom
  const { share, roundUpFrom } = isLarge ? largeSearch : smallSearch
  let best: WholeNodes | undefined
  const round = (from: Relaxation, thresholds: readonly number[]): void => {
    for (const threshold of thresholds) {
      const nodes = roundNodes(indexed, from, threshold)
      if (best === undefined || nodes.usd < best.usd) best = nodes
    }
  }
  let last = relaxation
  round(relaxation, item(roundUpFrom, 0))
  const dived = dive(indexed, opened, relaxation, share)
  for (const thresholds of roundUpFrom.slice(1)) {
    const next = dived.next()
    if (next.done === true) break
    last = next.value
    round(last, thresholds)
  }
  best ??= roundNodes(indexed, last)
  const peak = peakNodes(indexed, relaxation)
  if (peak === 0 || peak > rebuildUpTo.nodes || isLarge) return best
  rebuild(best.state, best.coverage, [...new Set([...relaxation.active, ...cheapestPools(indexed, rebuildUpTo.pools)])], { trials: Math.round(rebuildUpTo.trials * Math.min(1, (rebuildUpTo.fewNodes / peak) ** 2)) })
  return judged(best.state, best.coverage)
}

/** A kept model's counts stay unless new ones are cheaper by more than this share: every change has its price. */
const worthMoving = 0.005
/** Above the bound by more than this share, exchanges seldom bring a kept fleet near enough. */
const mostImproved = 0.008

/** Deferrable work that waits for other work, or may not last long, gets a window of its own; the bound stays that of the problem without windows. */
function withWindows(indexed: IndexedProblem, opened: OpenRelaxation, relaxation: Relaxation): Relaxation {
  const { deferrable } = indexed.problem
  if (!needsWindow(deferrable)) return relaxation
  const placed = deferrable.map(() => new Float64Array(indexed.steps))
  for (const { work, step, amount } of relaxation.placed) add(item(placed, work), step, amount)
  opened.confineWork(chooseWindows(deferrable, placed, indexed.steps))
  return { ...opened.solve(), lowerBound: relaxation.lowerBound, isShort: relaxation.isShort }
}

/**
 * Relaxes on a few steps, then on all of them, then rounds; a large problem in windows, one after another.
 * @param earlier  counts to keep, with what demand needs added, but for changes that are worth their churn
 */
export function solveProblem(indexed: IndexedProblem, solver: LinearSolver, earlier?: EarlierCounts): SolvedProblem {
  const windows = windowsOf(indexed)
  return windows.length === 1 ? solveWhole(indexed, solver, earlier) : settledWindows(indexed, windows.map((window) => solveWindow(indexed, window, solver)), solver, earlier)
}

/** @returns the plan of a large problem from its solved windows */
export function settledWindows(indexed: IndexedProblem, windows: readonly SolvedWindow[], solver: LinearSolver, earlier: EarlierCounts | undefined): SolvedProblem {
  const { relaxation, nodes } = joinWindows(indexed, windows)
  return { relaxation, nodes: relieved(relaxation, earlier === undefined ? nodes : worthItsChurn(indexed, relaxation, nodes, earlier), solver) }
}

function solveWhole(indexed: IndexedProblem, solver: LinearSolver, earlier: EarlierCounts | undefined): SolvedProblem {
  const { solved, nearest, ...opening } = openingOf(indexed, solver)
  const opened = openRelaxation(indexed, solver, { ...opening, tolerance })
  try {
    opened.startFrom(solved, nearest)
    const relaxation = withWindows(indexed, opened, opened.solve())
    const fresh = bestNodes(indexed, opened, relaxation)
    const nodes = earlier === undefined ? fresh : worthItsChurn(indexed, relaxation, fresh, earlier)
    return { relaxation, nodes: relieved(relaxation, nodes, solver) }
  } finally {
    opened.close()
  }
}

/**
 * Of the new fleet and the one in force, which takes only those exchanges that save more than their churn costs, the one that is cheaper with the churn of
 * both: nothing moves for less.
 */
function worthItsChurn(indexed: IndexedProblem, relaxation: Relaxation, fresh: WholeNodes, earlier: EarlierCounts): WholeNodes {
  const kept = keepCounts(indexed, relaxation, earlier)
  if (kept === undefined) return fresh
  improve(kept.state, kept.coverage, (pool) => changeUsd(indexed, pool))
  const settled = judged(kept.state, kept.coverage)
  return settled.usd + churnUsd(settled.state, earlier) <= fresh.usd + churnUsd(fresh.state, earlier) ? settled : fresh
}

/** Nodes without those shortages that only rounding made: where the relaxation itself is short, a shortage is the problem's. */
function relieved(relaxation: Relaxation, nodes: WholeNodes, solver: LinearSolver): WholeNodes {
  return relaxation.isShort || nodes.coverage.acceptedSlots().length === 0 ? nodes : relieve(nodes, solver)
}

/** A solved problem whose model is kept for what changes. */
export interface KeptProblem {
  readonly solved: SolvedProblem
  /**
   * Solves again for other demand, prices, quotas, limits or live counts: costs and bounds of the model change, its rows and columns stay. The counts before
   * are kept, with what is needed added and what is no longer allowed taken away, while they stay within half a percent of the new bound, if need be with
   * exchanges; otherwise the plan is rounded anew if that is cheaper. A problem of other workloads, regions, types or options is solved from the start.
   */
  solveFor(problem: PlanProblem): SolvedProblem
  close(): void
}

const nameOf = ({ workload, region, type, option }: Pool): string => `${workload}/${region}/${type}/${option}`

/** Whether two problems have the same pools, user zones and steps, so that one's model can become the other's. */
function isAlike(one: IndexedProblem, other: IndexedProblem): boolean {
  return one.steps === other.steps && one.userZoneCount === other.userZoneCount && one.scenarios.length === other.scenarios.length
    && one.pools.length === other.pools.length && one.pools.every((pool, index) => nameOf(pool) === nameOf(item(other.pools, index)))
}

/** The kept fleet while it is good enough, exchanges included, and a new one otherwise if that is cheaper. */
function settledOrNew(indexed: IndexedProblem, relaxation: Relaxation, kept: WholeNodes | undefined): WholeNodes {
  const goodEnough = (1 + worthMoving) * relaxation.lowerBound
  if (kept === undefined) return roundNodes(indexed, relaxation)
  if (kept.usd <= goodEnough) return kept
  if (kept.usd > (1 + mostImproved) * relaxation.lowerBound) {
    const fresh = roundNodes(indexed, relaxation)
    return kept.usd <= fresh.usd ? kept : fresh
  }
  improve(kept.state, kept.coverage)
  const settled = judged(kept.state, kept.coverage)
  if (settled.usd <= goodEnough) return settled
  const fresh = roundNodes(indexed, relaxation)
  return settled.usd <= fresh.usd ? settled : fresh
}

/** Solves a problem and keeps its model. */
export function keepProblem(problem: PlanProblem, solver: LinearSolver): KeptProblem {
  const keeper = keepModel(solver)
  let indexed = indexProblem(problem)
  let { solved: layout, nearest, ...opening } = openingOf(indexed, solver)
  const open = (): OpenRelaxation => openRelaxation(indexed, keeper, { ...opening, tolerance })
  const first = open()
  first.startFrom(layout, nearest)
  const relaxation = withWindows(indexed, first, first.solve())
  let solved: SolvedProblem = { relaxation, nodes: relieved(relaxation, bestNodes(indexed, first, relaxation), solver) }
  first.release()
  // Back from the dive now, so that the first change need not wait for it.
  first.solveAgain()
  opening = { ...opening, growth: first.growth() }
  return {
    solved,
    solveFor(changed) {
      const before = indexed
      indexed = indexProblem(changed)
      const isKept = isAlike(before, indexed)
      if (!isKept) ({ solved: layout, nearest, ...opening } = openingOf(indexed, solver))
      else opening = { ...opening, pools: opening.pools.map(({ index }) => item(indexed.pools, index)) }
      const opened = open()
      if (!isKept) opened.startFrom(layout, nearest)
      const again = withWindows(indexed, opened, opened.solve())
      opening = { ...opening, growth: opened.growth() }
      const { state } = solved.nodes
      const known = new Map(before.pools.map((pool) => [nameOf(pool), pool]))
      const kept = keepCounts(indexed, again, (pool, step) => {
        const same = known.get(nameOf(pool))
        return same === undefined || step >= before.steps ? 0 : state.count(same, step)
      })
      solved = { relaxation: again, nodes: relieved(again, settledOrNew(indexed, again, kept), solver) }
      return solved
    },
    close: keeper.close,
  }
}
