import { quantileLoss } from './quantiles.ts'
import type { EvaluatedForecast } from './evaluate.ts'
import type { StepSeries } from './step-series.ts'

/** How good forecasts were, once what came is known. */
export interface ForecastScores {
  /** Forecasts of which at least one step was measured since. */
  readonly scored: number
  readonly series: number
  /**
   * Weighted quantile loss: the mean over quantiles of 2·max(q·(y − f), (q − 1)·(y − f)), summed over steps and divided by the series' mean
   * size, over the demand that came, divided likewise. Undefined where nothing was scored or nothing came.
   */
  readonly wql: number | undefined
  /**
   * Mean absolute scaled error of the median: over the mean absolute difference of one season in the history before the origin (Hyndman and
   * Koehler, 2006). Undefined without a median, or where no history differs from season to season.
   */
  readonly mase: number | undefined
  /** Share of what came that was at or below each quantile, per series, then their mean. Shape [quantiles]. */
  readonly coverage: readonly (number | undefined)[]
}

/** What is kept of one series while its forecasts are scored. */
interface SeriesSums {
  loss: number
  demand: number
  forecasts: number
  mase: number
  maseForecasts: number
  readonly coverage: Float64Array
}

/** Scores forecasts one by one against all that is known of their series; a forecast may be let go once it was added. */
export class ForecastScorer {
  readonly #actuals: ReadonlyMap<string, StepSeries>
  readonly #quantiles: readonly number[]
  readonly #seasonSteps: number
  readonly #sums = new Map<string, SeriesSums>()

  /**
   * @param actuals      history and what came, per series, on the forecasts' grid; NaN where nothing was measured
   * @param quantiles    ascending
   * @param seasonSteps  steps of one season, for example a day
   */
  constructor(actuals: ReadonlyMap<string, StepSeries>, quantiles: readonly number[], seasonSteps: number) {
    this.#actuals = actuals
    this.#quantiles = quantiles
    this.#seasonSteps = seasonSteps
  }

  add({ series: name, originSeconds, paths }: EvaluatedForecast): void {
    const actual = this.#actuals.get(name)
    if (actual === undefined) return
    const quantiles = this.#quantiles
    const horizon = paths.length / quantiles.length
    const seen = Math.round((originSeconds - actual.startSeconds) / actual.stepSeconds) + 1
    const measured: number[] = []
    for (let step = 0; step < horizon; step += 1) if (Number.isFinite(actual.values[seen + step])) measured.push(step)
    if (measured.length === 0) return
    const sums = this.#sums.get(name) ?? { loss: 0, demand: 0, forecasts: 0, mase: 0, maseForecasts: 0, coverage: new Float64Array(quantiles.length) }
    this.#sums.set(name, sums)
    const median = quantiles.indexOf(0.5)
    let error = 0
    for (const step of measured) {
      const came = actual.values[seen + step] ?? 0
      sums.demand += Math.abs(came)
      for (const [q, quantile] of quantiles.entries()) {
        const forecast = paths[q * horizon + step] ?? 0
        sums.loss += quantileLoss(came, forecast, quantile) / quantiles.length
        if (came <= forecast + 1e-12 * Math.abs(forecast)) sums.coverage[q] = (sums.coverage[q] ?? 0) + 1 / measured.length
        if (q === median) error += Math.abs(came - forecast)
      }
    }
    sums.forecasts += 1
    const scale = seasonalDifference(actual.values.subarray(0, seen), this.#seasonSteps)
    if (median < 0 || !(scale > 0)) return
    sums.mase += error / measured.length / scale
    sums.maseForecasts += 1
  }

  scores(): ForecastScores {
    let [scored, loss, demand] = [0, 0, 0]
    for (const [name, sums] of this.#sums) {
      const size = meanSize(this.#actuals.get(name)?.values ?? new Float64Array())
      scored += sums.forecasts
      loss += sums.loss / size
      demand += sums.demand / size
    }
    const all = [...this.#sums.values()]
    return {
      scored,
      series: all.length,
      wql: demand > 0 ? loss / demand : undefined,
      mase: mean(all.filter(({ maseForecasts }) => maseForecasts > 0).map((sums) => sums.mase / sums.maseForecasts)),
      coverage: this.#quantiles.map((_, q) => mean(all.map((sums) => (sums.coverage[q] ?? 0) / sums.forecasts))),
    }
  }
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Mean |y| of what was measured; 1 where that is 0, so that it can divide. */
function meanSize(values: Float64Array): number {
  const size = mean(Array.from(values.filter((value) => Number.isFinite(value)), Math.abs)) ?? 0
  return size === 0 ? 1 : size
}

/** Mean absolute difference of measured values a season apart, of neighbours where the history is no longer than a season; NaN without any. */
function seasonalDifference(history: Float64Array, seasonSteps: number): number {
  const measured = history.filter((value) => Number.isFinite(value))
  const apart = measured.length > seasonSteps ? seasonSteps : 1
  let sum = 0
  for (let i = apart; i < measured.length; i += 1) sum += Math.abs((measured[i] ?? 0) - (measured[i - apart] ?? 0))
  return sum / (measured.length - apart)
}
