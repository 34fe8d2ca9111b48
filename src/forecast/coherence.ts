import { gridEnd, stepStart, type Grid } from '../domain/grid.ts'
import { reconcilingGains } from './reconciling-gains.ts'
import type { QuantilePaths } from './quantiles.ts'

/** One subject's tables on one grid. */
export interface GridTables {
  readonly grid: Grid
  readonly mean: QuantilePaths
  /** Undefined where the grid is as fine as the history: then nothing but the mean is known within a step. */
  readonly peak: QuantilePaths | undefined
  /** Measured minus forecast median of the mean, origin after origin, NaN where not measured. Shape [past origins × steps]. */
  readonly errors: Float64Array
}

/** A total and its parts, or a subject that stands alone: `total` undefined and one part. All on the same grids. */
export interface Family {
  readonly total: SubjectTables | undefined
  readonly parts: readonly SubjectTables[]
}

export interface SubjectTables {
  readonly planned: GridTables
  /** Steps of `planned` are whole numbers of its steps. */
  readonly finer: GridTables | undefined
}

/** Weight of the planned grid's medians where no errors have matured. */
const evenWeight = 0.5

/**
 * Makes forecasts of one family agree; arguments are left alone. Afterwards, exactly (but for rounding):
 *
 * - mean, medians: the parts add up to the total on both grids. The discrepancy is shared out by the matured errors' covariance (minimum
 *   trace, shrunk); a part that would fall below 0 is 0.
 * - mean, medians: an hour is the mean of its finer steps. Each grid gives way by its own share of both error variances.
 * - mean, other quantiles: keep their distance from the median, not below 0. A total's upper quantile is between the largest of its parts
 *   and their sum, a lower one at least the sum.
 * - peak ≥ mean at each quantile; an hour's peak ≥ each of its finer steps at each quantile; a total's peak ≥ each part's, and, from the
 *   median up, ≤ their sum. What is too low is raised: capacity is bought for the peak. Only a total is ever lowered, and none is bought for.
 *
 * @param quantiles  ascending, 0.5 among them; tables hold finite values ≥ 0 that do not cross
 * @see Wickramasuriya, Athanasopoulos & Hyndman, Optimal Forecast Reconciliation … Through Trace Minimization (2019)
 * @see Athanasopoulos, Hyndman, Kourentzes & Petropoulos, Forecasting with Temporal Hierarchies (2017)
 */
export function makeCoherent(family: Family, quantiles: readonly number[]): Family {
  const median = quantiles.indexOf(0.5)
  const copy: Family = { total: family.total && copyOf(family.total), parts: family.parts.map(copyOf) }
  const { total, parts } = copy
  const rows: Rows = { count: quantiles.length, median }
  if (total !== undefined) {
    addUp(total.planned, parts.map(({ planned }) => planned), rows)
    if (total.finer !== undefined) addUp(total.finer, parts.flatMap(({ finer }) => finer ?? []), rows)
  }
  joinGrids(copy, rows)
  if (total !== undefined) {
    boundTotal(total.planned.mean, parts.map(({ planned }) => planned.mean), total.planned.grid.length, rows)
    const { finer } = total
    if (finer !== undefined) boundTotal(finer.mean, parts.flatMap((part) => part.finer?.mean ?? []), finer.grid.length, rows)
  }
  for (const part of parts) raisePeaks(part, rows)
  if (total !== undefined) {
    boundPeak(total.planned, parts.map(({ planned }) => planned), rows)
    if (total.finer !== undefined) boundPeak(total.finer, parts.flatMap(({ finer }) => finer ?? []), rows)
    raisePeaks(total, rows)
    for (const tables of [total.planned, total.finer]) if (tables?.peak !== undefined) orderBelowMedian(tables.peak, tables.grid.length, rows)
  }
  return copy
}

interface Rows {
  /** Number of quantiles. */
  readonly count: number
  /** Row of 0.5. */
  readonly median: number
}

function copyOf({ planned, finer }: SubjectTables): SubjectTables {
  const copy = (tables: GridTables): GridTables => ({ ...tables, mean: tables.mean.slice(), peak: tables.peak?.slice() })
  return { planned: copy(planned), finer: finer && copy(finer) }
}

