import { chooseWindows, needsWindow } from './choose-windows.ts'
import { diveInBlocks } from './dive-in-blocks.ts'
import { headStartFrom, openingFrom, vertexOf } from './head-start.ts'
import type { HeadStart } from './head-start.ts'
import type { IndexedProblem, Pool } from './index-problem.ts'
import { openedSteps, openInBlocks } from './open-in-blocks.ts'
import type { RelaxedBlock } from './open-in-blocks.ts'
import { cheapestPools, openingOf } from './opening.ts'
import type { Opening } from './opening.ts'
import { openRelaxation } from './relax.ts'
import type { OpenRelaxation, Relaxation } from './relax.ts'
import { addedChurnUsd, churnUsd } from './round/churn.ts'
import { decideRuns, mayDecide } from './round/decide-runs.ts'
import type { DecideEffort } from './round/decide-runs.ts'
import { improve, isUsed } from './round/improve.ts'
import { keepCounts } from './round/keep-counts.ts'
import type { EarlierCounts } from './round/keep-counts.ts'
import { rebuild, trialsFor } from './round/rebuild.ts'
import type { RebuildEffort, TrialBudget } from './round/rebuild.ts'
import { relieve } from './round/relieve.ts'
import { judged, roundNearInForce, roundNodes } from './round/round-nodes.ts'
import type { RoundedNodes, WholeNodes } from './round/round-nodes.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import { isSeparable, joinWindows, solveWindow, windowsOf } from './solve-windows.ts'
import type { SolvedWindow } from './solve-windows.ts'
import { add, item } from './vector.ts'

/** Relative distance of objective and lower bound that ends a relaxation. */
const tolerance = 2e-5
/** The same of a problem that is opened in blocks: its first solve of all steps comes that near, and another finds no cheaper plan. */
const inBlocksTolerance = 5e-5
/** The same where that of a large problem begins at the end of one before: another round takes longer than its pools are worth. */
const likeTolerance = 1e-4
/** Node columns, pools of the relaxation times steps, from which on a problem is large. */
const largeFrom = 4000
/** From where on a fractional count of few nodes is rounded up: neither is best for all, and the better one is cheap to find. */
const fewRoundUpFrom = [0.7, 0.85]
/** Pools that fleets are built again from, beside those of the relaxation: the cheapest of each workload, region and option. */
const rebuiltFrom = 4
/** Nearly all that trials gain in a fleet of hundreds of nodes comes from few nodes in one step or two; where runs can be decided exactly that gains more in the same time. */
const rebuildMany: RebuildEffort = { trials: 2000, windowSteps: [1, 2], mostTaken: 5, clearAllShare: 0, clearRegionShare: 0, worthTesting: 1e-6, hopelessFrom: Infinity }
/** Where one node matters, whole regions and days are built again too; above `fewNodes` in fewer trials, since each takes longer and gains less. */
const rebuildFew = { nodes: 250, fewNodes: 60, trials: 6000, windowSteps: [1, 2, 3, 4, 6, 8, 12, 24], mostTaken: 3, clearAllShare: 0.04, clearRegionShare: 0.14, worthTesting: 0, hopelessFrom: Infinity }

/** Of a thousand nodes a program of one step has too many columns to be searched to its end; one step at a time and pools that are in use already gain most in the least time. */
const rebuildLarge: Omit<RebuildEffort, 'trials'> = { windowSteps: [1], mostTaken: 5, clearAllShare: 0, clearRegionShare: 0, worthTesting: 1e-6, hopelessFrom: 0.15 }
const largeTrials: TrialBudget = { atReachOne: 243_000, least: 500, most: 3_000 }

/** What is decided exactly: in large fleets, whose programs are too large, nothing. Twice the vertices gain a fiftieth of the gap. */
const decideFew: DecideEffort = { runSteps: [4, 3, 2, 1], nodes: 1000 }
const decideMany: DecideEffort = { runSteps: [1], nodes: 300 }

/** A solved problem: the bound and the whole nodes. */
export interface SolvedProblem {
  readonly relaxation: Relaxation
  readonly nodes: RoundedNodes
  /** For the next problem of like shape; undefined where windows were solved. */
  readonly headStart: HeadStart | undefined
}

/** Nodes at the busiest step, of a fractional plan. */
function peakNodes(indexed: IndexedProblem, relaxation: Relaxation): number {
  const total = new Float64Array(indexed.steps)
  for (const course of relaxation.nodes.values()) for (const [step, count] of course.entries()) add(total, step, count)
  return total.reduce((most, count) => Math.max(most, count), 0)
}

function isLarge(indexed: IndexedProblem, relaxation: Relaxation): boolean {
  return relaxation.active.length * indexed.steps > largeFrom
}

