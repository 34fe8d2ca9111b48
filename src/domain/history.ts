import type { Resource } from './forecast.ts'
import type { Grid, TimeRange } from './grid.ts'

/** One series of demand: a workload's load from one user zone. */
export interface SeriesKey {
  readonly workload: string
  readonly userZone: string
}

/** @returns `web/us-east` */
export function seriesName(key: SeriesKey): string {
  return `${key.workload}/${key.userZone}`
}

/** What was wrong with the samples of a series, as counts; every fault is counted, none is repaired by invention. */
export interface SeriesFaults {
  readonly notANumber: number
  readonly infinite: number
  readonly negative: number
  /** Falls of a counter, taken as its restart. */
  readonly counterReset: number
  /** Samples for an instant that already had one; the last wins. */
  readonly duplicate: number
  readonly outOfOrder: number
  /** Steps of the longest run of one repeated value that is implausible for the series; 0 if none. */
  readonly frozenSteps: number
  /** Steps that a daylight-saving change doubled or left out in sources that report local time. */
  readonly daylightSaving: number
  readonly outlier: number
}

/** Demand of one series on the grid of its history. */
export interface DemandSeries extends SeriesKey {
  /** The workload's own unit, for example `requests/s`. */
  readonly unit: string
  /** Mean demand within each step, in `unit`, ≥ 0; NaN where nothing valid was measured. Shape [grid.length]. */
  readonly values: Float64Array
  readonly faults: SeriesFaults
  /** Share of steps with a value, 0 to 1. */
  readonly coverage: number
  /** End of the newest step with a value, Unix seconds; undefined if there is none. */
  readonly newestSeconds: number | undefined
}

/** Runs of one workload's programs from one user zone, and what they take of one resource. The arrays have one length, ascending by start. */
export interface Executions extends SeriesKey {
  /** `requests` for the workload's own unit. */
  readonly resource: Resource
  /** Unix seconds. */
  readonly startSeconds: Float64Array
  /** Seconds, ≥ 0; NaN while it runs. */
  readonly durationSeconds: Float64Array
  /** What each takes while it runs, in the resource's unit, ≥ 0. */
  readonly takes: Float64Array
}

/** What all executions of a workload from a user zone use of a resource other than its own unit. */
export interface ResourceUse extends DemandSeries {
  readonly resource: Resource
}

/** Demand as it was measured, one series per workload and user zone, on one grid. */
export interface DemandHistory {
  readonly grid: Grid
  /** Sorted by workload, then user zone; a series that was asked for and had no samples is present, all NaN. */
  readonly series: readonly DemandSeries[]
  /** Hash of grid and values: the same from any source that holds the same demand. */
  readonly hash: string
  /** What the demand of some of the series is made of; undefined where no workload runs as executions. */
  readonly executions?: readonly Executions[]
  /** What those executions use of further resources, on the same grid; it is forecast, and nothing is planned from it. */
  readonly use?: readonly ResourceUse[]
}

/** How samples become demand in the workload's unit. */
export type SampleKind =
  /** Events counted per sample; summed within a step and divided by its seconds. */
  | 'count'
  /** A level; averaged within a step. */
  | 'gauge'
  /** An ever-growing counter; increases are summed and divided by the seconds they were measured over. */
  | 'counter'
  /** A level of each reporter; averaged within a step, added up over reporters. */
  | 'stock'
  /** A counter of which one sample per reporter and step is enough: restarts within a step are not told. */
  | 'odometer'

/** What to read for one workload. */
export interface DemandQuery {
  readonly workload: string
  readonly unit: string
  readonly measurement: string
  readonly field: string
  /** Tag values that samples must carry. */
  readonly tags: Readonly<Record<string, string>>
  /** Tag that holds the user zone. */
  readonly userZoneTag: string
  readonly userZones: readonly string[]
  readonly kind: SampleKind
  /** Flux of the user's own, instead of the query built from the fields above; must yield `_time`, `_value` and the user-zone column. */
  readonly flux: string | undefined
  /** Multiplies every value, for example to turn bytes into megabits. */
  readonly scale: number
  /** What a level is taken from before it is used: 100 turns an idle share in percent into a busy one. */
  readonly complementOf?: number
}

/** Raw samples of one query and page, as the source gave them: unsorted, unchecked, unscaled. The four arrays have one length. */
export interface RawSamples {
  /** Index into `userZones`. */
  readonly userZoneIndex: Uint32Array
  /** Index into `reporters`. */
  readonly reporterIndex: Uint32Array
  /** Unix seconds; may carry fractions. */
  readonly atSeconds: Float64Array
  readonly values: Float64Array
  /** Those of the query, in its order. */
  readonly userZones: readonly string[]
  /**
   * Who measured: the tags of a sample besides those that the query fixes, for example `host=lb-1`; one empty name where a source
   * knows no reporters. Two reporters of one user zone may speak of one instant; one reporter that does so repeats itself.
   */
  readonly reporters: readonly string[]
  /** Samples of each user zone whose local time a daylight-saving change doubled or left out. Shape [userZones]. */
  readonly daylightSaving: Uint32Array
}

/** A place that demand is read from. Implementations: InfluxDB 2, CSV files, line-protocol files. */
export interface HistorySource {
  /** For messages, for example `influx2 http://…/telegraf`. */
  readonly description: string
  /** Whether complete days are worth keeping between runs. Files are cheap to read again, and may have been edited. */
  readonly rereading: 'costly' | 'cheap'
  /**
   * Every sample of `query` in `range`, both ends aligned to UTC days or to the history's step.
   * @throws Problem `history-unreadable` when the source fails or its answer is cut short: never a shorter answer
   */
  read(query: DemandQuery, range: TimeRange, stepSeconds: number, signal: AbortSignal): Promise<RawSamples>
}
