import { alignDown, stepStart } from '../domain/grid.ts'
import type { DemandContext } from '../domain/events.ts'
import type { DemandHistory, Executions } from '../domain/history.ts'
import type { ForecastTable, StepStatistic, SubjectForecast } from '../domain/forecast.ts'
import { Problem } from '../domain/problem.ts'
import { makeCoherent, type Family, type GridTables, type SubjectTables } from './coherence.ts'
import { coldForecast, fewestHours, measuredHours } from './cold-start.ts'
import { contributionsOf } from './contributions.ts'
import { driverSentences } from './drivers.ts'
import { disbelief } from './exclusions.ts'
import { contextContributions, contextExplanation, contextSentences } from './effects/explain-context.ts'
import type { ContextSource } from './effects/series-in-context.ts'
import { fittedMembers, memberDescriptions } from './members/all.ts'
import { forecastKnown, type KnownForecast } from './known-forecast.ts'
import type { ModelShelf } from './model-shelf.ts'
import type { Network } from './network.ts'
import { versionName } from './registry.ts'
import { resample } from './resample.ts'
import { leastDays, modelName, type GridRequest, type SeriesForecast } from './series-forecast.ts'
import { daySeconds } from './step-series.ts'
import { executionSubjects, hierarchies, requestSubjects, type Hierarchy, type SubjectSeries } from './subjects.ts'

export interface ForecastGrid {
  readonly stepSeconds: number
  readonly horizonSteps: number
}

export interface DemandForecastRequest {
  /** Nothing after it is used, Unix seconds; aligned down to the planned step. */
  readonly originSeconds: number
  readonly planned: ForecastGrid
  /** A finer grid for the next hours, whose step divides the planned one; undefined for none. */
  readonly finer: ForecastGrid | undefined
  /** Ascending, each in (0, 1), 0.5 among them. */
  readonly quantiles: readonly number[]
  readonly seed: number
  /** Events and regressors; undefined where none are known. */
  readonly context?: DemandContext | undefined
}

/** A grid and the statistics that are forecast on it. */
interface GridTask {
  readonly grid: ForecastGrid
  readonly effort: GridRequest['effort']
  /** The one that global models learn from first. */
  readonly statistics: readonly StepStatistic[]
}

/** Members that are networks, for the share that they have in a forecast. */
const networkNames: readonly string[] = [fittedMembers.network.name, fittedMembers.sequence.name]

/** What was forecast of one subject: by grid, then statistic. */
type SubjectSaid = readonly ReadonlyMap<StepStatistic, KnownForecast>[]

/**
 * Forecasts requests from every user zone, what executions use, and what else was measured, on both grids, as mean and as peak within the step; totals over each
 * workload's parts are forecast in their own right, and all are made to agree. Requests that were measured for less than two days get a first
 * guess from similar series, and count in no total yet.
 * @param network  undefined leaves the network out
 * @param shelf    where trained versions are kept, and which is in force; undefined trains anew
 * @param further  other subjects, such as what nodes report that they use; those below two measured days are left out
 * @returns the history's series in its order, then further subjects in theirs, then totals; the same for the same arguments on one machine
 * @throws Problem `history-short` when requests from a user zone were measured for less than three hours
 */
export async function forecastDemand(
  history: DemandHistory,
  request: DemandForecastRequest,
  network: Network | undefined,
  shelf?: ModelShelf,
  further: readonly SubjectSeries[] = [],
): Promise<readonly SubjectForecast[]> {
  const originSeconds = alignDown(request.originSeconds, request.planned.stepSeconds)
  const all = requestSubjects(history)
  for (const subject of all) refuseShort(subject, originSeconds)
  const requests = all.filter((subject) => missingSteps(subject, request, originSeconds) === undefined)
  const parts = [...requests, ...[...executionSubjects(history), ...further].filter((subject) => missingSteps(subject, request, originSeconds) === undefined)]
  const families = hierarchies(parts)
  const subjects = [...parts, ...families.map(({ total }) => total)]
  const tasks = gridTasks(request, history.grid.stepSeconds)
  const said = new Map<SubjectSeries, ReadonlyMap<StepStatistic, KnownForecast>[]>(subjects.map((subject) => [subject, []]))
  for (const task of tasks) {
    const onGrid = await forecastGrid(subjects, new Set(requests), task, { request, originSeconds, executions: history.executions ?? [] }, network, shelf)
    onGrid.forEach((statistics, subject) => said.get(subject)?.push(statistics))
  }
  const coherent = agree(subjects, families, said, request, originSeconds)
  const historyHash = history.hash
  const known = subjects.map((subject) => ({
    subject,
    forecast: subjectForecast(subject, said.get(subject) ?? [], coherent.get(subject) as SubjectTables, { request, originSeconds, historyHash }),
  }))
  const tables = tasks.flatMap(({ grid: { stepSeconds, horizonSteps: length }, statistics }) =>
    statistics.map((statistic) => ({ grid: { startSeconds: originSeconds, stepSeconds, length }, statistic })),
  )
  const { quantiles } = request
  const forecastOf = new Map(known.map(({ subject, forecast }) => [subject, forecast]))
  for (const subject of all) if (!forecastOf.has(subject)) forecastOf.set(subject, coldForecast(subject, known, tables, { originSeconds, quantiles, model: modelName, historyHash }))
  return [...new Set([...all, ...subjects])].map((subject) => forecastOf.get(subject) as SubjectForecast)
}

