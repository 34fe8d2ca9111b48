import { Worker } from 'node:worker_threads'
import type { PlanRequest, PlanResults } from './plan-worker.ts'
import { answerFrom } from './planning-thread.ts'
import type { Progress } from './planning-thread.ts'

/** Plans in a thread of its own: the caller stays responsive, and a plan is cancelled at any moment. */
export interface PlanThread {
  /** Lets the thread load while the caller prepares its request. */
  start(): void
  /** @throws the signal's reason at once when it is aborted; the thread is then replaced by a new one at the next request */
  ask<Kind extends PlanRequest['kind']>(request: PlanRequest & { readonly kind: Kind }, signal: AbortSignal, progress?: Progress): Promise<PlanResults[Kind]>
  close(): Promise<void>
}

/** @returns a thread that starts at its first request unless told before, and stays warm, so that the second needs no loading, but remembers nothing; one at a time */
export function openPlanThread(): PlanThread {
  let worker: Worker | undefined
  const close = async (): Promise<void> => {
    const stopped = worker
    worker = undefined
    await stopped?.terminate()
  }
  const started = (): Worker => (worker ??= new Worker(new URL('./plan-worker.ts', import.meta.url)))
  return {
    start: () => {
      started()
    },
    ask: async <Kind extends PlanRequest['kind']>(request: PlanRequest & { readonly kind: Kind }, signal: AbortSignal, progress?: Progress) => {
      signal.throwIfAborted()
      const thread = started()
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

/** Lets work use a thread, which loads at once, and ends it. */
export async function withPlanThread<Result>(work: (thread: PlanThread) => Promise<Result>): Promise<Result> {
  const thread = openPlanThread()
  thread.start()
  try {
    return await work(thread)
  } finally {
    await thread.close()
  }
}

/** Asks a thread for one thing and ends it. @throws the signal's reason at once when it is aborted */
export async function askPlanThread<Kind extends PlanRequest['kind']>(request: PlanRequest & { readonly kind: Kind }, signal: AbortSignal, progress?: Progress): Promise<PlanResults[Kind]> {
  signal.throwIfAborted()
  return withPlanThread((thread) => thread.ask<Kind>(request, signal, progress))
}
