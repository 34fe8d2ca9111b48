import { deviationBefore, meanBefore, type ModelSeries } from './step-series.ts'

/** Same-slot values of earlier days and weeks that a row sees. */
const daysSeen = 7
const weeksSeen = 3
/** Weeks that are averaged, each at the level it had. */
const weeksAveraged = 4
/** A week's level counts as at most this many times another's. */
const mostRatio = 3
/** Weeks over which naive forecasts are judged. */
const judgedWeeks = 2

/**
 * Slots of short steps are noisy one by one, so a slot's value of an earlier day is the mean of the steps around it: ± one for each whole
 * time that this many fit into a day.
 */
const blurredPerDay = 96

/** Names of the columns, in order; what they hold is in units of the series' level and relative to the row's base unless said otherwise. */
export const featureNames: readonly string[] = [
  'last1', 'last2', 'last3', 'last4', 'last6', 'last12', 'mean3', 'mean6', 'mean15', 'meanQuarterDay', 'meanHalfDay', 'meanDay', 'meanTwoDays', 'meanWeek', 'meanTwoWeeks',
  'changeSinceYesterday', 'change3SinceYesterday', 'changeQuarterSinceYesterday', 'changeSinceLastWeek', 'changeDaySinceLastWeek',
  'offProfile1', 'offProfile3', 'offProfileQuarterDay', 'offProfileDay',
  'continuedDay', 'continuedWeek', 'continuedProfile',
  'deviationQuarterDay', 'deviationDay', 'deviationWeek', 'lowestDay', 'highestDay', 'lowestWeek', 'highestWeek', 'idleShareDay', 'idleShareWeek',
  'day1', 'day2', 'day3', 'day4', 'day5', 'day6', 'day7', 'week1', 'week2', 'week3', 'slotBefore', 'slotAfter', 'weekSlotMean3',
  'slotDeviation', 'slotHighest', 'base',
  'horizonDays', 'historyWeeks', 'hour', 'weekday',
  'daysAtLevel', 'weekAtDayLevel', 'weekAtDayRatio', 'weekAtQuarterLevel', 'weeksAtDayLevel', 'weeksAtWeekRatio', 'dayChangedAsLastWeek', 'dayChangedAsWeeks', 'week4',
  'missedByDay', 'missedByWeek', 'missedByBoth', 'daySinceLastWeek', 'dayBeforeSinceLastWeek',
]
export const featureCount = featureNames.length
/** Columns from here on are not levels: horizon, length of history, hour, weekday. */
export const firstCalendarFeature = featureNames.indexOf('horizonDays')
/** Columns from here on are forecasts of their own, and how well naive ones did: worth their number where many series teach. */
export const firstWideFeature = featureNames.indexOf('daysAtLevel')

/** Rows of one origin or of many: features, and what turns a scaled forecast back into demand. */
export interface FeatureRows {
  /** Row-wise, shape [rows × featureCount]; NaN where the history does not reach. */
  readonly features: Float32Array
  /** Demand that a scaled 0 stands for: the mean of the same slot over the last 7 days. Shape [rows]. */
  readonly base: Float64Array
  /** Demand that a scaled 1 is worth on top of the base. Shape [rows]. */
  readonly scale: Float64Array
}

/** @returns room for `rows` rows */
export function emptyRows(rows: number): FeatureRows {
  return { features: new Float32Array(rows * featureCount), base: new Float64Array(rows), scale: new Float64Array(rows) }
}

/** @returns all steps of a horizon */
export function everyStep(horizon: number): Int32Array {
  return Int32Array.from({ length: horizon }, (_, step) => step)
}

/** The level that features are scaled by: the mean of the last week and a tenth of its spread, never 0. */
export function levelScale(series: ModelSeries, origin: number): number {
  const week = 7 * series.perDay
  const level = meanBefore(series, origin, week) + 0.1 * deviationBefore(series, origin, week)
  return level > 0 ? level : meanBefore(series, origin, origin) + 1e-9
}

