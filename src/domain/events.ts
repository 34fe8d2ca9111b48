import type { SeriesKey } from './history.ts'

/** Which series something speaks of: all where a list is undefined. */
export interface Scope {
  readonly workloads: readonly string[] | undefined
  readonly userZones: readonly string[] | undefined
}

/** @returns whether the scope holds the series */
export function inScope(scope: Scope, key: SeriesKey): boolean {
  return (scope.workloads?.includes(key.workload) ?? true) && (scope.userZones?.includes(key.userZone) ?? true)
}

/** Something that happens at a known time and may change demand: past ones teach what coming ones do. */
export interface EventOccurrence extends Scope {
  /** What it is called; occurrences of one kind share an effect. */
  readonly kind: string
  /** Unix seconds. */
  readonly startSeconds: number
  /** Unix seconds, after the start. */
  readonly endSeconds: number
  /** How large it is, in any unit, above 0; the effect grows with it. 1 where a feed says nothing. */
  readonly magnitude: number
  /** How long before the start and after the end demand may differ, seconds. */
  readonly leadInSeconds: number
  readonly afterSeconds: number
  /** `held`: its feed could not be read anew. What is held may raise a forecast and never lowers it. */
  readonly standing: 'read' | 'held'
}

/** A number that goes with demand and is known ahead, such as a temperature forecast or a number of booked guests. */
export interface Regressor extends Scope {
  readonly name: string
  /** Unix seconds, ascending. */
  readonly atSeconds: Float64Array
  /** Finite; each holds until the next. Shape [atSeconds.length]. */
  readonly values: Float64Array
  readonly standing: 'read' | 'held'
}

/** One workload whose work follows that of others. */
export interface Dependency {
  readonly workload: string
  readonly drivers: readonly string[]
}

/** What is known of the time to come besides demand itself. */
export interface DemandContext {
  readonly events: readonly EventOccurrence[]
  readonly regressors: readonly Regressor[]
  /** Workloads whose work leads to work of others. */
  readonly dependencies: readonly Dependency[]
  /** What could not be read, as sentences. */
  readonly notes: readonly string[]
  /** Hash of all of it: the same for the same events, numbers and notes. */
  readonly hash: string
}

/** The record of a feed as it was last read. */
export interface KeptFeed {
  readonly text: string
  /** Unix seconds. */
  readonly readSeconds: number
}

/** Where feeds keep what they last read. */
export interface FeedStore {
  find(feed: string): KeptFeed | undefined
  keep(feed: string, kept: KeptFeed): void
}
