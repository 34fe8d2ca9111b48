import type { ForecastAccuracy, MemberWeight } from '../domain/forecast.ts'
import type { Combined } from './combine.ts'
import { meanBefore, type ModelSeries } from './step-series.ts'

/** What each member goes by, for sentences. */
export type MemberDescriptions = ReadonlyMap<string, string>

/** Changes below this share are not worth a sentence of their own. */
const worthSaying = 0.05

/** What is told of one forecast. */
export interface ToldForecast {
  readonly series: ModelSeries
  /** Number of the series' values that were used. */
  readonly origin: number
  readonly unit: string
  readonly combined: Combined
  readonly accuracy: ForecastAccuracy | undefined
  readonly describes: MemberDescriptions
}

/** Sentences that say what drives a forecast, most important first: level, day, week, models, accuracy, the gate. */
export function driverSentences(told: ToldForecast): string[] {
  const { series, origin, unit, combined, accuracy, describes } = told
  return [
    levelSentence(series, origin, unit),
    daySentence(series, origin),
    weekSentence(series, origin),
    modelSentence(combined.weights, describes),
    accuracySentence(accuracy),
    combined.gatedTo === undefined ? undefined : `the models did worse than ${combined.gatedTo} on recent days, so that counts for two thirds`,
  ].filter((sentence) => sentence !== undefined)
}

function levelSentence(series: ModelSeries, origin: number, unit: string): string {
  const { perDay } = series
  const day = meanBefore(series, origin, perDay)
  const before = origin >= 8 * perDay ? meanBefore(series, origin - 7 * perDay, perDay) : meanBefore(series, origin - perDay, perDay)
  const since = origin >= 8 * perDay ? 'the same day last week' : 'the day before'
  const change = before > 0 ? day / before - 1 : 0
  const compared = Math.abs(change) < worthSaying ? `about as ${since}` : `${percent(Math.abs(change))} ${change > 0 ? 'above' : 'below'} ${since}`
  return day > 0 ? `the last day averaged ${figures(day)} ${unit}, ${compared}` : `the last day had no demand`
}

function daySentence(series: ModelSeries, origin: number): string | undefined {
  const { perDay, values } = series
  const days = Math.min(7, Math.floor(origin / perDay))
  const mean = meanBefore(series, origin, days * perDay)
  if (mean <= 0) return undefined
  const slots = new Float64Array(perDay)
  for (let i = origin - days * perDay; i < origin; i += 1) slots[i % perDay] = (slots[i % perDay] as number) + (values[i] as number) / days
  let top = 0
  for (let slot = 1; slot < perDay; slot += 1) if ((slots[slot] as number) > (slots[top] as number)) top = slot
  const ratio = (slots[top] as number) / mean
  if (ratio < 1 + worthSaying) return 'demand is about the same all day'
  const secondsOfDay = (series.startSeconds + top * series.stepSeconds) % 86400
  return `days peak near ${clock(secondsOfDay)} UTC at ${ratio.toFixed(1)} times their mean`
}

function weekSentence(series: ModelSeries, origin: number): string | undefined {
  const { perDay, values } = series
  if (origin < 14 * perDay) return undefined
  const sums = [0, 0]
  const counts = [0, 0]
  for (let i = origin - 14 * perDay; i < origin; i += 1) {
    const weekday = (Math.floor((series.startSeconds + i * series.stepSeconds) / 86400) + 3) % 7
    const kind = weekday >= 5 ? 1 : 0
    sums[kind] = (sums[kind] ?? 0) + (values[i] as number)
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  const work = (sums[0] ?? 0) / Math.max(1, counts[0] ?? 0)
  const weekend = (sums[1] ?? 0) / Math.max(1, counts[1] ?? 0)
  if (work <= 0 || Math.abs(weekend / work - 1) < worthSaying) return undefined
  return `weekends run ${percent(Math.abs(weekend / work - 1))} ${weekend > work ? 'above' : 'below'} working days`
}

function modelSentence(weights: readonly MemberWeight[], describes: MemberDescriptions): string {
  const [first, second] = [...weights].sort((a, b) => b.weight - a.weight)
  if (first === undefined) return 'no model took part'
  const lead = `${first.member} counts most (${percent(first.weight)}): ${describes.get(first.member) ?? 'no description'}`
  return second === undefined || second.weight < worthSaying ? lead : `${lead}; then ${second.member} (${percent(second.weight)})`
}

function accuracySentence(accuracy: ForecastAccuracy | undefined): string {
  if (accuracy === undefined) return 'the history is too short to say how good such forecasts were'
  const { weightedQuantileLoss: loss, naiveWeightedQuantileLoss: naive, origins } = accuracy
  const compared =
    naive > 0 && Number.isFinite(loss / naive)
      ? `${percent(Math.abs(1 - loss / naive))} ${loss <= naive ? 'better' : 'worse'} than repeating the better of day and week`
      : 'as exact as repeating the day'
  return `over the last ${origins} forecasts it was ${compared}`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function clock(secondsOfDay: number): string {
  return new Date(secondsOfDay * 1000).toISOString().slice(11, 16)
}

/** Three significant figures without an exponent. */
function figures(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}
