import type { TimeRange } from '../domain/grid.ts'
import { contentHash } from '../domain/hash.ts'
import type { ForecastAccuracy } from '../domain/forecast.ts'
import { accuracyOf } from './accuracy.ts'
import { combineMembers, type Combined, type MemberPaths } from './combine.ts'
import { featureCount } from './features.ts'
import { chooseSchooling, schooledPaths, taughtRows, trainForest, type SchooledModels } from './global-models.ts'
import { naiveNames } from './members/all.ts'
import type { Network, NetworkWeights, WeightStore } from './network.ts'
import { localPaths } from './series-members.ts'
import { daySeconds, modelSeries, type ModelSeries, type StepSeries } from './step-series.ts'
import type { TrainingSource } from './training-rows.ts'

/** Name and version of the model: forecasts of different versions are not compared number by number. */
export const modelName = 'prescale/4'

/** Days of history below which a series is not forecast. */
export const leastDays = 2
/** Daily origins whose forecasts are judged. */
const lookBackOrigins = 7
/**
 * Daily origins before those: weights, calibration and the way to teach are learned there first, and the gate can close. A series needs so
 * many days of history at them that all members take part.
 */
const warmUp = { origins: 7, leastDays: 9 }
/** A network needs this much history before the first origin that is looked back on. */
const leastTrainingDays = 4
const networkSettings = { hiddenUnits: 64, epochs: 6, batchRows: 512, learningRate: 6e-3 }
/** What the global models of a grid may cost. `planned` compares ways to teach; `beside` trains one forest, the usual way. */
const effort = { planned: { rows: 30000, rounds: 120 }, beside: { rows: 10000, rounds: 60, madeUpShare: 0.5 } } as const

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
  readonly effort: keyof typeof effort
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
 * @param store    where trained weights are kept and found again; undefined trains anew
 * @returns one per source, in order; the same for the same arguments on one machine
 */
export async function forecastSeries(
  sources: readonly ForecastSource[],
  request: GridRequest,
  network: Network | undefined,
  store: WeightStore | undefined,
): Promise<readonly SeriesForecast[]> {
  const prepared = sources.map((source) => prepare(source, request))
  const models = await teach(
    prepared.filter(({ role }) => role === 'teaches'),
    request,
    network,
    store,
  )
  const forecasts: SeriesForecast[] = []
  for (const item of prepared) forecasts.push(await forecastOne(item, request, models))
  return forecasts
}

function prepare({ steps, role }: ForecastSource, request: GridRequest): Prepared {
  const series = modelSeries(steps)
  const origin = series.values.length
  const origins: number[] = []
  for (let back = lookBackOrigins - 1; back >= 0; back -= 1) {
    const past = origin - request.horizonSteps - back * series.perDay
    if (past >= leastDays * series.perDay) origins.push(past)
  }
  const first = origins[0] ?? 0
  const warmUps = Array.from({ length: warmUp.origins }, (_, i) => first - (warmUp.origins - i) * series.perDay)
  return { role, series, origin, warmUps: warmUps.filter((past) => past >= warmUp.leastDays * series.perDay), origins: [...origins, origin] }
}

async function teach(prepared: readonly Prepared[], request: GridRequest, network: Network | undefined, store: WeightStore | undefined): Promise<SchooledModels> {
  const { horizonSteps: horizon, quantiles, seed, stepSeconds, originSeconds } = request
  const cutSeconds = alignToDay(originSeconds - horizon * stepSeconds) - lookBackOrigins * daySeconds
  const beforeWarmUps = cutSeconds - warmUp.origins * daySeconds
  if (request.effort === 'beside') {
    const { rows, rounds, madeUpShare } = effort.beside
    const choice = { horizon, mostRows: rows, quantiles, seed, rounds, madeUpShare, models: 1 }
    const early = trainForest(teachers(prepared, request, beforeWarmUps), choice)
    return { early, forest: early.length > 0 ? early : trainForest(teachers(prepared, request, cutSeconds), choice), trained: undefined }
  }
  const sources = teachers(prepared, request, cutSeconds)
  const choice = { horizon, mostRows: effort.planned.rows, quantiles, seed }
  const schooling = chooseSchooling(teachers(prepared, request, beforeWarmUps), heldOut(prepared, horizon), { ...choice, rounds: effort.planned.rounds })
  const { early, rounds, madeUpShare } = schooling
  const forest = trainForest(sources, { ...choice, rounds, madeUpShare, models: 1 })
  const weights = network === undefined ? undefined : await networkWeights(sources, madeUpShare, request, cutSeconds, network, store)
  return { early, forest, trained: network === undefined || weights === undefined ? undefined : { network, weights } }
}

function alignToDay(seconds: number): number {
  return Math.floor(seconds / daySeconds) * daySeconds
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

/** The network's weights for a training window, found or trained; undefined when no series has enough history before the window's end. */
async function networkWeights(
  sources: readonly TrainingSource[],
  madeUpShare: number,
  request: GridRequest,
  cutSeconds: number,
  network: Network,
  store: WeightStore | undefined,
): Promise<NetworkWeights | undefined> {
  if (sources.length === 0) return undefined
  const fromSeconds = Math.min(...sources.map(({ series }) => series.startSeconds))
  const trainingWindow: TimeRange = { fromSeconds, toSeconds: cutSeconds }
  const { seed, quantiles, horizonSteps } = request
  const mostRows = effort.planned.rows
  const hash = contentHash({
    model: modelName,
    networkSettings,
    mostTrainingRows: mostRows,
    madeUpShare,
    featureCount,
    seed,
    quantiles,
    horizonSteps,
    trainingWindow,
    demand: sources.map(({ series, end }) => [series.name, contentHash(series.values.slice(0, end))]),
  })
  const kept = await store?.find(hash)
  if (kept !== undefined) return kept
  const rows = taughtRows(sources, { horizon: horizonSteps, mostRows, seed, madeUpShare })
  const trained = await network.train(rows, { ...networkSettings, quantiles, seed })
  const weights: NetworkWeights = { hash, trainingWindow, trainingRows: rows.count, quantiles, ...trained }
  await store?.keep(weights)
  return weights
}

async function forecastOne(item: Prepared, request: GridRequest, models: SchooledModels): Promise<SeriesForecast> {
  const { horizonSteps: horizon, quantiles } = request
  const { series, origins, origin } = item
  // Without an early forest nothing speaks for the global members at the warm-up origins.
  const held = models.early.length > 0 ? item.warmUps : []
  const all = [...held, ...origins]
  const members = [...localPaths(series, all, horizon, quantiles), ...(await schooledPaths(series, held, origins, models, { horizon, quantiles }))]
  const combined = combineMembers(series, all, members, { quantiles, horizon, naives: naiveNames })
  const judged = members.map((member) => ({ ...member, paths: member.paths.slice(held.length) }))
  const past = combined.slice(held.length, -1)
  return {
    series,
    origin,
    past,
    final: combined[combined.length - 1] as Combined,
    members: judged.map((member) => ({ ...member, paths: member.paths.slice(-1) })),
    accuracy: accuracyOf(series, past, judged, naiveNames, quantiles),
  }
}