/**
 * Scale-free features of one origin, one row per horizon step that is wanted: what a model sees is the same for a series and its multiple.
 * @param origin  number of values that may be seen: values[origin − 1] is the newest
 * @param steps   horizon steps, the first being 0
 * @param row     first row to write to
 * @param which   `narrow` leaves the wide columns as they are
 */
export function writeFeatures(series: ModelSeries, origin: number, steps: ArrayLike<number>, into: FeatureRows, row: number, which: 'narrow' | 'all' = 'all'): void {
  const { values, perDay, sums } = series
  const week = 7 * perDay
  const quarter = Math.max(2, Math.round(perDay / 4))
  const scale = levelScale(series, origin)
  const at = (index: number): number => (index >= 0 ? (values[index] as number) : Number.NaN)
  const meanAt = (end: number, span: number): number => (end >= span ? ((sums[end] as number) - (sums[end - span] as number)) / span : Number.NaN)
  const blur = Math.floor(perDay / blurredPerDay)
  const around = (index: number): number => {
    if (index < 0) return Number.NaN
    if (blur === 0) return values[index] as number
    const from = Math.max(0, index - blur)
    const to = Math.min(origin, index + blur + 1)
    return ((sums[to] as number) - (sums[from] as number)) / (to - from)
  }
  const days = new Float64Array(daysSeen)
  const offProfile = (span: number): number => {
    let total = 0
    let days = 0
    for (let day = 1; day <= daysSeen; day += 1) {
      const mean = meanAt(origin - day * perDay, span)
      if (Number.isNaN(mean)) break
      total += mean
      days += 1
    }
    return days > 0 ? meanAt(origin, span) - total / days : Number.NaN
  }
  const last = at(origin - 1)
  const mean3 = meanBefore(series, origin, 3)
  const meanDay = meanBefore(series, origin, perDay)
  const levels = [
    last, at(origin - 2), at(origin - 3), at(origin - 4), at(origin - 6), at(origin - 12), mean3, meanBefore(series, origin, 6), meanBefore(series, origin, 15), meanBefore(series, origin, quarter),
    meanBefore(series, origin, 2 * quarter), meanDay, meanBefore(series, origin, 2 * perDay), meanBefore(series, origin, week),
    meanBefore(series, origin, 2 * week),
  ]
  const off1 = offProfile(1)
  const off3 = offProfile(3)
  const changes = [
    last - at(origin - 1 - perDay), mean3 - meanAt(origin - perDay, 3), meanAt(origin, quarter) - meanAt(origin - perDay, quarter),
    last - at(origin - 1 - week), meanAt(origin, perDay) - meanAt(origin - week, perDay),
    off1, off3, offProfile(quarter), offProfile(perDay),
  ]
  const spreads = [deviationBefore(series, origin, quarter), deviationBefore(series, origin, perDay), deviationBefore(series, origin, week)]
  const day = extremes(values, origin, perDay, 1)
  const weekly = extremes(values, origin, week, Math.max(1, Math.floor(perDay / 96)))
  const seconds = series.startSeconds + origin * series.stepSeconds
  const { features } = into
  const inverse = 1 / scale
  const wide = which === 'all' ? wideFeatures(series, origin, around) : undefined
  for (let written = 0; written < steps.length; written += 1) {
    const step = steps[written] as number
    const target = origin + step
    const daysBack = perDay * (Math.floor(step / perDay) + 1)
    const weeksBack = week * (Math.floor(step / week) + 1)
    let total = 0
    let square = 0
    let seen = 0
    let highest = Number.NaN
    for (let d = 0; d < daysSeen; d += 1) {
      const value = around(target - daysBack - d * perDay)
      if (Number.isNaN(value)) break
      total += value
      square += value * value
      highest = highest > value ? highest : value
      days[d] = value
      seen += 1
    }
    for (let d = seen; d < daysSeen; d += 1) days[d] = Number.NaN
    const base = seen > 0 ? total / seen : meanDay
    let column = (row + written) * featureCount
    for (let i = 0; i < levels.length; i += 1) features[column++] = ((levels[i] as number) - base) * inverse
    for (let i = 0; i < changes.length; i += 1) features[column++] = (changes[i] as number) * inverse
    features[column++] = (last + at(target - daysBack) - at(origin - 1 - perDay) - base) * inverse
    features[column++] = (last + at(target - weeksBack) - at(origin - 1 - week) - base) * inverse
    features[column++] = off3 * inverse * Math.exp(-step / quarter)
    for (let i = 0; i < spreads.length; i += 1) features[column++] = (spreads[i] as number) * inverse
    features[column++] = (day.lowest - base) * inverse
    features[column++] = (day.highest - base) * inverse
    features[column++] = (weekly.lowest - base) * inverse
    features[column++] = (weekly.highest - base) * inverse
    features[column++] = day.idleShare
    features[column++] = weekly.idleShare
    for (let d = 0; d < daysSeen; d += 1) features[column++] = ((days[d] as number) - base) * inverse
    for (let w = 0; w < weeksSeen; w += 1) features[column++] = (around(target - weeksBack - w * week) - base) * inverse
    features[column++] = (at(target - daysBack - 1) - base) * inverse
    features[column++] = target - daysBack + 1 < origin ? (at(target - daysBack + 1) - base) * inverse : Number.NaN
    features[column++] = target - weeksBack + 2 <= origin ? (meanAt(target - weeksBack + 2, 3) - base) * inverse : Number.NaN
    features[column++] = seen > 1 ? Math.sqrt(Math.max(0, square / seen - base * base)) * inverse : Number.NaN
    features[column++] = (highest - base) * inverse
    features[column++] = base * inverse
    features[column++] = step / perDay
    features[column++] = Math.min(2, Math.floor((2 * origin) / week) / 2)
    const targetSeconds = seconds + step * series.stepSeconds
    features[column++] = (targetSeconds % 86400) / 3600
    features[column++] = (Math.floor(targetSeconds / 86400) + 3) % 7
    wide?.(step, days, features, column, base, inverse)
    into.base[row + written] = base
    into.scale[row + written] = scale
  }
}

