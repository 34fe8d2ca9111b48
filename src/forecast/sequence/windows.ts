import { deviationBefore, meanBefore, type ModelSeries } from '../step-series.ts'

/** What the network sees of a series on one grid. */
export interface WindowShape {
  readonly perDay: number
  /** The newest `tokens` × `tokenSteps` steps, cut into tokens that end at the origin. */
  readonly tokens: number
  readonly tokenSteps: number
  /** Steps over which short means go, and on each side of a slot of an earlier day. */
  readonly shortSteps: number
  readonly blurSteps: number
  /** Horizon that the network was trained for; later steps are told as its last. */
  readonly horizon: number
}

export const hourlyShape: WindowShape = { perDay: 24, tokens: 28, tokenSteps: 24, shortSteps: 3, blurSteps: 0, horizon: 48 }
export const fiveMinuteShape: WindowShape = { perDay: 288, tokens: 36, tokenSteps: 12, shortSteps: 3, blurSteps: 1, horizon: 24 }

/** Days and weeks back whose same slot is a candidate. */
const dayLags = 7
const weekLags = [14, 21, 28]
/** Beside the slots: last value, short mean, quarter-day mean, day mean, week mean, yesterday moved by the newest change, mean of the slots. */
const otherCandidates = 7
export const candidateCount = dayLags + weekLags.length + otherCandidates
const stepFeatures = 6
export const stepInputs = candidateCount + stepFeatures
export const staticInputs = 10

/** Values of a token, whether it was measured, and where it lies in the week counted back from the origin. */
export function tokenInputs(shape: WindowShape): number {
  return shape.tokenSteps + 3
}

/** Inputs of some windows. */
export interface Windows {
  readonly count: number
  readonly steps: number
  /** Shape [count × tokens × tokenInputs]. */
  readonly tokens: Float32Array
  /** Shape [count × staticInputs]. */
  readonly statics: Float32Array
  /** Shape [count × steps × stepInputs]. */
  readonly stepInputs: Float32Array
  /** Candidates for the median, scaled, never squeezed. Shape [count × steps × candidateCount]. */
  readonly candidates: Float32Array
  /** Demand that a scaled 0 and 1 stand for: centre, and centre + scale. Shape [count]. */
  readonly centre: Float64Array
  readonly scale: Float64Array
}

export function emptyWindows(count: number, steps: number, shape: WindowShape): Windows {
  return {
    count,
    steps,
    tokens: new Float32Array(count * shape.tokens * tokenInputs(shape)),
    statics: new Float32Array(count * staticInputs),
    stepInputs: new Float32Array(count * steps * stepInputs),
    candidates: new Float32Array(count * steps * candidateCount),
    centre: new Float64Array(count),
    scale: new Float64Array(count),
  }
}

function squeezed(value: number): number {
  return Math.asinh(value)
}

/**
 * Writes what the network sees from one origin.
 * @param origin  number of values that may be seen
 * @param steps   horizon steps wanted, shape [into.steps]
 */
