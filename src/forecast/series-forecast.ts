import type { ForecastAccuracy } from '../domain/forecast.ts'
import { alignDown } from '../domain/grid.ts'
import { accuracyOf } from './accuracy.ts'
import { combineMembers, type Combined, type MemberPaths } from './combine.ts'
import { schooledPaths, type SchooledModels } from './global-models.ts'
import { naiveNames } from './members/all.ts'
import { withNewest } from './recent-gate.ts'
import { chooseModels, type ChosenModels, type ModelShelf } from './model-shelf.ts'
import { compareModels } from './model-trial.ts'
import type { Network } from './network.ts'
import type { ModelVersion } from './registry.ts'
import { localPaths } from './series-members.ts'
import { daySeconds, modelSeries, type ModelSeries, type StepSeries } from './step-series.ts'
import { trainModels } from './train-models.ts'
import { noModels, withNetwork } from './trained-models.ts'
import type { TrainingSource } from './training-rows.ts'

/** Name and version of the model: forecasts of different versions are not compared number by number. */
export const modelName = 'prescale/9'

/** Days of history below which a series is not forecast. */
export const leastDays = 2
/** Days of history at an origin from which on all members take part. */
const allMembersDays = 9
/**
 * `judged` past origins, `everyHours` apart, are looked back on. At as many before them weights, calibration and the way to teach are
 * learned, and the gate can close. Seven hours share no factor with the day, so that short forecasts are judged at all times of it.
 */
const pastOrigins = { planned: { judged: 7, everyHours: 24 }, beside: { judged: 14, everyHours: 7 } } as const
/** A network needs this much history before the first origin that is looked back on. */
const leastTrainingDays = 4

/** One series to forecast, on the grid's steps. */
export interface ForecastSource {
  readonly steps: StepSeries
  /** `teaches`: the grid's global models learn from it. `follows`: they only forecast it. */
  readonly role: 'teaches' | 'follows'
}

export interface GridRequest {
  /** End of the newest step that may be used, a multiple of the step, Unix seconds. */
  readonly originSeconds: number
  readonly stepSeconds: number
  readonly horizonSteps: number
  /** Ascending, each in (0, 1). */
  readonly quantiles: readonly number[]
  readonly seed: number
  /** What the global models may cost: `planned` compares ways to teach, `beside` trains one forest the usual way. */
  readonly effort: 'planned' | 'beside'
}

/** What came of one series. */
export interface SeriesForecast {
  readonly series: ModelSeries
  /** Number of the series' values that were used. */
  readonly origin: number
  /** Forecasts from past origins, as if made then, oldest first. */
  readonly past: readonly Combined[]
  readonly final: Combined
  /** What each member says from the origin. */
  readonly members: readonly MemberPaths[]
  readonly accuracy: ForecastAccuracy | undefined
  /** Of the models that all series share; undefined where there are none, or nothing keeps versions. */
  readonly version: ModelVersion | undefined
}

/** One series on its way. */
interface Prepared {
  readonly role: ForecastSource['role']
  readonly series: ModelSeries
  readonly origin: number
  /** Past origins to learn weights from, ascending, before those of `origins`. */
  readonly warmUps: readonly number[]
  /** Past origins to look back on, ascending, then the request's own. */
  readonly origins: readonly number[]
}

/**
 * Forecasts series of one grid. Members are seasonal, smoothing, boosted trees and, when given, one network; the global ones are trained on
 * all series that teach, up to a day before the first origin that is looked back on; weights and accuracy come from forecasts made from past
 * origins, so no figure has seen what it is judged on.
 * @param sources  each with at least `leastDays` measured days
 * @param network  undefined leaves the network out
 * @param shelf    where trained versions are kept, and which is in force; undefined trains anew
 * @returns one per source, in order; the same for the same arguments on one machine
 */
export async function forecastSeries(
  sources: readonly ForecastSource[],
  request: GridRequest,
  network: Network | undefined,
  shelf: ModelShelf | undefined,
): Promise<readonly SeriesForecast[]> {
  const prepared = sources.map((source) => prepare(source, request))
  const chosen = await teach(
    prepared.filter(({ role }) => role === 'teaches'),
    request,
    network,
    shelf,
  )
  const models = withNetwork(chosen?.models ?? noModels, network)
  const forecasts: SeriesForecast[] = []
  for (const item of prepared) forecasts.push(await forecastOne(item, request, models, chosen?.version))
  return forecasts
}