/** Lowest and highest of every `stride`-th of the `span` values before `end`, and the share of them that is 0. */
function extremes(values: Float64Array, end: number, span: number, stride: number): { lowest: number; highest: number; idleShare: number } {
  let lowest = Infinity
  let highest = -Infinity
  let idle = 0
  let seen = 0
  for (let i = end - 1; i >= Math.max(0, end - span); i -= stride) {
    const value = values[i] as number
    if (value < lowest) lowest = value
    if (value > highest) highest = value
    if (value === 0) idle += 1
    seen += 1
  }
  return { lowest, highest, idleShare: seen > 0 ? idle / seen : 0 }
}

/**
 * Columns that are forecasts of their own: the days and weeks before at the level that demand has now, and yesterday changed as it changed from
 * that weekday to the next in other weeks; and how far off the naives were lately.
 * @param around  value of a slot, smoothed where steps are short
 * @returns what writes them for one step, from `column` on
 */
function wideFeatures(
  series: ModelSeries,
  origin: number,
  around: (index: number) => number,
): (step: number, days: Float64Array, features: Float32Array, column: number, base: number, inverse: number) => void {
  const { perDay, sums } = series
  const week = 7 * perDay
  const quarter = Math.max(2, Math.round(perDay / 4))
  const meanAt = (end: number, span: number): number => (end >= span ? ((sums[end] as number) - (sums[end - span] as number)) / span : Number.NaN)
  const dayLevels = Array.from({ length: daysSeen + 2 }, (_, back) => meanAt(origin - back * perDay, perDay))
  const weekdayLevels = Array.from({ length: weeksAveraged + 1 }, (_, back) => meanAt(origin - back * week, perDay))
  const weekLevels = Array.from({ length: weeksAveraged + 1 }, (_, back) => meanAt(origin - back * week, week))
  const quarterChange = meanAt(origin, quarter) - meanAt(origin - week, quarter)
  const dayChange = (weekdayLevels[0] as number) - (weekdayLevels[1] as number)
  const dayRatio = ratioOf(weekdayLevels[0] as number, weekdayLevels[1] as number)
  const missed = naiveErrors(series).map(({ lag, sums: errors }) => {
    const from = Math.max(origin - judgedWeeks * week, lag)
    return origin - from >= perDay ? ((errors[origin] as number) - (errors[from] as number)) / (origin - from) : Number.NaN
  })
  return (step, days, features, first, base, inverse) => {
    const target = origin + step
    const dayAhead = Math.floor(step / perDay) + 1
    const weekAhead = Math.floor(step / week) + 1
    const daysBack = perDay * dayAhead
    const yesterday = days[0] as number
    const lastWeek = around(target - weekAhead * week)
    let profile = 0
    let profileDays = 0
    for (let d = 0; d < daysSeen - 1; d += 1) {
      const off = (days[d] as number) - (dayLevels[Math.min(daysSeen + 1, dayAhead + d)] as number)
      if (Number.isNaN(off)) break
      profile += off
      profileDays += 1
    }
    let atLevel = 0
    let changed = 0
    let weeks = 0
    let atRatio = 0
    let ratios = 0
    for (let w = 1; w <= weeksAveraged; w += 1) {
      const back = weekAhead - 1 + w
      const index = target - back * week
      const level = weekdayLevels[Math.min(weeksAveraged, back)] as number
      if (index - daysBack < 0 || Number.isNaN(level)) break
      const then = around(index)
      atLevel += then + (weekdayLevels[0] as number) - level
      changed += then - around(index - daysBack)
      weeks += 1
      const ratio = ratioOf(weekLevels[0] as number, weekLevels[Math.min(weeksAveraged, back)] as number)
      if (Number.isNaN(ratio)) continue
      atRatio += then * ratio
      ratios += 1
    }
    let column = first
    features[column++] = profileDays > 0 ? ((dayLevels[0] as number) + profile / profileDays - base) * inverse : Number.NaN
    features[column++] = (lastWeek + dayChange - base) * inverse
    features[column++] = (lastWeek * dayRatio - base) * inverse
    features[column++] = (lastWeek + quarterChange - base) * inverse
    features[column++] = weeks > 0 ? (atLevel / weeks - base) * inverse : Number.NaN
    features[column++] = ratios > 0 ? (atRatio / ratios - base) * inverse : Number.NaN
    features[column++] = (yesterday + lastWeek - around(target - weekAhead * week - daysBack) - base) * inverse
    features[column++] = weeks > 0 ? (yesterday + changed / weeks - base) * inverse : Number.NaN
    features[column++] = (around(target - (weekAhead + weeksSeen) * week) - base) * inverse
    for (let m = 0; m < missed.length; m += 1) features[column++] = (missed[m] as number) * inverse
    features[column++] = (yesterday - around(target - daysBack - week)) * inverse
    features[column++] = ((days[1] as number) - around(target - daysBack - perDay - week)) * inverse
  }
}

