import type { MemberWeight } from '../domain/forecast.ts'
import { combineMembers, type CombineMemory, type Combined, noMemory } from './combine.ts'
import { schooledPaths, type SchooledModels } from './global-models.ts'
import { naiveNames } from './members/all.ts'
import { pathsLoss, type QuantilePaths } from './quantiles.ts'
import { withNewest } from './recent-gate.ts'
import { localPaths } from './series-members.ts'
import { daySeconds, type ModelSeries } from './step-series.ts'

/** What earlier cycles learned of one series, as a value that is kept between them. */
export interface SeriesMemory {
  readonly name: string
  /** Past origins whose demand is known, ascending, Unix seconds. */
  readonly originSeconds: Float64Array
  readonly members: readonly string[]
  /** Loss of each member. Shape [origins × members]. */
  readonly losses: Float64Array
  /** Loss of the combination, whether a naive stood in for it or not. Shape [origins]. */
  readonly combinedLosses: Float64Array
  /** Loss of what was forecast. Shape [origins]. */
  readonly publishedLosses: Float64Array
  /** Demand that came, summed over measured steps. Shape [origins]. */
  readonly demand: Float64Array
  /** Measured steps, and those above the quantile nearest to 0.95. Shape [origins × 2]. */
  readonly steps: Float64Array
  readonly stretch: Float64Array
}

export interface RememberedRequest {
  readonly horizon: number
  /** Ascending, each in (0, 1). */
  readonly quantiles: readonly number[]
}

/** Models that all series share, and the end of what they have seen, Unix seconds. */
export interface SharedModels {
  readonly schooled: SchooledModels
  readonly seenToSeconds: number
}

/** The forecast of one series from the end of its values, and what is known of it then. */
export interface RememberedForecast {
  /** Shape [quantiles × horizon]. */
  readonly paths: QuantilePaths
  readonly weights: readonly MemberWeight[]
  readonly memory: SeriesMemory
}

/** Daily origins that are looked back on, at most, in one cycle: all of them when nothing is remembered. */
const mostLookedBack = 14
/** Origins that are remembered: older ones weigh nothing any more. */
const mostRemembered = 28
/** Days of history below which an origin is not looked back on. */
const leastDays = 2
/** The regression is fitted once for all origins of a cycle. */
const refitDays = mostLookedBack + 9
/** Days before the end of what all models have seen that the early ones have not. */
const heldOutDays = 7

/**
 * Forecasts a series with models that are shared by all. What earlier cycles learned is carried on: only the daily origins whose demand became
 * known since are looked back on, rather than two weeks of them anew in every cycle.
 * Origins before the end of what the models have seen are looked back on with the early ones, which have not.
 * @param remembered  undefined for a series that is seen for the first time
 */
export async function forecastRemembered(
  series: ModelSeries,
  request: RememberedRequest,
  { schooled, seenToSeconds }: SharedModels,
  remembered: SeriesMemory | undefined,
): Promise<RememberedForecast> {
  const { horizon, quantiles } = request
  const origin = series.values.length
  const known = newlyKnown(series, horizon, remembered)
  const unseen = known.filter((past) => secondsOf(series, past) >= seenToSeconds)
  const held = schooled.early.length === 0 ? [] : known.filter((past) => !unseen.includes(past) && secondsOf(series, past) >= seenToSeconds - heldOutDays * daySeconds)
  const late = withNewest(series, [...(schooled.forest.length === 0 ? known : unseen), origin], horizon)
  const origins = [...held, ...late]
  const members = [...localPaths(series, origins, horizon, quantiles, { of: 'bulk', days: refitDays }), ...(await schooledPaths(series, held, late, schooled, request))]
  const names = members.map(({ member }) => member)
  const memory = combineMemory(remembered, names, quantiles.length)
  const combined = combineMembers(series, origins, members, { quantiles, horizon, naives: naiveNames }, memory)
  const final = combined[combined.length - 1] as Combined
  return { paths: final.paths, weights: final.weights, memory: memoryAfter(series, remembered, names, memory, combined.filter((one) => one.origin + horizon <= origin), request) }
}

