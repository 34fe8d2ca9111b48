import type { DesiredPool, DesiredState } from '../domain/desired-state.ts'
import type { LiveCounts } from '../domain/observation.ts'
import { poolName } from '../domain/pool.ts'
import { scheduledAt } from '../domain/schedule.ts'
import { livePool } from './changed-stacks.ts'

/**
 * Where a workload is on its way from some pools to others. `raise`: nodes that were asked for are not ready; `shift`: traffic may follow
 * them; `steered`: others sent traffic elsewhere, so that no pool is known to be spared; `drain`: traffic has left the pools that will be
 * lowered, requests in flight have not; `lower`: nothing waits any more.
 */
export type MovePhase = 'raise' | 'shift' | 'steered' | 'drain' | 'lower'

/** What is remembered of a workload's raises from one cycle to the next. */
export interface MoveRecord {
  readonly workload: string
  /** When the newest of its raises was first asked for, Unix seconds. */
  readonly raisedSeconds: number
  /** Counts that were asked for, by pool. */
  readonly asked: Readonly<Record<string, number>>
  /** Live counts before the first raise, by pool: what the workload's capacity is compared with when it is lowered. */
  readonly before: Readonly<Record<string, number>>
}

/** One workload that is moved. */
export interface Move {
  readonly workload: string
  readonly phase: MovePhase
  /** Nodes that are wanted and not ready. */
  readonly missing: number
  /** Nodes that stay until the move is through. */
  readonly heldNodes: number
  /** When missing nodes are late, Unix seconds; when draining ends, in `drain`. */
  readonly untilSeconds: number
  /** Whether nodes are missing for longer than their lead time allows, or nothing but a person ends the wait. */
  readonly late: boolean
  readonly record: MoveRecord
}

/** How a workload's planned traffic shares compare with those in force; `none` where its traffic is not prescale's; `steered` where others made them. */
export type TrafficInForce = { readonly kind: 'none' } | { readonly kind: 'due' } | { readonly kind: 'steered' } | { readonly kind: 'shifted'; readonly atSeconds: number }

/** What a decision about moves hangs on beside plan and clouds. */
export interface MoveContext {
  readonly nowSeconds: number
  /** How long nodes of a pool may take to serve. */
  readonly patienceSeconds: (pool: DesiredPool) => number
  /** From the last shift of traffic to the first lowering. */
  readonly drainSeconds: number
  readonly traffic: (workload: string) => TrafficInForce
}

/** What may be applied now. */
export interface PhasedFleet {
  /** As wanted, but pools whose lowering must wait keep their live counts. In the order given. */
  readonly states: readonly DesiredState[]
  /** Workloads that are not there yet, by name. */
  readonly moves: readonly Move[]
}

/**
 * What of the desired states may be applied now, so that no workload has less capacity than it needs on its way: first all its raises, then
 * traffic, then, after draining, what is lowered. A workload that is only raised or only lowered is applied as it is.
 * @param states   of all stacks: a lowering may depend on a raise anywhere
 * @param records  of the cycle before
 */
export function phaseFleet(states: readonly DesiredState[], live: LiveCounts, records: readonly MoveRecord[], context: MoveContext): PhasedFleet {
  const pools = states.flatMap((state) => state.pools)
  const workloads = [...new Set(pools.map((pool) => pool.workload))].sort()
  const moves = workloads.flatMap((workload) => {
    const record = records.find((one) => one.workload === workload)
    return moveOf(workload, pools.filter((pool) => pool.workload === workload), live, record, context) ?? []
  })
  const holding = new Set(moves.filter(({ phase }) => phase !== 'lower').map(({ workload }) => workload))
  return {
    moves,
    states: states.map((state) => ({ ...state, pools: state.pools.map((pool) => (holding.has(pool.workload) ? heldPool(pool, live) : pool)) })),
  }
}

