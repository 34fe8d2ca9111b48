/** One series of demand on a regular grid, as it was measured. */
export interface StepSeries {
  readonly name: string
  /** Unix seconds UTC of the first step's start. */
  readonly startSeconds: number
  readonly stepSeconds: number
  /** ≥ 0; NaN where nothing was measured. */
  readonly values: Float64Array
}

/** A series made ready for the models: gaps filled from the past only, running sums at hand. */
export interface ModelSeries {
  readonly name: string
  readonly startSeconds: number
  readonly stepSeconds: number
  /** Steps of a day. */
  readonly perDay: number
  /** Finite, ≥ 0. Shape [length]. */
  readonly values: Float64Array
  /** 1 where the value was measured, 0 where it was filled. */
  readonly measured: Uint8Array
  /** Running sums of values and of their squares. Shape [length + 1]. */
  readonly sums: Float64Array
  readonly squares: Float64Array
}

export const daySeconds = 86400

/**
 * Fills gaps so that models see a complete past: a gap takes the value of its slot one day before, scaled by how the level of the day
 * before the gap compares with the day before that (between 1/2 and 2), or the last value while there is no such slot. Only earlier
 * values are read. Steps before the first measured one are dropped.
 * @throws RangeError when a day is not a whole number of steps
 */
export function modelSeries(series: StepSeries): ModelSeries {
  const { stepSeconds, name } = series
  const perDay = daySeconds / stepSeconds
  if (!Number.isInteger(perDay)) throw new RangeError(`a day is not a whole number of steps of ${stepSeconds} s`)
  const first = series.values.findIndex((value) => Number.isFinite(value))
  const measuredValues = series.values.subarray(first < 0 ? series.values.length : first)
  const length = measuredValues.length
  const values = new Float64Array(length)
  const measured = new Uint8Array(length)
  const sums = new Float64Array(length + 1)
  const squares = new Float64Array(length + 1)
  let gapLevel = 1
  for (let i = 0; i < length; i += 1) {
    const value = measuredValues[i] ?? Number.NaN
    const known = Number.isFinite(value)
    if (!known && measured[i - 1] === 1) gapLevel = levelChange(sums, i, perDay)
    measured[i] = known ? 1 : 0
    const filled = known ? Math.max(0, value) : i >= perDay ? (values[i - perDay] ?? 0) * (i % perDay === 0 ? 1 : gapLevel) : (values[i - 1] ?? 0)
    values[i] = filled
    sums[i + 1] = (sums[i] ?? 0) + filled
    squares[i + 1] = (squares[i] ?? 0) + filled * filled
  }
  return { name, startSeconds: series.startSeconds + Math.max(0, first) * stepSeconds, stepSeconds, perDay, values, measured, sums, squares }
}

/** How the last quarter day compares with the same quarter one day before, between 1/2 and 2; 1 while there is no such day. */
function levelChange(sums: Float64Array, end: number, perDay: number): number {
  const span = Math.max(1, Math.floor(perDay / 4))
  if (end < perDay + span) return 1
  const recent = (sums[end] ?? 0) - (sums[end - span] ?? 0)
  const before = (sums[end - perDay] ?? 0) - (sums[end - perDay - span] ?? 0)
  return before > 0 ? Math.min(2, Math.max(0.5, recent / before)) : 1
}

/** Mean of the `span` values before `end`, or of as many as there are. */
export function meanBefore(series: ModelSeries, end: number, span: number): number {
  const from = Math.max(0, end - span)
  return end > from ? ((series.sums[end] as number) - (series.sums[from] as number)) / (end - from) : 0
}

/** Standard deviation of the `span` values before `end`, or of as many as there are. */
export function deviationBefore(series: ModelSeries, end: number, span: number): number {
  const from = Math.max(0, end - span)
  const count = Math.max(1, end - from)
  const mean = ((series.sums[end] as number) - (series.sums[from] as number)) / count
  return Math.sqrt(Math.max(0, ((series.squares[end] as number) - (series.squares[from] as number)) / count - mean * mean))
}
