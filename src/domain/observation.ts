import type { PoolKey, RegionKey } from './pool.ts'

/** One pool as the cloud holds it now. */
export interface LivePool extends PoolKey {
  readonly group: string
  readonly min: number
  readonly desired: number
  readonly max: number
  /** Nodes serving. */
  readonly ready: number
  /** An autoscaler beside prescale that acts on the group, by its name; left out where none is known. */
  readonly autoscaler?: string
}

/** One answer of a name. */
export interface LiveTarget {
  /** DNS name of what answers, without a dot at its end. */
  readonly endpoint: string
  /** As its cloud keeps it; 0 where it is never answered. */
  readonly weight: number
}

/** What sends users to regions, as its cloud holds it now. */
export interface LiveRecord {
  /** Which one it is; see `recordKey`. */
  readonly key: string
  readonly ttlSeconds: number
  readonly targets: readonly LiveTarget[]
}

/** What the clouds hold now. */
export interface LiveCounts {
  readonly atSeconds: number
  readonly pools: readonly LivePool[]
  /** Left out where they were not read, which does not mean that there are none. */
  readonly records?: readonly LiveRecord[]
}

/** Reads what the clouds hold, without locks and without changing anything. */
export interface LiveCountsSource {
  read(regions: readonly RegionKey[], signal: AbortSignal): Promise<LiveCounts>
}

/** What became of one stack in one cycle. */
export type StackVerdict =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'reached' }
  /** The cloud accepted the counts; nodes are on their way. */
  | { readonly kind: 'requested'; readonly waitingFor: number }
  | { readonly kind: 'short'; readonly by: number; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'held'; readonly reason: string }
  /** It failed too often in a row and is left alone for a while. */
  | { readonly kind: 'stalled'; readonly reason: string }

/** Resource operations of one engine run, as the engine counted them. */
export interface ResourceChanges {
  readonly created: number
  readonly updated: number
  readonly replaced: number
  readonly deleted: number
  readonly same: number
}
