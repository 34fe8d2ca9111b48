import { contentHash } from '../domain/hash.ts'
import type { MemberWeight } from '../domain/forecast.ts'
import { combineMembers } from './combine.ts'
import { chooseSchooling, manySeries, networkTrainingFor, schooledPaths, taughtRows, trainForest, type SchooledModels, type Schooling } from './global-models.ts'
import { naiveNames } from './members/all.ts'
import type { Network } from './network.ts'
import type { QuantilePaths } from './quantiles.ts'
import { seriesMembers } from './series-members.ts'
import { daySeconds, modelSeries, type ModelSeries, type StepSeries } from './step-series.ts'
import type { TrainingSource } from './training-rows.ts'

/** One series and the forecasts that are wanted of it. */
export interface EvaluationTask {
  readonly series: StepSeries
  /** Numbers of grid steps that may be seen, ascending; empty when the series only teaches. */
  readonly origins: readonly number[]
}

export interface EvaluationSettings {
  readonly horizonSteps: number
  /** Ascending, each in (0, 1). */
  readonly quantiles: readonly number[]
  readonly seed: number
  /** Told what begins, so that the cost of each can be measured. */
  readonly phase: (phase: EvaluationPhase) => void
}

/** `learning`: global models are trained, and weights are learned on held-out days. `forecasting`: what is wanted is forecast. */
export type EvaluationPhase = 'learning' | 'forecasting'

/** One forecast of one series from one origin. */
export interface EvaluatedForecast {
  readonly series: string
  /** Start of the newest step that was seen, Unix seconds. */
  readonly originSeconds: number
  readonly stepSeconds: number
  /** Shape [quantiles × horizon]. */
  readonly paths: QuantilePaths
  readonly weights: readonly MemberWeight[]
}

/** Share of a series that teaches when no forecast of it is wanted. */
const teachingShare = 0.7
/** Global models are trained anew when this many times the steps have become known. */
const worthRetraining = 1.5
/**
 * A recording that begins so long after a cohort's instant is of another time: it teaches as a data set would, up to its own first origin.
 * Series that run at the cohort's time, or begin soon after, never teach anything later than the cohort's instant.
 */
const anotherTimeSeconds = 90 * daySeconds
/** What is held out to choose the length of boosting and the first weights: the newest days before the first origin. */
const heldOut = { mostDays: 7, mostShare: 0.3, origins: 16 }
/** Rows that models are trained on: more where more series teach. */
const rowsFor = { least: 40000, perSeries: 150, most: 100000 }
/** Independently drawn boosted models that are averaged. */
const models = { fewSeries: 1, manySeries: 2 }
const mostRounds = 120

/** A series on its way through the evaluation. */
interface Pupil {
  readonly series: ModelSeries
  readonly origins: readonly number[]
  /** Steps that may be learned from: those before the first origin. */
  readonly teaches: number
  /** End of the newest step before the first origin, Unix seconds. */
  readonly firstSeconds: number
}

/** Series whose first origins fall between one training of the global models and the next. */
interface Cohort {
  readonly trainedSeconds: number
  readonly pupils: readonly Pupil[]
}

/**
 * Forecasts every task from each of its origins, as if made then. No forecast has seen anything after its origin: global models learn from
 * a series only what lies before its own first origin and before the first origin of the cohort that they serve (recordings of another
 * time, begun 90 days later or more, only their own); weights and calibration of a series follow its own matured forecasts.
 * @param network  undefined leaves the network out
 * @returns forecasts in the order of the cohorts, then of the tasks; paths in the series' unit, ≥ 0, never crossing
 */
export async function* evaluateForecasts(
  tasks: readonly EvaluationTask[],
  settings: EvaluationSettings,
  network: Network | undefined,
): AsyncGenerator<EvaluatedForecast> {
  const pupils = tasks.map(pupilOf)
  for (const cohort of cohortsOf(pupils)) {
    settings.phase('learning')
    const teachers = pupils.map((pupil): TrainingSource => ({ series: pupil.series, end: taughtBy(pupil, cohort.trainedSeconds) }))
    const models = await trainCohort(teachers, settings, network)
    for (const pupil of cohort.pupils) yield* forecastPupil(pupil, models, settings)
  }
}

/** Origins, in grid steps, are counted from the first measured step, as the models do. */
function pupilOf({ series: source, origins }: EvaluationTask): Pupil {
  const series = modelSeries(source)
  const skipped = (series.startSeconds - source.startSeconds) / source.stepSeconds
  const usable = origins.map((origin) => origin - skipped).filter((origin) => origin > 0)
  const teaches = usable[0] ?? Math.floor(series.values.length * teachingShare)
  return { series, origins: usable, teaches, firstSeconds: series.startSeconds + teaches * series.stepSeconds }
}

/** Steps of a series that a cohort trained at `seconds` learns from. */
function taughtBy({ series, teaches }: Pupil, seconds: number): number {
  return series.startSeconds > seconds + anotherTimeSeconds ? teaches : Math.min(teaches, stepsBefore(series, seconds))
}

function stepsBefore(series: ModelSeries, seconds: number): number {
  return Math.max(0, Math.floor((seconds - series.startSeconds) / series.stepSeconds))
}

