import type { Settings } from '../../config/schema.ts'
import { asWritten, forecastFile, isCurrentForecast, pictureFile, readForecast, writeForecast } from '../../documents/forecast-file.ts'
import { type DemandForecast, type DemandPlace, type DemandSubject, plannedDemand, type Resource, resources, subjectName, type SubjectForecast } from '../../domain/forecast.ts'
import type { DemandHistory } from '../../domain/history.ts'
import { regionName } from '../../domain/pool.ts'
import { Problem } from '../../domain/problem.ts'
import { type DemandForecastRequest, forecastDemand, type ForecastGrid } from '../../forecast/forecast-demand.ts'
import { modelName } from '../../forecast/series-forecast.ts'
import { demandContext } from '../demand-context.ts'
import { recordForecasts } from '../forecast-records.ts'
import { ModelRegistry } from '../model-registry.ts'
import { modelLines } from '../models.ts'
import { openNetwork } from '../network.ts'
import { readNodeUse } from '../node-use.ts'
import { versionName } from '../../forecast/registry.ts'
import { executionSubjects, requestSubjects } from '../../forecast/subjects.ts'
import { drawForecasts } from './draw-forecasts.ts'
import { cycleOrigin, type Project, projectFile, removeProjectFile, writeProjectFile } from '../project.ts'

export interface ForecastOutcome {
  /** What is planned from, in the order of the settings. */
  readonly forecasts: readonly DemandForecast[]
  /** Every forecast in forecasts/, in the order of the settings, totals before their parts. */
  readonly subjects: readonly SubjectForecast[]
  /** `kept`: the files were made from this very history already. */
  readonly kind: 'made' | 'kept'
  /** Files whose text changed, or that are gone. */
  readonly written: readonly string[]
  /** Which backend ran the network; undefined when nothing had to be computed. */
  readonly backend: string | undefined
}

/**
 * Forecasts demand from the cycle's origin and writes forecasts/; forecasts that were made from the same history are kept.
 * @param history  demand up to the origin
 */
export async function forecastStep(project: Project, history: DemandHistory): Promise<ForecastOutcome> {
  const context = await demandContext(project)
  const request: DemandForecastRequest = { ...forecastRequest(project), ...(context === undefined ? {} : { context }) }
  const kept = forecastsInFiles(project, history, request)
  if (kept !== undefined) return { forecasts: plannedDemand(kept), subjects: kept, kind: 'kept', written: [], backend: undefined }
  const network = await openNetwork(project.world)
  const shelf = new ModelRegistry(project.root, project.settings.forecast.retrain, network.backend)
  const use = await readNodeUse(project, history.grid)
  const made = await forecastDemand(history, request, network, shelf, use)
  recordForecasts(project, { history, request, use, backend: network.backend }, made)
  const subjects = inOrder(project, made).map(asWritten)
  const written = subjects.filter((one) => writeProjectFile(project, forecastFile(one.subject), writeForecast(one)) === 'written').map(({ subject }) => forecastFile(subject))
  const drawn = drawForecasts(project, [...requestSubjects(history), ...executionSubjects(history), ...use], subjects, undefined)
  const removed = removeOthers(project, subjects)
  return { forecasts: plannedDemand(subjects), subjects, kind: 'made', written: [...written, ...drawn, ...removed], backend: network.backend }
}

function forecastRequest(project: Project): DemandForecastRequest {
  const { forecast } = project.settings
  return {
    originSeconds: cycleOrigin(project),
    planned: { stepSeconds: forecast.step, horizonSteps: Math.round(forecast.horizon / forecast.step) },
    finer: finerGrid(project.settings),
    quantiles: withMedian(forecast.quantiles),
    seed: forecast.seed,
  }
}

/** @returns undefined where history is no finer than the plan */
function finerGrid({ forecast, historyLimits }: Settings): ForecastGrid | undefined {
  const stepSeconds = forecast.finer.step ?? historyLimits.step
  return stepSeconds < forecast.step ? { stepSeconds, horizonSteps: Math.max(1, Math.floor(forecast.finer.horizon / stepSeconds)) } : undefined
}

/** The median is what forecasts agree by, whether it is asked for or not. */
function withMedian(quantiles: readonly number[]): readonly number[] {
  return [...new Set([...quantiles, 0.5])].sort((a, b) => a - b)
}

/**
 * The forecasts that are planned from, one per user zone of the settings.
 * @throws Problem `file-missing`, `input-invalid`
 */