/** Brings the medians of the means to add up, step by step. */
function addUp(total: GridTables, parts: readonly GridTables[], rows: Rows): void {
  const steps = total.grid.length
  const gains = reconcilingGains(total.errors, parts.map(({ errors }) => errors))
  const at = rows.median * steps
  for (let step = 0; step < steps; step += 1) {
    const before = parts.map(({ mean }) => mean[at + step] as number)
    const excess = (total.mean[at + step] as number) - before.reduce((sum, value) => sum + value, 0)
    const after = before.map((value, i) => Math.max(0, value + (gains[i] as number) * excess))
    parts.forEach(({ mean }, i) => shiftTo(mean, step, steps, after[i] as number, rows))
    shiftTo(total.mean, step, steps, after.reduce((sum, value) => sum + value, 0), rows)
  }
}

/** Moves all quantiles of a step by as much as the median moves, not below 0 and not across it. */
function shiftTo(paths: QuantilePaths, step: number, steps: number, target: number, { count, median }: Rows): void {
  const moved = target - (paths[median * steps + step] as number)
  for (let q = 0; q < count; q += 1) {
    const value = Math.max(0, (paths[q * steps + step] as number) + moved)
    paths[q * steps + step] = q === median ? target : q < median ? Math.min(value, target) : Math.max(value, target)
  }
}

/** Makes the planned grid's medians the means of the finer ones, wherever finer steps cover a step whole. */
function joinGrids({ total, parts }: Family, rows: Rows): void {
  const lead = total ?? parts[0]
  if (lead?.finer === undefined) return
  const weight = plannedWeight(lead.planned, lead.finer)
  const members = total === undefined ? parts : [...parts, total]
  for (const { step, from, length } of coveredSteps(lead.planned.grid, lead.finer.grid)) {
    // one weight for the whole family, so that what added up still does; small enough that no finer step falls below 0
    const moves = members.map(({ planned, finer }) => moveOf(planned, finer ?? planned, step, from, length, rows))
    const share = Math.min(weight, ...moves.map(({ most }) => most))
    members.forEach(({ planned, finer }, i) => {
      const { mean, gap } = moves[i] as Move
      if (finer === undefined) return
      const fineSteps = finer.grid.length
      for (let fine = from; fine < from + length; fine += 1) {
        shiftTo(finer.mean, fine, fineSteps, Math.max(0, (finer.mean[rows.median * fineSteps + fine] as number) + share * gap), rows)
      }
      shiftTo(planned.mean, step, planned.grid.length, Math.max(0, mean + share * gap), rows)
    })
  }
}

interface Move {
  /** Mean of the finer medians. */
  readonly mean: number
  /** The planned median minus that mean. */
  readonly gap: number
  /** Largest share of the gap that leaves every finer median ≥ 0. */
  readonly most: number
}

function moveOf(planned: GridTables, finer: GridTables, step: number, from: number, length: number, { median }: Rows): Move {
  const at = median * finer.grid.length + from
  const medians = finer.mean.subarray(at, at + length)
  const mean = medians.reduce((sum, value) => sum + value / length, 0)
  const gap = (planned.mean[median * planned.grid.length + step] as number) - mean
  return { mean, gap, most: gap < 0 ? Math.min(1, Math.min(...medians) / -gap) : 1 }
}

/** Steps of the planned grid that finer steps cover whole. */
function coveredSteps(planned: Grid, finer: Grid): { readonly step: number; readonly from: number; readonly length: number }[] {
  const length = planned.stepSeconds / finer.stepSeconds
  return Array.from({ length: planned.length }, (_, step) => ({ step, from: (stepStart(planned, step) - finer.startSeconds) / finer.stepSeconds, length })).filter(
    ({ step, from }) => Number.isInteger(from) && from >= 0 && stepStart(planned, step + 1) <= gridEnd(finer),
  )
}

