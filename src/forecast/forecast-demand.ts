import { alignDown, type TimeRange } from '../domain/grid.ts'
import { contentHash } from '../domain/hash.ts'
import type { DemandHistory, DemandSeries } from '../domain/history.ts'
import type { DemandForecast, ForecastAccuracy } from '../domain/forecast.ts'
import { Problem } from '../domain/problem.ts'
import { combineMembers, type Combined, type MemberPaths } from './combine.ts'
import { driverSentences } from './drivers.ts'
import { featureCount } from './features.ts'
import { chooseSchooling, schooledPaths, taughtRows, trainForest, type SchooledModels } from './global-models.ts'
import { memberDescriptions, naiveNames } from './members/all.ts'
import type { Network, NetworkWeights, WeightStore } from './network.ts'
import { pathsLoss, type QuantilePaths } from './quantiles.ts'
import { resamplePeak } from './resample.ts'
import { localPaths } from './series-members.ts'
import { daySeconds, modelSeries, type ModelSeries } from './step-series.ts'
import type { TrainingSource } from './training-rows.ts'

/** Name and version of the model: forecasts of different versions are not compared number by number. */
export const modelName = 'prescale/3'

export interface DemandForecastRequest {
  /** Nothing after it is used, Unix seconds; aligned down to the step. */
  readonly originSeconds: number
  readonly stepSeconds: number
  readonly horizonSteps: number
  /** Ascending, each in (0, 1). */
  readonly quantiles: readonly number[]
  readonly seed: number
}

/** Days of history below which a series is refused. */
const leastDays = 2
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
const mostTrainingRows = 30000
const mostRounds = 120

/** One series on its way through the step. */
interface Prepared {
  readonly source: DemandSeries
  readonly series: ModelSeries
  /** Number of values before the request's origin. */
  readonly origin: number
  /** Past origins to learn weights from, ascending, before those of `origins`. */
  readonly warmUps: readonly number[]
  /** Past origins to look back on, ascending, then the request's own. */
  readonly origins: readonly number[]
}

/**
 * Forecasts every series of a history: peaks within the plan's steps, as quantiles. Members are seasonal, smoothing and, when given, one
 * network that was trained on all series up to a day before the first origin that is looked back on; weights and accuracy come from
 * forecasts made from past origins, so no figure has seen what it is judged on.
 * @param network  undefined leaves the network out
 * @param store    where trained weights are kept and found again; undefined trains anew
 * @returns one forecast per series, in the history's order; the same for the same arguments on one machine
 * @throws Problem `history-short` below two measured days
 */
export async function forecastDemand(
  history: DemandHistory,
  request: DemandForecastRequest,
  network: Network | undefined,
  store?: WeightStore,
): Promise<readonly DemandForecast[]> {
  const originSeconds = alignDown(request.originSeconds, request.stepSeconds)
  const cutSeconds = alignDown(originSeconds - request.horizonSteps * request.stepSeconds, daySeconds) - lookBackOrigins * daySeconds
  const prepared = history.series.map((source) => prepare(history, source, request, originSeconds))
  refuseShort(prepared, request)
  const sources = teachers(prepared, request, cutSeconds)
  const { horizonSteps: horizon, quantiles, seed } = request
  const choice = { horizon, mostRows: mostTrainingRows, quantiles, seed }
  const { early, rounds, madeUpShare } = chooseSchooling(teachers(prepared, request, cutSeconds - warmUp.origins * daySeconds), heldOut(prepared, horizon), {
    ...choice,
    rounds: mostRounds,
  })
  const forest = trainForest(sources, { ...choice, rounds, madeUpShare, models: 1 })
  const weights = network === undefined ? undefined : await networkWeights(sources, madeUpShare, request, cutSeconds, network, store)
  const globals: SchooledModels = { early, forest, trained: network === undefined || weights === undefined ? undefined : { network, weights } }
  const forecasts: DemandForecast[] = []
  for (const item of prepared) {
    const said = await memberPaths(item, request, globals)
    forecasts.push(forecastOf(said, request, originSeconds, history.hash))
  }
  return forecasts
}

function prepare(history: DemandHistory, source: DemandSeries, request: DemandForecastRequest, originSeconds: number): Prepared {
  const series = modelSeries(resamplePeak(history.grid, source, request.stepSeconds, originSeconds))
  const origin = series.values.length
  const origins: number[] = []
  for (let back = lookBackOrigins - 1; back >= 0; back -= 1) {
    const past = origin - request.horizonSteps - back * series.perDay
    if (past >= leastDays * series.perDay) origins.push(past)
  }
  const first = origins[0] ?? 0
  const warmUps = Array.from({ length: warmUp.origins }, (_, i) => first - (warmUp.origins - i) * series.perDay)
  return { source, series, origin, warmUps: warmUps.filter((past) => past >= warmUp.leastDays * series.perDay), origins: [...origins, origin] }
}

/** Warm-up origins whose demand was known before the first origin that is judged. */
function heldOut(prepared: readonly Prepared[], horizon: number): { readonly series: ModelSeries; readonly origins: readonly number[] }[] {
  return prepared
    .map(({ series, warmUps, origins }) => ({ series, origins: warmUps.filter((past) => past + horizon <= (origins[0] ?? 0)) }))
    .filter(({ origins }) => origins.length > 0)
}

function refuseShort(prepared: readonly Prepared[], request: DemandForecastRequest): void {
  const needed = (leastDays * daySeconds) / request.stepSeconds
  for (const { series } of prepared) {
    const steps = series.measured.reduce((sum, one) => sum + one, 0)
    if (steps < needed) throw new Problem('history-short', { series: series.name, steps, needed })
  }
}