/** Splits the series that are forecast by their first origins, so that models are trained again when much more has become known. */
function cohortsOf(pupils: readonly Pupil[]): Cohort[] {
  const inTime = pupils.filter(({ origins }) => origins.length > 0).sort((a, b) => a.firstSeconds - b.firstSeconds)
  const cohorts: { trainedSeconds: number; pupils: Pupil[] }[] = []
  let learned = 0
  for (const pupil of inTime) {
    const last = cohorts[cohorts.length - 1]
    if (last !== undefined && last.trainedSeconds === pupil.firstSeconds) {
      last.pupils.push(pupil)
      continue
    }
    const known = pupils.reduce((sum, teacher) => sum + taughtBy(teacher, pupil.firstSeconds), 0)
    if (last === undefined || known >= worthRetraining * learned) {
      cohorts.push({ trainedSeconds: pupil.firstSeconds, pupils: [pupil] })
      learned = known
    } else last.pupils.push(pupil)
  }
  return cohorts
}

async function trainCohort(teachers: readonly TrainingSource[], settings: EvaluationSettings, network: Network | undefined): Promise<SchooledModels> {
  const { horizonSteps: horizon, quantiles, seed } = settings
  const taught = teachers.filter(({ end }) => end > 0).length
  const mostRows = Math.min(rowsFor.most, rowsFor.least + rowsFor.perSeries * taught)
  const earlyTeachers = teachers.map(({ series, end }) => ({ series, end: earlyEnd(series, end) }))
  const checks = teachers.map(({ series, end }) => ({ series, origins: heldOutOrigins(series, end, horizon) })).filter(({ origins }) => origins.length > 0)
  const schooling = chooseSchooling(earlyTeachers, checks, { horizon, mostRows: mostRows / 2, seed: seed + 100, quantiles, rounds: mostRounds })
  const { rounds, madeUpShare, early } = schooling
  const forest = trainForest(teachers, { horizon, mostRows, seed, quantiles, rounds, madeUpShare, models: taught >= manySeries ? models.manySeries : models.fewSeries })
  const sequence = network?.sequence
  const pretrained = sequence === undefined ? undefined : { network: sequence, tuning: sequence.tune(earlyTeachers, teachers, { horizon, seed }) }
  return { early, forest, trained: await trainedNetwork(teachers, mostRows, schooling, settings, network), pretrained }
}

async function trainedNetwork(
  teachers: readonly TrainingSource[],
  mostRows: number,
  { rounds, madeUpShare }: Schooling,
  settings: EvaluationSettings,
  network: Network | undefined,
): Promise<SchooledModels['trained']> {
  // where many series teach, the forests and the network that came trained leave this one nothing to add
  if (network === undefined || teachers.filter(({ end }) => end > 0).length >= manySeries) return undefined
  const rows = taughtRows(teachers, { horizon: settings.horizonSteps, mostRows, seed: settings.seed, madeUpShare })
  if (rows.count === 0) return undefined
  const training = networkTrainingFor(rounds, settings.quantiles, settings.seed)
  const trained = await network.train(rows, training)
  const starts = teachers.filter(({ end }) => end > 0).map(({ series }) => series.startSeconds)
  const ends = teachers.map(({ series, end }) => series.startSeconds + end * series.stepSeconds)
  const trainingWindow = { fromSeconds: Math.min(...starts), toSeconds: Math.max(...ends) }
  const hash = contentHash({ training, trainingWindow, rows: contentHash(new Uint8Array(rows.features.buffer, rows.features.byteOffset, rows.features.byteLength)) })
  return { network, weights: { hash, trainingWindow, trainingRows: rows.count, quantiles: settings.quantiles, ...trained } }
}

/** Where the held-out days of a series begin. */
function earlyEnd(series: ModelSeries, end: number): number {
  return end - Math.min(heldOut.mostDays * series.perDay, Math.floor(heldOut.mostShare * end))
}

/** Origins between the early models' knowledge and the series' first origin, ascending, so spaced that they fall on changing hours. */
function heldOutOrigins(series: ModelSeries, end: number, horizon: number): number[] {
  const from = Math.max(earlyEnd(series, end), 2 * series.perDay)
  const stride = Math.max(Math.floor(horizon / 2), Math.floor((end - from) / heldOut.origins)) | 1
  const origins: number[] = []
  for (let origin = end - horizon; origin >= from && origins.length < heldOut.origins; origin -= stride) origins.unshift(origin)
  return origins
}

async function* forecastPupil(pupil: Pupil, models: SchooledModels, settings: EvaluationSettings): AsyncGenerator<EvaluatedForecast> {
  const { series, origins } = pupil
  const { horizonSteps: horizon, quantiles } = settings
  const held = models.early.length > 0 ? heldOutOrigins(series, pupil.teaches, horizon) : []
  const all = [...held, ...origins]
  const locals = seriesMembers(series, all[0] ?? 0, horizon, quantiles, { of: 'bulk', days: 3 })
  settings.phase('learning')
  const before = held.length === 0 ? [] : [...locals.map(({ at }) => held.map(at)), ...(await schooledPaths(series, held, [], models, { horizon, quantiles })).map(({ paths }) => paths)]
  settings.phase('forecasting')
  const members = [...locals.map(({ member, prior, at }) => ({ member, prior, paths: origins.map(at) })), ...(await schooledPaths(series, [], origins, models, { horizon, quantiles }))]
    .map((member, m) => ({ ...member, paths: [...(before[m] ?? []), ...member.paths] }))
  const combined = combineMembers(series, all, members, { quantiles, horizon, naives: naiveNames })
  for (const { origin, paths, weights } of combined.slice(held.length)) {
    yield { series: series.name, originSeconds: series.startSeconds + (origin - 1) * series.stepSeconds, stepSeconds: series.stepSeconds, paths, weights }
  }
}
