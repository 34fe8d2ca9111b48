import { Cron } from 'croner'

const parsed = new Map<string, Cron>()

/** Parsing costs more than asking; a sandbox asks the same few expressions again and again. */
function cron(expression: string, timeZone: string): Cron {
  const key = `${timeZone} ${expression}`
  const known = parsed.get(key)
  if (known !== undefined) return known
  const made = new Cron(expression, { timezone: timeZone, mode: '5-part', paused: true })
  parsed.set(key, made)
  return made
}

/**
 * The first instant after `afterSeconds` at which a five-field cron expression fires.
 * @returns Unix seconds; undefined when it never fires again
 * @throws Error when the expression or the time zone cannot be read
 */
export function nextCronSeconds(expression: string, timeZone: string, afterSeconds: number): number | undefined {
  const next = cron(expression, timeZone).nextRun(new Date(afterSeconds * 1000))
  return next === null ? undefined : next.getTime() / 1000
}

/**
 * The last instant at or before `atSeconds`, and no earlier than `spanSeconds` before, at which the expression fired.
 * @returns Unix seconds; undefined when it did not fire within the span
 */
export function lastCronSeconds(expression: string, timeZone: string, atSeconds: number, spanSeconds: number): number | undefined {
  let last: number | undefined
  let next = nextCronSeconds(expression, timeZone, atSeconds - spanSeconds - 1)
  while (next !== undefined && next <= atSeconds) {
    last = next
    next = nextCronSeconds(expression, timeZone, next)
  }
  return last
}
