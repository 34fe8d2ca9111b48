import type { StackRun } from './engine.ts'

/** Ways in which clouds and networks fail that pass by themselves. */
const passing =
  /\b(429|502|503|504)\b|too many requests|throttl|rate ?(limit )?exceeded|request ?limit ?exceeded|slow ?down|server ?busy|service ?unavailable|temporarily unavailable|try again|timed? ?out|timeout|deadline exceeded|connection (reset|refused|closed)|ECONNRESET|ETIMEDOUT|EAI_AGAIN|EPIPE|error reading from server: EOF|transport is closing|socket hang up|exited prematurely|could not read plugin/i

/** A cloud's own word on when to come back, in seconds; a date is left to the waits between attempts. */
const comeBack = /retry[- ]?after\W{0,3}(?:in\s+)?(\d{1,5})(?:\s*(ms|milliseconds?|s|sec(?:ond)?s?|m|min(?:ute)?s?)\b)?/i

export interface RetryPolicy {
  /** Attempts in all. */
  readonly attempts: number
  /** Before the second attempt; doubled before each one after it. */
  readonly firstWaitSeconds: number
  /** No wait is longer; a cloud that wants more is left to a later cycle. */
  readonly longestWaitSeconds: number
}

export const retryPolicy: RetryPolicy = { attempts: 3, firstWaitSeconds: 2, longestWaitSeconds: 60 }

/** @returns whether every failure of the run is one that may pass by itself */
export function mayPass({ outcome, failures }: StackRun): boolean {
  return outcome === 'failed' && failures.length > 0 && failures.every(({ message }) => passing.test(message))
}

/**
 * How long to wait before the engine is run again on a stack. Waits are spread at random over their upper half, so that stacks that failed
 * together do not come back together.
 * @param attempt  attempts made so far, from 1
 * @param random   in [0, 1)
 * @returns seconds; undefined when it is not to be run again in this cycle
 */
export function retryWait(run: StackRun, attempt: number, random: number, policy: RetryPolicy = retryPolicy): number | undefined {
  if (!mayPass(run) || attempt >= policy.attempts) return undefined
  const asked = askedWait(run)
  if (asked !== undefined && asked > policy.longestWaitSeconds) return undefined
  const backOff = Math.min(policy.longestWaitSeconds, policy.firstWaitSeconds * 2 ** (attempt - 1))
  return Math.max(asked ?? 0, backOff * (0.5 + random / 2))
}

/** @returns seconds that the cloud asked for, the longest where there are several */
function askedWait({ failures }: StackRun): number | undefined {
  const asked = failures.flatMap(({ message }) => {
    const [, amount, unit = 's'] = comeBack.exec(message) ?? []
    return amount === undefined ? [] : [Number(amount) * (/^ms|^milli/i.test(unit) ? 0.001 : /^m/i.test(unit) ? 60 : 1)]
  })
  return asked.length === 0 ? undefined : Math.max(...asked)
}
