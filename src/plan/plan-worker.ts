import type { Plan } from '../domain/plan.ts'
import { compareVariants, frontier } from './compare-variants.ts'
import type { ComparedPlan, FrontierPoint, FrontierWeights } from './compare-variants.ts'
import type { InstanceDocument } from './documents/instance-document.ts'
import { indexProblem } from './index-problem.ts'
import { planFleet, writePlan } from './plan-fleet.ts'
import { planInstance } from './plan-instance.ts'
import type { PlannedInstance } from './plan-instance.ts'
import { answerRequests } from './planning-thread.ts'
import type { PlanProblem } from './problem.ts'
import { keepProblem } from './solve-problem.ts'
import type { KeptProblem } from './solve-problem.ts'
import { windowsOf } from './solve-windows.ts'
import { loadSolver } from './solver/highs.ts'
import { ablationsOf, whatIf } from './variants.ts'

/** What the worker is asked for. */
export type PlanRequest =
  /** `earlier` is the plan in force, kept unless moving is worth it. */
  | { readonly kind: 'plan'; readonly problem: PlanProblem; readonly earlier: Plan | undefined }
  /**
   * From the model that the thread's last `replan` left, with its counts kept while they are good enough; the first one, and the first after an abort,
   * from the start.
   */
  | { readonly kind: 'replan'; readonly problem: PlanProblem }
  | { readonly kind: 'instance'; readonly document: InstanceDocument }
  /** `texts` are what-ifs that the problem knows; undefined stands for its ablation. */
  | { readonly kind: 'compare'; readonly problem: PlanProblem; readonly texts: readonly string[] | undefined }
  | { readonly kind: 'frontier'; readonly problem: PlanProblem; readonly weights: readonly FrontierWeights[] }

/** What it gives for each. */
export interface PlanResults {
  readonly plan: Plan
  readonly replan: Plan
  readonly instance: PlannedInstance
  readonly compare: readonly ComparedPlan[]
  readonly frontier: readonly FrontierPoint[]
}

const solver = loadSolver()
/** The whole thread ends when what it does is cancelled. */
const never = new AbortController().signal

let kept: KeptProblem | undefined

async function resultOf(request: PlanRequest): Promise<PlanResults[keyof PlanResults]> {
  const { kind } = request
  switch (kind) {
    case 'plan':
      return planFleet(request.problem, await solver, never, request.earlier)
    case 'replan':
      return replanned(request.problem)
    case 'instance':
      return planInstance(request.document, await solver, never)
    case 'compare': {
      const { problem, texts } = request
      const variants = texts === undefined ? ablationsOf(problem) : texts.flatMap((text) => whatIf(text, problem) ?? [])
      return compareVariants(problem, variants, await solver)
    }
    case 'frontier':
      return frontier(request.problem, request.weights, await solver)
    default:
      return kind satisfies never
  }
}

async function replanned(problem: PlanProblem): Promise<Plan> {
  const indexed = indexProblem(problem)
  if (windowsOf(indexed).length > 1) return planFleet(problem, await solver, never, undefined)
  const first = kept === undefined
  kept ??= keepProblem(problem, await solver)
  const { relaxation, nodes } = first ? kept.solved : kept.solveFor(problem)
  return writePlan(indexed, relaxation, nodes.state, await solver)
}

answerRequests(resultOf)