function gridTasks({ planned, finer }: DemandForecastRequest, historyStepSeconds: number): GridTask[] {
  const statistics = (grid: ForecastGrid): readonly StepStatistic[] => (grid.stepSeconds > historyStepSeconds ? ['peak', 'mean'] : ['mean'])
  const tasks: GridTask[] = [{ grid: planned, effort: 'planned', statistics: statistics(planned) }]
  return finer === undefined ? tasks : [...tasks, { grid: finer, effort: 'beside', statistics: statistics(finer) }]
}

/** @returns how many steps of the planned grid were measured and how many are needed; undefined where they are enough */
function missingSteps(subject: SubjectSeries, { planned }: DemandForecastRequest, originSeconds: number): { readonly steps: number; readonly needed: number } | undefined {
  const { values } = resample(subject, planned.stepSeconds, originSeconds, 'peak')
  const steps = values.reduce((count, value) => (Number.isFinite(value) ? count + 1 : count), 0)
  const needed = (leastDays * daySeconds) / planned.stepSeconds
  return steps < needed ? { steps, needed } : undefined
}

function refuseShort(subject: SubjectSeries, originSeconds: number): void {
  const hours = measuredHours(subject, originSeconds)
  if (hours < fewestHours) throw new Problem('history-short', { series: subject.name, hours, needed: fewestHours })
}

/** Forecasts all subjects on one grid. Requests by the first statistic teach; the same models forecast the rest, being free of scale. */
async function forecastGrid(
  subjects: readonly SubjectSeries[],
  teaching: ReadonlySet<SubjectSeries>,
  { grid, effort, statistics }: GridTask,
  { request, originSeconds, executions }: { readonly request: DemandForecastRequest; readonly originSeconds: number; readonly executions: readonly Executions[] },
  network: Network | undefined,
  shelf: ModelShelf | undefined,
): Promise<ReadonlyMap<SubjectSeries, ReadonlyMap<StepStatistic, KnownForecast>>> {
  const wanted = subjects.flatMap((subject) => statistics.map((statistic) => ({ subject, statistic })))
  const sources = wanted.map(({ subject, statistic }): ContextSource => ({
    subject: subject.subject,
    statistic,
    steps: resample(subject, grid.stepSeconds, originSeconds, statistic),
    role: teaching.has(subject) && statistic === statistics[0] ? 'teaches' : 'follows',
  }))
  const { quantiles, seed } = request
  const forecasts = await forecastKnown(sources, { ...grid, originSeconds, quantiles, seed, effort }, { context: request.context, executions }, network, shelf)
  const found = new Map<SubjectSeries, Map<StepStatistic, KnownForecast>>()
  wanted.forEach(({ subject, statistic }, i) => {
    const own = found.get(subject) ?? new Map<StepStatistic, KnownForecast>()
    found.set(subject, own.set(statistic, forecasts[i] as KnownForecast))
  })
  return found
}

/** Every subject's tables after those of its family were made to agree. */
function agree(
  subjects: readonly SubjectSeries[],
  families: readonly Hierarchy[],
  said: ReadonlyMap<SubjectSeries, SubjectSaid>,
  request: DemandForecastRequest,
  originSeconds: number,
): ReadonlyMap<SubjectSeries, SubjectTables> {
  const tables = new Map(subjects.map((subject) => [subject, subjectTables(said.get(subject) ?? [], request, originSeconds)]))
  const of = (subject: SubjectSeries): SubjectTables => tables.get(subject) as SubjectTables
  const related = new Set(families.flatMap(({ total, parts }) => [total, ...parts]))
  const alone = subjects.filter((subject) => !related.has(subject)).map((subject): { members: readonly SubjectSeries[]; family: Family } => ({ members: [subject], family: { total: undefined, parts: [of(subject)] } }))
  const together = families.map(({ total, parts }) => ({ members: [total, ...parts], family: { total: of(total), parts: parts.map(of) } }))
  return new Map(
    [...alone, ...together].flatMap(({ members, family }) => {
      const { total, parts } = makeCoherent(family, request.quantiles)
      const agreed = total === undefined ? parts : [total, ...parts]
      return members.map((subject, i): [SubjectSeries, SubjectTables] => [subject, agreed[i] as SubjectTables])
    }),
  )
}

