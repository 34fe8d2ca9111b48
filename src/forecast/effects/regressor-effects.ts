import type { Regressor } from '../../domain/events.ts'
import { additiveValues, fitAdditive, type ExtraColumn } from '../structural/additive-model.ts'
import type { StepSeries } from '../step-series.ts'

/** A regressor on a series' steps: standardised, beyond the range it was learned in held at that range. */
interface RegressorColumns {
  readonly regressor: Regressor
  /** Its value and what it exceeds its mean by. */
  readonly columns: readonly ExtraColumn[]
  /** Mean and standard deviation in the regressor's own unit. */
  readonly mean: number
  readonly deviation: number
  /** First step from which nothing is known of it. */
  readonly knownUntil: number
}

/** What one regressor was found to do. */
export interface RegressorEffect {
  readonly regressor: Regressor
  readonly verdict: 'helps' | 'does-not-help' | 'too-short'
  /** Mean absolute errors on days that were left out, with it (and those before it) and without it. */
  readonly withEffect: number
  readonly without: number
  /** Change of demand as a share when the regressor goes from its mean to one standard deviation above; 0 when it does not help. */
  readonly perDeviation: number
  readonly mean: number
  readonly deviation: number
  /** Effect at every step, as a logarithm. Shape [length]. Zeros when it does not help. */
  readonly logs: Float64Array
  /** Standard deviation of `logs`. Shape [length]. */
  readonly deviations: Float64Array
}

/** Days that are judged together, in turns; and the gain that takes a regressor in. */
const folds = 4
const leastGain = 0.97
/** Days of history below which nothing is learned, and the most that is looked at. */
const days = { least: 10, most: 56 }
/** Prior of effects, as logarithms per standard deviation. Residuals of neighbouring hours are alike: errors are so much larger than they seem. */
const prior = { slope: 0.3, bend: 0.15, alike: 2 }
const floorShare = 0.05
const mostBeyond = 0.5
const largest = Math.log(3)

/**
 * Learns what regressors do to a series: an additive model of the logarithm of demand, with trend and seasons, takes in one regressor after
 * the other as long as it forecasts days that were left out better by 3 %.
 * @param series      demand, what events did to it taken off
 * @param length      steps that effects are wanted for, coming ones included
 * @returns one per regressor, in order
 */
export function learnRegressors(series: StepSeries, length: number, regressors: readonly Regressor[]): readonly RegressorEffect[] {
  if (regressors.length === 0) return []
  const end = series.values.length
  const perDay = Math.round(86400 / series.stepSeconds)
  const from = Math.max(series.values.findIndex(Number.isFinite), end - days.most * perDay)
  const prepared = regressors.map((regressor) => columnsOf(regressor, series, from, length))
  const none = (one: RegressorColumns, verdict: RegressorEffect['verdict'], withEffect: number, without: number): RegressorEffect => ({
    regressor: one.regressor, verdict, withEffect, without, perDeviation: 0, mean: one.mean, deviation: one.deviation, logs: new Float64Array(length), deviations: new Float64Array(length),
  })
  if (from < 0 || end - from < days.least * perDay) return prepared.map((one) => none(one, 'too-short', Number.NaN, Number.NaN))
  const scale = meanOf(series.values.subarray(from, end))
  if (!(scale > 0)) return prepared.map((one) => none(one, 'too-short', Number.NaN, Number.NaN))
  const target = series.values.map((value) => Math.log(value / scale + floorShare))
  const errorOf = (taken: readonly RegressorColumns[]): number => leftOutError(target, series, from, taken.flatMap(({ columns }) => columns), perDay)
  const taken: RegressorColumns[] = []
  const judged = new Map<RegressorColumns, { withEffect: number; without: number }>()
  let error = errorOf(taken)
  for (let round = 0; round < prepared.length; round += 1) {
    const tried = prepared.filter((one) => !taken.includes(one) && one.deviation > 0).map((one) => ({ one, withEffect: errorOf([...taken, one]) }))
    for (const { one, withEffect } of tried) judged.set(one, { withEffect, without: error })
    const best = tried.reduce<(typeof tried)[number] | undefined>((least, next) => (least === undefined || next.withEffect < least.withEffect ? next : least), undefined)
    if (best === undefined || !(best.withEffect < leastGain * error)) break
    taken.push(best.one)
    error = best.withEffect
  }
  const model = fitAdditive(target, series, from, end, taken.flatMap(({ columns }) => columns))
  const own = model.coefficients.length - taken.reduce((sum, { columns }) => sum + columns.length, 0)
  let at = 0
  const places = new Map(taken.map((one): [RegressorColumns, number] => [one, (at += one.columns.length) - one.columns.length]))
  return prepared.map((one): RegressorEffect => {
    const place = places.get(one)
    const { withEffect, without } = judged.get(one) ?? { withEffect: Number.NaN, without: Number.NaN }
    if (place === undefined) return none(one, 'does-not-help', withEffect, without)
    const coefficients = one.columns.map((_, c) => model.coefficients[own + place + c] ?? 0)
    const spreads = one.columns.map((_, c) => model.extraDeviations[place + c] ?? 0)
    const effect = logsOf(one, coefficients, spreads, end, length)
    return { regressor: one.regressor, verdict: 'helps', withEffect, without, perDeviation: Math.exp(coefficients.reduce((sum, value) => sum + value, 0)) - 1, mean: one.mean, deviation: one.deviation, ...effect }
  })
}

