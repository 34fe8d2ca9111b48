import { quantileOfSorted } from '../quantiles.ts'
import { meanBefore } from '../step-series.ts'
import type { LocalMember } from './member.ts'

/** Days of history in the profile. */
const profileDays = 28
/** Times that a day of the same weekday counts. */
const sameWeekdayCopies = 3

/**
 * The same slot of the day over the last four weeks, the same weekday counted three times, each day brought to the level of the last
 * day by the ratio of daily means (between 1/3 and 3): empirical quantiles of that.
 */
export const slotProfile: LocalMember = {
  name: 'slot-profile',
  describes: 'the same time of day over the last weeks, at the level of the last day',
  leastDays: 2,
  forecast(series, origin, horizon, quantiles) {
    const { values, perDay } = series
    const days = Math.min(profileDays, Math.floor(origin / perDay))
    const level = meanBefore(series, origin, perDay)
    const week = meanBefore(series, origin, 7 * perDay)
    const now = (level + week) / 2
    const ratios = Array.from({ length: days }, (_, back) => {
      const dayLevel = (meanBefore(series, origin - back * perDay, perDay) + meanBefore(series, origin - back * perDay, 7 * perDay)) / 2
      return dayLevel > 0 ? Math.min(3, Math.max(1 / 3, now / dayLevel)) : 1
    })
    const paths = new Float64Array(quantiles.length * horizon)
    const seen: number[] = []
    for (let step = 0; step < horizon; step += 1) {
      const ahead = Math.floor(step / perDay) + 1
      seen.length = 0
      for (let back = 0; back < days; back += 1) {
        const index = origin + step - (ahead + back) * perDay
        if (index < 0) break
        const value = (values[index] as number) * (ratios[back] ?? 1)
        const copies = (ahead + back) % 7 === 0 ? sameWeekdayCopies : 1
        for (let copy = 0; copy < copies; copy += 1) seen.push(value)
      }
      const sorted = Float64Array.from(seen).sort()
      quantiles.forEach((quantile, q) => {
        paths[q * horizon + step] = sorted.length > 0 ? quantileOfSorted(sorted, quantile) : level
      })
    }
    return paths
  },
}
