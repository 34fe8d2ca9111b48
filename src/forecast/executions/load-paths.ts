import type { QuantilePaths } from '../quantiles.ts'
import type { LoadResponse } from './profile.ts'

/** Edges of the parts of the distribution of arrivals that are looked at, finer where capacity is decided. */
const edges = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995, 1] as const
const halvings = 30

export interface LoadRequest {
  /** Arrivals per step, in the order of `quantiles`. Shape [quantiles × horizon]. */
  readonly arrivals: QuantilePaths
  readonly quantiles: readonly number[]
  /** Known arrivals of the steps before the horizon, oldest first. */
  readonly before: Float64Array
  readonly response: LoadResponse
  /** How far the wanted statistic lies above the mean of its step, as ratios, each as likely; [1] for the mean itself. */
  readonly ratios: readonly number[]
}

/**
 * Load from arrivals. Given the arrivals, the load of a step is a sum of independent executions: Σ arrivals[k] · mean[t − k], with variance
 * Σ arrivals[k] · variance[t − k], taken as a gamma distribution. The arrivals themselves are uncertain, and high or low together, hour after
 * hour: the result is the mixture over their quantiles.
 * @returns shape [quantiles × horizon], ordered, ≥ 0
 * @see Wilson & Hilferty, The Distribution of Chi-Square (1931), for the gamma distribution's quantiles
 */
export function loadPaths({ arrivals, quantiles, before, response, ratios }: LoadRequest): QuantilePaths {
  const horizon = arrivals.length / quantiles.length
  const parts = edges.slice(1).map((edge, i) => ({ weight: edge - (edges[i] ?? 0), quantile: (edge + (edges[i] ?? 0)) / 2 }))
  const versions = parts.map(({ weight, quantile }) => ({ weight, ...momentsOf(pathAt(arrivals, quantiles, horizon, quantile), before, response) }))
  const paths = new Float64Array(quantiles.length * horizon)
  for (let step = 0; step < horizon; step += 1) {
    const loads = versions.flatMap(({ weight, mean, variance }) =>
      ratios.map((ratio) => ({ weight: weight / ratios.length, mean: ratio * (mean[step] ?? 0), variance: ratio * ratio * (variance[step] ?? 0) })),
    )
    quantiles.forEach((quantile, q) => {
      paths[q * horizon + step] = mixtureQuantile(loads, quantile)
    })
  }
  return paths
}

/** One path of arrivals, linear between the quantiles that are known, ending as far beyond the last as that is beyond its neighbour. */
function pathAt(arrivals: QuantilePaths, quantiles: readonly number[], horizon: number, wanted: number): Float64Array {
  const levels = [0, ...quantiles, 1]
  return Float64Array.from({ length: horizon }, (_, step) => {
    const column = quantiles.map((_q, q) => arrivals[q * horizon + step] ?? 0)
    const [first = 0, last = 0] = [column[0], column.at(-1)]
    const knots = [Math.max(0, first - ((column[1] ?? first) - first)), ...column, last + (last - (column.at(-2) ?? last))]
    const above = levels.findIndex((level) => level >= wanted)
    const [low, high] = [levels[above - 1] ?? 0, levels[above] ?? 1]
    const share = high > low ? (wanted - low) / (high - low) : 0
    return Math.max(0, (knots[above - 1] ?? 0) + share * ((knots[above] ?? 0) - (knots[above - 1] ?? 0)))
  })
}

function momentsOf(coming: Float64Array, before: Float64Array, { mean, variance }: LoadResponse): { readonly mean: Float64Array; readonly variance: Float64Array } {
  const sum = (response: Float64Array): Float64Array =>
    coming.map((_, step) =>
      response.reduce((total, load, lag) => {
        const at = step - lag
        return total + load * (at >= 0 ? (coming[at] ?? 0) : (before[before.length + at] ?? 0))
      }, 0),
    )
  return { mean: sum(mean), variance: sum(variance) }
}

interface Load {
  readonly weight: number
  readonly mean: number
  readonly variance: number
}

function mixtureQuantile(loads: readonly Load[], quantile: number): number {
  let low = 0
  let high = loads.reduce((most, { mean, variance }) => Math.max(most, mean + 6 * Math.sqrt(variance) + 6 * (mean > 0 ? variance / mean : 0)), 0)
  for (let round = 0; round < halvings && high > low; round += 1) {
    const middle = (low + high) / 2
    const mass = loads.reduce((sum, load) => sum + load.weight * shareBelow(load, middle), 0)
    if (mass < quantile) low = middle
    else high = middle
  }
  return high
}

/** Share of a gamma distribution with this mean and variance at or below `value`. */
function shareBelow({ mean, variance }: Load, value: number): number {
  if (!(mean > 0)) return 1
  const relative = variance / (mean * mean)
  if (relative < 1e-9) return value >= mean ? 1 : 0
  const spread = relative / 9
  return normalShare((Math.cbrt(value / mean) - (1 - spread)) / Math.sqrt(spread))
}

/** Share of a standard normal below `value`, to 7e-8. @see Abramowitz & Stegun, Handbook of Mathematical Functions, 26.2.17 */
export function normalShare(value: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(value))
  const tail = (Math.exp((-value * value) / 2) / Math.sqrt(2 * Math.PI)) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return value >= 0 ? 1 - tail : tail
}
