/** How a stack did of late; written after every run of the engine on it. */
export interface BreakerRecord {
  /** Runs in a row that failed as a whole. */
  readonly failures: number
  /** Of the last one. */
  readonly reason: string
  /** Until then the engine is not started on the stack; undefined while it may be. */
  readonly openUntilSeconds: number | undefined
}

/** Failures in a row after which a stack is left alone, for how long at first, and at most. */
const limits = { failures: 3, firstPauseSeconds: 900, longestPauseSeconds: 4 * 3600 }

export const closedBreaker: BreakerRecord = { failures: 0, reason: '', openUntilSeconds: undefined }

/** @returns why the stack is left alone now; undefined while it may be tried */
export function stalledBecause({ failures, reason, openUntilSeconds }: BreakerRecord, nowSeconds: number): { readonly reason: string; readonly untilSeconds: number } | undefined {
  if (openUntilSeconds === undefined || nowSeconds >= openUntilSeconds) return undefined
  return { reason: `failed ${failures} times in a row: ${reason}`, untilSeconds: openUntilSeconds }
}

/**
 * @param failure  why the run failed; undefined when it did not
 * @returns the record after a run: one success closes the breaker; the pause doubles with each failure of a trial after a pause
 */
export function afterRun(before: BreakerRecord, failure: string | undefined, nowSeconds: number): BreakerRecord {
  if (failure === undefined) return closedBreaker
  const failures = before.failures + 1
  const pauses = failures - limits.failures
  if (pauses < 0) return { failures, reason: failure, openUntilSeconds: undefined }
  return { failures, reason: failure, openUntilSeconds: nowSeconds + Math.min(limits.longestPauseSeconds, limits.firstPauseSeconds * 2 ** pauses) }
}
