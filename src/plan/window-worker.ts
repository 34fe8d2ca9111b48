import { indexProblem } from './index-problem.ts'
import { answerRequests } from './planning-thread.ts'
import type { PlanProblem } from './problem.ts'
import { solveWindow } from './solve-windows.ts'
import type { SolvedWindow, SolveWindow } from './solve-windows.ts'
import { loadSolver } from './solver/highs.ts'

/** What the worker is asked for. */
export interface WindowRequest {
  readonly problem: PlanProblem
  readonly window: SolveWindow
}

answerRequests(async ({ problem, window }: WindowRequest): Promise<SolvedWindow> => solveWindow(indexProblem(problem), window, await loadSolver()))