/** Series with enough history before the training window's end. */
function teachers(prepared: readonly Prepared[], request: DemandForecastRequest, cutSeconds: number): TrainingSource[] {
  return prepared
    .map(({ series }) => ({ series, end: Math.floor((cutSeconds - series.startSeconds) / series.stepSeconds) }))
    .filter(({ series, end }) => end >= leastTrainingDays * series.perDay + request.horizonSteps)
}

/** The network's weights for a training window, found or trained; undefined when no series has enough history before the window's end. */
async function networkWeights(
  sources: readonly TrainingSource[],
  madeUpShare: number,
  request: DemandForecastRequest,
  cutSeconds: number,
  network: Network,
  store: WeightStore | undefined,
): Promise<NetworkWeights | undefined> {
  if (sources.length === 0) return undefined
  const fromSeconds = Math.min(...sources.map(({ series }) => series.startSeconds))
  const trainingWindow: TimeRange = { fromSeconds, toSeconds: cutSeconds }
  const { seed, quantiles, horizonSteps } = request
  const hash = contentHash({
    model: modelName,
    networkSettings,
    mostTrainingRows,
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
  const rows = taughtRows(sources, { horizon: horizonSteps, mostRows: mostTrainingRows, seed, madeUpShare })
  const trained = await network.train(rows, { ...networkSettings, quantiles, seed })
  const weights: NetworkWeights = { hash, trainingWindow, trainingRows: rows.count, quantiles, ...trained }
  await store?.keep(weights)
  return weights
}

/** What the members say of one series, from warm-up origins first. */
interface Said {
  readonly item: Prepared
  /** Warm-up origins, and after them those of the item. */
  readonly origins: readonly number[]
  readonly members: readonly MemberPaths[]
}

async function memberPaths(item: Prepared, request: DemandForecastRequest, globals: SchooledModels): Promise<Said> {
  const { horizonSteps: horizon, quantiles } = request
  const { series, origins } = item
  // Without an early forest nothing speaks for the global members at the warm-up origins.
  const held = globals.early.length > 0 ? item.warmUps : []
  const all = [...held, ...origins]
  const members = [...localPaths(series, all, horizon, quantiles), ...(await schooledPaths(series, held, origins, globals, { horizon, quantiles }))]
  return { item, origins: all, members }
}

function forecastOf(
  { item, origins, members }: Said,
  request: DemandForecastRequest,
  originSeconds: number,
  historyHash: string,
): DemandForecast {
  const { series, source, origin } = item
  const { quantiles, horizonSteps: horizon, stepSeconds } = request
  const combined = combineMembers(series, origins, members, { quantiles, horizon, naives: naiveNames })
  const final = combined[combined.length - 1] as Combined
  const judged = origins.length - item.origins.length
  const judgedMembers = members.map((member) => ({ ...member, paths: member.paths.slice(judged) }))
  const accuracy = accuracyOf(series, combined.slice(judged, -1), judgedMembers, quantiles, horizon)
  return {
    workload: source.workload,
    userZone: source.userZone,
    unit: source.unit,
    statistic: 'peak',
    originSeconds,
    grid: { startSeconds: originSeconds, stepSeconds, length: horizon },
    quantiles,
    values: final.paths,
    members: final.weights,
    accuracy,
    drivers: driverSentences(series, origin, source.unit, final, accuracy, memberDescriptions),
    model: modelName,
    historyHash,
  }
}

/** How the combination, and the better of the naives, did from past origins; undefined when there is none. */
function accuracyOf(
  series: ModelSeries,
  past: readonly Combined[],
  members: readonly MemberPaths[],
  quantiles: readonly number[],
  horizon: number,
): ForecastAccuracy | undefined {
  if (past.length === 0) return undefined
  const lossOf = (paths: readonly QuantilePaths[]): { loss: number; absolute: number } =>
    past.reduce(
      (sum, { origin }, k) => {
        const scored = pathsLoss(paths[k] as QuantilePaths, quantiles, series.values.subarray(origin, origin + horizon), series.measured.subarray(origin, origin + horizon))
        return { loss: sum.loss + scored.loss, absolute: sum.absolute + scored.absolute }
      },
      { loss: 0, absolute: 0 },
    )
  const relative = ({ loss, absolute }: { loss: number; absolute: number }): number => (absolute > 0 ? loss / absolute : loss)
  const naives = members.filter(({ member }) => naiveNames.includes(member))
  return {
    origins: past.length,
    weightedQuantileLoss: relative(lossOf(past.map(({ paths }) => paths))),
    naiveWeightedQuantileLoss: Math.min(...naives.map(({ paths }) => relative(lossOf(paths)))),
    coverage95: coverageOf(series, past, quantiles, horizon),
  }
}

/** Share of measured steps at or below the stored quantile nearest to 0.95. */
function coverageOf(series: ModelSeries, past: readonly Combined[], quantiles: readonly number[], horizon: number): number {
  const nearest = quantiles.reduce((best, quantile, q) => (Math.abs(quantile - 0.95) < Math.abs((quantiles[best] ?? 0) - 0.95) ? q : best), 0)
  let within = 0
  let seen = 0
  for (const { origin, paths } of past) {
    for (let step = 0; step < horizon; step += 1) {
      if (series.measured[origin + step] !== 1) continue
      seen += 1
      if ((series.values[origin + step] as number) <= (paths[nearest * horizon + step] as number)) within += 1
    }
  }
  return seen > 0 ? within / seen : 1
}
