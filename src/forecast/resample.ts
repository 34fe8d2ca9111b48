import type { StepStatistic } from '../domain/forecast.ts'
import { alignDown, type Grid } from '../domain/grid.ts'
import type { StepSeries } from './step-series.ts'

/** Share of a step's shorter steps that must have been measured for it to count: below it a peak may have been missed. */
const leastShare = 0.5

/** Demand on the history's grid: means within its steps, NaN where nothing was measured. */
export interface MeasuredSeries {
  readonly name: string
  readonly grid: Grid
  /** Shape [grid.length]. */
  readonly values: Float64Array
}

/**
 * Brings a series to longer steps: by the peak, the highest of the means inside each step, since capacity is bought for the peak; or by
 * their mean. A step of which less than half was measured is a gap.
 * @param originSeconds  steps that end after it are left out, Unix seconds
 * @throws RangeError when a step is not a whole number of the history's steps
 */
export function resample({ name, grid, values: measured }: MeasuredSeries, stepSeconds: number, originSeconds: number, statistic: StepStatistic): StepSeries {
  const ratio = stepSeconds / grid.stepSeconds
  if (!Number.isInteger(ratio)) throw new RangeError(`a step of ${stepSeconds} s is not a whole number of steps of ${grid.stepSeconds} s`)
  const startSeconds = alignDown(grid.startSeconds, stepSeconds)
  const length = Math.max(0, Math.floor((originSeconds - startSeconds) / stepSeconds))
  const values = new Float64Array(length)
  const counts = new Uint32Array(length)
  for (let i = 0; i < grid.length; i += 1) {
    const value = measured[i] ?? Number.NaN
    const step = Math.floor((grid.startSeconds + i * grid.stepSeconds - startSeconds) / stepSeconds)
    if (step >= length || !Number.isFinite(value)) continue
    counts[step] = (counts[step] ?? 0) + 1
    const count = counts[step] as number
    const before = values[step] as number
    // a running mean: a sum of huge values would leave the range of numbers
    if (statistic === 'mean') values[step] = before + (value - before) / count
    else values[step] = count === 1 ? value : Math.max(before, value)
  }
  for (let step = 0; step < length; step += 1) if ((counts[step] ?? 0) < ratio * leastShare) values[step] = Number.NaN
  return { name, startSeconds, stepSeconds, values }
}
