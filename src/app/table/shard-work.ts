import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { DemandQuery, HistorySource } from '../../domain/history.ts'
import { forecastTableRows } from '../../forecast/evaluation-table.ts'
import { forecastRemembered, rememberedScore, type RememberedScore, type SeriesMemory, type SharedModels } from '../../forecast/remembered-forecast.ts'
import { leastDays } from '../../forecast/series-forecast.ts'
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
  /** Series without a forecast: of no sample at all, or measured for less than two days. */
  readonly empty: readonly string[]
  readonly short: readonly string[]
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
  const rows: string[] = []
  const memories: SeriesMemory[] = []
  const empty: string[] = []
  const short: string[] = []
  for (const one of series) {
    signal.throwIfAborted()
    const steps = one.measured.reduce((sum, measured) => sum + measured, 0)
    if (steps < leastDays * one.perDay) {
      ;(steps === 0 ? empty : short).push(one.name)
      continue
    }
    const { paths, memory } = await forecastRemembered(one, request, models, remembered.get(one.name))
    rows.push(forecastTableRows({ series: one.name, originSeconds: run.originSeconds - run.stepSeconds, stepSeconds: run.stepSeconds, paths, weights: [] }, run.quantiles))
    memories.push(memory)
  }
  const summary = { forecasts: rows.length, empty, short, scores: memories.map(rememberedScore) }
  replaceFile(partRows(run.folder, shard.index), gzipSync(rows.join(''), { level: 3 }))
  replaceFile(partRecord(run.folder, shard.index), packValue({ summary, memories } satisfies PartRecord))
  return summary
}

/** @returns which parts of a run hold the series that a shard asks for */
export function partsWith(queries: readonly DemandQuery[], shards: readonly Shard[]): readonly number[] {
  const workloads = new Set(queries.map(({ workload }) => workload))
  return shards.filter((shard) => shard.queries.some(({ workload }) => workloads.has(workload))).map(({ index }) => index)
}
