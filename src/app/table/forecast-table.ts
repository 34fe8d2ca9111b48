import { rmSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { contentHash } from '../../domain/hash.ts'
import type { DemandQuery } from '../../domain/history.ts'
import { forecastTableHead } from '../../forecast/evaluation-table.ts'
import { chooseModels, type ChosenModels } from '../../forecast/model-shelf.ts'
import { compareModels } from '../../forecast/model-trial.ts'
import type { RememberedScore } from '../../forecast/remembered-forecast.ts'
import { versionName } from '../../forecast/registry.ts'
import { daySeconds, type ModelSeries } from '../../forecast/step-series.ts'
import { trainModels, type TrainingDemand } from '../../forecast/train-models.ts'
import { noModels, withNetwork } from '../../forecast/trained-models.ts'
import { demandQueries } from '../../history/demand-queries.ts'
import { joinGzipped } from '../../store/atomic-file.ts'
import { openDemandSource } from '../history-source.ts'
import { ModelRegistry } from '../model-registry.ts'
import { openNetwork } from '../network.ts'
import { cycleOrigin, type Project } from '../project.ts'
import { readSeries, type TableWindow } from './read-series.ts'
import { workShards } from './shard-pool.ts'
import { madePart, partRows, partsWith, type ShardSummary, type TableRun } from './shard-work.ts'
import { sampleOf, seriesCount, type Shard, shardsOf } from './shards.ts'

export interface TableOutcome {
  readonly series: number
  readonly forecasts: number
  readonly empty: readonly string[]
  readonly short: readonly string[]
  /** Series too new to have shown a day, which got a first guess from similar ones. */
  readonly cold: readonly string[]
  readonly originSeconds: number
  readonly shards: number
  /** Shards that an earlier run, which was stopped, had made. */
  readonly resumed: number
  /** Trained models that took part; undefined where no series had enough history to learn from. */
  readonly modelVersion: string | undefined
  /** From past origins, over the series that were looked back on; undefined where there was none. */
  readonly score: TableScore | undefined
  readonly backend: string
  readonly out: string
}

/** How past forecasts did, all series together. */
export interface TableScore {
  readonly series: number
  readonly forecasts: number
  /** Quantile loss relative to that of the better naive: the median over series. */
  readonly ofNaive: number
  /** Share of series whose loss was more than 1.2 times that of the better naive. */
  readonly worse: number
  readonly coverage95: number
}

/** Series that models are trained on, at most. */
const taughtSeries = 150
/** Days before the origin that no model has seen, so that it can be tried on them, and those held out to choose how to teach. */
const unseenDays = 7
const heldOutDays = 7
/** History before the held-out days that a series needs to teach. */
const leastTaughtDays = 4

/** A series whose loss is above this multiple of the better naive's is told of. */
const worstRatio = 1.2

/** Raised when what a part holds changes, so that no run goes on from parts of an earlier form. */
const partForm = 2
const runsFolder = ['.prescale', 'store', 'table']
const lastRun = 'table/last'

/** What is known of the last run that came to its end. */
interface LastRun {
  readonly id: string
  readonly shards: readonly Shard[]
}

/**
 * Forecasts every series of the settings into one table, shard by shard in threads, with models that a sample of the series taught. Each shard
 * is kept as it is made: a run that was stopped, however hard, goes on from there when it is started again before the origin has moved on, and
 * ends with the same bytes.
 * @param out  relative to the working directory; gzipped when it ends in `.gz`
 * @throws Problem `history-unreadable`
 */
export async function forecastTable(project: Project, out: string): Promise<TableOutcome> {
  const { settings, root, world, store } = project
  const { forecast, historyLimits } = settings
  const queries = demandQueries(settings.workloads)
  const window: TableWindow = {
    originSeconds: cycleOrigin(project),
    windowSeconds: historyLimits.window,
    historyStepSeconds: historyLimits.step,
    stepSeconds: forecast.step,
  }
  const horizonSteps = Math.round(forecast.horizon / forecast.step)
  const network = await openNetwork(world)
  const chosen = await modelsFor(project, queries, window, horizonSteps, network)
  const shards = shardsOf(queries)
  const modelVersion = chosen?.version === undefined ? undefined : versionName(chosen.version)
  const id = contentHash({ partForm, window, horizonSteps, quantiles: forecast.quantiles, modelVersion, queries: queries.map((query) => ({ ...query, flux: query.flux ?? '' })) })
  const run: TableRun = { ...window, horizonSteps, quantiles: forecast.quantiles, folder: join(root, ...runsFolder, id) }
  const last = store.read<LastRun>(lastRun)
  const made = new Map<number, ShardSummary>(shards.flatMap(({ index }) => {
    const summary = madePart(run.folder, index)
    return summary === undefined ? [] : [[index, summary]]
  }))
  const resumed = made.size
  world.narrator.begin('forecasting')
  const tasks = shards
    .filter(({ index }) => !made.has(index))
    .map((shard) => ({
      shard,
      earlier: last === undefined || last.id === id ? undefined : { folder: join(root, ...runsFolder, last.id), parts: partsWith(shard.queries, last.shards) },
    }))
  const start = { root, settings: { history: settings.history }, run, models: chosen?.models ?? noModels, seenToSeconds: chosen?.version?.trainingWindow.toSeconds ?? -Infinity }
  await workShards(
    start,
    tasks,
    (index, summary) => {
      made.set(index, summary)
      world.narrator.progress(made.size, shards.length)
    },
    world.signal,
  )
  await joinGzipped(resolve(world.cwd, out), forecastTableHead, shards.map(({ index }) => partRows(run.folder, index)))
  store.write(lastRun, { id, shards } satisfies LastRun)
  dropRuns(root, id)
  const summaries = shards.flatMap(({ index }) => made.get(index) ?? [])
  const forecasts = summaries.reduce((sum, summary) => sum + summary.forecasts, 0)
  world.narrator.end(`${forecasts} series`)
  return {
    series: seriesCount(queries),
    forecasts,
    empty: summaries.flatMap(({ empty }) => empty),
    short: summaries.flatMap(({ short }) => short),
    cold: summaries.flatMap(({ cold }) => cold),
    originSeconds: window.originSeconds,
    shards: shards.length,
    resumed,
    modelVersion,
    score: scoreOf(summaries.flatMap(({ scores }) => scores)),
    backend: network.backend,
    out,
  }
}

/** The models in force, or newly trained ones from a sample of the series when the schedule wants them. */
async function modelsFor(
  project: Project,
  queries: readonly DemandQuery[],
  window: TableWindow,
  horizonSteps: number,
  network: Awaited<ReturnType<typeof openNetwork>>,
): Promise<ChosenModels | undefined> {
  const { forecast } = project.settings
  const { quantiles, seed } = forecast
  const { originSeconds, stepSeconds } = window
  const registry = new ModelRegistry(project.root, forecast.retrain, network.backend)
  let sample: readonly ModelSeries[] | undefined
  const read = async (): Promise<readonly ModelSeries[]> => {
    project.world.narrator.begin('reading the series that teach')
    sample ??= await readSeries(await openDemandSource(project), sampleOf(queries, taughtSeries), window, project.world.signal)
    project.world.narrator.end(`${sample.length} series`)
    return sample
  }
  const train = async (): Promise<Awaited<ReturnType<typeof trainModels>>> => {
    const demand = trainingDemand(await read(), originSeconds, horizonSteps, stepSeconds)
    project.world.narrator.begin('training')
    const training = await trainModels(demand, { horizonSteps, quantiles, seed, effort: 'compared' }, network)
    project.world.narrator.end(training === undefined ? 'nothing to learn from' : `on ${training.series} series`)
    return training
  }
  return chooseModels(registry, { of: 'table', stepSeconds, horizonSteps, quantiles, seed }, originSeconds, train, async (champion, challenger, sinceSeconds) => {
    const past = (await read()).map((series) => ({ series, origins: dailyOrigins(series, horizonSteps, unseenDays, 0) }))
    return compareModels(past, { horizon: horizonSteps, quantiles }, withNetwork(champion, network), withNetwork(challenger, network), sinceSeconds)
  })
}

function trainingDemand(sample: readonly ModelSeries[], originSeconds: number, horizonSteps: number, stepSeconds: number): TrainingDemand {
  const cutSeconds = Math.floor((originSeconds - horizonSteps * stepSeconds) / daySeconds) * daySeconds - unseenDays * daySeconds
  const before = (seconds: number): TrainingDemand['sources'] =>
    sample
      .map((series) => ({ series, end: Math.floor((seconds - series.startSeconds) / stepSeconds) }))
      .filter(({ series, end }) => end >= leastTaughtDays * series.perDay + horizonSteps)
  return {
    sources: before(cutSeconds),
    earlySources: before(cutSeconds - heldOutDays * daySeconds),
    heldOut: sample
      .map((series) => ({ series, origins: dailyOrigins(series, horizonSteps, heldOutDays, unseenDays).filter((origin) => origin >= (leastTaughtDays + heldOutDays) * series.perDay) }))
      .filter(({ origins }) => origins.length > 0),
    cutSeconds,
  }
}

/** Daily origins whose whole horizon is known, ascending: `count` of them, before the newest `skipped`. */
function dailyOrigins(series: ModelSeries, horizonSteps: number, count: number, skipped: number): readonly number[] {
  const newest = series.values.length - horizonSteps
  return Array.from({ length: count }, (_, i) => newest - (skipped + count - 1 - i) * series.perDay).filter((origin) => origin > 0)
}

function scoreOf(scores: readonly RememberedScore[]): TableScore | undefined {
  const judged = scores.filter(({ origins }) => origins > 0)
  const ratios = judged.flatMap(({ loss, naiveLoss }) => (naiveLoss > 0 ? [loss / naiveLoss] : [])).sort((a, b) => a - b)
  const steps = judged.reduce((sum, one) => sum + one.steps, 0)
  if (ratios.length === 0 || steps === 0) return undefined
  return {
    series: judged.length,
    forecasts: judged.reduce((sum, one) => sum + one.origins, 0),
    ofNaive: ratios[Math.floor(ratios.length / 2)] ?? Number.NaN,
    worse: ratios.filter((ratio) => ratio > worstRatio).length / ratios.length,
    coverage95: 1 - judged.reduce((sum, one) => sum + one.above95, 0) / steps,
  }
}

/** Parts of other runs are of no use once one has come to its end. */
function dropRuns(root: string, kept: string): void {
  const folder = join(root, ...runsFolder)
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory() && entry.name !== kept) rmSync(join(folder, entry.name), { recursive: true, force: true })
}