export function readForecasts(project: Project): readonly DemandForecast[] {
  return plannedDemand(
    subjectsOf(project)
      .filter(({ needed }) => needed)
      .map(({ subject }) => {
        const file = forecastFile(subject)
        const text = projectFile(project, file)
        if (text === undefined) throw new Problem('file-missing', { what: `the forecast of ${subjectName(subject)}`, file, make: 'prescale forecast' })
        return readForecast(text, file)
      }),
  )
}

/** Every forecast that forecasts/ holds of the settings' workloads. @throws Problem `input-invalid` */
export function readSubjectForecasts(project: Project): readonly SubjectForecast[] {
  return subjectsOf(project).flatMap(({ subject }) => {
    const file = forecastFile(subject)
    const text = projectFile(project, file)
    return text === undefined ? [] : [readForecast(text, file)]
  })
}

/** What may be forecast of each workload, the total first; `needed` is requests from user zones, which are planned from. */
function subjectsOf({ settings }: Project): readonly { readonly subject: DemandSubject; readonly needed: boolean }[] {
  const regions = settings.regions.map((region): DemandPlace => ({ kind: 'region', region: regionName(region) }))
  return settings.workloads.flatMap(({ name: workload, userZones }) => {
    const zones = userZones.map((userZone): DemandPlace => ({ kind: 'user-zone', userZone }))
    const of = (resource: Resource, places: readonly DemandPlace[]): { subject: DemandSubject; needed: boolean }[] =>
      [{ kind: 'everywhere' } as const, ...places].map((place) => ({ subject: { workload, resource, place }, needed: resource === 'requests' && place.kind === 'user-zone' }))
    return [...of('requests', zones), ...resources.filter((resource) => resource !== 'requests').flatMap((resource) => of(resource, [...zones, ...regions]))]
  })
}

function inOrder(project: Project, forecasts: readonly SubjectForecast[]): readonly SubjectForecast[] {
  const made = new Map(forecasts.map((forecast) => [subjectName(forecast.subject), forecast]))
  return subjectsOf(project).flatMap(({ subject }) => made.get(subjectName(subject)) ?? [])
}

/** Deletes forecasts, and their pictures, of what was not forecast this time. @returns files that are gone */
function removeOthers(project: Project, forecasts: readonly SubjectForecast[]): readonly string[] {
  const made = new Set(forecasts.map(({ subject }) => subjectName(subject)))
  return subjectsOf(project)
    .filter(({ subject }) => !made.has(subjectName(subject)))
    .flatMap(({ subject }) => [forecastFile(subject), pictureFile(subject)])
    .filter((file) => removeProjectFile(project, file) === 'removed')
}

/** The forecasts in the files, if every one was made from this history, by this model and in the shape that the settings ask for. */
function forecastsInFiles(project: Project, history: DemandHistory, request: DemandForecastRequest): readonly SubjectForecast[] | undefined {
  const found: SubjectForecast[] = []
  const superseded = supersededVersions(project)
  for (const { subject, needed } of subjectsOf(project)) {
    const text = projectFile(project, forecastFile(subject))
    if (text === undefined && !needed) continue
    if (text === undefined || !isCurrentForecast(text) || !text.includes(history.hash)) return undefined
    const one = readForecast(text, forecastFile(subject))
    if (one.historyHash !== history.hash || one.model !== modelName || !fits(one, request) || one.explanation.context?.hash !== request.context?.hash) return undefined
    if (one.tables.some(({ modelVersion }) => modelVersion !== undefined && superseded.has(modelVersion))) return undefined
    found.push(one)
  }
  return found
}

/** Versions that are kept and not in force, for example after one was pinned or rolled back from. */
function supersededVersions(project: Project): ReadonlySet<string> {
  return new Set(modelLines(project).flatMap(({ versions, inForce }) => versions.flatMap((version) => (version.number === inForce?.number ? [] : [versionName(version)]))))
}

function fits({ originSeconds, quantiles, tables }: SubjectForecast, request: DemandForecastRequest): boolean {
  const wanted = [request.planned, ...(request.finer === undefined ? [] : [request.finer])]
  const has = ({ stepSeconds, horizonSteps }: ForecastGrid): boolean => tables.some(({ grid }) => grid.stepSeconds === stepSeconds && grid.length === horizonSteps)
  const onGrids = new Set(tables.map(({ grid }) => grid.stepSeconds)).size === wanted.length && wanted.every(has)
  return originSeconds === request.originSeconds && quantiles.join() === request.quantiles.join() && onGrids
}
