import { parentPort } from 'node:worker_threads'
import { indexProblem } from './index-problem.ts'
import type { PlanProblem } from './problem.ts'
import { solveWindow } from './solve-windows.ts'
import type { SolvedWindow, SolveWindow } from './solve-windows.ts'
import { loadSolver } from './solver/highs.ts'

/** What the worker is asked for, once, and what it answers. */
export interface WindowRequest {
  readonly problem: PlanProblem
  readonly window: SolveWindow
}
export type WindowAnswer = { readonly kind: 'solved'; readonly solved: SolvedWindow } | { readonly kind: 'failed'; readonly reason: string }

parentPort?.once('message', ({ problem, window }: WindowRequest) => {
  const answer = async (): Promise<WindowAnswer> => {
    try {
      return { kind: 'solved', solved: solveWindow(indexProblem(problem), window, await loadSolver()) }
    } catch (error) {
      return { kind: 'failed', reason: error instanceof Error ? error.stack ?? error.message : String(error) }
    }
  }
  void answer().then((value) => parentPort?.postMessage(value))
})
