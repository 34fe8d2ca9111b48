import type { IndexedProblem, Pool } from './index-problem.ts'
import { joinRelaxations } from './join-relaxations.ts'
import type { RelaxedSteps } from './join-relaxations.ts'
import type { Opening } from './opening.ts'
import { openRelaxation, unpaidEdges } from './relax.ts'
import type { OpenRelaxation, Relaxation } from './relax.ts'
import { sliceDemand, sliceSteps } from './slice-steps.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import type { SolvedStep } from './step-layout.ts'
import type { CutName } from './survival-cuts.ts'
import { add, item, real } from './vector.ts'

/** Steps of one block: with two, more is lost between them; with four, the solver takes half as long again. */
const blockSteps = 3
/** Relative distance of objective and lower bound that ends a block. */
const tolerance = 5e-4
/** How far shares of starts follow a difference between what stands on both sides of an edge; found on problems of thirty regions: four times as far, they overshoot. */
const shareStep = 0.3
/** How often shares of starts are corrected, each a solve of the block before with the pools it has: the first finds most, the second what the shares of few nodes had wrong. */
const corrections = 2

/** New pools per workload, region, option and round: models of a step or a few are solved in no time beside the rounds that are saved. */
const poolsPerRound = 4

/** What the next steps begin with. */
export interface Begin {
  readonly pools: readonly Pool[]
  readonly cuts: Iterable<CutName>
  readonly routes: Iterable<number>
  /** Where the step before ended, in a model of its own. */
  readonly solved: SolvedStep
  /** Nodes of each pool that are there. */
  readonly fleet: ReadonlyMap<number, number>
}

/**
 * What a node that is there already is worth to a block, as a share of what its start costs, per workload and region: the mean over the nodes on both sides
 * of the edge. One share for all types of a region, since types nearly alike would take each other's place for the least difference in price.
 * Shape [workloads × regions].
 */
function entryShares({ workloadCount, regionCount }: IndexedProblem, opened: OpenRelaxation, { active, nodes }: Relaxation): Float64Array {
  const worth = new Float64Array(workloadCount * regionCount)
  const starts = new Float64Array(worth.length)
  for (const pool of active) {
    const count = pool.fleet + (nodes.get(pool)?.[0] ?? 0)
    const here = pool.workload * regionCount + pool.region
    add(worth, here, count * opened.entryUsd(pool))
    add(starts, here, count * pool.usdPerStart)
  }
  return worth.map((usd, here) => (real(starts, here) > 0 ? usd / real(starts, here) : 0))
}

/** @returns what starting the nodes of a step would cost, USD per workload and region; shape [workloads × regions] */
function startsUsd({ workloadCount, regionCount }: IndexedProblem, { nodes }: Relaxation, step: number): Float64Array {
  const usd = new Float64Array(workloadCount * regionCount)
  for (const [pool, course] of nodes) add(usd, pool.workload * regionCount + pool.region, real(course, step) * pool.usdPerStart)
  return usd
}

/** Shares nearer to where both sides of an edge hold the same: a step along the bound's slope, which is their difference. */
function corrected(shares: Float64Array, before: Float64Array, after: Float64Array): Float64Array {
  return shares.map((share, here) => {
    const [out, into] = [real(before, here), real(after, here)]
    return out + into === 0 ? share : Math.min(1, Math.max(0, share + (shareStep * (into - out)) / (out + into)))
  })
}

/** A block whose plan is made and whose bound waits for what the block after pays at their edge. */
interface Waiting {
  readonly opened: OpenRelaxation
  readonly lastStep: number
  readonly entry: 'live' | 'free'
  /** What it pays itself: `entryShares`; undefined at the start of all steps. */
  readonly shares: Float64Array | undefined
}

/** A model of steps `from` to before `to`, unscaled, with what is known of those before. */
export function openSteps(indexed: IndexedProblem, solver: LinearSolver, { pools, cuts, routes, fleet }: Omit<Begin, 'solved'>, from: number, to: number): { readonly part: IndexedProblem; readonly opened: OpenRelaxation } {
  const part = sliceSteps(indexed, from, to, (pool) => fleet.get(pool.index) ?? 0)
  const opened = openRelaxation(part, solver, { pools: pools.map(({ index }) => item(part.pools, index)), cuts, routes, growth: [], tolerance, poolsPerRound })
  opened.scaleBy('none')
  return { part, opened }
}

/** @returns each pool once, as the problem has it */
export function together({ pools }: IndexedProblem, ...lists: readonly Iterable<Pool>[]): Pool[] {
  const positions = new Set(lists.flatMap((list) => Array.from(list, ({ index }) => index)))
  return pools.filter(({ index }) => positions.has(index))
}

/** The fleet at the end of some steps. */
export function fleetAfter(nodes: Relaxation['nodes']): ReadonlyMap<number, number> {
  return new Map(Array.from(nodes, ([pool, course]) => [pool.index, real(course, course.length - 1)]))
}

/** Steps relaxed one by one. */
interface SingleSteps {
  /** Where each step ended, in a model of its own. */
  readonly solved: readonly SolvedStep[]
  /** What any of them needs. */
  readonly pools: readonly Pool[]
  readonly cuts: Iterable<CutName>
  readonly routes: Iterable<number>
  /** Pools that the last of them needs. */
  readonly lastPools: readonly Pool[]
}

