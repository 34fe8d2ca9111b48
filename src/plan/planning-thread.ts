import { parentPort, type Worker } from 'node:worker_threads'

/** What a thread answers to one request: how far it is, any number of times, then what came of it. */
type ThreadAnswer =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly reason: string }

/** Told how many parts of the work are done. */
export type Progress = (done: number, total: number) => void

/** Called in a thread: answers each request that is sent to it with what `work` makes of it. */
export function answerRequests<Request, Result>(work: (request: Request, progress: Progress) => Promise<Result>): void {
  const tell = (answer: ThreadAnswer): void => parentPort?.postMessage(answer)
  parentPort?.on('message', (request: Request) => {
    const answer = async (): Promise<ThreadAnswer> => {
      try {
        return { kind: 'done', result: await work(request, (done, total) => tell({ kind: 'progress', done, total })) }
      } catch (error) {
        return { kind: 'failed', reason: error instanceof Error ? error.stack ?? error.message : String(error) }
      }
    }
    void answer().then(tell)
  })
}

/**
 * Sends one request to a thread that does `answerRequests`; one at a time.
 * @param what  that is asked for, in the error when it fails
 * @throws the signal's reason at once when it is aborted; ending the thread is left to the caller
 */
export async function answerFrom<Result>(thread: Worker, request: unknown, what: string, signal: AbortSignal, progress: Progress = () => undefined): Promise<Result> {
  let settle: () => void = () => undefined
  try {
    return await new Promise<Result>((resolve, reject) => {
      const onMessage = (answer: ThreadAnswer): void => {
        if (answer.kind === 'progress') progress(answer.done, answer.total)
        else if (answer.kind === 'done') resolve(answer.result as Result)
        else reject(new Error(`${what} failed: ${answer.reason}`))
      }
      const onAbort = (): void => {
        reject(signal.reason as Error)
      }
      thread.on('message', onMessage)
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
