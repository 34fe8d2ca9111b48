import { Worker } from 'node:worker_threads'
import type { IndexedProblem } from './index-problem.ts'
import { answerFrom } from './planning-thread.ts'
import { settledWindows, solveProblem } from './solve-problem.ts'
import type { InForce, SolvedProblem } from './solve-problem.ts'
import { windowsOf } from './solve-windows.ts'
import type { SolvedWindow, SolveWindow } from './solve-windows.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import type { WindowRequest } from './window-worker.ts'

/** Young objects die early in a window's thread: without a limit they take more memory than the model. */
const youngGenerationMib = 16

/** Solves one window in a thread of its own. @throws the signal's reason when it is aborted */
async function inThread(request: WindowRequest, signal: AbortSignal): Promise<SolvedWindow> {
  const worker = new Worker(new URL('./window-worker.ts', import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMib } })
  try {
    return await answerFrom<SolvedWindow>(worker, request, 'a window of the plan', signal)
  } finally {
    await worker.terminate()
  }
}

/**
 * As `solveProblem`, with each window of a large problem in a thread of its own: the same problem gives the same plan, whichever thread ends first.
 * @throws the signal's reason when it is aborted while threads run
 */
export async function solveInThreads(indexed: IndexedProblem, solver: LinearSolver, signal: AbortSignal, inForce?: Partial<InForce>, windows = windowsOf(indexed)): Promise<SolvedProblem> {
  if (windows.length === 1) return solveProblem(indexed, solver, inForce)
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  try {
    const solved = await Promise.all(windows.map((window: SolveWindow) => inThread({ problem: indexed.problem, window }, either)))
    return settledWindows(indexed, solved, solver, inForce?.counts)
  } finally {
    failed.abort(new Error('another window failed'))
  }
}
