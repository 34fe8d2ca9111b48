import type { Settings } from '../../config/schema.ts'
import { asWritten, forecastFile, readForecast, writeForecast } from '../../documents/forecast-file.ts'
import { type DemandForecast, type DemandSubject, plannedDemand, subjectName, type SubjectForecast } from '../../domain/forecast.ts'
import type { DemandHistory } from '../../domain/history.ts'
import { Problem } from '../../domain/problem.ts'
import { type DemandForecastRequest, forecastDemand, type ForecastGrid } from '../../forecast/forecast-demand.ts'
import { modelName } from '../../forecast/series-forecast.ts'
import { ModelRegistry } from '../model-registry.ts'
import { openNetwork } from '../network.ts'
import { cycleOrigin, type Project, projectFile, writeProjectFile } from '../project.ts'

export interface ForecastOutcome {
  /** What is planned from, in the order of the settings. */
  readonly forecasts: readonly DemandForecast[]
  /** Every forecast in forecasts/, in the order of the settings, totals before their parts. */
  readonly subjects: readonly SubjectForecast[]
  /** `kept`: the files were made from this very history already. */
  readonly kind: 'made' | 'kept'
  /** Files whose text changed. */
  readonly written: readonly string[]
  /** Which backend ran the network; undefined when nothing had to be computed. */
  readonly backend: string | undefined
}

/**
 * Forecasts demand from the cycle's origin and writes forecasts/; forecasts that were made from the same history are kept.
 * @param history  demand up to the origin
 */
export async function forecastStep(project: Project, history: DemandHistory): Promise<ForecastOutcome> {
  const request = forecastRequest(project)
  const kept = forecastsInFiles(project, history, request)
  if (kept !== undefined) return { forecasts: plannedDemand(kept), subjects: kept, kind: 'kept', written: [], backend: undefined }
  const network = await openNetwork(project.world)
  const made = await forecastDemand(history, request, network, new ModelRegistry(project.root, project.settings.forecast.retrain, network.backend))
  const subjects = inOrder(project, made).map(asWritten)
  const written = subjects.filter((one) => writeProjectFile(project, forecastFile(one.subject), writeForecast(one)) === 'written').map(({ subject }) => forecastFile(subject))
  return { forecasts: plannedDemand(subjects), subjects, kind: 'made', written, backend: network.backend }
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
      .filter(({ place }) => place.kind === 'user-zone')
      .map((subject) => {
        const file = forecastFile(subject)
        const text = projectFile(project, file)
        if (text === undefined) throw new Problem('file-missing', { what: `the forecast of ${subjectName(subject)}`, file, make: 'prescale forecast' })
        return readForecast(text, file)
      }),
  )
}

/** Every forecast that forecasts/ holds of the settings' workloads. @throws Problem `input-invalid` */
export function readSubjectForecasts(project: Project): readonly SubjectForecast[] {
  return subjectsOf(project).flatMap((subject) => {
    const file = forecastFile(subject)
    const text = projectFile(project, file)
    return text === undefined ? [] : [readForecast(text, file)]
  })
}

/** What may be forecast of each workload: the total first. */
function subjectsOf({ settings }: Project): readonly DemandSubject[] {
  return settings.workloads.flatMap(({ name: workload, userZones }): DemandSubject[] => [
    ...(userZones.length > 1 ? [{ workload, resource: 'requests' as const, place: { kind: 'everywhere' as const } }] : []),
    ...userZones.map((userZone): DemandSubject => ({ workload, resource: 'requests', place: { kind: 'user-zone', userZone } })),
  ])
}

function inOrder(project: Project, forecasts: readonly SubjectForecast[]): readonly SubjectForecast[] {
  return subjectsOf(project).flatMap((subject) => forecasts.filter((one) => subjectName(one.subject) === subjectName(subject)))
}

/** The forecasts in the files, if every one was made from this history, by this model and in the shape that the settings ask for. */
function forecastsInFiles(project: Project, history: DemandHistory, request: DemandForecastRequest): readonly SubjectForecast[] | undefined {
  const found: SubjectForecast[] = []
  for (const subject of subjectsOf(project)) {
    const text = projectFile(project, forecastFile(subject))
    if (text === undefined || !text.includes(history.hash)) return undefined
    const one = readForecast(text, forecastFile(subject))
    if (one.historyHash !== history.hash || one.model !== modelName || !fits(one, request)) return undefined
    found.push(one)
  }
  return found
}

function fits({ originSeconds, quantiles, tables }: SubjectForecast, request: DemandForecastRequest): boolean {
  const wanted = [request.planned, ...(request.finer === undefined ? [] : [request.finer])]
  const has = ({ stepSeconds, horizonSteps }: ForecastGrid): boolean => tables.some(({ grid }) => grid.stepSeconds === stepSeconds && grid.length === horizonSteps)
  const onGrids = new Set(tables.map(({ grid }) => grid.stepSeconds)).size === wanted.length && wanted.every(has)
  return originSeconds === request.originSeconds && quantiles.join() === request.quantiles.join() && onGrids
}