function subjectTables([planned, finer]: SubjectSaid, request: DemandForecastRequest, originSeconds: number): SubjectTables {
  const onGrid = (statistics: ReadonlyMap<StepStatistic, KnownForecast>, { stepSeconds, horizonSteps }: ForecastGrid): GridTables => {
    const mean = statistics.get('mean') as SeriesForecast
    return {
      grid: { startSeconds: originSeconds, stepSeconds, length: horizonSteps },
      mean: mean.final.paths,
      peak: statistics.get('peak')?.final.paths,
      errors: medianErrors(mean, request.quantiles.indexOf(0.5), horizonSteps),
    }
  }
  return {
    planned: onGrid(planned ?? new Map(), request.planned),
    finer: finer === undefined || request.finer === undefined ? undefined : onGrid(finer, request.finer),
  }
}

/** Measured minus median of past forecasts, NaN where not measured. Shape [origins × horizon]. */
function medianErrors({ series, past }: SeriesForecast, median: number, horizon: number): Float64Array {
  const errors = new Float64Array(past.length * horizon)
  past.forEach(({ origin, paths }, k) => {
    for (let step = 0; step < horizon; step += 1) {
      const at = origin + step
      errors[k * horizon + step] = series.measured[at] === 1 ? (series.values[at] as number) - (paths[median * horizon + step] as number) : Number.NaN
    }
  })
  return errors
}

function subjectForecast(
  { subject, unit, excluded: found }: SubjectSeries,
  said: SubjectSaid,
  agreed: SubjectTables,
  { request, originSeconds, historyHash }: { readonly request: DemandForecastRequest; readonly originSeconds: number; readonly historyHash: string },
): SubjectForecast {
  const { quantiles } = request
  const tables = [agreed.planned, agreed.finer].flatMap((tablesOfGrid, g): ForecastTable[] => {
    if (tablesOfGrid === undefined) return []
    const { grid, peak, mean } = tablesOfGrid
    const table = (statistic: StepStatistic, values: Float64Array): ForecastTable => {
      const one = said[g]?.get(statistic)
      return { statistic, grid, values, members: one?.final.weights ?? [], accuracy: one?.accuracy, modelVersion: one?.version === undefined ? undefined : versionName(one.version) }
    }
    return [...(peak === undefined ? [] : [table('peak', peak)]), table('mean', mean)]
  })
  const first = tables[0] as ForecastTable
  const told = said[0]?.get(first.statistic) as KnownForecast
  const peak = peakOf(first, told, quantiles)
  const { series, origin, final: combined, accuracy } = told
  const excluded = [...found, ...disbelief(series.disbelieved)]
  const context = contextExplanation(told.applied, told.further, request.context, originSeconds)
  const { acting, idle } = contextSentences(context)
  const sentences = [...acting, ...driverSentences({ series, origin, unit, combined, accuracy, describes: memberDescriptions }), ...idle]
  return { subject, unit, originSeconds, quantiles, tables, explanation: { peak, excluded, ...(context === undefined ? {} : { context }), sentences }, model: modelName, historyHash }
}

/** The step of the coming day with the highest median, taken apart. */
function peakOf({ grid, values }: ForecastTable, { series, origin, final, members, applied, driverShift }: KnownForecast, quantiles: readonly number[]): SubjectForecast['explanation']['peak'] {
  const median = quantiles.indexOf(0.5)
  const row = values.subarray(median * grid.length, (median + 1) * grid.length)
  const day = row.subarray(0, Math.max(1, Math.floor(daySeconds / grid.stepSeconds)))
  const step = day.reduce((top, value, i) => (value > (day[top] as number) ? i : top), 0)
  const medianOf = (paths: Float64Array | undefined): number => paths?.[median * grid.length + step] ?? 0
  const weightOf = (name: string): number => final.weights.find(({ member }) => member === name)?.weight ?? 0
  const contributions = contributionsOf(applied?.cleaned ?? series, origin, {
    step,
    combined: medianOf(final.paths),
    published: row[step] as number,
    networks: members.flatMap(({ member, paths }) => (networkNames.includes(member) ? [{ median: medianOf(paths[0]), weight: weightOf(member) }] : [])),
    known: contextContributions(applied, driverShift, quantiles, step),
  })
  return { atSeconds: stepStart(grid, step), median: row[step] as number, contributions }
}
