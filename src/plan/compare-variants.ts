import { indexProblem } from './index-problem.ts'
import { costOf, routesOf } from './fleet-cost.ts'
import type { PlanProblem } from './problem.ts'
import { solveProblem } from './solve-problem.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import type { Variant } from './variants.ts'
import { findShortages } from './find-shortages.ts'

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
  readonly peakNodes: number
  /** Steps in which some demand is not carried: the cost alone then says too little. */
  readonly shortSteps: number
}

/** Plans a problem and its variants, in order; the problem itself comes first, as `plan`. */
export function compareVariants(problem: PlanProblem, variants: readonly Variant[], solver: LinearSolver): readonly ComparedPlan[] {
  let own: number | undefined
  return [{ name: 'plan', change: (from: PlanProblem) => from }, ...variants].map(({ name, change }) => {
    const indexed = indexProblem(change(problem))
    const { relaxation, nodes } = solveProblem(indexed, solver)
    const cost = costOf(indexed, nodes.state, routesOf(indexed, nodes.state, solver))
    own ??= cost.total
    let peakNodes = 0
    for (let step = 0; step < indexed.steps; step++) peakNodes = Math.max(peakNodes, indexed.pools.reduce((sum, pool) => sum + nodes.state.count(pool, step), 0))
    const shortSteps = new Set(findShortages(indexed, relaxation, nodes.state).map(({ workload, step }) => `${workload}/${step}`)).size
    return { name, usdPerHourNow: cost.usdPerHourPlanned, totalUsd: cost.total, nodesUsd: cost.nodes, routingUsd: cost.routing, costRatio: own > 0 ? cost.total / own : 1, peakNodes, shortSteps }
  })
}

/** A point of the trade of money against latency. */
export interface FrontierPoint {
  /** Factor on the price of latency. */
  readonly latencyWeight: number
  /** Nodes and starts: what is billed. */
  readonly billedUsd: number
  /** Demand-weighted mean round trip, ms. */
  readonly meanLatencyMs: number
}

/** Plans with dearer and cheaper latency: what a millisecond less would cost. */
export function frontier(problem: PlanProblem, latencyWeights: readonly number[], solver: LinearSolver): readonly FrontierPoint[] {
  const demand = problem.demand.flat(2).reduce((sum, amount) => sum + amount, 0)
  return latencyWeights.map((latencyWeight) => {
    const usdPerUnitMs = problem.usdPerUnitMs * latencyWeight
    const indexed = indexProblem({ ...problem, usdPerUnitMs })
    const { state } = solveProblem(indexed, solver).nodes
    const cost = costOf(indexed, state, routesOf(indexed, state, solver))
    return { latencyWeight, billedUsd: cost.nodes + cost.starts + cost.sent + cost.sunk, meanLatencyMs: usdPerUnitMs > 0 && demand > 0 ? (cost.routing - cost.sent - cost.moved) / (usdPerUnitMs * indexed.hours * demand) : NaN }
  })
}
