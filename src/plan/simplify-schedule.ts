import type { ScheduledChange } from '../domain/desired-state.ts'
import { dayWindows } from '../domain/schedule.ts'

/** Azure takes 20 profiles in one autoscale setting; and a person can still read a dozen changes a day. */
export const mostChanges = 12

/**
 * A schedule with at most `most` changes that nowhere has fewer nodes than the given one: again and again the two neighbouring windows
 * whose joining costs the fewest node-minutes become one, at the higher of their counts.
 * @param schedule  ascending by minute; its windows cover the day, the last one reaching over midnight
 * @returns ascending by minute, neighbours differ; empty when one count remains
 */
export function simplifySchedule(schedule: readonly ScheduledChange[], most: number): readonly ScheduledChange[] {
  let windows = [...dayWindows(schedule)]
  while (windows.length > most && windows.length > 1) {
    const joins = windows.map((window, index) => {
      const next = windows[(index + 1) % windows.length] ?? window
      const extra = Math.abs(window.desired - next.desired) * (window.desired < next.desired ? window.minutes : next.minutes)
      return { index, extra }
    })
    const cheapest = joins.reduce((best, join) => (join.extra < best.extra ? join : best)).index
    windows = joined(windows, cheapest)
  }
  const changes = windows.map(({ minutes: _minutes, ...change }) => change).sort((a, b) => a.minuteOfDay - b.minuteOfDay)
  const news = changes.filter((change, index) => !sameCounts(change, changes[(index + changes.length - 1) % changes.length] ?? change))
  return news.length < 2 ? [] : news
}

type Window = ScheduledChange & { readonly minutes: number }

/** The window at `index` and the one after it as one, from the start of the first. */
function joined(windows: readonly Window[], index: number): Window[] {
  const [first, second] = [windows[index], windows[(index + 1) % windows.length]]
  if (first === undefined || second === undefined) return [...windows]
  const one: Window = {
    minuteOfDay: first.minuteOfDay,
    min: Math.max(first.min, second.min),
    desired: Math.max(first.desired, second.desired),
    max: Math.max(first.max, second.max),
    minutes: first.minutes + second.minutes,
  }
  return windows.flatMap((window) => (window === first ? [one] : window === second ? [] : [window]))
}

function sameCounts(a: ScheduledChange, b: ScheduledChange): boolean {
  return a.min === b.min && a.desired === b.desired && a.max === b.max
}
