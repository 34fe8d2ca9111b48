import { minutesPerDay, type DayWindow } from '../../domain/schedule.ts'

/**
 * Joins neighbouring windows until at most `limit` are left, each time the pair that costs the fewest node-minutes more. The joined
 * window takes the larger counts, so that a day with fewer changes never has less capacity.
 * @param windows  covering the day, in order; the first and the last are not joined over midnight
 */
export function atMostWindows(windows: readonly DayWindow[], limit: number): readonly DayWindow[] {
  const joined = [...windows]
  while (joined.length > limit) {
    const extra = joined.map((window, index) => {
      const next = joined[index + 1]
      if (next === undefined) return Infinity
      return (window.desired > next.desired ? next.minutes : window.minutes) * Math.abs(window.desired - next.desired)
    })
    const cheapest = extra.indexOf(Math.min(...extra))
    const [first, second] = [joined[cheapest], joined[cheapest + 1]]
    if (first === undefined || second === undefined) return joined
    joined.splice(cheapest, 2, {
      minuteOfDay: first.minuteOfDay,
      minutes: Math.min(minutesPerDay, first.minutes + second.minutes),
      min: Math.max(first.min, second.min),
      desired: Math.max(first.desired, second.desired),
      max: Math.max(first.max, second.max),
    })
  }
  return joined
}