function prepare({ steps, role }: ForecastSource, request: GridRequest): Prepared {
  const series = modelSeries(steps)
  const { judged, everyHours } = pastOrigins[request.effort]
  const origin = series.values.length
  const stride = Math.max(1, Math.round((everyHours * series.perDay) / 24))
  const ago = (first: number, leastDaysBefore: number): number[] =>
    Array.from({ length: judged }, (_, i) => origin - request.horizonSteps - (first + judged - 1 - i) * stride).filter((past) => past >= leastDaysBefore * series.perDay)
  return { role, series, origin, warmUps: ago(judged, allMembersDays), origins: [...ago(0, leastDays), origin] }
}

async function teach(prepared: readonly Prepared[], request: GridRequest, network: Network | undefined, shelf: ModelShelf | undefined): Promise<ChosenModels | undefined> {
  const { horizonSteps, quantiles, seed, stepSeconds, originSeconds } = request
  const { judged, everyHours } = pastOrigins[request.effort]
  const cutSeconds = alignDown(originSeconds - horizonSteps * stepSeconds, daySeconds) - judged * everyHours * 3600
  const demand = {
    sources: teachers(prepared, request, cutSeconds),
    earlySources: teachers(prepared, request, cutSeconds - judged * everyHours * 3600),
    heldOut: heldOut(prepared, horizonSteps),
    cutSeconds,
  }
  const effort = request.effort === 'planned' ? 'compared' : 'usual'
  return chooseModels(
    shelf,
    { of: 'files', stepSeconds, horizonSteps, quantiles, seed },
    originSeconds,
    () => trainModels(demand, { horizonSteps, quantiles, seed, effort }, network),
    (champion, challenger, sinceSeconds) => {
      const past = prepared.map(({ series, origins }) => ({ series, origins: origins.slice(0, -1) }))
      return compareModels(past, { horizon: horizonSteps, quantiles }, withNetwork(champion, network), withNetwork(challenger, network), sinceSeconds)
    },
  )
}

/** Warm-up origins whose demand was known before the first origin that is judged. */
function heldOut(prepared: readonly Prepared[], horizon: number): { readonly series: ModelSeries; readonly origins: readonly number[] }[] {
  return prepared
    .map(({ series, warmUps, origins }) => ({ series, origins: warmUps.filter((past) => past + horizon <= (origins[0] ?? 0)) }))
    .filter(({ origins }) => origins.length > 0)
}

/** Series with enough history before the training window's end. */
function teachers(prepared: readonly Prepared[], request: GridRequest, cutSeconds: number): TrainingSource[] {
  return prepared
    .map(({ series }) => ({ series, end: Math.floor((cutSeconds - series.startSeconds) / series.stepSeconds) }))
    .filter(({ series, end }) => end >= leastTrainingDays * series.perDay + request.horizonSteps)
}

async function forecastOne(item: Prepared, request: GridRequest, models: SchooledModels, version: ModelVersion | undefined): Promise<SeriesForecast> {
  const { horizonSteps: horizon, quantiles } = request
  const { series, origins, origin } = item
  // Without an early forest nothing speaks for the global members at the warm-up origins.
  const held = models.early.length > 0 ? item.warmUps : []
  const all = [...held, ...withNewest(series, origins, horizon)]
  const members = [...localPaths(series, all, horizon, quantiles), ...(await schooledPaths(series, held, all.slice(held.length), models, { horizon, quantiles }))]
  const combined = combineMembers(series, all, members, { quantiles, horizon, naives: naiveNames })
  const judged = members.map((member) => ({ ...member, paths: member.paths.slice(held.length) }))
  const past = combined.slice(held.length, held.length + origins.length - 1)
  return {
    series,
    origin,
    past,
    final: combined[combined.length - 1] as Combined,
    members: judged.map((member) => ({ ...member, paths: member.paths.slice(-1) })),
    accuracy: accuracyOf(series, past, judged, naiveNames, quantiles),
    version,
  }
}
