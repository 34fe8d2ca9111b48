import { decompose, solveDecomposed } from './cholesky.ts'
import { emptyRows, everyStep, featureCount, featureNames, writeFeatures, type FeatureRows } from './features.ts'
import { quantileOfSorted, type QuantilePaths } from './quantiles.ts'
import type { ModelSeries } from './step-series.ts'

/** Features of the regression: recent levels, how far they are off the usual day, and the same slot of earlier days and weeks. */
const columns: readonly number[] = [
  'last1', 'last2', 'last3', 'mean3', 'meanQuarterDay', 'meanDay', 'meanTwoDays', 'meanWeek', 'offProfile1', 'offProfile3', 'offProfileQuarterDay', 'offProfileDay',
  'continuedDay', 'continuedWeek', 'day1', 'day2', 'day3', 'day4', 'day5', 'day6', 'week1', 'week2', 'week3', 'slotBefore', 'weekSlotMean3',
].map((name) => featureNames.indexOf(name))
const width = columns.length + 1
/** Horizons are fitted in groups of about this share of the horizon. */
const groups = 8
/** Weight of the penalty, in units of the mean square of the features. */
const penalty = 0.1
/** Most origins that the first fit learns from. */
const mostOrigins = 50
/** Every so many steps of an origin one is learned from: its neighbours say much the same. */
const learnedEvery = 2
const limits = { feature: 10, lowestTarget: -8, highestTarget: 12 }

/** A fitted regression of one series: one set of coefficients and error quantiles for each group of horizon steps. */
export interface Regression {
  readonly horizon: number
  /** Shape [groups × width], the constant last. */
  readonly coefficients: Float64Array
  /** Quantiles of the fit's errors, scaled. Shape [groups × quantiles]. */
  readonly spreads: Float64Array
}

/** A row that errors are taken from. */
interface KeptRow {
  readonly row: Float64Array
  readonly target: number
}

/**
 * Ridge regression of one series' scaled demand on its own scale-free features, horizon group by horizon group. It grows with what becomes
 * known: a later fit adds the rows of the origins since, so that many fits of one series cost little more than one.
 * @see Hoerl & Kennard, Ridge Regression (1970)
 */
export class GrowingRegression {
  readonly #series: ModelSeries
  readonly #horizon: number
  readonly #gram = new Float64Array(groups * width * width)
  readonly #moment = new Float64Array(groups * width)
  /** Shape [groups][rows]. */
  readonly #kept: readonly KeptRow[][] = Array.from({ length: groups }, () => [])
  readonly #features: FeatureRows
  readonly #stride: number
  readonly #isLongEnough: boolean
  #next: number

  /** @param firstEnd  the least `end` that a fit will be asked for: it decides which origins are learned from */
  constructor(series: ModelSeries, firstEnd: number, horizon: number) {
    const { perDay } = series
    this.#series = series
    this.#horizon = horizon
    this.#features = emptyRows(horizon)
    this.#next = Math.min(7 * perDay, Math.max(perDay, firstEnd - 9 * perDay))
    // A stride that shares no factor with the day, so that origins fall on every hour of it.
    this.#stride = coprime(Math.max(1, Math.ceil((firstEnd - horizon - this.#next) / mostOrigins)), perDay)
    this.#isLongEnough = firstEnd - horizon - this.#next >= 2 * perDay
  }