export function writeWindow(series: ModelSeries, origin: number, steps: ArrayLike<number>, shape: WindowShape, into: Windows, row: number): void {
  const { values, perDay, sums } = series
  const { tokens, tokenSteps, shortSteps, blurSteps } = shape
  const week = 7 * perDay
  const centre = meanBefore(series, origin, week)
  const spread = deviationBefore(series, origin, 2 * week)
  const level = meanBefore(series, origin, origin)
  const scale = Math.max(spread, 0.05 * deviationBefore(series, origin, origin), 0.001 * level, 1e-9)
  into.centre[row] = centre
  into.scale[row] = scale
  const scaled = (value: number): number => (value - centre) / scale
  const meanAt = (end: number, span: number): number => ((sums[end] as number) - (sums[end - span] as number)) / span

  const width = tokenInputs(shape)
  let at = row * tokens * width
  for (let token = 0; token < tokens; token += 1) {
    const from = origin - (tokens - token) * tokenSteps
    let seen = 0
    for (let i = from; i < from + tokenSteps; i += 1) {
      if (i >= 0) seen += 1
      into.tokens[at++] = i >= 0 ? squeezed(scaled(values[i] as number)) : 0
    }
    const back = (2 * Math.PI * ((tokens - token) * tokenSteps)) / (tokenSteps === perDay ? week : perDay)
    into.tokens[at++] = seen / tokenSteps
    into.tokens[at++] = Math.sin(back)
    into.tokens[at++] = Math.cos(back)
  }

  const last = values[origin - 1] as number
  const short = meanBefore(series, origin, shortSteps)
  const quarter = Math.max(2, perDay >> 2)
  const quarterMean = meanBefore(series, origin, quarter)
  const dayMean = meanBefore(series, origin, perDay)
  const shortYesterday = origin - perDay >= shortSteps ? meanAt(origin - perDay, shortSteps) : short
  let dayChange = 0
  let weekChange = 0
  let idle = 0
  const span = Math.min(origin, week)
  for (let i = origin - span; i < origin; i += 1) {
    if (i >= perDay) dayChange += Math.abs((values[i] as number) - (values[i - perDay] as number))
    if (i >= week) weekChange += Math.abs((values[i] as number) - (values[i - week] as number))
    if (values[i] === 0) idle += 1
  }
  let staticAt = row * staticInputs
  for (const value of [
    squeezed(centre / scale), Math.log1p(deviationBefore(series, origin, perDay) / scale), Math.log1p(deviationBefore(series, origin, quarter) / scale),
    Math.log1p(dayChange / Math.max(1, span) / scale), Math.log1p(weekChange / Math.max(1, span) / scale), idle / Math.max(1, span),
    Math.min(1, origin / (4 * week)), Math.min(1, origin / week), squeezed((dayMean - centre) / scale), Math.log1p((0.05 * deviationBefore(series, origin, origin)) / scale),
  ]) into.statics[staticAt++] = value

  const slots = new Float64Array(dayLags + weekLags.length)
  for (let k = 0; k < into.steps; k += 1) {
    const step = steps[k] as number
    const target = origin + step
    const daysBack = Math.floor(step / perDay) + 1
    const weeksBack = 7 * (Math.floor(step / week) + 1)
    let sum = 0
    let count = 0
    for (let lag = 0; lag < slots.length; lag += 1) {
      const back = lag < dayLags ? daysBack + lag : (weekLags[lag - dayLags] as number) + weeksBack - 7
      const index = target - back * perDay
      let value = Number.NaN
      if (index >= 0) {
        if (blurSteps === 0) value = values[index] as number
        else {
          const from = Math.max(0, index - blurSteps)
          const to = Math.min(origin, index + blurSteps + 1)
          value = meanAt(to, to - from)
        }
        if (lag < dayLags) {
          sum += value
          count += 1
        }
      }
      slots[lag] = value
    }
    const base = count > 0 ? sum / count : dayMean
    const first = slots[0] as number
    const moved = Number.isNaN(first) ? base : Math.max(0, first + short - shortYesterday)
    let candidate = (row * into.steps + k) * candidateCount
    let input = (row * into.steps + k) * stepInputs
    const put = (value: number): void => {
      const number = scaled(value)
      into.candidates[candidate++] = number
      into.stepInputs[input++] = squeezed(number)
    }
    for (let lag = 0; lag < slots.length; lag += 1) put(Number.isNaN(slots[lag] as number) ? base : (slots[lag] as number))
    put(last)
    put(short)
    put(quarterMean)
    put(dayMean)
    put(centre)
    put(moved)
    put(base)
    const share = Math.min(1, (step + 1) / shape.horizon)
    into.stepInputs[input++] = share
    into.stepInputs[input++] = Math.sqrt(share)
    into.stepInputs[input++] = Math.exp(-step / Math.max(2, shape.horizon / 8))
    into.stepInputs[input++] = Math.exp(-step)
    into.stepInputs[input++] = step >= perDay ? 1 : 0
    into.stepInputs[input++] = Math.min(1, count / dayLags)
  }
}