/** Whether a step differs from the one before in demand and live nodes alone. */
function isLikeBefore({ workloadCount, regionCount, steps, open, pools }: IndexedProblem, step: number): boolean {
  for (let w = 0; w < workloadCount; w++) {
    for (let cell = (w * steps + step) * regionCount; cell < (w * steps + step + 1) * regionCount; cell++) if (open[cell] !== open[cell - regionCount]) return false
  }
  return pools.every(({ leadSteps }) => leadSteps < step)
}

/**
 * Relaxes steps one by one, each beginning with the fleet that the one before ended with: a model of one step is solved in no time, from the vertex of the
 * step before, of which only demand and fleet differ. Together they name what a block needs, and a vertex for it that keeps all its bounds.
 */
export function stepByStep(indexed: IndexedProblem, solver: LinearSolver, begin: Begin, from: number, to: number, entry: 'live' | 'free'): SingleSteps {
  const solved: SolvedStep[] = []
  let now = begin
  let needed: readonly Pool[] = []
  let opened: OpenRelaxation | undefined
  try {
    for (let step = from; step < to; step++) {
      if (opened !== undefined && isLikeBefore(indexed, step)) {
        const { fleet } = now
        opened.moveTo(sliceDemand(indexed, step, step + 1), (pool) => fleet.get(pool.index) ?? 0)
      } else {
        opened?.close()
        opened = openSteps(indexed, solver, now, step, step + 1).opened
        opened.startFrom([now.solved])
      }
      if (entry === 'free' && step <= from + 1) opened.priceEdges({ entry: step === from ? 'free' : 'live', ...unpaidEdges })
      const { nodes, cuts } = opened.solve()
      now = { pools: together(indexed, opened.basicPools()), cuts, routes: new Set([...now.routes, ...opened.farRoutes()]), solved: item(opened.solvedSteps(), 0), fleet: fleetAfter(nodes) }
      solved.push(now.solved)
      needed = together(indexed, needed, now.pools)
    }
  } finally {
    opened?.close()
  }
  return { solved, pools: needed, cuts: now.cuts, routes: now.routes, lastPools: now.pools }
}

/**
 * Relaxes a problem a few steps at a time, each block beginning with the fleet that the one before ended with. The lower bound is that of blocks that begin
 * with whatever they like and pay for it what the block before is paid: a share of the starts across each edge.
 * @param opening  with the solved step that each step is taken from
 * @param entry    `live`: the first step follows the live fleet; `free`: its nodes may be there already, since the problem is a part of a longer one
 */
export function relaxInBlocks(indexed: IndexedProblem, solver: LinearSolver, opening: Opening & { readonly solved: readonly SolvedStep[] }, entry: 'live' | 'free'): Relaxation {
  const { steps, pools, regionCount } = indexed
  const parts: RelaxedSteps[] = []
  const longestLead = pools.reduce((longest, { leadSteps }) => Math.max(longest, leadSteps), 0)
  const priceOf = (shares: Float64Array | undefined) => (pool: Pool): number => (shares === undefined ? 0 : real(shares, pool.workload * regionCount + pool.region) * pool.usdPerStart)
  let lowerBound = 0
  let waiting: Waiting | undefined
  const priced = ({ opened, entry: own, shares }: Waiting, after: Float64Array | undefined): OpenRelaxation => {
    opened.priceEdges({ entry: own, first: priceOf(shares), last: priceOf(after) })
    return opened
  }
  const finish = (block: Waiting, after: Float64Array | undefined): void => {
    lowerBound += priced(block, after).solve().lowerBound
    block.opened.close()
    waiting = undefined
  }
  let begin: Begin = { ...opening, solved: item(opening.solved, 0), fleet: new Map(pools.map((pool) => [pool.index, entry === 'live' ? pool.fleet : 0])) }
  let opened: OpenRelaxation | undefined
  /** Steps that are left from `restFrom` on: after the first block all lead times have passed. */
  let rest = indexed
  let restFrom = 0
  try {
    for (let from = 0; from < steps;) {
      const to = Math.min(steps, from + (from === 0 ? Math.max(blockSteps, longestLead) : blockSteps))
      const ownEntry = from === 0 ? entry : 'live'
      const { solved, lastPools, ...needed } = stepByStep(rest, solver, begin, from - restFrom, to - restFrom, ownEntry)
      opened = openSteps(rest, solver, { ...begin, ...needed }, from - restFrom, to - restFrom).opened
      opened.startFrom(solved)
      opened.iterateBy('primal')
      if (ownEntry === 'free') opened.priceEdges({ entry: ownEntry, ...unpaidEdges })
      const relaxation = opened.solve()
      begin = { pools: together(indexed, opened.basicPools(), lastPools), cuts: relaxation.cuts, routes: [...opened.farRoutes()], solved: item(solved, solved.length - 1), fleet: fleetAfter(relaxation.nodes) }
      let shares: Float64Array | undefined
      if (waiting !== undefined) {
        shares = entryShares(indexed, opened, relaxation)
        const begun = startsUsd(indexed, relaxation, 0)
        for (let round = 0; round < corrections; round++) shares = corrected(shares, startsUsd(indexed, priced(waiting, shares).solveAgain(), waiting.lastStep), begun)
        finish(waiting, shares)
      }
      parts.push({ from, steps: to - from, relaxation })
      waiting = { opened, lastStep: to - from - 1, entry: from === 0 ? entry : 'free', shares }
      opened = undefined
      if (from === 0 && to < steps) {
        rest = sliceSteps(indexed, to, steps, () => 0)
        restFrom = to
      }
      from = to
    }
    if (waiting !== undefined) finish(waiting, undefined)
  } finally {
    opened?.close()
    waiting?.opened.close()
  }
  return joinRelaxations(indexed, parts, lowerBound)
}
