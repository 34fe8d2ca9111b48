import { decompose, solveDecomposed } from '../cholesky.ts'
import { daySeconds } from '../step-series.ts'

/** A further column of the model, such as an event or a regressor: known at every step, coming ones included. */
export interface ExtraColumn {
  /** Finite. Shape [all steps that are asked for]. */
  readonly values: Float64Array
  /** Standard deviation of the coefficient before anything is seen, per unit of the column and of the scaled target. */
  readonly deviation: number
}

/** Where the steps of a target lie in time. */
export interface StepTimes {
  /** Unix seconds of the first step's start. */
  readonly startSeconds: number
  readonly stepSeconds: number
}

/** A fitted model: target = trend + seasons + further columns + noise. */
export interface AdditiveModel {
  readonly times: StepTimes
  /** First step and end of what it was fitted to. */
  readonly from: number
  readonly end: number
  readonly changes: readonly number[]
  /** Trend, seasons, further columns. */
  readonly coefficients: Float64Array
  /** Standard deviation of each further column's coefficient. */
  readonly extraDeviations: Float64Array
  /** Standard deviation of what is left. */
  readonly noise: number
}

export interface FitOptions {
  /** Steps that are left out of the fit, to be judged by it. */
  readonly leftOut?: (step: number) => boolean
}

/** Harmonics of the day, of the week, and of the day as it differs at weekends. */
const harmonics = { day: 5, week: 3, weekendDay: 2 }
/** Days between places where the trend may turn; none in the last days, as there is too little to tell. */
const turns = { everyDays: 3.5, freeEndDays: 2 }
/** Standard deviations before anything is seen: of slopes and turns per day, and of seasons, in units of the scaled target. */
const prior = { level: 10, slope: 0.1, turn: 0.03, season: 1 }
/** Residuals beyond this many noise deviations count less, and how often weights are found anew. */
const robust = { tolerance: 2.5, rounds: 2 }
const secondsPerHour = 3600
const seasonColumns = 2 * (harmonics.day + harmonics.week + harmonics.weekendDay) + 1

/**
 * Fits a piecewise linear trend, Fourier seasons of day and week and further columns by maximum a posteriori: every coefficient has a normal
 * prior, residuals that stand out are weighed down (Huber). Steps shorter than an hour are averaged to hours.
 * @param target  NaN where unknown; scaled so that values are of order 1
 * @param from    first step to fit to
 * @param end     first step that may not be seen
 * @param extra   at least `end` long
 * @see Taylor & Letham, Forecasting at Scale (2018)
 */
export function fitAdditive(target: Float64Array, times: StepTimes, from: number, end: number, extra: readonly ExtraColumn[], { leftOut = () => false }: FitOptions = {}): AdditiveModel {
  const perDay = daySeconds / times.stepSeconds
  const changes: number[] = []
  for (let at = from + turns.everyDays * perDay; at < end - turns.freeEndDays * perDay; at += turns.everyDays * perDay) changes.push(at)
  const own = 2 + changes.length + seasonColumns
  const width = own + extra.length
  const group = Math.max(1, Math.round(secondsPerHour / times.stepSeconds))
  const rows: Float64Array[] = []
  const targets: number[] = []
  for (let at = from; at < end; at += group) {
    const row = new Float64Array(width)
    let [sum, count] = [0, 0]
    for (let step = at; step < Math.min(end, at + group); step += 1) {
      const value = target[step] ?? Number.NaN
      if (!Number.isFinite(value) || leftOut(step)) continue
      addRow(row, step, times, from, changes, extra, own)
      sum += value
      count += 1
    }
    if (count === 0) continue
    rows.push(row.map((value) => value / count))
    targets.push(sum / count)
  }
  const deviations = Float64Array.from({ length: width }, (_, c) => (c >= own ? (extra[c - own]?.deviation ?? 1) : c === 0 ? prior.level : c === 1 ? prior.slope : c < 2 + changes.length ? prior.turn : prior.season))
  return { times, from, end, changes, ...solveRobust(rows, targets, deviations, own) }
}

/**
 * What the model says of steps, later ones too, where the trend's slope fades with a half-life of two days: a slope kept for ever explodes.
 * @param extra  as in the fit, long enough for the steps
 * @returns shape [to − from]
 */
export function additiveValues(model: AdditiveModel, from: number, to: number, extra: readonly ExtraColumn[]): Float64Array {
  const { times, changes, coefficients } = model
  const own = coefficients.length - extra.length
  return Float64Array.from({ length: to - from }, (_, i) => {
    const row = new Float64Array(coefficients.length)
    addRow(row, from + i, times, model.from, changes, extra, own)
    fadeSlopes(row, from + i, model)
    return row.reduce((sum, value, c) => sum + value * (coefficients[c] ?? 0), 0)
  })
}

