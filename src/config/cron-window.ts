import { Cron } from 'croner'
import type { TimeRange } from '../domain/grid.ts'
import type { WindowSettings } from './schema.ts'

/** Any fixed instant serves to look at how a window recurs; a leap year shows every date. */
const reference = new Date('2024-01-01T00:00:00Z')
/** Enough openings to see every gap of a window that recurs within a year. */
const openingsLookedAt = 400
/** More openings than this in one range come from a range that no plan has. */
const mostOpenings = 100_000

/** @returns what is wrong with the window's cron fields, or undefined */
export function cronFault(window: Pick<WindowSettings, 'cron' | 'timeZone'>): string | undefined {
  const shown = JSON.stringify(window.cron)
  const fields = window.cron.trim().split(/\s+/).length
  if (fields !== 5)
    return `is ${shown}, ${fields} field${fields === 1 ? '' : 's'}, expected five: minute, hour, day of month, month, day of week`
  try {
    return schedule(window).nextRun(reference) === null ? `is ${shown}: no such moment ever comes` : undefined
  } catch (error) {
    return `is ${shown}, expected five cron fields such as '0 2 * * 0' (${reasonOf(error)})`
  }
}

/** @returns whether the window opens again, each time, before it has closed */
export function isAlwaysOpen(window: WindowSettings): boolean {
  const cron = schedule(window)
  let opening = cron.nextRun(reference)
  for (let looked = 0; looked < openingsLookedAt; looked += 1) {
    const next = opening === null ? null : cron.nextRun(opening)
    if (opening === null || next === null || (next.getTime() - opening.getTime()) / 1000 > window.lasts) return false
    opening = next
  }
  return true
}

/**
 * When the window is open: daylight saving shifts the openings, not how long each lasts.
 * @returns ascending, apart from each other, cut to `range`
 */
export function openTimes(window: WindowSettings, range: TimeRange): readonly TimeRange[] {
  const cron = schedule(window)
  const open: TimeRange[] = []
  // The search starts a second early, for it excludes the instant it starts from.
  let opening = cron.nextRun(new Date((range.fromSeconds - window.lasts - 1) * 1000))
  for (let found = 0; opening !== null && opening.getTime() / 1000 < range.toSeconds; found += 1) {
    if (found >= mostOpenings) throw new RangeError(`${window.cron} opens more than ${mostOpenings} times between the two instants`)
    const from = Math.max(opening.getTime() / 1000, range.fromSeconds)
    const to = Math.min(opening.getTime() / 1000 + window.lasts, range.toSeconds)
    const last = open.at(-1)
    if (last !== undefined && from <= last.toSeconds)
      open[open.length - 1] = { fromSeconds: last.fromSeconds, toSeconds: Math.max(last.toSeconds, to) }
    else if (from < to) open.push({ fromSeconds: from, toSeconds: to })
    opening = cron.nextRun(opening)
  }
  return open
}

function schedule(window: Pick<WindowSettings, 'cron' | 'timeZone'>): Cron {
  return new Cron(window.cron, { mode: '5-part', timezone: window.timeZone, paused: true })
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text
    .replace(/^CronPattern: /, '')
    .replace(/\.$/, '')
    .replace(/^./, (first) => first.toLowerCase())
}
