import { problemFromInstance } from './documents/instance-document.ts'
import type { InstanceDocument } from './documents/instance-document.ts'
import { planDocument } from './documents/plan-document.ts'
import type { PlanDocument } from './documents/plan-document.ts'
import { findShortages } from './find-shortages.ts'
import { indexProblem } from './index-problem.ts'
import type { IndexedProblem } from './index-problem.ts'
import { billedUsdPerStep } from './limits.ts'
import { capacityAt, routeDemand } from './route-demand.ts'
import type { FleetState } from './round/fleet-state.ts'
import { solveProblem } from './solve-problem.ts'
import type { LinearSolver } from './solver/linear-solver.ts'

/** What a plan costs over its horizon, USD; `routing` is the price put on latency, `sunk` is paid whatever is planned. */
export interface InstanceCost {
  readonly nodes: number
  readonly starts: number
  readonly routing: number
  readonly sunk: number
  readonly total: number
}

/** A planned instance. */
export interface PlannedInstance {
  readonly plan: PlanDocument
  readonly cost: InstanceCost
  /** No plan that carries all demand costs less, USD; undefined where this one does not carry all. */
  readonly lowerBound: number | undefined
  /** How much dearer the plan is than the bound, percent. */
  readonly gapPercent: number | undefined
  /** Steps in which some demand is not carried, while all is well or after a failure. */
  readonly shortSteps: number
  /** Whether even fractional nodes would leave demand short. */
  readonly isShortInEveryPlan: boolean
  readonly peakNodes: number
}

/** @returns cost of whole nodes as they are billed, with the cheapest routing */
export function costOf(indexed: IndexedProblem, state: FleetState): InstanceCost {
  const { steps, problem } = indexed
  let [nodes, starts, routing] = [0, 0, 0]
  for (const pool of indexed.pools) {
    const usd = billedUsdPerStep(indexed, pool)
    let before = pool.fleet
    for (let step = 0; step < steps; step++) {
      const count = state.count(pool, step)
      nodes += count * usd
      starts += Math.max(0, count - before) * pool.usdPerStart
      before = count
    }
  }
  for (let workload = 0; workload < indexed.workloadCount; workload++) {
    for (let step = 0; step < steps; step++) routing += routeDemand(indexed, workload, step, capacityAt(indexed, state.planned, workload, step)).usd
  }
  const sunk = problem.sunkUsdPerHour * indexed.hours * steps
  return { nodes, starts, routing, sunk, total: nodes + starts + routing + sunk }
}

/** Plans a `prescale.instance/1`: the same document gives the same plan. */
export function planInstance(document: InstanceDocument, solver: LinearSolver): PlannedInstance {
  const indexed = indexProblem(problemFromInstance(document))
  const { relaxation, nodes } = solveProblem(indexed, solver)
  const cost = costOf(indexed, nodes.state)
  const lowerBound = relaxation.lowerBound + cost.sunk
  const shortSteps = new Set(findShortages(indexed, relaxation, nodes.state).map(({ workload, step }) => `${workload}/${step}`)).size
  let peakNodes = 0
  for (let step = 0; step < indexed.steps; step++) {
    peakNodes = Math.max(peakNodes, indexed.pools.reduce((sum, pool) => sum + nodes.state.count(pool, step), 0))
  }
  return {
    plan: planDocument(indexed, nodes.state),
    cost,
    lowerBound: shortSteps > 0 ? undefined : lowerBound,
    gapPercent: shortSteps > 0 ? undefined : 100 * (cost.total / lowerBound - 1),
    shortSteps,
    isShortInEveryPlan: relaxation.isShort,
    peakNodes,
  }
}