/** Between 1/3 and 3; NaN where there was nothing then. */
function ratioOf(now: number, then: number): number {
  return then > 0 ? Math.min(mostRatio, Math.max(1 / mostRatio, now / then)) : Number.NaN
}

/** Running sums of one naive's absolute errors; there are none before `lag`. */
interface NaiveErrors {
  readonly lag: number
  /** Shape [length + 1]. */
  readonly sums: Float64Array
}

const errorsOf = new WeakMap<ModelSeries, readonly NaiveErrors[]>()

/** Errors of yesterday's value, of last week's, and of yesterday's changed as last week. */
function naiveErrors(series: ModelSeries): readonly NaiveErrors[] {
  const known = errorsOf.get(series)
  if (known !== undefined) return known
  const { values, perDay } = series
  const week = 7 * perDay
  const errors: readonly NaiveErrors[] = [perDay, week, week + perDay].map((lag) => ({ lag, sums: new Float64Array(values.length + 1) }))
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number
    const day = value - (values[i - perDay] ?? value)
    const weekly = value - (values[i - week] ?? value)
    const both = day - (values[i - week] ?? 0) + (values[i - week - perDay] ?? 0)
    errors.forEach(({ lag, sums }, e) => {
      sums[i + 1] = (sums[i] as number) + (i >= lag ? Math.abs([day, weekly, both][e] as number) : 0)
    })
  }
  errorsOf.set(series, errors)
  return errors
}
