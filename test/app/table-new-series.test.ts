import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { makePart, partRows, type ShardSummary } from '../../src/app/table/shard-work.ts'
import type { DemandQuery } from '../../src/domain/history.ts'
import { noModels, withNetwork } from '../../src/forecast/trained-models.ts'
import { RecordedHistory, type RecordedSample } from '../fakes/recorded-history.ts'
import { dailyDemand, mondaySeconds } from '../forecast/series.ts'

const folder = mkdtempSync(join(tmpdir(), 'prescale-new-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const days = 20
const hour = 3600
const horizonSteps = 24
const originSeconds = mondaySeconds + days * 86_400
const demand = dailyDemand(days, 3)

/** The last hours of demand of a user zone, as a share of what the oldest one has. */
function samples(zone: string, hours: number, share: number): readonly RecordedSample[] {
  return Array.from(demand.subarray(demand.length - hours), (value, i) => ({
    measurement: 'requests', field: 'value', tags: { user_zone: zone }, at: originSeconds - (hours - i) * hour, value: share * value,
  }))
}

const query = (userZones: readonly string[]): DemandQuery => ({
  workload: 'web', unit: 'requests/s', measurement: 'requests', field: 'value', tags: {}, userZoneTag: 'user_zone', userZones, kind: 'gauge', flux: undefined, scale: 1,
})

interface Part {
  readonly summary: ShardSummary
  /** Values by series and quantile, in the order of the file. */
  readonly paths: ReadonlyMap<string, readonly number[]>
}

async function part(userZones: readonly string[], quantiles: readonly number[]): Promise<Part> {
  const source = new RecordedHistory([...samples('new', 12, 0.25), ...samples('newer', 2, 1), ...samples('old', days * 24, 1)])
  const run = { originSeconds, windowSeconds: days * 86_400, historyStepSeconds: hour, stepSeconds: hour, horizonSteps, quantiles, folder }
  const models = { schooled: withNetwork(noModels, undefined), seenToSeconds: -Infinity }
  const summary = await makePart({ index: 0, queries: [query(userZones)] }, run, source, models, undefined, new AbortController().signal)
  const rows = gunzipSync(readFileSync(partRows(folder, 0))).toString('utf8').trimEnd().split('\n').map((line) => line.split(','))
  const grouped = Map.groupBy(rows, ([name, , , quantile]) => `${name} ${quantile}`)
  return { summary, paths: new Map(Array.from(grouped, ([key, own]) => [key, own.map((row) => Number(row[4]))])) }
}

test('in a table, a series of twelve hours gets the shape of its like at its own level, wide; one of two hours or none gets nothing', async () => {
  const { summary, paths } = await part(['new', 'newer', 'none', 'old'], [0.1, 0.5, 0.9])
  const { forecasts, cold, short, empty } = summary
  assert.deepEqual({ forecasts, cold, short, empty }, { forecasts: 2, cold: ['web/new'], short: ['web/newer'], empty: ['web/none'] })
  assert.deepEqual([...paths.keys()], ['web/new 0.1', 'web/new 0.5', 'web/new 0.9', 'web/old 0.1', 'web/old 0.5', 'web/old 0.9'])
  const [median, p90, old] = [paths.get('web/new 0.5') ?? [], paths.get('web/new 0.9') ?? [], paths.get('web/old 0.5') ?? []]
  assert.equal(median.length, horizonSteps)
  median.forEach((value, step) => {
    assert.ok(Math.abs(value / (old[step] ?? 0) / 0.25 - 1) < 1e-3, `step ${step}: ${value} of ${old[step]}`)
    assert.ok((p90[step] ?? 0) > 1.5 * value)
  })
})

test('without its like a new series stays at its own mean, wider, and quantiles that leave the median out are ordered', async () => {
  const { summary, paths } = await part(['new'], [0.2, 0.6, 0.9])
  assert.deepEqual(summary.cold, ['web/new'])
  const [low, middle, high] = [paths.get('web/new 0.2') ?? [], paths.get('web/new 0.6') ?? [], paths.get('web/new 0.9') ?? []]
  const mean = demand.subarray(-12).reduce((sum, value) => sum + value / 48, 0)
  middle.forEach((value, step) => {
    assert.ok(Math.abs(value / mean - 1) < 1e-3 && (low[step] ?? 0) < 0.8 * value && (high[step] ?? 0) > 2 * value, `${low[step]} ${value} ${high[step]}`)
  })
})
