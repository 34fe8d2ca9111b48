import type { Comparison, FrontierPoint, FrontierWeights } from './compare-variants.ts'
import type { InstanceDocument } from './documents/instance-document.ts'
import type { PlannedFleet } from './plan-fleet.ts'
import type { PlanInForce } from './plan-in-force.ts'
import type { PlannedInstance } from './plan-instance.ts'
import { answerRequests } from './planning-thread.ts'
import type { Progress } from './planning-thread.ts'
import type { PlanProblem } from './problem.ts'
import { loadSolver } from './solver/highs.ts'

/** What the worker is asked for. */
export type PlanRequest =
  | { readonly kind: 'plan'; readonly problem: PlanProblem; readonly inForce: PlanInForce | undefined }
  | { readonly kind: 'instance'; readonly document: InstanceDocument }
  /** `texts` are what-ifs that the problem knows; undefined stands for its ablation. */
  | { readonly kind: 'compare'; readonly problem: PlanProblem; readonly texts: readonly string[] | undefined }
  | { readonly kind: 'frontier'; readonly problem: PlanProblem; readonly weights: readonly FrontierWeights[] }

/** What it gives for each. */
export interface PlanResults {
  readonly plan: PlannedFleet
  readonly instance: PlannedInstance
  readonly compare: readonly Comparison[]
  readonly frontier: readonly FrontierPoint[]
}

/** Compiled on other cores while the thread loads what the request needs, which is therefore not imported above. */
const solver = loadSolver()
/** The whole thread ends when what it does is cancelled. */
const never = new AbortController().signal

async function resultOf(request: PlanRequest, progress: Progress): Promise<PlanResults[keyof PlanResults]> {
  const { kind } = request
  switch (kind) {
    case 'plan': {
      const { planFleet } = await import('./plan-fleet.ts')
      return planFleet(request.problem, await solver, never, request.inForce)
    }
    case 'instance': {
      const { planInstance } = await import('./plan-instance.ts')
      return planInstance(request.document, await solver, never)
    }
    case 'compare': {
      const [{ compareVariants }, { ablationsOf, whatIf }] = await Promise.all([import('./compare-variants.ts'), import('./variants.ts')])
      const { problem, texts } = request
      const variants = texts === undefined ? ablationsOf(problem) : texts.flatMap((text) => whatIf(text, problem) ?? [])
      return compareVariants(problem, variants, await solver, never, progress)
    }
    case 'frontier': {
      const { frontier } = await import('./compare-variants.ts')
      return frontier(request.problem, request.weights, await solver, never, progress)
    }
    default:
      return kind satisfies never
  }
}

answerRequests(resultOf)
