import { rfc3339, stepStart, type Grid } from '../domain/grid.ts'
import { subjectName, type ForecastTable, type StepStatistic, type SubjectForecast } from '../domain/forecast.ts'
import type { QuantilePaths } from './quantiles.ts'
import { daySeconds } from './step-series.ts'
import type { SubjectSeries } from './subjects.ts'

/** Hours that must have been measured before anything is said of a series. */
export const fewestHours = 3
/** Series that a new one is compared with, at most: those most like it first. */
const mostSimilar = 12
/** Days that a series must have been measured to lend its shape. */
const similarDays = 7
/**
 * Uncertainty of the level, as the deviation of its logarithm: what a day's hours do not tell, and what is lacking while there are few of
 * them. Twice as wide where there is no similar series whose day could be borrowed.
 */
const spread = { least: 0.25, perRootHour: 1, alone: 2 }

/** Tables that are wanted of a new series. */
export interface ColdTable {
  readonly grid: Grid
  readonly statistic: StepStatistic
}

/** A series that has been forecast. */
export interface KnownSubject {
  readonly subject: SubjectSeries
  readonly forecast: SubjectForecast
}

/** A series and its forecast on one grid. */
export interface KnownPaths {
  readonly subject: SubjectSeries
  /** Shape [quantiles × horizon]. */
  readonly paths: QuantilePaths
}

/** @returns how many hours of the history were measured before the origin */
export function measuredHours({ grid, values }: SubjectSeries, originSeconds: number): number {
  const end = Math.min(values.length, Math.floor((originSeconds - grid.startSeconds) / grid.stepSeconds))
  const steps = values.subarray(0, Math.max(0, end)).reduce((count, value) => (Number.isFinite(value) ? count + 1 : count), 0)
  return (steps * grid.stepSeconds) / 3600
}

/**
 * A first forecast of a series that is too new to have shown a day: the forecasts of similar series (of the same workload, else of the same
 * unit), each scaled by how much the new one was of it in the hours in which both were measured, and averaged. It is wide, as much as the
 * few hours ask for, and says so. Without a similar series it stays at its own mean, wider still.
 * @param known   series that were forecast, of the same history
 * @param tables  those of the other forecasts
 */
export function coldForecast(
  subject: SubjectSeries,
  known: readonly KnownSubject[],
  tables: readonly ColdTable[],
  { originSeconds, quantiles, model, historyHash }: Pick<SubjectForecast, 'originSeconds' | 'quantiles' | 'model' | 'historyHash'>,
): SubjectForecast {
  const hours = measuredHours(subject, originSeconds)
  const similar = similarTo(subject, known, originSeconds)
  const made = tables.map((table): ForecastTable => {
    const shapes = similar.flatMap(({ forecast, ratio }): Shape[] => {
      const found = forecast.tables.find((one) => one.statistic === table.statistic && one.grid.stepSeconds === table.grid.stepSeconds)
      return found === undefined ? [] : [{ values: found.values, ratio }]
    })
    const values = coldValues(subject, shapes, table.grid.length, quantiles, originSeconds, deviationOf(hours, similar.length))
    return { ...table, values, members: [{ member: similar.length === 0 ? 'own-mean' : 'similar-series', weight: 1 }], accuracy: undefined, modelVersion: undefined }
  })
  const first = made[0] as ForecastTable
  const median = first.values.subarray(quantiles.indexOf(0.5) * first.grid.length, (quantiles.indexOf(0.5) + 1) * first.grid.length)
  const day = median.subarray(0, Math.max(1, Math.floor(daySeconds / first.grid.stepSeconds)))
  const step = day.reduce((top, value, i) => (value > (day[top] as number) ? i : top), 0)
  const from = similar.length === 0 ? 'the mean of those hours, for want of a similar series' : `the shape of ${nameList(similar)}, brought to the level of those hours`
  return {
    subject: subject.subject,
    unit: subject.unit,
    originSeconds,
    quantiles,
    tables: made,
    explanation: {
      peak: { atSeconds: stepStart(first.grid, step), median: median[step] as number, contributions: [{ part: 'models', value: median[step] as number }] },
      excluded: subject.excluded,
      sentences: [
        `a new series: ${Number(hours.toFixed(1))} hours were measured up to ${rfc3339(originSeconds)}, too few to show how its days go`,
        `a first guess from ${from}; its range is wide and narrows as hours come in`,
      ],
    },
    model,
    historyHash,
  }
}

