import type { DesiredState } from '../domain/desired-state.ts'
import { rfc3339 } from '../domain/grid.ts'
import type { LiveCounts } from '../domain/observation.ts'
import { poolName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import { type AppliedRecord, livePool, type WantedStack } from './changed-stacks.ts'

/** What a plan is held against just before it is applied. */
export interface StaleFacts {
  /** Read just now. */
  readonly live: LiveCounts
  /** What was applied to the stack last; undefined where nothing was. */
  readonly applied: AppliedRecord | undefined
  /** Ids of the plans that were made, the latest last. */
  readonly planOrder: readonly string[]
  readonly nowSeconds: number
}

/**
 * Whether a plan may still be applied. The engine itself applies a plan whose base has moved without a word, so it is asked here.
 * That a file was edited is told when it is read.
 * @returns undefined when it may; else the problem: its time is over, a later plan is applied already, or the cloud holds a count outside of
 *   what it was made on and what it wants
 */
export function stalePlan(wanted: WantedStack, facts: StaleFacts): Problem<'plan-expired'> | Problem<'plan-superseded'> | Problem<'plan-base-moved'> | undefined {
  const { desired } = wanted
  const { live, applied, nowSeconds } = facts
  if (nowSeconds > desired.expiresSeconds) {
    return new Problem('plan-expired', { planId: desired.planId, expired: rfc3339(desired.expiresSeconds), now: rfc3339(Math.floor(nowSeconds)) })
  }
  const superseded = supersededPlan(wanted, applied, facts.planOrder)
  if (superseded !== undefined) return superseded
  const moved = desired.pools.flatMap((pool) => {
    const now = livePool(live, pool)?.desired ?? 0
    const between = now >= Math.min(pool.was, pool.desired) && now <= Math.max(pool.was, pool.desired)
    return pool.owns !== 'count' || between ? [] : [{ pool: poolName(pool), was: pool.was, live: now, desired: pool.desired }]
  })
  return moved.length > 0 ? new Problem('plan-base-moved', { pools: moved }) : undefined
}

/**
 * Whether something else that was planned later is applied already.
 * @param planOrder  ids of the plans that were made, the latest last
 * @returns undefined when nothing is
 */
export function supersededPlan({ stack, desired, resources }: WantedStack, applied: AppliedRecord | undefined, planOrder: readonly string[]): Problem<'plan-superseded'> | undefined {
  if (applied === undefined || applied.resources === resources || !isLater(applied.state, desired, planOrder)) return undefined
  return new Problem('plan-superseded', { stack, planId: desired.planId, by: applied.state.planId })
}

/** Whether one state was planned after another. Plans that were made elsewhere are told apart by when they expire. */
function isLater(one: DesiredState, other: DesiredState, planOrder: readonly string[]): boolean {
  if (one.planId === other.planId) return false
  const [place, otherPlace] = [planOrder.lastIndexOf(one.planId), planOrder.lastIndexOf(other.planId)]
  return place >= 0 && otherPlace >= 0 ? place > otherPlace : one.expiresSeconds > other.expiresSeconds
}
