import type { Grid } from './grid.ts'
import type { SeriesKey } from './history.ts'

/** What a forecast value means within its step: capacity is bought for the peak. */
export type StepStatistic = 'peak' | 'mean'

/** One model's share in a forecast. */
export interface MemberWeight {
  readonly member: string
  /** 0 to 1; the weights of a forecast add up to 1. */
  readonly weight: number
}

/** How the forecast would have done on the recent past, from origins before this one. */
export interface ForecastAccuracy {
  /** Origins that were scored. */
  readonly origins: number
  /** Mean weighted quantile loss over the forecast's quantiles, relative to mean demand; lower is better. */
  readonly weightedQuantileLoss: number
  /** The same of the better seasonal naive (day, week). */
  readonly naiveWeightedQuantileLoss: number
  /** Share of actuals at or below p95. */
  readonly coverage95: number
}

/** Demand to come of one series, as quantiles. */
export interface DemandForecast extends SeriesKey {
  readonly unit: string
  readonly statistic: StepStatistic
  /** End of the newest step that was used, Unix seconds. */
  readonly originSeconds: number
  /** Starts at the origin; one step per forecast value. */
  readonly grid: Grid
  /** Ascending, each in (0, 1). */
  readonly quantiles: readonly number[]
  /** In `unit`, ≥ 0, never crossing. Shape [quantiles × steps], row-wise. */
  readonly values: Float64Array
  readonly members: readonly MemberWeight[]
  /** Undefined when the history is too short to look back. */
  readonly accuracy: ForecastAccuracy | undefined
  /** Sentences that say what drives the forecast, most important first. */
  readonly drivers: readonly string[]
  /** Name and version of the model that made it, for example `prescale/1`. */
  readonly model: string
  /** Hash of the history that was used. */
  readonly historyHash: string
}

/**
 * One quantile's path.
 * @returns shape [steps], in the forecast's unit; between two stored quantiles, linear in the quantile
 * @throws RangeError when `quantile` lies outside those stored
 */
export function forecastQuantile(forecast: DemandForecast, quantile: number): Float64Array {
  const { quantiles, values, grid } = forecast
  const above = quantiles.findIndex((stored) => stored >= quantile)
  const first = quantiles[0]
  if (above < 0 || first === undefined || quantile < first) {
    throw new RangeError(`quantile ${quantile} is outside those of the forecast (${quantiles.join(', ')})`)
  }
  const row = (index: number): Float64Array => values.subarray(index * grid.length, (index + 1) * grid.length)
  const upper = row(above)
  const upperQuantile = quantiles[above] ?? quantile
  if (upperQuantile === quantile) return upper.slice()
  const lower = row(above - 1)
  const lowerQuantile = quantiles[above - 1] ?? quantile
  const share = (quantile - lowerQuantile) / (upperQuantile - lowerQuantile)
  return upper.map((value, step) => (lower[step] ?? 0) + share * (value - (lower[step] ?? 0)))
}
