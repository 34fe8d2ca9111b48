import { Worker } from 'node:worker_threads'
import type { Plan } from '../domain/plan.ts'
import type { PlanAnswer, PlanRequest, PlanResults } from './plan-worker.ts'
import type { PlanProblem } from './problem.ts'

/** Plans in a thread of its own: the caller stays responsive, and a plan is cancelled at any moment. */
export interface PlanThread {
  /**
   * @param earlier  the plan in force, kept unless moving is worth it
   * @throws the signal's reason at once when it is aborted; the thread is then replaced by a new one at the next plan
   */
  plan(problem: PlanProblem, signal: AbortSignal, earlier?: Plan): Promise<Plan>
  /**
   * Plans from the model that this thread's last `replan` left, with its counts kept while they are good enough; the first one, and the first after an abort,
   * from the start.
   * @throws as `plan`
   */
  replan(problem: PlanProblem, signal: AbortSignal): Promise<Plan>
  /** Whatever else the thread is asked for. @throws as `plan` */
  ask<Kind extends PlanRequest['kind']>(request: PlanRequest & { readonly kind: Kind }, signal: AbortSignal): Promise<PlanResults[Kind]>
  close(): Promise<void>
}

/** @returns a thread that starts at its first plan and stays warm: the second plan needs no loading; one plan at a time */
export function openPlanThread(): PlanThread {
  let worker: Worker | undefined
  const stop = async (): Promise<void> => {
    const stopped = worker
    worker = undefined
    await stopped?.terminate()
  }
  const ask = async <Kind extends PlanRequest['kind']>(request: PlanRequest & { readonly kind: Kind }, signal: AbortSignal): Promise<PlanResults[Kind]> => {
    signal.throwIfAborted()
    const thread = worker ??= new Worker(new URL('./plan-worker.ts', import.meta.url))
    let settle: () => void = () => undefined
    try {
      return await new Promise<PlanResults[Kind]>((resolve, reject) => {
        const onMessage = (answer: PlanAnswer): void => {
          if (answer.kind === 'done') resolve(answer.result as PlanResults[Kind])
          else reject(new Error(`the plan failed: ${answer.reason}`))
        }
        const onAbort = (): void => {
          void stop()
          reject(signal.reason as Error)
        }
        thread.once('message', onMessage)
        thread.once('error', reject)
        signal.addEventListener('abort', onAbort, { once: true })
        settle = () => {
          thread.off('message', onMessage)
          thread.off('error', reject)
          signal.removeEventListener('abort', onAbort)
        }
        thread.postMessage(request)
      })
    } finally {
      settle()
    }
  }
  return {
    plan: (problem, signal, earlier) => ask({ kind: 'plan', problem, earlier }, signal),
    replan: (problem, signal) => ask({ kind: 'replan', problem }, signal),
    ask,
    close: stop,
  }
}

/** Asks a thread for one thing and ends it. @throws the signal's reason at once when it is aborted */
export async function askPlanThread<Kind extends PlanRequest['kind']>(request: PlanRequest & { readonly kind: Kind }, signal: AbortSignal): Promise<PlanResults[Kind]> {
  const thread = openPlanThread()
  try {
    return await thread.ask<Kind>(request, signal)
  } finally {
    await thread.close()
  }
}
