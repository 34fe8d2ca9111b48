import type { DemandContext } from '../domain/events.ts'
import { type DemandSubject, type ExplainedEffect, subjectName } from '../domain/forecast.ts'
import { type Executions, seriesName } from '../domain/history.ts'
import { blend } from './blend.ts'
import { followDrivers, learnLeads, leadsSurely, type DriverForecast, type Lead } from './dependents.ts'
import { forecastInContext, type ContextForecast, type ContextSource } from './effects/series-in-context.ts'
import { arrivalSteps } from './executions/arrivals.ts'
import { loadPaths } from './executions/load-paths.ts'
import { executionProfile, loadResponse, quantileOf, type ExecutionProfile } from './executions/profile.ts'
import type { ModelShelf } from './model-shelf.ts'
import type { Network } from './network.ts'
import type { QuantilePaths } from './quantiles.ts'
import type { GridRequest } from './series-forecast.ts'
import { daySeconds } from './step-series.ts'

/** What is known besides the series themselves. */
export interface Knowledge {
  readonly context: DemandContext | undefined
  readonly executions: readonly Executions[]
}

/** A forecast in which all that is known is counted. */
export interface KnownForecast extends ContextForecast {
  /** What executions and drivers were found to do. */
  readonly further: readonly ExplainedEffect[]
  /** What following drivers adds to each step's quantiles. Shape [quantiles × horizon]; undefined where none is followed. */
  readonly driverShift: Float64Array | undefined
}

/** Executions that a profile is drawn from are at most so old, and their load is followed at most so long, days. */
const profileDays = 14
const longestLoadDays = 7
/** Places in the distribution of peaks against means that stand for it. */
const ratioQuantiles = [0.1, 0.3, 0.5, 0.7, 0.9] as const

/**
 * Forecasts series of one grid with events and regressors, then by arrivals and profile where a workload runs as executions, then after the
 * workloads that it depends on. Each way is mixed in only as far as past forecasts say that it helps.
 * @returns one per source, in order
 */
export async function forecastKnown(
  sources: readonly ContextSource[],
  request: GridRequest,
  knowledge: Knowledge,
  network: Network | undefined,
  shelf: ModelShelf | undefined,
): Promise<readonly KnownForecast[]> {
  const arrivals = arrivalSources(sources, knowledge.executions, request)
  const said = await forecastInContext([...sources, ...arrivals.map(({ source }) => source)], request, knowledge.context, network, shelf)
  const alone = sources.map((source, s): KnownForecast => {
    const forecast: KnownForecast = { ...(said[s] as ContextForecast), further: [], driverShift: undefined }
    const executions = executionsOf(source.subject, knowledge.executions)
    const index = arrivals.findIndex(({ of }) => executions !== undefined && of === seriesName(executions))
    if (executions === undefined || index < 0) return forecast
    const ratios = source.statistic === 'peak' ? peakRatios(source, sources) : [1]
    return byExecutions(forecast, said[sources.length + index] as ContextForecast, executions, ratios, request)
  })
  return afterDrivers(sources, alone, knowledge, request)
}

interface ArrivalSource {
  /** Name of the workload and user zone whose executions arrive, whatever they take. */
  readonly of: string
  readonly source: ContextSource
}

function executionsOf({ workload, place, resource }: DemandSubject, all: readonly Executions[]): Executions | undefined {
  return all.find((one) => one.workload === workload && one.resource === resource && place.kind === 'user-zone' && one.userZone === place.userZone)
}

function arrivalSources(sources: readonly ContextSource[], all: readonly Executions[], { originSeconds }: GridRequest): readonly ArrivalSource[] {
  const found = new Map<string, ArrivalSource>()
  for (const source of sources) {
    const executions = executionsOf(source.subject, all)
    if (executions === undefined || found.has(seriesName(executions))) continue
    const steps = arrivalSteps(executions, source.steps, originSeconds)
    if (steps.values.some((value) => value > 0)) found.set(seriesName(executions), { of: seriesName(executions), source: { ...source, steps, statistic: 'mean', role: 'follows' } })
  }
  return [...found.values()]
}

