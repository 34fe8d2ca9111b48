import type { DesiredPool, DesiredRecord, DesiredState } from '../domain/desired-state.ts'
import { contentHash } from '../domain/hash.ts'
import type { LiveCounts, LivePool } from '../domain/observation.ts'
import { regionName } from '../domain/pool.ts'
import { scheduledAt } from '../domain/schedule.ts'
import { keyOfRecord, recordAsLive } from '../domain/traffic-record.ts'
import { putWhole } from '../pulumi/put-whole.ts'

/** A stack as it should be. */
export interface WantedStack {
  /** The stack's full name, `sandbox.aws-us-east-1`. */
  readonly stack: string
  readonly desired: DesiredState
  /** Hash of all that its resources are made from. */
  readonly resources: string
  /** Hash of the same without counts. */
  readonly shape: string
}

/** Written after a stack was applied without a failure; without it, the engine is asked. */
export interface AppliedRecord {
  readonly stack: string
  readonly resources: string
  readonly shape: string
  /** Version of the Pulumi program and of the clouds' packages: the same desired state may mean other resources to another program. */
  readonly program: string
  /** Desired count per group, as the engine believes the cloud to hold it. */
  readonly counts: Readonly<Record<string, number>>
  /** Desired count per group that the cloud held just before. */
  readonly before: Readonly<Record<string, number>>
  /** Count per group that was kept above what is wanted: its lowering waits for something. */
  readonly held: Readonly<Record<string, number>>
  /** What was applied. */
  readonly state: DesiredState
  /** When the weights of a workload's records were changed last, Unix seconds, by workload; left out where none ever were. */
  readonly shifted?: Readonly<Record<string, number>>
  /** When, by the project's clock, Unix seconds. */
  readonly atSeconds: number
  /**
   * Count per group that a later run set out to make and never reported: it died, or failed. The cloud may hold either. Undefined when every
   * run since has ended well.
   */
  readonly underWay?: Readonly<Record<string, number>>
}

/** How a live group left what was applied. */
export interface PoolDrift {
  readonly group: string
  readonly property: 'count' | 'bounds' | 'existence'
  readonly wanted: string
  readonly live: string
}

export type NeedReason =
  | { readonly kind: 'never-applied' }
  | { readonly kind: 'desired-state' }
  | { readonly kind: 'program' }
  | { readonly kind: 'drift'; readonly drift: PoolDrift }
  /** What sends users to regions is not as it should be. */
  | { readonly kind: 'traffic'; readonly workload: string; readonly userZone: string }

export type StackNeed =
  | { readonly stack: string; readonly kind: 'none' }
  /**
   * `refresh`: `first` where the engine would not see by itself what there is to do. `look`: `first` where groups may be deleted or replaced.
   */
  | { readonly stack: string; readonly kind: 'engine'; readonly reasons: readonly NeedReason[]; readonly refresh: 'first' | 'no'; readonly look: 'first' | 'no' }

/**
 * Which stacks need the engine. None of them: the engine is not started, which is what an ordinary cycle costs.
 * @param applied  by stack; only of runs that succeeded
 */
export function changedStacks(wanted: readonly WantedStack[], applied: ReadonlyMap<string, AppliedRecord>, live: LiveCounts, program: string): readonly StackNeed[] {
  return wanted.map(({ stack, desired, resources, shape }): StackNeed => {
    const last = applied.get(stack)
    if (last === undefined) return { stack, kind: 'engine', reasons: [{ kind: 'never-applied' }], refresh: 'no', look: 'first' }
    const drifts = driftOf(desired, live, last)
    const changed: NeedReason[] = [
      ...(last.resources === resources && last.underWay === undefined ? [] : [{ kind: 'desired-state' } as const]),
      ...(last.program === program ? [] : [{ kind: 'program' } as const]),
    ]
    // A pool whose count the plan has just changed differs from the cloud as it should; the engine sees that by itself.
    const unseen = drifts.filter((drift) => drift.property !== 'count' || desired.pools.some((pool) => pool.group === drift.group && last.counts[pool.group] === pool.desired))
    const amiss = unseenRecords(desired, last.state, live)
    const traffic = amiss.map(({ workload, userZone }): NeedReason => ({ kind: 'traffic', workload, userZone }))
    const reasons = [...changed, ...unseen.map((drift): NeedReason => ({ kind: 'drift', drift })), ...traffic]
    if (reasons.length === 0) return { stack, kind: 'none' }
    return { stack, kind: 'engine', reasons, refresh: unseen.length + amiss.length > 0 || last.underWay !== undefined || desired.pools.some(sendsForeignCount) ? 'first' : 'no', look: last.shape === shape && last.program === program ? 'no' : 'first' }
  })
}

