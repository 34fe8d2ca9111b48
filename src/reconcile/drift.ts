import type { DesiredPool, DesiredState } from '../domain/desired-state.ts'
import type { LiveCounts, LivePool } from '../domain/observation.ts'
import { poolName, stackName } from '../domain/pool.ts'
import { scheduledAt } from '../domain/schedule.ts'
import { type AppliedRecord, driftOf, livePool, type PoolDrift } from './changed-stacks.ts'

/**
 * Who made a live group differ from what was applied. `autoscaler`: one is known to act on the group, or its count moved again and again;
 * `hand`: bounds changed, the group is gone, or one change stayed as it was; `unknown`: it was seen too lately to tell.
 */
export type DriftCause = 'autoscaler' | 'hand' | 'unknown'

/** One difference, from when it was first seen until it is gone. */
export interface DriftRecord extends PoolDrift {
  /** Name of the stack without the project's: `aws-us-east-1`. */
  readonly stack: string
  /** Name of the pool. */
  readonly pool: string
  readonly cause: DriftCause
  /** The autoscaler that acts on the group beside prescale, where one is known. */
  readonly autoscaler: string | undefined
  readonly sinceSeconds: number
  /** How often the live value changed again since. */
  readonly moves: number
}

/** A change that stayed as it was for so long was made once: autoscalers look at their groups every few minutes. */
export const settledSeconds = 1800
/** A count that moved again so often is moved by a program. */
const restlessMoves = 2

/** A stack as it should be, with what was applied last. */
export interface WatchedStack {
  readonly wanted: DesiredState
  readonly applied: AppliedRecord | undefined
}

/**
 * What differs now, joined with what was known before. A difference that was left as it is stays on record although the engine has taken it
 * over, until the count fits the plan or moves on.
 * @param known  as the look before left it
 * @returns by pool name
 */
export function watchDrift(known: readonly DriftRecord[], stacks: readonly WatchedStack[], live: LiveCounts): readonly DriftRecord[] {
  return stacks
    .flatMap(({ wanted, applied }) => {
      const fresh = applied === undefined ? [] : driftOf(applied.state, live, applied)
      return wanted.pools.flatMap((pool) => {
        const earlier = known.find((one) => one.stack === stackName(wanted) && one.group === pool.group)
        const found = livePool(live, pool)
        const drift = fresh.find(({ group }) => group === pool.group) ?? (earlier !== undefined && isLeft(earlier, pool, found, live) ? earlier : undefined)
        return drift === undefined ? [] : [recordOf(drift, earlier, pool, found, live.atSeconds)]
      })
    })
    .sort((a, b) => (a.pool < b.pool ? -1 : 1))
}

function isLeft(earlier: DriftRecord, pool: DesiredPool, found: LivePool | undefined, live: LiveCounts): boolean {
  return earlier.property === 'count' && String(found?.desired) === earlier.live && found?.desired !== wantedNow(pool, live)
}

function recordOf(drift: PoolDrift, earlier: DriftRecord | undefined, pool: DesiredPool, found: LivePool | undefined, nowSeconds: number): DriftRecord {
  const record = {
    group: drift.group,
    property: drift.property,
    wanted: drift.wanted,
    live: drift.live,
    stack: stackName(pool),
    pool: poolName(pool),
    autoscaler: found?.autoscaler,
    sinceSeconds: earlier?.sinceSeconds ?? nowSeconds,
    moves: earlier === undefined ? 0 : earlier.moves + (earlier.live === drift.live ? 0 : 1),
  }
  return { ...record, cause: causeOf(record, nowSeconds) }
}

function causeOf({ property, autoscaler, moves, sinceSeconds }: Omit<DriftRecord, 'cause'>, nowSeconds: number): DriftCause {
  if (property !== 'count') return 'hand'
  if (autoscaler !== undefined || moves >= restlessMoves) return 'autoscaler'
  return moves === 0 && nowSeconds - sinceSeconds >= settledSeconds ? 'hand' : 'unknown'
}

function wantedNow(pool: DesiredPool, live: LiveCounts): number {
  return (scheduledAt(pool.schedule, live.atSeconds) ?? pool).desired
}

/**
 * Leaves what others raised as it is: the plan's count is a least one there. What others lowered is raised again in any case.
 * @param drifts  of these states
 */
export function leaveRaises(states: readonly DesiredState[], drifts: readonly DriftRecord[], live: LiveCounts): readonly DesiredState[] {
  return states.map((state) => ({
    ...state,
    pools: state.pools.map((pool) => {
      const drift = drifts.find((one) => one.stack === stackName(state) && one.group === pool.group)
      const found = livePool(live, pool)
      if (drift === undefined || found === undefined) return pool
      if (drift.property === 'bounds') return { ...pool, min: Math.max(pool.min, found.min), desired: Math.max(pool.desired, found.min), max: Math.max(pool.max, found.max) }
      if (drift.property !== 'count' || found.desired <= Math.max(pool.desired, wantedNow(pool, live))) return pool
      return { ...pool, desired: found.desired, max: Math.max(pool.max, found.desired) }
    }),
  }))
}

/** Takes the counts that others made as the base of the plan: to undo them was asked for. */
export function undoDrifts(states: readonly DesiredState[], drifts: readonly DriftRecord[], live: LiveCounts): readonly DesiredState[] {
  return states.map((state) => ({
    ...state,
    pools: state.pools.map((pool) => {
      const isKnown = drifts.some((one) => one.stack === stackName(state) && one.group === pool.group)
      return isKnown ? { ...pool, was: livePool(live, pool)?.desired ?? 0 } : pool
    }),
  }))
}

/** @returns `aws/us-east-1/web/m7g.large/spot: count is 9, wanted 4, changed by hand` */
export function driftSentence({ pool, property, live, wanted, cause, autoscaler }: DriftRecord): string {
  const by = { autoscaler: `by an autoscaler${autoscaler === undefined ? '' : ` (${autoscaler})`}`, hand: 'by hand', unknown: 'by someone else' }[cause]
  return property === 'existence' ? `${pool}: the group is gone, deleted ${by}` : `${pool}: ${property} is ${live}, wanted ${wanted}, changed ${by}`
}
