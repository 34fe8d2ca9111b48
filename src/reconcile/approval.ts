import type { Settings } from '../config/schema.ts'
import type { DesiredState } from '../domain/desired-state.ts'
import type { LiveCounts } from '../domain/observation.ts'
import { poolName } from '../domain/pool.ts'
import { livePool } from './changed-stacks.ts'

/** Somebody's yes to one plan. */
export interface Approval {
  readonly planId: string
  readonly by: string
  readonly reason: string | undefined
  readonly atSeconds: number
  /** From then on it counts no more. */
  readonly expiresSeconds: number
}

/** @returns the first approval of the plan that still counts */
export function approvalOf(approvals: readonly Approval[], planId: string, nowSeconds: number): Approval | undefined {
  return approvals.find((approval) => approval.planId === planId && nowSeconds < approval.expiresSeconds)
}

/**
 * Why a change needs somebody's approval.
 * @param states  of the stacks that would be changed
 * @returns undefined when it needs none
 */
export function needsApproval(approval: Settings['approval'], states: readonly DesiredState[], live: LiveCounts): string | undefined {
  if (approval === 'none') return undefined
  if (approval === 'always') return 'approval is always'
  return outsideBand(approval.band, states, live)
}

type Band = Extract<Settings['approval'], object>['band']

function outsideBand(band: Band, states: readonly DesiredState[], live: LiveCounts): string | undefined {
  const changes = states.flatMap((state) =>
    state.pools.map((pool) => {
      const now = livePool(live, pool)?.desired ?? 0
      return { name: poolName(pool), now, moved: Math.abs(pool.desired - now), usdPerHour: (pool.desired - now) * pool.usdPerNodeHour }
    }),
  )
  const nodes = changes.reduce((sum, { moved }) => sum + moved, 0)
  if (nodes > band.nodes) return `${nodes} nodes change, approval.band.nodes is ${band.nodes}`
  const usdPerHour = changes.reduce((sum, change) => sum + change.usdPerHour, 0)
  if (usdPerHour > band.usdPerHour) return `cost rises by ${usdPerHour.toFixed(2)} USD per hour, approval.band.usdPerHour is ${band.usdPerHour}`
  // one node is the least that a pool can move by
  const wide = changes.find(({ now, moved }) => moved > Math.max(1, now * band.share))
  return wide === undefined ? undefined : `${wide.name} changes by ${wide.moved} of ${wide.now} nodes, approval.band.share is ${band.share}`
}
