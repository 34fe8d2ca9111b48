import { rfc3339, type TimeRange } from '../../domain/grid.ts'
import type { DemandQuery } from '../../domain/history.ts'
import { fluxString } from '@influxdata/influxdb-client'

/** Result that carries the samples. */
export const samplesResult = 'samples'
/** Result that carries the least value of each series, where samples are aggregated by the server. */
export const leastResult = 'least'

/** More user zones than these are selected by a pattern. */
const mostCompared = 8

/** How much of the work the server does: `window` leaves one row per reporter and step, `none` every sample. */
export type Aggregation = 'window' | 'none'

/** What becomes of a window of `every`: an odometer's last sample keeps its own time, so that increases fall into the step in which they happened. */
const windows: Readonly<Record<Exclude<DemandQuery['kind'], 'counter'>, (every: string) => string>> = {
  count: (every) => `aggregateWindow(every: ${every}, fn: sum, createEmpty: false, timeSrc: "_start")`,
  gauge: (every) => `aggregateWindow(every: ${every}, fn: mean, createEmpty: false, timeSrc: "_start")`,
  stock: (every) => `aggregateWindow(every: ${every}, fn: mean, createEmpty: false, timeSrc: "_start")`,
  odometer: (every) => `window(every: ${every})\n  |> last()\n  |> window(every: inf)`,
}

/** A text as a Flux string literal: quotes, backslashes, line breaks and `${` cannot end or leave it. */
function literal(text: string): string {
  return String(fluxString(text))
}

/**
 * Columns that say nothing about who measured: what the query fixes and what Flux adds.
 * The user-zone tag stays even when it is fixed, as the answer is told apart by it.
 */
export function fixedColumns(query: DemandQuery): ReadonlySet<string> {
  const fixed = new Set(['_start', '_stop', '_measurement', '_field', ...Object.keys(query.tags)])
  fixed.delete(query.userZoneTag)
  return fixed
}

function selection(query: DemandQuery, bucket: string, range: TimeRange): string {
  const conditions = [
    `r._measurement == ${literal(query.measurement)}`,
    `r._field == ${literal(query.field)}`,
    ...Object.entries(query.tags).map(([tag, value]) => `r[${literal(tag)}] == ${literal(value)}`),
    userZoneCondition(query),
  ]
  return `from(bucket: ${literal(bucket)})
  |> range(start: ${rfc3339(range.fromSeconds)}, stop: ${rfc3339(range.toSeconds)})
  |> filter(fn: (r) => ${conditions.join(' and ')})`
}

/**
 * Comparisons or a pattern, never contains(), which is not pushed down to the storage engine and costs fifty times as much. For many
 * names a pattern costs the server a sixth of what comparisons do.
 */
function userZoneCondition({ userZoneTag, userZones }: DemandQuery): string {
  const column = `r[${literal(userZoneTag)}]`
  const plain = userZones.every((zone) => /^[\w-]+$/.test(zone))
  if (plain && userZones.length > mostCompared) return `${column} =~ /^(${userZones.join('|')})$/`
  return anyOf(userZones.map((zone) => `${column} == ${literal(zone)}`))
}

/** Joins conditions as a balanced tree: Flux refuses a long chain as nested too deep. */
function anyOf(conditions: readonly string[]): string {
  if (conditions.length <= 1) return conditions[0] ?? 'false'
  const half = Math.ceil(conditions.length / 2)
  return `(${anyOf(conditions.slice(0, half))} or ${anyOf(conditions.slice(half))})`
}

/** What the server can do without losing what has to be counted. A counter's restarts show only in its samples, so it is read raw. */
export function aggregationOf(query: DemandQuery): Aggregation {
  return query.kind === 'counter' || query.flux !== undefined ? 'none' : 'window'
}

/**
 * The Flux of one page.
 *
 * Windows are made per series, which the storage engine does itself: reporters that send at different rates then weigh the same, and
 * the assembly adds or averages them. As sums and means hide negative samples, the least value of each series comes with them.
 */
export function demandFlux(query: DemandQuery, bucket: string, range: TimeRange, stepSeconds: number, aggregation: Aggregation): string {
  if (query.flux !== undefined) return ownFlux(query.flux, range, stepSeconds)
  const selected = selection(query, bucket, range)
  const dropped = [...fixedColumns(query)].map(literal).join(', ')
  const samples = (steps: string): string => `${selected}${steps}\n  |> drop(columns: [${dropped}])\n  |> yield(name: "${samplesResult}")`
  if (aggregation === 'none' || query.kind === 'counter') return samples('')
  // the selection is written twice because a shared one would not be pushed down
  return `${samples(`\n  |> ${windows[query.kind](`${stepSeconds}s`)}`)}
${selected}\n  |> min()\n  |> drop(columns: [${dropped}])\n  |> yield(name: "${leastResult}")`
}

/** The Flux of one series without user zones, as a user would write it: every answer row is named `name` in `column`. */
export function plainSeriesFlux(
  series: { readonly bucket: string; readonly measurement: string; readonly field: string; readonly tags: Readonly<Record<string, string>> },
  column: string,
  name: string,
): string {
  const conditions = [
    `r._measurement == ${literal(series.measurement)}`,
    `r._field == ${literal(series.field)}`,
    ...Object.entries(series.tags).map(([tag, value]) => `r[${literal(tag)}] == ${literal(value)}`),
  ]
  return `from(bucket: ${literal(series.bucket)})
  |> range(start: {{from}}, stop: {{to}})
  |> filter(fn: (r) => ${conditions.join(' and ')})
  |> aggregateWindow(every: {{every}}, fn: mean, createEmpty: false, timeSrc: "_start")
  |> group()
  |> set(key: ${literal(column)}, value: ${literal(name)})
  |> keep(columns: ["_time", "_value", ${literal(column)}])`
}

/** The user's own Flux with `{{from}}`, `{{to}}` and `{{every}}` filled in as time and duration literals. */
function ownFlux(flux: string, range: TimeRange, stepSeconds: number): string {
  return flux
    .replaceAll('{{from}}', rfc3339(range.fromSeconds))
    .replaceAll('{{to}}', rfc3339(range.toSeconds))
    .replaceAll('{{every}}', `${stepSeconds}s`)
}