/** @returns records that the cloud does not hold as they should be, and of which the engine believes that it does, or that they are there */
function unseenRecords(desired: DesiredState, applied: DesiredState, live: LiveCounts): readonly DesiredRecord[] {
  return (desired.records ?? []).filter((record) => {
    const key = keyOfRecord(record, regionName(desired))
    const believed = applied.records?.find((one) => keyOfRecord(one, regionName(applied)) === key)
    const found = live.records?.find((one) => one.key === key)
    if (believed === undefined || live.records === undefined) return false
    return found === undefined || (contentHash(believed) === contentHash(record) && contentHash(recordAsLive(record, found)) !== contentHash(record))
  })
}

/** An update of such a pool sends a count that is not prescale's: it has to be the live one. */
function sendsForeignCount({ cloud, owns }: DesiredPool): boolean {
  return owns !== 'count' && putWhole.has(cloud)
}

/** Google's autoscaler gives nodes back only after ten minutes in which fewer were enough; a group is above its count for so long. */
const loweringSeconds = 900

/**
 * Where live groups differ from what prescale owns of them. A count that the pool's own schedule has made is as it should be, and so is one
 * that is still on its way down.
 * @param last  when the stack was applied last, and from which counts; undefined where it never was
 */
export function driftOf(desired: DesiredState, live: LiveCounts, last: Pick<AppliedRecord, 'atSeconds' | 'before' | 'held' | 'underWay'> | undefined): readonly PoolDrift[] {
  const recent = last !== undefined && live.atSeconds - last.atSeconds < loweringSeconds ? last : undefined
  return desired.pools.flatMap((pool): readonly PoolDrift[] => {
    const found = livePool(live, pool)
    if (found === undefined) return [{ group: pool.group, property: 'existence', wanted: 'there', live: 'gone' }]
    switch (pool.owns) {
      case 'count': {
        const scheduled = scheduledAt(pool.schedule, live.atSeconds)?.desired ?? pool.desired
        const before = recent !== undefined ? (recent.before[pool.group] ?? 0) : (scheduledAt(pool.schedule, live.atSeconds - loweringSeconds)?.desired ?? 0)
        const fits = found.desired === last?.held[pool.group] || found.desired === last?.underWay?.[pool.group] || found.desired === pool.desired || found.desired === scheduled || (found.desired > scheduled && found.desired <= before)
        return fits ? [] : [{ group: pool.group, property: 'count', wanted: String(scheduled), live: String(found.desired) }]
      }
      case 'bounds': {
        const bounds = [pool, scheduledAt(pool.schedule, live.atSeconds) ?? pool].map(({ min, max }) => `${min} to ${max}`)
        const now = `${found.min} to ${found.max}`
        return bounds.includes(now) ? [] : [{ group: pool.group, property: 'bounds', wanted: bounds[0] ?? now, live: now }]
      }
      case 'schedule':
        return []
      default:
        return pool.owns satisfies never
    }
  })
}

/** @returns the pool as the cloud holds it */
export function livePool(live: LiveCounts, pool: Pick<DesiredPool, 'cloud' | 'region' | 'group'>): LivePool | undefined {
  return live.pools.find((other) => other.cloud === pool.cloud && other.region === pool.region && other.group === pool.group)
}