const halfLifeDays = 2

/** Replaces the days since each turn by fading ones beyond the end of the fit. */
function fadeSlopes(row: Float64Array, step: number, { times, end, changes }: AdditiveModel): void {
  if (step <= end) return
  const perDay = daySeconds / times.stepSeconds
  const beyond = (step - end) / perDay
  const faded = (halfLifeDays / Math.LN2) * (1 - 2 ** (-beyond / halfLifeDays))
  for (let c = 1; c < 2 + changes.length; c += 1) row[c] = (row[c] ?? 0) - beyond + faded
}

function addRow(row: Float64Array, step: number, { startSeconds, stepSeconds }: StepTimes, from: number, changes: readonly number[], extra: readonly ExtraColumn[], own: number): void {
  const perDay = daySeconds / stepSeconds
  let c = 0
  const add = (value: number): void => {
    row[c] = (row[c] ?? 0) + value
    c += 1
  }
  add(1)
  add((step - from) / perDay)
  for (const change of changes) add(Math.max(0, step - change) / perDay)
  const seconds = startSeconds + (step + 0.5) * stepSeconds
  const day = (seconds % daySeconds) / daySeconds
  // days since the epoch began on a Thursday
  const week = ((seconds / daySeconds + 3) % 7) / 7
  const weekend = week >= 5 / 7 ? 1 : 0
  for (let k = 1; k <= harmonics.day; k += 1) wave(day * k, 1, add)
  for (let k = 1; k <= harmonics.week; k += 1) wave(week * k, 1, add)
  add(weekend)
  for (let k = 1; k <= harmonics.weekendDay; k += 1) wave(day * k, weekend, add)
  extra.forEach(({ values }, e) => {
    row[own + e] = (row[own + e] ?? 0) + (values[step] ?? 0)
  })
}

function wave(turns: number, size: number, add: (value: number) => void): void {
  add(size * Math.sin(2 * Math.PI * turns))
  add(size * Math.cos(2 * Math.PI * turns))
}

interface Solution {
  readonly coefficients: Float64Array
  readonly extraDeviations: Float64Array
  readonly noise: number
}

function solveRobust(rows: readonly Float64Array[], targets: readonly number[], deviations: Float64Array, own: number): Solution {
  const width = deviations.length
  let weights = targets.map(() => 1)
  let noise = Math.max(1e-3, spreadOf(targets))
  let coefficients: Float64Array = new Float64Array(width)
  let factor: Float64Array = new Float64Array(width * width)
  for (let round = 0; round < robust.rounds; round += 1) {
    factor = normalMatrix(rows, weights, width)
    for (let c = 0; c < width; c += 1) factor[c * width + c] = (factor[c * width + c] ?? 0) + (noise / (deviations[c] ?? 1)) ** 2
    decompose(factor, width, 1e-12)
    coefficients = solveDecomposed(factor, moments(rows, targets, weights, width), width)
    const fitted = coefficients
    const residuals = rows.map((row, r) => (targets[r] ?? 0) - row.reduce((sum, value, c) => sum + value * (fitted[c] ?? 0), 0))
    noise = Math.max(1e-3, spreadOf(residuals))
    const limit = robust.tolerance * noise
    weights = residuals.map((residual) => Math.min(1, limit / Math.max(1e-12, Math.abs(residual))))
  }
  const extraDeviations = Float64Array.from({ length: width - own }, (_, e) => {
    const unit = new Float64Array(width)
    unit[own + e] = 1
    return noise * Math.sqrt(Math.max(0, solveDecomposed(factor, unit, width)[own + e] ?? 0))
  })
  return { coefficients, extraDeviations, noise }
}

/** Standard deviation as the middle half shows it, which a few outliers do not move. */
function spreadOf(values: readonly number[]): number {
  if (values.length === 0) return 0
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return (at(0.75) - at(0.25)) / 1.349
}

/** Lower triangle of Xᵀ W X. */
function normalMatrix(rows: readonly Float64Array[], weights: readonly number[], width: number): Float64Array {
  const gram = new Float64Array(width * width)
  rows.forEach((row, r) => {
    const weight = weights[r] as number
    for (let i = 0; i < width; i += 1) {
      const value = weight * (row[i] as number)
      if (value === 0) continue
      const line = i * width
      for (let j = 0; j <= i; j += 1) gram[line + j] = (gram[line + j] as number) + value * (row[j] as number)
    }
  })
  return gram
}

function moments(rows: readonly Float64Array[], targets: readonly number[], weights: readonly number[], width: number): Float64Array {
  const moment = new Float64Array(width)
  rows.forEach((row, r) => {
    const value = (weights[r] as number) * (targets[r] as number)
    for (let i = 0; i < width; i += 1) moment[i] = (moment[i] as number) + value * (row[i] as number)
  })
  return moment
}
