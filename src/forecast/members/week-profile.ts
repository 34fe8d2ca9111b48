import { quantileOfSorted } from '../quantiles.ts'
import { meanBefore, type ModelSeries } from '../step-series.ts'
import type { LocalMember } from './member.ts'

/** Weeks that are looked back on, and how much each counts of the one after it. */
const weeksSeen = 4
const weekDecay = 0.9
/** Share of the weeks' weight around their median that is averaged: a week with a burst is left out, two that agree are not. */
const middleShare = 0.5
/** A week's level may differ from the last week's by at most this factor. */
const mostLevelRatio = 2
/** Past errors that are looked at, at most. */
const mostErrors = 168
/** A slot's errors are taken to grow with the root of what is expected of it, from this share of the level on. */
const leastExpectedShare = 0.05

/**
 * The same time of the same weekday over the last four weeks: the middle of what each week had within half an hour of it, brought to the
 * level of the last week, and the empirical quantiles of the errors that this made before, in units of the root of what was expected.
 */
export const weekProfile: LocalMember = {
  name: 'week-profile',
  describes: 'the same time and weekday over the last four weeks, at the level of the last week',
  leastDays: 9,
  forecast(series, origin, horizon, quantiles) {
    const { values, perDay } = series
    const week = 7 * perDay
    const least = leastExpectedShare * meanBefore(series, origin, week)
    const unit = (expected: number): number => Math.sqrt(Math.max(expected, least, 1e-9))
    const levels = weekLevels(series, origin)
    const from = Math.max(week + 1, origin - weeksSeen * week)
    const stride = Math.max(1, Math.ceil((origin - from) / mostErrors)) | 1
    const lag = Math.ceil(horizon / 2)
    const errors: number[] = []
    for (let i = origin - 1; i >= from; i -= stride) {
      const known = Math.max(week, i - lag)
      const expected = expectedAt(series, i, known, weekLevels(series, known))
      errors.push(((values[i] as number) - expected) / unit(expected))
    }
    const sorted = Float64Array.from(errors).sort()
    const spreads = quantiles.map((quantile) => (quantile === 0.5 || sorted.length === 0 ? 0 : quantileOfSorted(sorted, quantile)))
    const paths = new Float64Array(quantiles.length * horizon)
    for (let step = 0; step < horizon; step += 1) {
      const expected = expectedAt(series, origin + step, origin, levels)
      spreads.forEach((spread, q) => {
        paths[q * horizon + step] = expected + spread * unit(expected)
      })
    }
    return paths
  },
}

/** Mean of the last week before `known`, of the week before it, and so on. */
function weekLevels(series: ModelSeries, known: number): readonly number[] {
  const week = 7 * series.perDay
  const levels: number[] = []
  for (let back = 0; back < weeksSeen && known - back * week > 0; back += 1) levels.push(meanBefore(series, known - back * week, week))
  return levels
}

/**
 * Weighted mean of the middle of the weeks' values.
 * @param known   number of values that may be seen
 * @param levels  the weeks' levels before `known`
 */
function expectedAt(series: ModelSeries, index: number, known: number, levels: readonly number[]): number {
  const week = 7 * series.perDay
  const first = index - week * (Math.floor(Math.max(0, index - known) / week) + 1)
  const now = levels[0] ?? 0
  const values: number[] = []
  const weights: number[] = []
  let total = 0
  for (let back = 0; back < weeksSeen && first - back * week >= 0; back += 1) {
    const then = levels[back] ?? 0
    const ratio = then > 0 ? Math.min(mostLevelRatio, Math.max(1 / mostLevelRatio, now / then)) : 1
    const value = smoothedAt(series, first - back * week, known) * ratio
    const weight = weekDecay ** back
    let at = back
    for (; at > 0 && (values[at - 1] as number) > value; at -= 1) {
      values[at] = values[at - 1] as number
      weights[at] = weights[at - 1] as number
    }
    values[at] = value
    weights[at] = weight
    total += weight
  }
  let below = 0
  let sum = 0
  let share = 0
  for (let at = 0; at < values.length; at += 1) {
    const upTo = below + (weights[at] as number) / total
    const inside = Math.max(0, Math.min(upTo, 0.5 + middleShare / 2) - Math.max(below, 0.5 - middleShare / 2))
    sum += inside * (values[at] as number)
    share += inside
    below = upTo
  }
  return share > 0 ? sum / share : now
}

/** Mean within half an hour of a step, at least over its neighbours, the ends counting half. */
function smoothedAt({ values, sums, perDay }: ModelSeries, index: number, known: number): number {
  const reach = Math.min(Math.max(1, Math.round(perDay / 48)), index, known - 1 - index)
  if (reach <= 0) return values[index] as number
  const inner = (sums[index + reach] as number) - (sums[index - reach + 1] as number)
  return (inner + ((values[index - reach] as number) + (values[index + reach] as number)) / 2) / (2 * reach)
}