/** How far the peak within a step lies above its mean, over two weeks. */
function peakRatios({ subject, steps: peaks }: ContextSource, sources: readonly ContextSource[]): readonly number[] {
  const means = sources.find((other) => subjectName(other.subject) === subjectName(subject) && other.statistic === 'mean')?.steps
  if (means === undefined) return [1]
  const from = Math.max(0, peaks.values.length - (profileDays * daySeconds) / peaks.stepSeconds)
  const ratios = peaks.values.subarray(from).map((peak, i) => peak / (means.values[from + i] ?? Number.NaN)).filter(Number.isFinite)
  return ratios.length === 0 ? [1] : ratioQuantiles.map((quantile) => quantileOf(ratios, quantile))
}

function byExecutions(forecast: KnownForecast, arrivals: ContextForecast, executions: Executions, ratios: readonly number[], request: GridRequest): KnownForecast {
  const { stepSeconds, quantiles, horizonSteps: horizon, originSeconds } = request
  const startOf = (origin: number): number => forecast.series.startSeconds + origin * stepSeconds
  const profileAt = (seconds: number): ExecutionProfile | undefined => executionProfile(executions, seconds, profileDays * daySeconds)
  const pathsFrom = (origin: number, paths: QuantilePaths | undefined): QuantilePaths | undefined => {
    const profile = profileAt(startOf(origin))
    if (profile === undefined || paths === undefined) return undefined
    const at = Math.round((startOf(origin) - arrivals.series.startSeconds) / stepSeconds)
    const response = loadResponse(profile, stepSeconds, Math.round((longestLoadDays * daySeconds) / stepSeconds))
    return loadPaths({ arrivals: paths, quantiles, before: arrivals.series.values.subarray(0, Math.max(0, at)), response, ratios })
  }
  const pastArrivals = new Map(arrivals.past.map(({ origin, paths }) => [arrivals.series.startSeconds + origin * stepSeconds, paths]))
  const final = pathsFrom(forecast.origin, arrivals.final.paths)
  const profile = profileAt(originSeconds)
  if (final === undefined || profile === undefined) return forecast
  const past = forecast.past.map(({ origin, paths }) => pathsFrom(origin, pastArrivals.get(startOf(origin))) ?? paths)
  const blended = blend(forecast.series, forecast, { past, final }, quantiles, horizon)
  const week = arrivals.series.values.subarray(Math.max(0, arrivals.origin - 7 * arrivals.series.perDay), arrivals.origin)
  const perStep = week.reduce((sum, value) => sum + value, 0) / Math.max(1, week.length)
  const effect: ExplainedEffect = {
    kind: 'executions',
    weight: blended.weight,
    arrivalsPerHour: (perStep * 3600) / stepSeconds,
    durationSeconds: { p50: quantileOf(profile.durationSeconds, 0.5), p95: quantileOf(profile.durationSeconds, 0.95) },
    takes: { p50: quantileOf(profile.takes, 0.5), p95: quantileOf(profile.takes, 0.95) },
    trial: { withEffect: blended.blended, without: blended.own },
  }
  return { ...forecast, past: blended.past, final: blended.final, accuracy: blended.accuracy, further: [...forecast.further, effect] }
}

/** Lets workloads, and what their executions use, follow their drivers, those that drive others first. */
function afterDrivers(sources: readonly ContextSource[], alone: readonly KnownForecast[], { context, executions }: Knowledge, request: GridRequest): readonly KnownForecast[] {
  const follows = ({ workload, resource }: DemandSubject): boolean => resource === 'requests' || executions.some((one) => one.workload === workload && one.resource === resource)
  const done = [...alone]
  for (const { workload, drivers } of inOrder(context?.dependencies ?? [])) {
    sources.forEach((source, s) => {
      if (source.subject.workload !== workload || !follows(source.subject)) return
      const found = drivers.flatMap((driver) => {
        const at = driverIndex(sources, source, driver)
        return at < 0 ? [] : [{ name: driver, forecast: done[at] as KnownForecast }]
      })
      if (found.length > 0) done[s] = follow(done[s] as KnownForecast, found, request)
    })
  }
  return done
}

