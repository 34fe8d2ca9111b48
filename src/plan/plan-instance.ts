import type { Conflict } from '../domain/plan.ts'
import { problemFromInstance } from './documents/instance-document.ts'
import type { InstanceDocument } from './documents/instance-document.ts'
import { planDocument } from './documents/plan-document.ts'
import type { PlanDocument } from './documents/plan-document.ts'
import { findConflicts } from './find-conflicts.ts'
import { costOf, peakNodes, routesOf } from './fleet-cost.ts'
import type { FleetCost } from './fleet-cost.ts'
import { countShortSteps, findShortages } from './find-shortages.ts'
import { indexProblem } from './index-problem.ts'
import type { IndexedProblem } from './index-problem.ts'
import { solvedFrom } from './plan-in-force.ts'
import { solveInThreads } from './solve-in-threads.ts'
import type { SolvedProblem } from './solve-problem.ts'
import type { LinearSolver } from './solver/linear-solver.ts'

/** A planned instance. */
export interface PlannedInstance {
  readonly plan: PlanDocument
  readonly cost: FleetCost
  /** No plan that carries all demand costs less, USD; undefined where this one does not carry all. */
  readonly lowerBound: number | undefined
  /** How much dearer the plan is than the bound, percent. */
  readonly gapPercent: number | undefined
  /** Steps in which some demand is not carried, while all is well or after a failure. */
  readonly shortSteps: number
  /** Whether demand is short only after failures. */
  readonly isShortOnlyAfterFailure: boolean
  /** Why, of the worst steps. */
  readonly conflicts: readonly Conflict[]
  /** Whether even fractional nodes would leave demand short. */
  readonly isShortInEveryPlan: boolean
  readonly peakNodes: number
}

/** Plans a `prescale.instance/1` from the plan in force that it states, if any, a large one in several threads: the same document gives the same plan. @throws the signal's reason when it is aborted meanwhile */
export async function planInstance(document: InstanceDocument, solver: LinearSolver, signal: AbortSignal): Promise<PlannedInstance> {
  const indexed = indexProblem(problemFromInstance(document))
  return plannedInstance(indexed, await solveInThreads(indexed, solver, signal, solvedFrom(document.prescale?.inForce, indexed)), solver)
}

function plannedInstance(indexed: IndexedProblem, { relaxation, nodes }: SolvedProblem, solver: LinearSolver): PlannedInstance {
  const cost = costOf(indexed, nodes.state, routesOf(indexed, nodes.state, solver))
  const lowerBound = relaxation.lowerBound + cost.sunk
  const shortages = findShortages(indexed, relaxation, nodes.state)
  const shortSteps = countShortSteps(shortages)
  return {
    plan: planDocument(indexed, nodes.state),
    cost,
    lowerBound: shortSteps > 0 ? undefined : lowerBound,
    gapPercent: shortSteps > 0 ? undefined : 100 * (cost.total / lowerBound - 1),
    shortSteps,
    isShortOnlyAfterFailure: shortages.length > 0 && shortages.every(({ onlyAfter }) => onlyAfter !== undefined),
    conflicts: findConflicts(indexed.problem, shortages, solver),
    isShortInEveryPlan: relaxation.isShort,
    peakNodes: peakNodes(indexed, nodes.state),
  }
}