/** Share by which the finer grid gives way: its error variance over an hour against both, at the same distance from the origin. */
function plannedWeight(planned: GridTables, finer: GridTables): number {
  const covered = coveredSteps(planned.grid, finer.grid)
  const coarse = meanSquare(planned.errors, planned.grid.length, covered.map(({ step }) => ({ from: step, length: 1 })))
  const fine = meanSquare(finer.errors, finer.grid.length, covered)
  const both = coarse + fine
  return both > 0 && both < Infinity ? fine / both : evenWeight
}

/** Mean over origins and spans of the squared mean error of a span; NaN where no span was measured whole. */
function meanSquare(errors: Float64Array, steps: number, spans: readonly { readonly from: number; readonly length: number }[]): number {
  let sum = 0
  let count = 0
  for (let origin = 0; origin + steps <= errors.length; origin += steps) {
    for (const { from, length } of spans) {
      const mean = errors.subarray(origin + from, origin + from + length).reduce((total, error) => total + error / length, 0)
      if (Number.isNaN(mean)) continue
      sum += mean * mean
      count += 1
    }
  }
  return count > 0 ? sum / count : Number.NaN
}

/** Brings a total's quantiles other than the median between what its parts allow. */
function boundTotal(total: QuantilePaths, parts: readonly QuantilePaths[], steps: number, { count, median }: Rows): void {
  for (let q = 0; q < count; q += 1) {
    if (q === median) continue
    for (let at = q * steps; at < (q + 1) * steps; at += 1) {
      const { sum, largest } = sumAndLargest(parts, at)
      const value = total[at] as number
      total[at] = q > median ? Math.min(sum, Math.max(value, largest)) : Math.max(value, sum)
    }
  }
  orderAroundMedian(total, steps, { count, median })
}

/** Bounds of the parts are ordered only up to rounding. */
function orderAroundMedian(paths: QuantilePaths, steps: number, rows: Rows): void {
  orderBelowMedian(paths, steps, rows)
  for (let q = rows.median + 1; q < rows.count; q += 1) {
    for (let at = q * steps; at < (q + 1) * steps; at += 1) paths[at] = Math.max(paths[at] as number, paths[at - steps] as number)
  }
}

function orderBelowMedian(paths: QuantilePaths, steps: number, { median }: Rows): void {
  for (let q = median - 1; q >= 0; q -= 1) {
    for (let at = q * steps; at < (q + 1) * steps; at += 1) paths[at] = Math.min(paths[at] as number, paths[at + steps] as number)
  }
}

function sumAndLargest(parts: readonly QuantilePaths[], at: number): { readonly sum: number; readonly largest: number } {
  let sum = 0
  let largest = 0
  for (const part of parts) {
    const value = part[at] as number
    sum += value
    largest = Math.max(largest, value)
  }
  return { sum, largest }
}

/** Raises peaks to the means and to the finer steps within them, quantile by quantile. */
function raisePeaks({ planned, finer }: SubjectTables, { count }: Rows): void {
  for (const tables of [finer, planned]) {
    if (tables?.peak === undefined) continue
    for (let at = 0; at < tables.peak.length; at += 1) tables.peak[at] = Math.max(tables.peak[at] as number, tables.mean[at] as number)
  }
  if (finer === undefined || planned.peak === undefined) return
  const within = finer.peak ?? finer.mean
  for (const { step, from, length } of coveredSteps(planned.grid, finer.grid)) {
    for (let q = 0; q < count; q += 1) {
      const at = q * planned.grid.length + step
      const start = q * finer.grid.length + from
      planned.peak[at] = Math.max(planned.peak[at] as number, ...within.subarray(start, start + length))
    }
  }
}

/** A total's peak is at least each part's, and at most their sum from the median up: parts need not peak together. */
function boundPeak({ peak, grid }: GridTables, parts: readonly GridTables[], { count, median }: Rows): void {
  const peaks = parts.flatMap((part) => part.peak ?? [])
  if (peak === undefined || peaks.length !== parts.length) return
  for (let q = 0; q < count; q += 1) {
    for (let at = q * grid.length; at < (q + 1) * grid.length; at += 1) {
      const { sum, largest } = sumAndLargest(peaks, at)
      const value = Math.max(peak[at] as number, largest)
      peak[at] = q >= median ? Math.min(sum, value) : value
    }
  }
}