/** Drivers before those that follow them; the settings allow no circle. */
function inOrder(dependencies: DemandContext['dependencies']): DemandContext['dependencies'] {
  const depth = (workload: string): number => 1 + Math.max(0, ...(dependencies.find((one) => one.workload === workload)?.drivers ?? []).map(depth))
  return dependencies.toSorted((a, b) => depth(a.workload) - depth(b.workload))
}

/** The driver's demand from the same place, else its total, else the only one it has; −1 where there is none. */
function driverIndex(sources: readonly ContextSource[], { subject, statistic }: ContextSource, driver: string): number {
  const candidates = sources.flatMap((other, s) => (other.subject.workload === driver && other.subject.resource === 'requests' && other.statistic === statistic ? [s] : []))
  const same = candidates.find((s) => subjectName({ ...subject, workload: driver, resource: 'requests' }) === subjectName((sources[s] as ContextSource).subject))
  const total = candidates.find((s) => (sources[s] as ContextSource).subject.place.kind === 'everywhere')
  return same ?? total ?? (candidates.length === 1 ? (candidates[0] ?? -1) : -1)
}

interface FoundDriver {
  readonly name: string
  readonly forecast: KnownForecast
}

function follow(forecast: KnownForecast, drivers: readonly FoundDriver[], { quantiles, horizonSteps: horizon, stepSeconds }: GridRequest): KnownForecast {
  const { series } = forecast
  const from = (origin: number, pathsOf: (driver: FoundDriver, seconds: number) => QuantilePaths | undefined): { leads: readonly (Lead | undefined)[]; paths: QuantilePaths | undefined } => {
    const seconds = series.startSeconds + origin * stepSeconds
    const known = drivers.flatMap((driver): DriverForecast[] => {
      const paths = pathsOf(driver, seconds)
      const { series: own } = driver.forecast
      return paths === undefined ? [] : [{ name: driver.name, series: own, origin: Math.round((seconds - own.startSeconds) / stepSeconds), paths }]
    })
    if (known.length < drivers.length) return { leads: [], paths: undefined }
    const leads = learnLeads(series, origin, known)
    return { leads, paths: followDrivers(series, origin, known, leads, quantiles, horizon) }
  }
  const pastPaths = ({ forecast: driver }: FoundDriver, seconds: number): QuantilePaths | undefined =>
    driver.past.find(({ origin }) => driver.series.startSeconds + origin * stepSeconds === seconds)?.paths
  const { leads, paths } = from(forecast.origin, ({ forecast: driver }) => driver.final.paths)
  const told = (weight: number, trial: { withEffect: number; without: number } | undefined): ExplainedEffect[] =>
    leads.flatMap((lead): ExplainedEffect[] => {
      if (lead === undefined) return []
      const { name, ratio, elasticity, correlation, correlationAtLeast, lagSteps } = lead
      const follows = leadsSurely(lead)
      return [{ kind: 'driver', name, weight: follows ? weight : 0, ratio, lagSeconds: lagSteps * stepSeconds, elasticity, correlation, correlationAtLeast, trial: follows ? trial : undefined }]
    })
  if (paths === undefined) return { ...forecast, further: [...forecast.further, ...told(0, undefined)] }
  const past = forecast.past.map(({ origin, paths: own }) => from(origin, pastPaths).paths ?? own)
  const blended = blend(series, forecast, { past, final: paths }, quantiles, horizon)
  const driverShift = blended.weight === 0 ? undefined : blended.final.paths.map((value, i) => value - (forecast.final.paths[i] ?? 0))
  const further = [...forecast.further, ...told(blended.weight, { withEffect: blended.blended, without: blended.own })]
  return { ...forecast, past: blended.past, final: blended.final, accuracy: blended.accuracy, further, driverShift }
}
