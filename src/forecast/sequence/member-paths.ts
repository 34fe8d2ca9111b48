import type { SequenceForecast } from '../network.ts'
import type { QuantilePaths } from '../quantiles.ts'
import type { ModelSeries } from '../step-series.ts'
import { placeQuantiles, taughtQuantiles } from './taught-quantiles.ts'
import { emptyWindows, writeWindow, type Windows, type WindowShape } from './windows.ts'

/** Runs the network: scaled quantiles, shape [windows × steps × taught quantiles]. */
export type RunWindows = (windows: Windows) => Float32Array

/** Windows that are run at once. */
const windowsAtOnce = 4

/**
 * What the network says of a series from some origins. Windows are run in batches of one size, the last filled up, so that no forecast
 * depends on which others are asked for with it.
 * @param origins  numbers of values that may be seen, each at least 1
 * @returns one per origin, each of shape [quantiles × horizon], in the series' unit, not yet limited
 */
export function sequencePaths(
  series: ModelSeries,
  origins: readonly number[],
  { horizon, quantiles }: SequenceForecast,
  window: WindowShape,
  run: RunWindows,
): QuantilePaths[] {
  const steps = Int32Array.from({ length: horizon }, (_, step) => step)
  const between = placeQuantiles(quantiles)
  const taught = taughtQuantiles.length
  const paths: QuantilePaths[] = []
  for (let from = 0; from < origins.length; from += windowsAtOnce) {
    const batch = origins.slice(from, from + windowsAtOnce)
    const windows = emptyWindows(windowsAtOnce, horizon, window)
    batch.forEach((origin, row) => writeWindow(series, origin, steps, window, windows, row))
    const scaled = run(windows)
    batch.forEach((_, row) => {
      const own = new Float64Array(quantiles.length * horizon)
      const centre = windows.centre[row] as number
      const scale = windows.scale[row] as number
      between.forEach(({ low, high, share }, q) => {
        for (let step = 0; step < horizon; step += 1) {
          const at = (row * horizon + step) * taught
          own[q * horizon + step] = centre + scale * ((1 - share) * (scaled[at + low] as number) + share * (scaled[at + high] as number))
        }
      })
      paths.push(own)
    })
  }
  return paths
}