  /**
   * @param end  targets lie before this index; no lower than in the call before
   * @returns undefined when there were too few origins at the first end
   */
  fit(end: number, quantiles: readonly number[]): Regression | undefined {
    if (!this.#isLongEnough) return undefined
    for (; this.#next <= end - this.#horizon; this.#next += this.#stride) this.#learn(this.#next)
    const coefficients = new Float64Array(groups * width)
    for (let group = 0; group < groups; group += 1) {
      const from = group * width
      coefficients.set(solveRidge(this.#gram.subarray(from * width, (from + width) * width), this.#moment.subarray(from, from + width)), from)
    }
    return { horizon: this.#horizon, coefficients, spreads: errorQuantiles(this.#kept, coefficients, quantiles) }
  }

  #learn(origin: number): void {
    const { values, measured } = this.#series
    const rows = this.#features
    const row = new Float64Array(width)
    const steps = everyStep(this.#horizon).filter((step) => (step + origin) % learnedEvery === 0 && measured[origin + step] === 1)
    writeFeatures(this.#series, origin, steps, rows, 0, 'narrow')
    steps.forEach((step, written) => {
      readRow(rows.features, written, row)
      const group = groupOf(step, this.#horizon)
      const scaled = ((values[origin + step] as number) - (rows.base[written] as number)) / (rows.scale[written] as number)
      const target = Math.min(limits.highestTarget, Math.max(limits.lowestTarget, scaled))
      addRow(this.#gram, this.#moment, group, row, target)
      this.#kept[group]?.push({ row: row.slice(), target })
    })
  }
}

/** @returns shape [quantiles × horizon], not yet limited or ordered */
export function predictRegression(regression: Regression, series: ModelSeries, origin: number, quantiles: readonly number[]): QuantilePaths {
  const { horizon, coefficients, spreads } = regression
  const rows = emptyRows(horizon)
  writeFeatures(series, origin, everyStep(horizon), rows, 0, 'narrow')
  const row = new Float64Array(width)
  const paths = new Float64Array(quantiles.length * horizon)
  for (let step = 0; step < horizon; step += 1) {
    readRow(rows.features, step, row)
    const group = groupOf(step, horizon)
    const middle = dot(row, coefficients, group * width)
    for (let q = 0; q < quantiles.length; q += 1) {
      paths[q * horizon + step] = (rows.base[step] as number) + (rows.scale[step] as number) * (middle + (spreads[group * quantiles.length + q] as number))
    }
  }
  return paths
}

function groupOf(step: number, horizon: number): number {
  return Math.min(groups - 1, Math.floor((step * groups) / horizon))
}

function readRow(features: Float32Array, step: number, row: Float64Array): void {
  for (let c = 0; c < columns.length; c += 1) {
    const value = features[step * featureCount + (columns[c] as number)] as number
    row[c] = value === value ? Math.min(limits.feature, Math.max(-limits.feature, value)) : 0
  }
  row[columns.length] = 1
}

function addRow(gram: Float64Array, moment: Float64Array, group: number, row: Float64Array, target: number): void {
  const from = group * width
  for (let c = 0; c < width; c += 1) {
    const value = row[c] as number
    moment[from + c] = (moment[from + c] as number) + value * target
    const line = (from + c) * width
    for (let other = 0; other <= c; other += 1) gram[line + other] = (gram[line + other] as number) + value * (row[other] as number)
  }
}

/** Solves (G + penalty) x = m by Cholesky's factorisation; the constant is not penalised. */
function solveRidge(gram: Float64Array, moment: Float64Array): Float64Array {
  const factor = gram.slice()
  let trace = 0
  for (let c = 0; c < width; c += 1) trace += factor[c * width + c] as number
  for (let c = 0; c < width; c += 1) factor[c * width + c] = (factor[c * width + c] as number) + (c < columns.length ? (penalty * trace) / width : 0) + 1e-6
  decompose(factor, width, 1e-9)
  return solveDecomposed(factor, moment, width)
}

function errorQuantiles(kept: readonly (readonly KeptRow[])[], coefficients: Float64Array, quantiles: readonly number[]): Float64Array {
  const spreads = new Float64Array(groups * quantiles.length)
  for (const [group, rows] of kept.entries()) {
    const errors = new Float64Array(rows.length)
    rows.forEach(({ row, target }, i) => (errors[i] = target - dot(row, coefficients, group * width)))
    errors.sort()
    quantiles.forEach((quantile, q) => {
      spreads[group * quantiles.length + q] = errors.length > 0 ? quantileOfSorted(errors, quantile) : 0
    })
  }
  return spreads
}

function dot(row: Float64Array, coefficients: Float64Array, from: number): number {
  let sum = 0
  for (let c = 0; c < width; c += 1) sum += (row[c] as number) * (coefficients[from + c] as number)
  return sum
}

/** The smallest number at or above `least` that shares no factor with `other`. */
function coprime(least: number, other: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
  let candidate = least
  while (divisor(candidate, other) !== 1) candidate += 1
  return candidate
}
