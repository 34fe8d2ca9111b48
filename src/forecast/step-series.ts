import { Belief } from './belief.ts'

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
  /** 1 where the value was measured and is believed, 0 where it was filled. */
  readonly measured: Uint8Array
  /** Steps whose value was too far above all that came before to be believed. */
  readonly disbelieved: number
  /** Running sums of values and of their squares. Shape [length + 1]. */
  readonly sums: Float64Array
  readonly squares: Float64Array
}

export const daySeconds = 86400

/**
 * Fills gaps so that models see a complete past: a gap takes the value of its slot one week before, or one day before where there is no such
 * week, raised by as much as demand before the gap was above that of a week, or day, before (at most twice), never lowered: what was not
 * measured is no sign that demand fell. Values that are beyond belief are gaps too. Only earlier values are read. Steps before the first
 * measured one are dropped.
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
  const belief = new Belief(perDay)
  let gapFrom = 0
  let disbelieved = 0
  for (let i = 0; i < length; i += 1) {
    const value = Math.max(0, measuredValues[i] ?? Number.NaN)
    const known = Number.isFinite(value)
    const believed = known && belief.holds(i, value)
    if (known && !believed) disbelieved += 1
    if (!believed && measured[i - 1] === 1) gapFrom = i
    measured[i] = believed ? 1 : 0
    const filled = believed ? value : filledValue(values, sums, i, gapFrom, perDay)
    values[i] = filled
    sums[i + 1] = (sums[i] ?? 0) + filled
    squares[i + 1] = (squares[i] ?? 0) + filled * filled
  }
  return { name, startSeconds: series.startSeconds + Math.max(0, first) * stepSeconds, stepSeconds, perDay, values, measured, disbelieved, sums, squares }
}

/** What stands in for a value that was not measured; `gapFrom` is where its gap begins. */
function filledValue(values: Float64Array, sums: Float64Array, index: number, gapFrom: number, perDay: number): number {
  const week = 7 * perDay
  const source = index >= week ? week : perDay
  if (index < source) return values[index - 1] ?? 0
  const before = values[index - source] ?? 0
  // a slot that was filled in this gap has been raised already
  return index - source >= gapFrom ? before : before * rise(sums, gapFrom, source, source === week ? perDay : Math.max(1, Math.floor(perDay / 4)))
}

/** How far the `span` values before `end` are above those a `season` before, between 1 and 2; 1 while there are none. */
function rise(sums: Float64Array, end: number, season: number, span: number): number {
  if (end < season + span) return 1
  const recent = (sums[end] ?? 0) - (sums[end - span] ?? 0)
  const before = (sums[end - season] ?? 0) - (sums[end - season - span] ?? 0)
  return before > 0 ? Math.min(2, Math.max(1, recent / before)) : 1
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