/**
 * Rounds a relaxation and builds the fleet again in small parts, which makes up for more roundings: large ones by trials, the others where it can be by exact
 * decisions, few nodes by both.
 */
function wholeNodes(indexed: IndexedProblem, relaxation: Relaxation): RoundedNodes {
  const peak = peakNodes(indexed, relaxation)
  const isFew = peak <= rebuildFew.nodes
  const rounded = isFew
    ? fewRoundUpFrom.map((from) => judged(roundNodes(indexed, relaxation, from))).reduce((best, next) => (next.usd < best.usd ? next : best))
    : roundNodes(indexed, relaxation)
  if (peak === 0) return rounded
  const { state, coverage } = rounded
  const pools = (): Pool[] => [...new Set([...relaxation.active, ...cheapestPools(indexed, rebuiltFrom)])]
  const used = (): Pool[] => indexed.pools.filter((pool) => isUsed(state, pool))
  if (isFew) rebuild(state, coverage, pools(), { ...rebuildFew, trials: Math.round(rebuildFew.trials * Math.min(1, (rebuildFew.fewNodes / peak) ** 2)) })
  if (isLarge(indexed, relaxation)) rebuild(state, coverage, used(), { ...rebuildLarge, trials: trialsFor(indexed, largeTrials) })
  else {
    const isDecided = indexed.problem.workloads.every((_, workload) => mayDecide(indexed, workload))
    if (!isDecided) rebuild(state, coverage, pools(), rebuildMany)
    decideRuns(state, coverage, used(), isFew ? decideFew : decideMany)
  }
  return rounded
}

/** A plan in force that costs up to this share more than the bound, with what is needed now, is not planned anew: every change has its price. */
const worthPlanningAnew = 0.005

/** A new plan within that of the bound may cost this share of the bound more, churn included, than keeping one that is not. */
const worthTheBound = 0.0015

/** What is spent on a fleet in force before a new one competes with it, and how. */
interface Settling {
  /** Of exchanges. */
  readonly passes: number
  /** Relative to the bound: what costs more is not improved, since exchanges never save as much as is missing. */
  readonly improvedUpTo: number
}

const settleUsual: Settling = { passes: 6, improvedUpTo: Infinity }
/** Where the new one is rounded near that in force. */
const settleNear: Settling = { passes: 1, improvedUpTo: 0.009 }

/** Deferrable work that waits for other work, or may not last long, gets a window of its own; the bound stays that of the problem without windows. */
function withWindows(indexed: IndexedProblem, opened: OpenRelaxation, relaxation: Relaxation): Relaxation {
  const { deferrable } = indexed.problem
  if (!needsWindow(deferrable)) return relaxation
  const placed = deferrable.map(() => new Float64Array(indexed.steps))
  for (const { work, step, amount } of relaxation.placed) add(item(placed, work), step, amount)
  opened.confineWork(chooseWindows(deferrable, placed, indexed.steps))
  return { ...opened.solve(), lowerBound: relaxation.lowerBound, isShort: relaxation.isShort }
}

/** What stands before a problem is solved. */
export interface InForce {
  /** Counts to keep, with what demand needs added, but for changes that are worth their churn. */
  readonly counts: EarlierCounts
  /** Where the relaxation before ended. */
  readonly headStart: HeadStart | undefined
}

/**
 * Relaxes on a few steps, then on all of them, or from where the relaxation before ended; then rounds. A large problem in windows, one after another.
 * The same problem with the same in force gives the same plan.
 */
export function solveProblem(indexed: IndexedProblem, solver: LinearSolver, inForce?: Partial<InForce>): SolvedProblem {
  const windows = windowsOf(indexed)
  return windows.length === 1 ? solveWhole(indexed, solver, inForce) : settledWindows(indexed, windows.map((window) => solveWindow(indexed, window, solver)), solver, inForce?.counts)
}

/** @returns the plan of a large problem from its solved windows */
export function settledWindows(indexed: IndexedProblem, windows: readonly SolvedWindow[], solver: LinearSolver, earlier: EarlierCounts | undefined): SolvedProblem {
  const { relaxation, nodes } = joinWindows(indexed, windows)
  const whole = settled(indexed, relaxation, earlier, () => nodes, settleUsual)
  return { relaxation, nodes: relieved(relaxation, whole, solver), headStart: undefined }
}

