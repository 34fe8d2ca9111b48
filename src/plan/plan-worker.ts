import { parentPort } from 'node:worker_threads'
import type { Plan } from '../domain/plan.ts'
import { planFleet } from './plan-fleet.ts'
import type { PlanProblem } from './problem.ts'
import { loadSolver } from './solver/highs.ts'

/** What the worker is asked for and what it answers. */
export interface PlanRequest {
  readonly problem: PlanProblem
  readonly earlier: Plan | undefined
}
export type PlanAnswer = { readonly kind: 'planned'; readonly plan: Plan } | { readonly kind: 'failed'; readonly reason: string }

const solver = loadSolver()

parentPort?.on('message', (request: PlanRequest) => {
  const answer = async (): Promise<PlanAnswer> => {
    try {
      return { kind: 'planned', plan: await planFleet(request.problem, await solver, new AbortController().signal, request.earlier) }
    } catch (error) {
      return { kind: 'failed', reason: error instanceof Error ? error.stack ?? error.message : String(error) }
    }
  }
  void answer().then((value) => parentPort?.postMessage(value))
})
