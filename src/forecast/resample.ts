import { alignDown, type Grid } from '../domain/grid.ts'
import { seriesName, type DemandSeries } from '../domain/history.ts'
import type { StepSeries } from './step-series.ts'

/** Share of a step's shorter steps that must have been measured for its peak to count: below it a peak may have been missed. */
const leastShare = 0.5

/**
 * Brings a series to longer steps by the peak: the highest of the means inside each step, since capacity is bought for the peak. A step
 * of which less than half was measured is a gap.
 * @param originSeconds  steps that end after it are left out, Unix seconds
 * @throws RangeError when a step is not a whole number of the history's steps
 */
export function resamplePeak(grid: Grid, series: DemandSeries, stepSeconds: number, originSeconds: number): StepSeries {
  const ratio = stepSeconds / grid.stepSeconds
  if (!Number.isInteger(ratio)) throw new RangeError(`a step of ${stepSeconds} s is not a whole number of steps of ${grid.stepSeconds} s`)
  const startSeconds = alignDown(grid.startSeconds, stepSeconds)
  const length = Math.max(0, Math.floor((originSeconds - startSeconds) / stepSeconds))
  const values = new Float64Array(length).fill(Number.NaN)
  const counts = new Uint32Array(length)
  for (let i = 0; i < grid.length; i += 1) {
    const value = series.values[i] ?? Number.NaN
    const step = Math.floor((grid.startSeconds + i * grid.stepSeconds - startSeconds) / stepSeconds)
    if (step >= length || !Number.isFinite(value)) continue
    counts[step] = (counts[step] ?? 0) + 1
    const peak = values[step] ?? Number.NaN
    values[step] = Number.isNaN(peak) ? value : Math.max(peak, value)
  }
  for (let step = 0; step < length; step += 1) if ((counts[step] ?? 0) < ratio * leastShare) values[step] = Number.NaN
  return { name: seriesName(series), startSeconds, stepSeconds, values }
}