/**
 * The same first forecast on one grid.
 * @param known  series on the grid of the new one, with their forecasts
 * @returns shape [quantiles × horizon], ordered, ≥ 0
 */
export function coldPaths(subject: SubjectSeries, known: readonly KnownPaths[], horizon: number, quantiles: readonly number[], originSeconds: number): QuantilePaths {
  const shapes = similarTo(subject, known, originSeconds).map(({ paths, ratio }): Shape => ({ values: paths, ratio }))
  return coldValues(subject, shapes, horizon, quantiles, originSeconds, deviationOf(measuredHours(subject, originSeconds), shapes.length))
}

function deviationOf(hours: number, similar: number): number {
  return (spread.least + spread.perRootHour / Math.sqrt(hours)) * (similar === 0 ? spread.alone : 1)
}

/** How much of another series the new one is. */
interface Ratio {
  readonly ratio: number
}

/** A similar series' forecast. */
interface Shape extends Ratio {
  /** Shape [quantiles × horizon]. */
  readonly values: QuantilePaths
}

function similarTo<Known extends { readonly subject: SubjectSeries }>(subject: SubjectSeries, known: readonly Known[], originSeconds: number): readonly (Known & Ratio)[] {
  const rank = (other: Known): number => (other.subject.subject.workload === subject.subject.workload ? 0 : 1)
  const fitting = known.filter(
    (other) =>
      other.subject.unit === subject.unit &&
      other.subject.subject.resource === subject.subject.resource &&
      other.subject.subject.place.kind === subject.subject.place.kind &&
      measuredHours(other.subject, originSeconds) >= similarDays * 24,
  )
  const nearest = fitting.some((other) => rank(other) === 0) ? fitting.filter((other) => rank(other) === 0) : fitting
  return nearest.flatMap((other): (Known & Ratio)[] => {
    const ratio = ratioTo(other.subject, subject)
    return ratio === undefined ? [] : [{ ...other, ratio }]
  }).slice(0, mostSimilar)
}

/** Demand of `subject` relative to that of `other` over steps in which both were measured; undefined where they have none in common. */
function ratioTo(other: SubjectSeries, subject: SubjectSeries): number | undefined {
  let own = 0
  let others = 0
  subject.values.forEach((value, step) => {
    const beside = other.values[step] ?? Number.NaN
    if (!Number.isFinite(value) || !Number.isFinite(beside)) return
    own += value
    others += beside
  })
  return others > 0 ? own / others : undefined
}

function coldValues(subject: SubjectSeries, shapes: readonly Shape[], length: number, quantiles: readonly number[], originSeconds: number, deviation: number): Float64Array {
  // widened around the quantile nearest to the median, where that is not asked for
  const half = quantiles.reduce((nearest, quantile, q) => (Math.abs(quantile - 0.5) < Math.abs((quantiles[nearest] ?? 1) - 0.5) ? q : nearest), 0)
  const centre = quantiles[half] ?? 0.5
  const level = meanBefore(subject, originSeconds)
  const at = (q: number, step: number): number =>
    shapes.length === 0 ? level : shapes.reduce((sum, { values, ratio }) => sum + ratio * (values[q * length + step] as number), 0) / shapes.length
  const values = new Float64Array(quantiles.length * length)
  for (let step = 0; step < length; step += 1) {
    let floor = 0
    quantiles.forEach((quantile, q) => {
      // quantiles of a logistic distribution: its tails are heavier than the normal one's
      const widened = at(half, step) * Math.exp(deviation * (Math.sqrt(3) / Math.PI) * (logit(quantile) - logit(centre)))
      floor = Math.max(floor, quantile < centre ? Math.min(widened, at(q, step)) : Math.max(widened, at(q, step)))
      values[q * length + step] = floor
    })
  }
  return values
}

function logit(share: number): number {
  return Math.log(share / (1 - share))
}

function meanBefore({ grid, values }: SubjectSeries, originSeconds: number): number {
  const end = Math.floor((originSeconds - grid.startSeconds) / grid.stepSeconds)
  const measured = values.subarray(0, Math.max(0, end)).filter(Number.isFinite)
  return measured.reduce((mean, value, i) => mean + (value - mean) / (i + 1), 0)
}

function nameList(similar: readonly KnownSubject[]): string {
  const [first, second, ...more] = similar.map(({ subject }) => subjectName(subject.subject))
  if (second === undefined) return first ?? ''
  return more.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${more.length} more`
}
