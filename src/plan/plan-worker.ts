import { parentPort } from 'node:worker_threads'
import type { Plan } from '../domain/plan.ts'
import { indexProblem } from './index-problem.ts'
import { planFleet, writePlan } from './plan-fleet.ts'
import type { PlanProblem } from './problem.ts'
import { keepProblem } from './solve-problem.ts'
import type { KeptProblem } from './solve-problem.ts'
import { windowsOf } from './solve-windows.ts'
import { loadSolver } from './solver/highs.ts'

/** What the worker is asked for and what it answers. */
export type PlanRequest =
  | { readonly kind: 'plan'; readonly problem: PlanProblem; readonly earlier: Plan | undefined }
  | { readonly kind: 'replan'; readonly problem: PlanProblem }
export type PlanAnswer = { readonly kind: 'planned'; readonly plan: Plan } | { readonly kind: 'failed'; readonly reason: string }

const solver = loadSolver()

let kept: KeptProblem | undefined

async function planned(request: PlanRequest): Promise<Plan> {
  const indexed = indexProblem(request.problem)
  if (request.kind === 'plan' || windowsOf(indexed).length > 1) return planFleet(request.problem, await solver, new AbortController().signal, request.kind === 'plan' ? request.earlier : undefined)
  const first = kept === undefined
  kept ??= keepProblem(request.problem, await solver)
  const { relaxation, nodes } = first ? kept.solved : kept.solveFor(request.problem)
  return writePlan(indexed, relaxation, nodes.state, await solver)
}

parentPort?.on('message', (request: PlanRequest) => {
  const answer = async (): Promise<PlanAnswer> => {
    try {
      return { kind: 'planned', plan: await planned(request) }
    } catch (error) {
      return { kind: 'failed', reason: error instanceof Error ? error.stack ?? error.message : String(error) }
    }
  }
  void answer().then((value) => parentPort?.postMessage(value))
})
