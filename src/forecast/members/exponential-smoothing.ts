import type { ModelSeries } from '../step-series.ts'
import type { LocalMember } from './member.ts'

/** Smoothing parameters, each in (0, 1). */
export interface SmoothingParameters {
  readonly level: number
  readonly trend: number
  readonly season: number
  readonly damping: number
}

/** State after the last value that was seen. */
export interface SmoothingState {
  readonly level: number
  readonly trend: number
  /** Season of each slot, the next step's first. Shape [season]. */
  readonly season: Float64Array
  /** Mean squared one-step error, the first season left out. */
  readonly errorVariance: number
}

/**
 * Additive exponential smoothing with damped trend and additive season, started from the first two seasons.
 * ŷ(t) = l + φ·b + s(t−m);  l ← l + φ·b + α·e;  b ← φ·b + β·e;  s ← s + γ·e
 * @param values  one or more seasons, finite
 * @param season  steps of a season; 1 leaves the season out
 * @see Hyndman et al., Forecasting with Exponential Smoothing (2008), model ETS(A,Ad,A) in its error-correction form
 */
export function smooth(values: Float64Array, season: number, parameters: SmoothingParameters, start: SmoothingState): SmoothingState {
  const { level: alpha, trend: beta, season: gamma, damping: phi } = parameters
  const seasonal = start.season.slice()
  let { level, trend } = start
  let squared = 0
  let counted = 0
  for (let i = 0, slot = 0; i < values.length; i += 1, slot = slot + 1 === season ? 0 : slot + 1) {
    const expected = level + phi * trend
    const error = (values[i] as number) - expected - (seasonal[slot] as number)
    level = expected + alpha * error
    trend = phi * trend + beta * error
    if (season > 1) seasonal[slot] = (seasonal[slot] as number) + gamma * error
    if (i >= season) {
      squared += error * error
      counted += 1
    }
  }
  const turn = values.length % season
  const turned = new Float64Array(season)
  for (let i = 0; i < season; i += 1) turned[i] = seasonal[(i + turn) % season] as number
  return { level, trend, season: turned, errorVariance: squared / Math.max(1, counted) }
}

/** Level of the first season's mean, no trend, the season's mean shape over the first two. */
export function smoothingStart(values: Float64Array, season: number): SmoothingState {
  const seasons = Math.max(1, Math.min(2, Math.floor(values.length / season)))
  const shape = new Float64Array(season)
  let level = 0
  for (let i = 0; i < season; i += 1) level += (values[i] ?? 0) / season
  for (let s = 0; s < seasons; s += 1) {
    let mean = 0
    for (let i = 0; i < season; i += 1) mean += (values[s * season + i] ?? 0) / season
    for (let i = 0; i < season; i += 1) shape[i] = (shape[i] as number) + ((values[s * season + i] ?? 0) - mean) / seasons
  }
  return { level, trend: 0, season: season === 1 ? new Float64Array(1) : shape, errorVariance: 0 }
}

/** Parameters that are tried; the best one-step error over the history wins. */
const candidates: readonly SmoothingParameters[] = [0.02, 0.1, 0.3, 0.6, 0.9].flatMap((level) =>
  [0.05, 0.2, 0.5].flatMap((season) => [0, 0.05].map((trend) => ({ level, trend: trend * level, season: season * (1 - level), damping: 0.9 }))),
)
/** Days of history that are smoothed. */
const historyDays = 28
/** Candidates are tried on this many of the newest steps. */
const trialSteps = 2016

/**
 * Normal quantiles around the smoothed forecast; the variance grows with the horizon as for ETS(A,Ad,A), see Hyndman & Athanasopoulos
 * (3rd ed.), 8.7.
 */
export const exponentialSmoothing: LocalMember = {
  name: 'exponential-smoothing',
  describes: 'level, damped trend and daily season, newest values counting most',
  leastDays: 3,
  forecast(series, origin, horizon, quantiles) {
    const season = series.perDay
    const from = Math.max(0, origin - Math.min(historyDays * season, Math.max(trialSteps, 3 * season)))
    const values = series.values.subarray(from, origin)
    const start = smoothingStart(values, season)
    let parameters = candidates[0] as SmoothingParameters
    let state = smooth(values, season, parameters, start)
    for (const candidate of candidates.slice(1)) {
      const tried = smooth(values, season, candidate, start)
      if (tried.errorVariance < state.errorVariance) {
        state = tried
        parameters = candidate
      }
    }
    return smoothedPaths(state, parameters, season, horizon, quantiles)
  },
}

/** @returns shape [quantiles × horizon] */
export function smoothedPaths(
  state: SmoothingState,
  parameters: SmoothingParameters,
  season: number,
  horizon: number,
  quantiles: readonly number[],
): Float64Array {
  const paths = new Float64Array(quantiles.length * horizon)
  let trend = 0
  let damped = 1
  let weight = 0
  let variance = state.errorVariance
  for (let step = 0; step < horizon; step += 1) {
    damped *= parameters.damping
    trend += damped
    const mean = state.level + trend * state.trend + (state.season[step % season] ?? 0)
    const deviation = Math.sqrt(variance)
    quantiles.forEach((quantile, q) => {
      paths[q * horizon + step] = mean + normalQuantile(quantile) * deviation
    })
    weight = parameters.level + parameters.trend * trend + ((step + 1) % season === 0 && season > 1 ? parameters.season : 0)
    variance += state.errorVariance * weight * weight
  }
  return paths
}

/**
 * Quantile of the standard normal distribution, absolute error below 5e-4.
 * @see Abramowitz & Stegun (1964), 26.2.23
 */
export function normalQuantile(quantile: number): number {
  const tail = Math.min(quantile, 1 - quantile)
  const t = Math.sqrt(-2 * Math.log(tail))
  const z = t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t)
  return quantile < 0.5 ? -z : z
}

/** @returns whether the series has the days that the member asks for */
export function hasDays(series: ModelSeries, origin: number, days: number): boolean {
  return origin >= days * series.perDay
}
