/** Quantile paths of one series from one origin: row-wise, shape [quantiles × steps]. */
export type QuantilePaths = Float64Array

/**
 * Linear interpolation between order statistics, the usual definition 7 of Hyndman and Fan (1996).
 * @param sorted  ascending, at least one value
 */
export function quantileOfSorted(sorted: Float64Array, quantile: number): number {
  const position = (sorted.length - 1) * quantile
  const below = Math.floor(position)
  const low = sorted[below] ?? Number.NaN
  const high = sorted[Math.min(sorted.length - 1, below + 1)] ?? low
  return low + (position - below) * (high - low)
}

/** Pinball loss, doubled so that at the median it is the absolute error. */
export function quantileLoss(actual: number, forecast: number, quantile: number): number {
  const error = actual - forecast
  return 2 * (error >= 0 ? quantile * error : (quantile - 1) * error)
}

/**
 * Makes paths fit for use, in place: finite, at least 0, at most `cap`, never crossing (a quantile is raised to the one below it).
 * @param cap  the most that is believed, for example a multiple of what the series has shown
 */
export function settlePaths(paths: QuantilePaths, quantileCount: number, steps: number, cap: number): void {
  for (let step = 0; step < steps; step += 1) {
    let floor = 0
    for (let q = 0; q < quantileCount; q += 1) {
      const value = paths[q * steps + step] as number
      floor = Math.max(floor, Number.isFinite(value) ? Math.min(value, cap) : 0)
      paths[q * steps + step] = floor
    }
  }
}

/**
 * Mean quantile loss of paths against what came, over steps that were measured.
 * @returns total loss and total of the actuals' absolute values, so that means can be weighted
 */
export function pathsLoss(
  paths: QuantilePaths,
  quantiles: readonly number[],
  actual: Float64Array,
  measured: Uint8Array,
): { readonly loss: number; readonly absolute: number; readonly steps: number } {
  const steps = actual.length
  let loss = 0
  let absolute = 0
  let counted = 0
  for (let step = 0; step < steps; step += 1) {
    if (measured[step] !== 1) continue
    const value = actual[step] as number
    counted += 1
    absolute += Math.abs(value)
    for (let q = 0; q < quantiles.length; q += 1) loss += quantileLoss(value, paths[q * steps + step] as number, quantiles[q] as number) / quantiles.length
  }
  return { loss, absolute, steps: counted }
}
