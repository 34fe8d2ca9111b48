import { quantileOfSorted } from '../quantiles.ts'
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
  /** One-step errors, the first season left out, oldest first. */
  readonly errors: Float64Array
  /** Their mean square. */
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
  const errors = new Float64Array(Math.max(0, values.length - season))
  let squared = 0
  for (let i = 0, slot = 0; i < values.length; i += 1, slot = slot + 1 === season ? 0 : slot + 1) {
    const expected = level + phi * trend
    const error = (values[i] as number) - expected - (seasonal[slot] as number)
    level = expected + alpha * error
    trend = phi * trend + beta * error
    if (season > 1) seasonal[slot] = (seasonal[slot] as number) + gamma * error
    if (i >= season) {
      squared += error * error
      errors[i - season] = error
    }
  }
  const turn = values.length % season
  const turned = new Float64Array(season)
  for (let i = 0; i < season; i += 1) turned[i] = seasonal[(i + turn) % season] as number
  return { level, trend, season: turned, errors, errorVariance: squared / Math.max(1, errors.length) }
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
  return { level, trend: 0, season: season === 1 ? new Float64Array(1) : shape, errors: new Float64Array(0), errorVariance: 0 }
}

/** Parameters that are tried, with a daily season and without one; the best one-step error over the history wins. */
const seasonalCandidates: readonly SmoothingParameters[] = [0.02, 0.1, 0.3, 0.6, 0.9].flatMap((level) =>
  [0.05, 0.2, 0.5].map((season) => ({ level, trend: 0.05 * level, season: season * (1 - level), damping: 0.9 })),
)
const levelCandidates: readonly SmoothingParameters[] = [0.02, 0.1, 0.3, 0.6, 0.9].map((level) => ({ level, trend: 0.05 * level, season: 0, damping: 0.9 }))
/** Days of history that are smoothed, at most, and steps that are enough. */
const historyDays = 28
const enoughSteps = 2016

/**
 * Damped trend with a daily season or, where less than half a day is asked for and it has the smaller one-step errors, without. Quantiles are those of its own one-step
 * errors, widened with the horizon as the variance of ETS(A,Ad,A) grows.
 * @see Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), 8.7
 */
export const exponentialSmoothing: LocalMember = {
  name: 'exponential-smoothing',
  describes: 'level, damped trend and daily season, newest values counting most',
  leastDays: 3,
  forecast(series, origin, horizon, quantiles) {
    const day = series.perDay
    const from = Math.max(0, origin - Math.min(historyDays * day, Math.max(enoughSteps, 3 * day)))
    const values = series.values.subarray(from, origin)
    const tried = [
      ...seasonalCandidates.map((parameters) => ({ parameters, season: day })),
      ...(horizon < day / 2 ? levelCandidates : []).map((parameters) => ({ parameters, season: 1 })),
    ].map(({ parameters, season }) => ({ parameters, season, state: smooth(values, season, parameters, smoothingStart(values, season)) }))
    const best = tried.reduce((lowest, other) => (other.state.errorVariance < lowest.state.errorVariance ? other : lowest))
    return smoothedPaths(best.state, best.parameters, best.season, horizon, quantiles)
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
  const sorted = state.errors.slice().sort()
  const spreads = quantiles.map((quantile) => (sorted.length === 0 || quantile === 0.5 ? 0 : quantileOfSorted(sorted, quantile)))
  let trend = 0
  let damped = 1
  let growth = 1
  for (let step = 0; step < horizon; step += 1) {
    damped *= parameters.damping
    trend += damped
    const mean = state.level + trend * state.trend + (state.season[step % season] ?? 0)
    const widened = Math.sqrt(growth)
    spreads.forEach((spread, q) => {
      paths[q * horizon + step] = mean + spread * widened
    })
    const weight = parameters.level + parameters.trend * trend + ((step + 1) % season === 0 && season > 1 ? parameters.season : 0)
    growth += weight * weight
  }
  return paths
}
