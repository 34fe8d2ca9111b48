import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { DemandQuery, HistorySource } from '../../domain/history.ts'
import { coldPaths, fewestHours, type KnownPaths, measuredHours } from '../../forecast/cold-start.ts'
import { forecastTableRows } from '../../forecast/evaluation-table.ts'
import type { QuantilePaths } from '../../forecast/quantiles.ts'
import { forecastRemembered, rememberedScore, type RememberedScore, type SeriesMemory, type SharedModels } from '../../forecast/remembered-forecast.ts'
import { leastDays } from '../../forecast/series-forecast.ts'
import type { ModelSeries } from '../../forecast/step-series.ts'
import { namedSeries, type SubjectSeries } from '../../forecast/subjects.ts'
import { packValue, unpackValue } from '../../forecast/trained-models.ts'
import { readIfThere, replaceFile } from '../../store/atomic-file.ts'
import { readSeries, type TableWindow } from './read-series.ts'
import type { Shard } from './shards.ts'

/** What all shards of a run have in common. */
export interface TableRun extends TableWindow {
  readonly horizonSteps: number
  readonly quantiles: readonly number[]
  /** Folder of the run's parts, absolute. */
  readonly folder: string
}

/** What came of a shard. */
export interface ShardSummary {
  readonly forecasts: number
  /** Series without a forecast: of no sample at all, or measured for less than three hours. */
  readonly empty: readonly string[]
  readonly short: readonly string[]
  /** Series measured for less than two days, which got a first guess from similar series of their shard. */
  readonly cold: readonly string[]
  /** Sums over its series: losses of each series relative to its demand. */
  readonly scores: readonly RememberedScore[]
}

/** Everything of a part but its rows: written last, so that a part is whole when this is there. */
interface PartRecord {
  readonly summary: ShardSummary
  readonly memories: readonly SeriesMemory[]
}

/** @returns the file of a part's rows, gzipped */
export function partRows(folder: string, index: number): string {
  return join(folder, `part-${String(index).padStart(5, '0')}.csv.gz`)
}

function partRecord(folder: string, index: number): string {
  return join(folder, `part-${String(index).padStart(5, '0')}.json`)
}

function readPart(folder: string, index: number): PartRecord | undefined {
  const text = readIfThere(partRecord(folder, index))
  return text === undefined ? undefined : (unpackValue(text) as PartRecord)
}

/** @returns the summary of a part that was made; undefined when it was not, or not wholly */
export function madePart(folder: string, index: number): ShardSummary | undefined {
  return readPart(folder, index)?.summary
}

/**
 * Reads and forecasts one shard and writes its part.
 * @param earlier  parts of the last run that hold some of its series
 */
export async function makePart(
  shard: Shard,
  run: TableRun,
  source: HistorySource,
  models: SharedModels,
  earlier: { readonly folder: string; readonly parts: readonly number[] } | undefined,
  signal: AbortSignal,
): Promise<ShardSummary> {
  const series = await readSeries(source, shard.queries, run, signal)
  const remembered = new Map((earlier?.parts ?? []).flatMap((index) => readPart(earlier?.folder ?? '', index)?.memories ?? []).map((memory) => [memory.name, memory]))
  const request = { horizon: run.horizonSteps, quantiles: run.quantiles }
  const subjects = subjectsOf(shard, series, run)
  const paths = new Map<SubjectSeries, QuantilePaths>()
  const memories: SeriesMemory[] = []
  for (const [s, one] of series.entries()) {
    signal.throwIfAborted()
    if (one.measured.reduce((sum, measured) => sum + measured, 0) < leastDays * one.perDay) continue
    const made = await forecastRemembered(one, request, models, remembered.get(one.name))
    paths.set(subjects[s] as SubjectSeries, made.paths)
    memories.push(made.memory)
  }
  const known = Array.from(paths, ([subject, own]): KnownPaths => ({ subject, paths: own }))
  const young = subjects.filter((subject) => !paths.has(subject))
  const hoursOf = (subject: SubjectSeries): number => measuredHours(subject, run.originSeconds)
  const cold = young.filter((subject) => hoursOf(subject) >= fewestHours)
  for (const subject of cold) paths.set(subject, coldPaths(subject, known, run.horizonSteps, run.quantiles, run.originSeconds))
  const rows = subjects.flatMap((subject) => {
    const own = paths.get(subject)
    return own === undefined ? [] : [forecastTableRows({ series: subject.name, originSeconds: run.originSeconds - run.stepSeconds, stepSeconds: run.stepSeconds, paths: own, weights: [] }, run.quantiles)]
  })
  const namesOf = (some: readonly SubjectSeries[]): readonly string[] => some.map(({ name }) => name)
  const summary = {
    forecasts: rows.length,
    empty: namesOf(young.filter((subject) => hoursOf(subject) === 0)),
    short: namesOf(young.filter((subject) => hoursOf(subject) > 0 && hoursOf(subject) < fewestHours)),
    cold: namesOf(cold),
    scores: memories.map(rememberedScore),
  }
  replaceFile(partRows(run.folder, shard.index), gzipSync(rows.join(''), { level: 3 }))
  replaceFile(partRecord(run.folder, shard.index), packValue({ summary, memories } satisfies PartRecord))
  return summary
}

/** Series of a shard as they were measured, on the grid of the longest, NaN where nothing was: so that steps of two of them can be compared. */
function subjectsOf(shard: Shard, series: readonly ModelSeries[], { originSeconds, stepSeconds }: TableRun): readonly SubjectSeries[] {
  const keys = shard.queries.flatMap(({ workload, unit, userZones }) => userZones.map((userZone) => ({ workload, unit, userZone })))
  const length = series.reduce((most, { values }) => Math.max(most, values.length), 0)
  const grid = { startSeconds: originSeconds - length * stepSeconds, stepSeconds, length }
  return keys.map(({ workload, unit, userZone }, s) => {
    const { values: filled, measured } = series[s] as ModelSeries
    const values = new Float64Array(length).fill(Number.NaN)
    filled.forEach((value, i) => {
      if (measured[i] === 1) values[length - filled.length + i] = value
    })
    return namedSeries({ subject: { workload, resource: 'requests', place: { kind: 'user-zone', userZone } }, unit, grid, values, excluded: [] })
  })
}

/** @returns which parts of a run hold the series that a shard asks for */
export function partsWith(queries: readonly DemandQuery[], shards: readonly Shard[]): readonly number[] {
  const workloads = new Set(queries.map(({ workload }) => workload))
  return shards.filter((shard) => shard.queries.some(({ workload }) => workloads.has(workload))).map(({ index }) => index)
}
