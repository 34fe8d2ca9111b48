import type { ModelSeries } from '../step-series.ts'
import type { QuantilePaths } from '../quantiles.ts'

/** A model that forecasts one series from its own past alone. */
export interface LocalMember {
  readonly name: string
  /** For people: what this member goes by. */
  readonly describes: string
  /** Days of history below which it does not take part. */
  readonly leastDays: number
  /**
   * @param origin  number of values that may be seen
   * @returns shape [quantiles × horizon], not yet limited or ordered
   */
  forecast(series: ModelSeries, origin: number, horizon: number, quantiles: readonly number[]): QuantilePaths
}