function solveWhole(indexed: IndexedProblem, solver: LinearSolver, inForce: Partial<InForce> | undefined): SolvedProblem {
  const { opened, opening, before, blocks } = openedModel(indexed, solver, inForce?.headStart)
  try {
    const first = opened.solve()
    const headStart = headStartFrom(indexed, opening, opened, first, before)
    const relaxation = withWindows(indexed, opened, first)
    const counts = inForce?.counts
    const isNear = before !== undefined && isLarge(indexed, relaxation) && isSeparable(indexed)
    const fresh = (): RoundedNodes => {
      if (before === undefined || counts === undefined || !isLarge(indexed, relaxation)) return wholeNodes(indexed, blocks.length > 0 ? diveInBlocks(indexed, solver, blocks, opened, relaxation) : relaxation)
      return isNear ? roundNearInForce(indexed, relaxation, counts) : roundNodes(indexed, relaxation)
    }
    const nodes = settled(indexed, relaxation, counts, fresh, isNear ? settleNear : settleUsual)
    return { relaxation, nodes: relieved(relaxation, nodes, solver), headStart }
  } finally {
    opened.close()
  }
}

/** User zones times regions times steps, over all workloads, from which on a problem is opened in blocks: below, a few sampled steps are enough. */
const inBlocksFrom = 15_000

function isOpenedInBlocks(indexed: IndexedProblem): boolean {
  const { steps, userZoneCount, regionCount, workloadCount } = indexed
  return userZoneCount * regionCount * steps * workloadCount >= inBlocksFrom && steps > openedSteps && isSeparable(indexed)
}

/** A model to be solved, what it was opened with, and the head start that it begins at. */
interface OpenedModel {
  readonly opened: OpenRelaxation
  readonly opening: Opening
  readonly before: HeadStart | undefined
  /** Blocks that it was relaxed in before; none where it was not. */
  readonly blocks: readonly RelaxedBlock[]
}

function openedModel(indexed: IndexedProblem, solver: LinearSolver, headStart: HeadStart | undefined): OpenedModel {
  const known = openingFrom(indexed, headStart)
  if (headStart !== undefined && known !== undefined) {
    const opened = openRelaxation(indexed, solver, { ...known, tolerance: isOpenedInBlocks(indexed) ? likeTolerance : tolerance })
    const vertex = vertexOf(headStart, opened.size())
    if (vertex !== undefined) {
      opened.startAt(vertex)
      // weights of steepest edges, a solve for each row, would take longer than the few steps that are left
      opened.iterateBy('primal')
      return { opened, opening: known, before: headStart, blocks: [] }
    }
    opened.close()
  }
  if (isOpenedInBlocks(indexed)) {
    const { blocks, ...opening } = openInBlocks(indexed, solver)
    const opened = openRelaxation(indexed, solver, { ...opening, tolerance: inBlocksTolerance })
    opened.startFrom(blocks.flatMap(({ solved }) => solved), openedSteps)
    opened.iterateBy('primal')
    return { opened, opening, before: undefined, blocks }
  }
  const { solved, ...opening } = openingOf(indexed, solver)
  const opened = openRelaxation(indexed, solver, { ...opening, tolerance })
  opened.startFrom(solved)
  return { opened, opening, before: undefined, blocks: [] }
}

/**
 * The fleet in force as it is, if it carries what is needed now, or with what is missing and those exchanges that save more than their churn, while it costs
 * little more than the bound; otherwise it or a new one, whichever is cheaper with the churn of both: nothing moves for less, but for a little more where only the
 * new one is near the bound.
 * @param fresh     makes the new one
 * @param settling  what is spent on the one in force
 */
function settled(indexed: IndexedProblem, relaxation: Relaxation, earlier: EarlierCounts | undefined, fresh: () => RoundedNodes, { passes, improvedUpTo }: Settling): RoundedNodes {
  const kept = earlier === undefined ? undefined : keepCounts(indexed, relaxation, earlier)
  if (kept === undefined || earlier === undefined) return fresh()
  const enough = (1 + worthPlanningAnew) * relaxation.lowerBound
  if (kept.usd <= enough && churnUsd(kept.state, earlier) === 0) return kept
  let nodes = kept
  if (kept.usd <= (1 + improvedUpTo) * relaxation.lowerBound) {
    improve(kept.state, kept.coverage, (pool, run, delta) => addedChurnUsd(kept.state, earlier, pool, run, delta), passes)
    nodes = judged(kept)
    if (nodes.usd <= enough) return nodes
  }
  const anew = judged(fresh())
  const usdWithChurn = ({ usd, state }: WholeNodes): number => usd + churnUsd(state, earlier)
  const worth = anew.usd <= enough ? worthTheBound * relaxation.lowerBound : 0
  return usdWithChurn(nodes) <= usdWithChurn(anew) - worth ? nodes : anew
}

/** Nodes without those shortages that only rounding made: where the relaxation itself is short, a shortage is the problem's. */
function relieved(relaxation: Relaxation, nodes: RoundedNodes, solver: LinearSolver): RoundedNodes {
  if (!relaxation.isShort && nodes.coverage.acceptedSlots().length > 0) relieve(nodes, solver)
  return nodes
}
