import { indexProblem } from './index-problem.ts'
import { costOf, peakNodes, routesOf } from './fleet-cost.ts'
import type { PlanProblem } from './problem.ts'
import type { HeadStart } from './head-start.ts'
import type { Progress } from './planning-thread.ts'
import { solveInThreads } from './solve-in-threads.ts'
import { windowsOf } from './solve-windows.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import type { Variant } from './variants.ts'
import { countShortSteps, findShortages } from './find-shortages.ts'

/** A plan under one variant, beside the plan of the problem itself. */
export interface ComparedPlan {
  readonly name: string
  /** Of the nodes of the first step. */
  readonly usdPerHourNow: number
  readonly totalUsd: number
  readonly nodesUsd: number
  readonly routingUsd: number
  /** Of the problem's own plan; 1.2 is a fifth dearer. */
  readonly costRatio: number
  /** No plan under the variant costs less; undefined where this one leaves demand short. */
  readonly lowerBoundUsd: number | undefined
  readonly peakNodes: number
  /** Steps in which some demand is not carried: the cost alone then says too little. */
  readonly shortSteps: number
}

/** A variant whose steps are coupled, so that it cannot be solved in windows, of a problem that is too large to be solved as one. */
export interface TooLarge {
  readonly name: string
  readonly isTooLarge: true
}

export type Comparison = ComparedPlan | TooLarge

/**
 * Plans a problem and its variants, in order; the problem itself comes first, as `plan`. Large ones are solved in threads, and each relaxation begins where
 * the problem's own ended.
 * @param progress  told of every plan that is done
 * @throws the signal's reason when it is aborted
 */
export async function compareVariants(problem: PlanProblem, variants: readonly Variant[], solver: LinearSolver, signal: AbortSignal, progress: Progress): Promise<readonly Comparison[]> {
  let own: { readonly usd: number; readonly headStart: HeadStart | undefined; readonly isInWindows: boolean } | undefined
  const compared: Comparison[] = []
  const all = [{ name: 'plan', change: (from: PlanProblem) => from }, ...variants]
  for (const { name, change } of all) {
    progress(compared.length, all.length)
    const indexed = indexProblem(change(problem))
    const windows = windowsOf(indexed)
    if (own?.isInWindows === true && windows.length === 1) {
      compared.push({ name, isTooLarge: true })
      continue
    }
    const { relaxation, nodes, headStart } = await solveInThreads(indexed, solver, signal, { headStart: own?.headStart }, windows)
    const cost = costOf(indexed, nodes.state, routesOf(indexed, nodes.state, solver))
    own ??= { usd: cost.total, headStart, isInWindows: windows.length > 1 }
    const shortSteps = countShortSteps(findShortages(indexed, relaxation, nodes.state))
    compared.push({
      name, usdPerHourNow: cost.usdPerHourPlanned, totalUsd: cost.total, nodesUsd: cost.nodes, routingUsd: cost.routing, costRatio: own.usd > 0 ? cost.total / own.usd : 1,
      lowerBoundUsd: shortSteps > 0 ? undefined : relaxation.lowerBound + cost.sunk, peakNodes: peakNodes(indexed, nodes.state), shortSteps,
    })
  }
  progress(all.length, all.length)
  return compared
}

/** A point of the trade of money against latency, or against risk. */
export interface FrontierPoint {
  /** Factor on the price of latency. */
  readonly latencyWeight: number
  /** Share of a node's throughput that is planned while all is well. */
  readonly utilisation: number
  /** Factor on the largest shares of spot. */
  readonly spotWeight: number
  /** Nodes, starts and data sent: what is billed. */
  readonly billedUsd: number
  /** Demand-weighted mean round trip, ms. */
  readonly meanLatencyMs: number
  /** Share of the planned vCPU-hours that is spot: what may be taken back at short notice. */
  readonly spotShare: number
  /** Steps in which some demand is not carried. */
  readonly shortSteps: number
}

/** What the points of a frontier differ by; what is left out stays as it is. */
export interface FrontierWeights {
  readonly latency?: number
  readonly utilisation?: number
  readonly spot?: number
}

function reweighted(problem: PlanProblem, { latency = 1, utilisation = 1, spot = 1 }: FrontierWeights): PlanProblem {
  return {
    ...problem,
    usdPerUnitMs: problem.usdPerUnitMs * latency,
    utilisation: { ...problem.utilisation, normal: Math.min(1, problem.utilisation.normal * utilisation) },
    workloads: problem.workloads.map((workload) => ({ ...workload, spotShare: workload.spotShare.map((share) => Math.min(1, share * spot)) })),
  }
}

/**
 * Plans with dearer and cheaper latency, more and less headroom, more and less spot: what a millisecond less, or less risk, would cost.
 * @param progress  told of every point that is done
 * @throws the signal's reason when it is aborted
 */
export async function frontier(problem: PlanProblem, weights: readonly FrontierWeights[], solver: LinearSolver, signal: AbortSignal, progress: Progress): Promise<readonly FrontierPoint[]> {
  const demand = problem.demand.flat(2).reduce((sum, amount) => sum + amount, 0)
  const points: FrontierPoint[] = []
  let headStart: HeadStart | undefined
  for (const point of weights) {
    progress(points.length, weights.length)
    const indexed = indexProblem(reweighted(problem, point))
    const { relaxation, nodes: { state }, headStart: ended } = await solveInThreads(indexed, solver, signal, { headStart })
    headStart ??= ended
    const routes = routesOf(indexed, state, solver)
    const cost = costOf(indexed, state, routes)
    let unitMs = 0
    for (const { steps } of routes) {
      for (const { flow } of steps) for (const [route, amount] of flow.entries()) unitMs += amount * (problem.latencyMs[Math.floor(route / indexed.regionCount)]?.[route % indexed.regionCount] ?? 0)
    }
    let [vcpus, spotVcpus] = [0, 0]
    for (const pool of indexed.pools) {
      for (let step = 0; step < indexed.steps; step++) {
        vcpus += state.count(pool, step) * pool.vcpu
        if (pool.isSpot) spotVcpus += state.count(pool, step) * pool.vcpu
      }
    }
    points.push({
      latencyWeight: point.latency ?? 1, utilisation: indexed.problem.utilisation.normal, spotWeight: point.spot ?? 1,
      billedUsd: cost.nodes + cost.starts + cost.sent + cost.sunk,
      meanLatencyMs: demand > 0 ? unitMs / demand : NaN,
      spotShare: vcpus > 0 ? spotVcpus / vcpus : 0,
      shortSteps: countShortSteps(findShortages(indexed, relaxation, state)),
    })
  }
  progress(weights.length, weights.length)
  return points
}
