import { quantileOfSorted } from '../quantiles.ts'
import type { LocalMember } from './member.ts'

/** Most past errors that are looked at: more do not move a quantile, only cost. */
const mostErrors = 1024
/** Weeks of past errors that are looked at. */
const errorWeeks = 4

/**
 * Seasonal naive: demand one season earlier plus the empirical quantile of past one-season errors, widened by the square root of the
 * seasons ahead.
 * @param days  length of the season
 * @see Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), 5.2 and 5.5
 */
export function seasonalNaive(name: string, days: number, describes: string): LocalMember {
  return {
    name,
    describes,
    leastDays: days + 1,
    forecast(series, origin, horizon, quantiles) {
      const { values, perDay } = series
      const season = days * perDay
      const from = Math.max(season, origin - errorWeeks * 7 * perDay)
      const stride = Math.max(1, Math.ceil((origin - from) / mostErrors))
      const errors = new Float64Array(Math.max(1, Math.ceil((origin - from) / stride)))
      for (let i = origin - 1, k = 0; i >= from; i -= stride, k += 1) errors[k] = (values[i] as number) - (values[i - season] as number)
      errors.sort()
      const paths = new Float64Array(quantiles.length * horizon)
      quantiles.forEach((quantile, q) => {
        const spread = quantile === 0.5 ? 0 : quantileOfSorted(errors, quantile)
        for (let step = 0; step < horizon; step += 1) {
          const seasonsAhead = Math.floor(step / season) + 1
          paths[q * horizon + step] = (values[origin + step - seasonsAhead * season] ?? 0) + spread * Math.sqrt(seasonsAhead)
        }
      })
      return paths
    },
  }
}