/** Effects step by step. Where the regressor is not known ahead, or could not be read anew, it may raise demand and never lowers it. */
function logsOf(one: RegressorColumns, coefficients: readonly number[], spreads: readonly number[], end: number, length: number): { logs: Float64Array; deviations: Float64Array } {
  const logs = new Float64Array(length)
  const deviations = new Float64Array(length)
  for (let step = 0; step < length; step += 1) {
    const value = one.columns.reduce((sum, { values }, c) => sum + (values[step] ?? 0) * (coefficients[c] ?? 0), 0)
    const believed = Math.min(largest, Math.max(-largest, value))
    const doubted = step >= end && (one.regressor.standing === 'held' || step >= one.knownUntil)
    logs[step] = doubted ? Math.max(0, believed) : believed
    deviations[step] = prior.alike * Math.sqrt(one.columns.reduce((sum, { values }, c) => sum + ((values[step] ?? 0) * (spreads[c] ?? 0)) ** 2, 0))
  }
  return { logs, deviations }
}

/** Mean absolute error, in shares of the mean, on days left out in turns. */
function leftOutError(target: Float64Array, series: StepSeries, from: number, columns: readonly ExtraColumn[], perDay: number): number {
  let [sum, count] = [0, 0]
  for (let fold = 0; fold < folds; fold += 1) {
    const leftOut = (step: number): boolean => Math.floor((step - from) / perDay) % folds === fold
    const model = fitAdditive(target, series, from, target.length, columns, { leftOut })
    const said = additiveValues(model, from, target.length, columns)
    said.forEach((value, i) => {
      const actual = target[from + i] ?? Number.NaN
      if (!leftOut(from + i) || !Number.isFinite(actual)) return
      sum += Math.abs(Math.exp(actual) - Math.exp(value))
      count += 1
    })
  }
  return count > 0 ? sum / count : Number.NaN
}

function columnsOf(regressor: Regressor, series: StepSeries, from: number, length: number): RegressorColumns {
  const end = series.values.length
  const { values, knownUntil } = onSteps(regressor, series, length)
  const seen = values.subarray(Math.max(0, from), end).filter(Number.isFinite)
  const mean = meanOf(seen)
  const deviation = Math.sqrt(meanOf(seen.map((value) => (value - mean) ** 2)))
  const standard = (value: number): number => (deviation > 0 && Number.isFinite(value) ? (value - mean) / deviation : 0)
  const [lowest, highest] = [standard(Math.min(...seen)), standard(Math.max(...seen))]
  const linear = values.map((value) => Math.min(highest + mostBeyond, Math.max(lowest - mostBeyond, standard(value))))
  const columns = [{ values: linear, deviation: prior.slope }, { values: linear.map((value) => Math.max(0, value)), deviation: prior.bend }]
  return { regressor, columns, mean, deviation, knownUntil }
}

/** A regressor's value at the middle of each step: each sample holds until the next, the last one as long as samples usually do. */
function onSteps({ atSeconds, values }: Regressor, { startSeconds, stepSeconds }: StepSeries, length: number): { readonly values: Float64Array; readonly knownUntil: number } {
  const gaps = Array.from({ length: Math.max(0, atSeconds.length - 1) }, (_, i) => (atSeconds[i + 1] ?? 0) - (atSeconds[i] ?? 0)).sort((a, b) => a - b)
  const spacing = Math.max(stepSeconds, gaps[Math.floor(gaps.length / 2)] ?? 0)
  const knownUntil = Math.ceil(((atSeconds.at(-1) ?? startSeconds) + spacing - startSeconds) / stepSeconds)
  const found = new Float64Array(length).fill(Number.NaN)
  let sample = -1
  for (let step = 0; step < length; step += 1) {
    const middle = startSeconds + (step + 0.5) * stepSeconds
    while (sample + 1 < atSeconds.length && (atSeconds[sample + 1] ?? Infinity) <= middle) sample += 1
    if (sample >= 0) found[step] = values[sample] ?? Number.NaN
  }
  return { values: found, knownUntil }
}

function meanOf(values: Float64Array): number {
  let [sum, count] = [0, 0]
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    sum += value
    count += 1
  }
  return count > 0 ? sum / count : 0
}
