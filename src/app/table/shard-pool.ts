import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Problem } from '../../domain/problem.ts'
import type { ShardSummary } from './shard-work.ts'
import type { ShardAnswer, ShardTask, WorkerStart } from './shard-worker.ts'

/** Threads at most: more would only wait for the source. */
const mostThreads = 8

/**
 * Works tasks off in threads, one at a time in each.
 * @param onMade  told of each shard as its part is written
 * @throws what the first thread that failed threw; the signal's reason when it aborts. Parts that were written stay.
 */
export async function workShards(start: WorkerStart, tasks: readonly ShardTask[], onMade: (index: number, summary: ShardSummary) => void, signal: AbortSignal): Promise<void> {
  const waiting = tasks.values()
  const workers = Array.from({ length: Math.min(availableParallelism(), mostThreads, tasks.length) }, () => new Worker(new URL('./shard-worker.ts', import.meta.url), { workerData: start }))
  const stop = Promise.withResolvers<never>()
  const abort = (): void => stop.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    await Promise.race([stop.promise, Promise.all(workers.map((worker) => drain(worker, waiting, onMade)))])
  } finally {
    signal.removeEventListener('abort', abort)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function drain(worker: Worker, waiting: Iterator<ShardTask>, onMade: (index: number, summary: ShardSummary) => void): Promise<undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const next = (): void => {
    const { value, done } = waiting.next()
    if (done === true) resolve(undefined)
    else worker.postMessage(value)
  }
  worker.on('message', (answer: ShardAnswer) => {
    switch (answer.kind) {
      case 'made':
        onMade(answer.index, answer.summary)
        return next()
      case 'problem':
        return reject(new Problem(answer.code, answer.facts as never))
      case 'failure':
        return reject(answer.error as Error)
      default:
        answer satisfies never
    }
  })
  worker.on('error', reject)
  worker.on('exit', (code) => reject(new Error(`a thread ended with exit code ${code}`)))
  next()
  return promise
}