function moveOf(workload: string, pools: readonly DesiredPool[], live: LiveCounts, earlier: MoveRecord | undefined, context: MoveContext): Move | undefined {
  const { nowSeconds } = context
  const missing = pools.map((pool) => ({ pool, nodes: missingIn(pool, live) })).filter(({ nodes }) => nodes > 0)
  const heldNodes = pools.reduce((sum, pool) => sum + loweringOf(pool, live), 0)
  const traffic = context.traffic(workload)
  if (heldNodes === 0 && traffic.kind !== 'due') return undefined
  const record = recordOf(workload, missing.map(({ pool }) => pool), pools, live, earlier, nowSeconds)
  const move = { workload, missing: missing.reduce((sum, { nodes }) => sum + nodes, 0), heldNodes, late: false, record, untilSeconds: nowSeconds }
  if (missing.length > 0) {
    const untilSeconds = record.raisedSeconds + Math.max(...missing.map(({ pool }) => context.patienceSeconds(pool)))
    return { ...move, phase: 'raise', untilSeconds, late: nowSeconds >= untilSeconds }
  }
  if (traffic.kind === 'due') return { ...move, phase: 'shift' }
  if (traffic.kind === 'steered') return { ...move, phase: 'steered', late: true }
  const drainedSeconds = traffic.kind === 'none' ? nowSeconds : traffic.atSeconds + context.drainSeconds
  if (nowSeconds < drainedSeconds) return { ...move, phase: 'drain', untilSeconds: drainedSeconds }
  return earlier === undefined ? undefined : { ...move, phase: 'lower' }
}

/**
 * The clock of a move starts anew when more is asked for than before or than the cloud was asked for; what was live before its first raise is kept
 * until it is through.
 */
function recordOf(
  workload: string,
  raised: readonly DesiredPool[],
  pools: readonly DesiredPool[],
  live: LiveCounts,
  earlier: MoveRecord | undefined,
  nowSeconds: number,
): MoveRecord {
  const asked = Object.fromEntries(raised.map((pool) => [poolName(pool), wantedCount(pool, live.atSeconds)]))
  const isMore = raised.some((pool) => {
    const wanted = wantedCount(pool, live.atSeconds)
    return wanted > (earlier?.asked[poolName(pool)] ?? 0) || wanted > liveCount(pool, live)
  })
  return {
    workload,
    raisedSeconds: earlier === undefined || isMore ? nowSeconds : earlier.raisedSeconds,
    asked: { ...earlier?.asked, ...asked },
    before: earlier?.before ?? Object.fromEntries(pools.map((pool) => [poolName(pool), liveCount(pool, live)])),
  }
}

/**
 * The count that is prescale's to ask for: of pools whose count the cloud's autoscaler moves, the least.
 * @returns 0 where only the schedule is prescale's
 */
function wantedCount(pool: DesiredPool, atSeconds: number): number {
  const now = scheduledAt(pool.schedule, atSeconds) ?? pool
  switch (pool.owns) {
    case 'count':
      return now.desired
    case 'bounds':
      return now.min
    case 'schedule':
      return 0
    default:
      return pool.owns satisfies never
  }
}

function liveCount(pool: DesiredPool, live: LiveCounts): number {
  const found = livePool(live, pool)
  return (pool.owns === 'bounds' ? found?.min : found?.desired) ?? 0
}

function missingIn(pool: DesiredPool, live: LiveCounts): number {
  return Math.max(0, wantedCount(pool, live.atSeconds) - (livePool(live, pool)?.ready ?? 0))
}

/** @returns nodes that applying the pool as it is would take away */
function loweringOf(pool: DesiredPool, live: LiveCounts): number {
  return pool.owns === 'schedule' ? 0 : Math.max(0, liveCount(pool, live) - wantedCount(pool, live.atSeconds))
}

/** The pool with at least its live count, now and at each change to come: a schedule must not do what the plan may not yet. */
function heldPool(pool: DesiredPool, live: LiveCounts): DesiredPool {
  if (loweringOf(pool, live) === 0) return pool
  const held = liveCount(pool, live)
  const atLeast = <Counts extends { readonly min: number; readonly desired: number; readonly max: number }>(counts: Counts): Counts => ({
    ...counts,
    min: Math.max(counts.min, held),
    desired: Math.max(counts.desired, held),
    max: Math.max(counts.max, held),
  })
  const schedule = pool.schedule.map(atLeast)
  const changes = schedule.filter((change, index) => {
    const before = schedule.at(index - 1)
    return before === undefined || change.min !== before.min || change.desired !== before.desired || change.max !== before.max
  })
  return { ...atLeast(pool), schedule: changes }
}
