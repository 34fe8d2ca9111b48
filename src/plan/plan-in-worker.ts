import { Worker } from 'node:worker_threads'
import type { PlanRequest, PlanResults } from './plan-worker.ts'
import { answerFrom } from './planning-thread.ts'
import type { Progress } from './planning-thread.ts'

/** Plans in a thread of its own: the caller stays responsive, and a plan is cancelled at any moment. */
export interface PlanThread {
  /** @throws the signal's reason at once when it is aborted; the thread is then replaced by a new one at the next request */
  ask<Kind extends PlanRequest['kind']>(request: PlanRequest & { readonly kind: Kind }, signal: AbortSignal, progress?: Progress): Promise<PlanResults[Kind]>
  close(): Promise<void>
}

/** @returns a thread that starts at its first request and stays warm, so that the second needs no loading, but remembers nothing; one at a time */
export function openPlanThread(): PlanThread {
  let worker: Worker | undefined
  const close = async (): Promise<void> => {
    const stopped = worker
    worker = undefined
    await stopped?.terminate()
  }
  return {
    ask: async <Kind extends PlanRequest['kind']>(request: PlanRequest & { readonly kind: Kind }, signal: AbortSignal, progress?: Progress) => {
      signal.throwIfAborted()
      const thread = (worker ??= new Worker(new URL('./plan-worker.ts', import.meta.url)))
      try {
        return await answerFrom<PlanResults[Kind]>(thread, request, 'the plan', signal, progress)
      } finally {
        // what it was at is of no use any more
        if (signal.aborted) void close()
      }
    },
    close,
  }
}

/** Asks a thread for one thing and ends it. @throws the signal's reason at once when it is aborted */
export async function askPlanThread<Kind extends PlanRequest['kind']>(request: PlanRequest & { readonly kind: Kind }, signal: AbortSignal, progress?: Progress): Promise<PlanResults[Kind]> {
  const thread = openPlanThread()
  try {
    return await thread.ask<Kind>(request, signal, progress)
  } finally {
    await thread.close()
  }
}
