import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { SubjectForecast } from '../domain/forecast.ts'
import { rfc3339 } from '../domain/grid.ts'
import { contentHash } from '../domain/hash.ts'
import type { DemandHistory } from '../domain/history.ts'
import { Problem } from '../domain/problem.ts'
import { type DemandForecastRequest, forecastDemand } from '../forecast/forecast-demand.ts'
import type { ModelShelf } from '../forecast/model-shelf.ts'
import type { Network } from '../forecast/network.ts'
import { lineName, versionName } from '../forecast/registry.ts'
import type { SubjectSeries } from '../forecast/subjects.ts'
import { packValue, unpackValue } from '../forecast/trained-models.ts'
import { replaceFile } from '../store/atomic-file.ts'
import { forecastCode } from './code-version.ts'
import { openRegistry } from './models.ts'
import { openNetwork } from './network.ts'
import type { Project } from './project.ts'

/** All that forecasts were made from, and what came of it. */
export interface ForecastRecord {
  readonly history: DemandHistory
  readonly request: DemandForecastRequest
  readonly use: readonly SubjectSeries[]
  /** Trained versions that took part. */
  readonly modelVersions: readonly string[]
  readonly backend: string
  readonly code: string
  readonly resultHash: string
}

/** Records that are kept, newest last. */
const mostRecords = 24

const folderOf = ({ root }: Pick<Project, 'root'>): string => join(root, '.prescale', 'store', 'forecasts')

/** @returns a hash of every number of the forecasts, to the bit */
function resultHash(forecasts: readonly SubjectForecast[]): string {
  return contentHash(packValue(forecasts.map(({ subject, tables }) => [subject, tables.map(({ statistic, grid, values }) => [statistic, grid, values])])))
}

function versionsOf(forecasts: readonly SubjectForecast[]): readonly string[] {
  return [...new Set(forecasts.flatMap(({ tables }) => tables.flatMap(({ modelVersion }) => modelVersion ?? [])))]
}

/** Keeps what forecasts were made from, so that they can be made again, to the bit. */
export function recordForecasts(project: Project, made: Pick<ForecastRecord, 'history' | 'request' | 'use' | 'backend'>, forecasts: readonly SubjectForecast[]): void {
  const folder = folderOf(project)
  const record: ForecastRecord = { ...made, modelVersions: versionsOf(forecasts), code: forecastCode(), resultHash: resultHash(forecasts) }
  replaceFile(join(folder, `${rfc3339(made.request.originSeconds).replaceAll(':', '')}.json.gz`), gzipSync(packValue(record)))
  for (const name of recordNames(folder).slice(0, -mostRecords)) rmSync(join(folder, name))
}

/** Oldest first. */
function recordNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json.gz')).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** What making forecasts again came to. */
export interface Reproduction {
  readonly originSeconds: number
  readonly modelVersions: readonly string[]
  readonly kind: 'same' | 'different'
  /** What is not as it was, which may explain a difference. */
  readonly changed: readonly string[]
}

/**
 * Makes the newest recorded forecasts again, from what was recorded and with the versions that took part.
 * @throws Problem `file-missing` when none is recorded, `model-unusable` when the weights are gone
 */
export async function reproduceForecasts(project: Project): Promise<Reproduction> {
  const folder = folderOf(project)
  const name = recordNames(folder).at(-1)
  if (name === undefined) throw new Problem('file-missing', { what: 'a record of forecasts', file: '.prescale/store/forecasts', make: 'prescale forecast' })
  const record = unpackValue(gunzipSync(readFileSync(join(folder, name))).toString()) as ForecastRecord
  const network = await openNetwork(project.world)
  const again = await forecastAgain(project, record, network)
  return {
    originSeconds: record.request.originSeconds,
    modelVersions: record.modelVersions,
    kind: resultHash(again) === record.resultHash ? 'same' : 'different',
    changed: [
      ...(record.code === forecastCode() ? [] : ['the code that forecasts']),
      ...(record.backend === network.backend ? [] : [`the network ran on ${record.backend}, now on ${network.backend}`]),
    ],
  }
}

function forecastAgain(project: Project, { history, request, use, modelVersions }: ForecastRecord, network: Network): Promise<readonly SubjectForecast[]> {
  const registry = openRegistry(project)
  const recorded: ModelShelf = {
    inForce: (line) => {
      const version = registry.lines().find((state) => state.line === lineName(line))?.versions.find((one) => modelVersions.includes(versionName(one)))
      const models = version === undefined ? undefined : registry.weightsOf(version)
      if (version === undefined || models === undefined) throw new Problem('model-unusable', { version: modelVersions.join(' or ') })
      return Promise.resolve({ version, models })
    },
    due: () => false,
    settle: () => Promise.reject(new TypeError('making forecasts again trains nothing')),
  }
  return forecastDemand(history, request, network, modelVersions.length === 0 ? undefined : recorded, use)
}
