import type { Contribution } from '../domain/forecast.ts'
import { meanBefore, type ModelSeries } from './step-series.ts'

/** Days and weeks that level and rhythm are read from. */
const longestDays = 28
const longestWeeks = 4

/** One step of a forecast, to be taken apart. All values in the series' unit. */
export interface ExplainedStep {
  /** Steps after the origin. */
  readonly step: number
  /** Median as the members were combined, before the forecasts of a workload were made to agree. */
  readonly combined: number
  /** Median that is published. */
  readonly published: number
  /** What each network alone says, and its weight. */
  readonly networks: readonly { readonly median: number; readonly weight: number }[]
  /** Parts that are known from elsewhere, such as the effect of an event; part of `combined`. */
  readonly known: readonly Contribution[]
}

/**
 * What a median is made of. The profile comes first: the level of four weeks, how the last week differs from it, the time of day, the day
 * of the week. Known parts follow, then what networks add to those, by their weights; `models` is what the other members add, and
 * `coherence` what agreeing with other forecasts moved. Parts that are 0 are left out.
 * @param origin  number of the series' values that were used
 * @returns parts that add up to `published`
 */
export function contributionsOf(series: ModelSeries, origin: number, explained: ExplainedStep): readonly Contribution[] {
  const { perDay } = series
  const { step, combined, published, networks, known } = explained
  const days = Math.min(longestDays, Math.floor(origin / perDay))
  const level = meanBefore(series, origin, Math.max(1, days) * perDay)
  const recent = days >= 14 ? meanBefore(series, origin, 7 * perDay) - level : 0
  const slot = slotMean(series, origin, origin + step, perDay, days) ?? level
  const weekSlot = days >= 14 ? slotMean(series, origin, origin + step, 7 * perDay, longestWeeks) : undefined
  const profile: Contribution[] = [
    { part: 'level', value: level },
    { part: 'recent', value: recent },
    { part: 'day', value: slot - level },
    { part: 'week', value: weekSlot === undefined ? 0 : weekSlot - slot },
    ...known,
  ]
  const sum = profile.reduce((total, { value }) => total + value, 0)
  const fromNetworks = networks.reduce((total, { median, weight }) => total + weight * (median - sum), 0)
  return [
    ...profile,
    { part: 'network' as const, value: fromNetworks },
    { part: 'models' as const, value: combined - sum - fromNetworks },
    { part: 'coherence' as const, value: published - combined },
  ].filter(({ part, value }) => part === 'level' || value !== 0)
}

/** Mean of the values whole seasons before `target`, as far as they lie before the origin; undefined when none does. */
function slotMean({ values }: ModelSeries, origin: number, target: number, season: number, most: number): number | undefined {
  let sum = 0
  let count = 0
  for (let at = target - season; at >= 0 && count < most; at -= season) {
    if (at >= origin) continue
    sum += values[at] as number
    count += 1
  }
  return count > 0 ? sum / count : undefined
}
