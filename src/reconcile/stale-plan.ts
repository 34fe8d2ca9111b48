import type { DesiredState } from '../domain/desired-state.ts'
import { rfc3339 } from '../domain/grid.ts'
import type { LiveCounts } from '../domain/observation.ts'
import { poolName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import { livePool } from './changed-stacks.ts'

/**
 * Whether a plan may still be applied. The engine itself applies a plan whose base has moved without a word, so it is asked here.
 * That a file was edited is told when it is read.
 * @param live  read just before applying
 * @returns undefined when it may; else the problem: its time is over, or the cloud holds a count outside of what it was made on and what it wants
 */
export function stalePlan(desired: DesiredState, live: LiveCounts, nowSeconds: number): Problem<'plan-expired'> | Problem<'plan-base-moved'> | undefined {
  if (nowSeconds > desired.expiresSeconds) {
    return new Problem('plan-expired', { planId: desired.planId, expired: rfc3339(desired.expiresSeconds), now: rfc3339(Math.floor(nowSeconds)) })
  }
  const moved = desired.pools.flatMap((pool) => {
    const now = livePool(live, pool)?.desired ?? 0
    const between = now >= Math.min(pool.was, pool.desired) && now <= Math.max(pool.was, pool.desired)
    return pool.owns !== 'count' || between ? [] : [{ pool: poolName(pool), was: pool.was, live: now, desired: pool.desired }]
  })
  return moved.length > 0 ? new Problem('plan-base-moved', { pools: moved }) : undefined
}
