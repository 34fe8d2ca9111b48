import { asWritten, forecastFile, readForecast, writeForecast } from '../../documents/forecast-file.ts'
import type { DemandForecast } from '../../domain/forecast.ts'
import { type DemandHistory, seriesName } from '../../domain/history.ts'
import { Problem } from '../../domain/problem.ts'
import { forecastDemand, modelName } from '../../forecast/forecast-demand.ts'
import { decodeWeights, encodeWeights, type WeightStore } from '../../forecast/network.ts'
import { readIfThere, writeAtomically } from '../../store/atomic-file.ts'
import { join } from 'node:path'
import { openNetwork } from '../network.ts'
import { cycleOrigin, type Project, projectFile, writeProjectFile } from '../project.ts'

export interface ForecastOutcome {
  /** In the order of the settings. */
  readonly forecasts: readonly DemandForecast[]
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
  const kept = forecastsInFiles(project, history)
  if (kept !== undefined) return { forecasts: kept, kind: 'kept', written: [], backend: undefined }
  const { forecast } = project.settings
  const network = await openNetwork(project.world)
  const made = await forecastDemand(
    history,
    {
      originSeconds: cycleOrigin(project),
      stepSeconds: forecast.step,
      horizonSteps: Math.round(forecast.horizon / forecast.step),
      quantiles: forecast.quantiles,
      seed: forecast.seed,
    },
    network,
    weightFiles(join(project.root, '.prescale', 'store', 'weights')),
  )
  const forecasts = seriesOf(project).flatMap((key) => made.filter((one) => seriesName(one) === seriesName(key)).map(asWritten))
  const written = forecasts.filter((one) => writeProjectFile(project, forecastFile(one), writeForecast(one)) === 'written').map(forecastFile)
  return { forecasts, kind: 'made', written, backend: network.backend }
}

/**
 * The forecasts of forecasts/, one per series of the settings.
 * @throws Problem `file-missing`, `input-invalid`
 */
export function readForecasts(project: Project): readonly DemandForecast[] {
  return seriesOf(project).map((key) => {
    const file = forecastFile(key)
    const text = projectFile(project, file)
    if (text === undefined) throw new Problem('file-missing', { what: `the forecast of ${seriesName(key)}`, file, make: 'prescale forecast' })
    return readForecast(text, file)
  })
}

function seriesOf(project: Project): readonly { workload: string; userZone: string }[] {
  return project.settings.workloads.flatMap((workload) => workload.userZones.map((userZone) => ({ workload: workload.name, userZone })))
}

/** The forecasts in the files, if every one was made from this history, by this model and in the shape that the settings ask for. */
function forecastsInFiles(project: Project, history: DemandHistory): readonly DemandForecast[] | undefined {
  const { forecast } = project.settings
  const steps = Math.round(forecast.horizon / forecast.step)
  const found: DemandForecast[] = []
  for (const key of seriesOf(project)) {
    const text = projectFile(project, forecastFile(key))
    if (text === undefined || !text.includes(history.hash)) return undefined
    const one = readForecast(text, forecastFile(key))
    const fits =
      one.historyHash === history.hash &&
      one.model === modelName &&
      one.originSeconds === cycleOrigin(project) &&
      one.grid.stepSeconds === forecast.step &&
      one.grid.length === steps &&
      one.quantiles.join() === forecast.quantiles.join()
    if (!fits) return undefined
    found.push(one)
  }
  return found
}

/** Trained weights, one file per training. */
function weightFiles(directory: string): WeightStore {
  const path = (hash: string): string => join(directory, `${hash}.json`)
  return {
    find: async (hash) => {
      const text = readIfThere(path(hash))
      return text === undefined ? undefined : decodeWeights(text)
    },
    keep: async (weights) => {
      writeAtomically(path(weights.hash), encodeWeights(weights))
    },
  }
}