/** Daily origins whose whole horizon has been measured since the last one that is remembered, ascending, as many as are worth it. */
function newlyKnown(series: ModelSeries, horizon: number, remembered: SeriesMemory | undefined): number[] {
  const last = remembered?.originSeconds.at(-1) ?? -Infinity
  const origins: number[] = []
  for (let origin = series.values.length - horizon; origins.length < mostLookedBack; origin -= series.perDay) {
    if (origin < leastDays * series.perDay || secondsOf(series, origin) < last + daySeconds) break
    origins.unshift(origin)
  }
  return origins
}

function secondsOf(series: ModelSeries, origin: number): number {
  return series.startSeconds + origin * series.stepSeconds
}

/** Losses of members that were not there yet are taken as the others' mean. */
function combineMemory(remembered: SeriesMemory | undefined, names: readonly string[], quantileCount: number): CombineMemory {
  if (remembered === undefined || remembered.stretch.length !== quantileCount) return noMemory(quantileCount)
  const { members, losses, combinedLosses, stretch } = remembered
  const columns = names.map((name) => members.indexOf(name))
  const rows = Array.from(combinedLosses, (_, row) => {
    const known = Array.from(losses.subarray(row * members.length, (row + 1) * members.length))
    const mean = known.reduce((sum, loss) => sum + loss, 0) / Math.max(1, known.length)
    return columns.map((column) => known[column] ?? mean)
  })
  return { losses: rows, combinedLosses: Array.from(combinedLosses), stretch: stretch.slice() }
}

function memoryAfter(
  series: ModelSeries,
  remembered: SeriesMemory | undefined,
  names: readonly string[],
  { losses, combinedLosses, stretch }: CombineMemory,
  judged: readonly Combined[],
  { horizon, quantiles }: RememberedRequest,
): SeriesMemory {
  const before = losses.length - judged.length
  const kept = (earlier: Float64Array | undefined, added: readonly number[], width: number): Float64Array => {
    const all = [...(before > 0 ? (earlier ?? []) : []), ...added]
    return Float64Array.from(all.slice(-mostRemembered * width))
  }
  const nearest = quantiles.reduce((best, quantile, q) => (Math.abs(quantile - 0.95) < Math.abs((quantiles[best] ?? 0) - 0.95) ? q : best), 0)
  const counts = judged.map(({ origin, paths }) => {
    const end = origin + horizon
    const actual = series.values.subarray(origin, end)
    const measured = series.measured.subarray(origin, end)
    const { absolute, steps, loss } = pathsLoss(paths, quantiles, actual, measured)
    const above = actual.reduce((sum, value, step) => (measured[step] === 1 && value > (paths[nearest * horizon + step] as number) ? sum + 1 : sum), 0)
    return { loss, absolute, steps, above }
  })
  return {
    name: series.name,
    originSeconds: kept(remembered?.originSeconds, judged.map(({ origin }) => secondsOf(series, origin)), 1),
    members: names,
    losses: Float64Array.from(losses.slice(-mostRemembered).flat()),
    combinedLosses: Float64Array.from(combinedLosses.slice(-mostRemembered)),
    publishedLosses: kept(remembered?.publishedLosses, counts.map(({ loss }) => loss), 1),
    demand: kept(remembered?.demand, counts.map(({ absolute }) => absolute), 1),
    steps: kept(remembered?.steps, counts.flatMap(({ steps, above }) => [steps, above]), 2),
    stretch,
  }
}

/** How well a series was forecast from the origins that are remembered; sums, so that series can be added up. */
export interface RememberedScore {
  readonly origins: number
  readonly loss: number
  /** Of the better naive; NaN where none took part. */
  readonly naiveLoss: number
  readonly demand: number
  readonly steps: number
  readonly above95: number
}

export function rememberedScore({ members, losses, publishedLosses, demand, steps }: SeriesMemory): RememberedScore {
  const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)
  const naives = members.flatMap((member, m) => (naiveNames.includes(member) ? [total(losses.filter((_, i) => i % members.length === m))] : []))
  return {
    origins: publishedLosses.length,
    loss: total(publishedLosses),
    naiveLoss: naives.length === 0 ? Number.NaN : Math.min(...naives),
    demand: total(demand),
    steps: total(steps.filter((_, i) => i % 2 === 0)),
    above95: total(steps.filter((_, i) => i % 2 === 1)),
  }
}
