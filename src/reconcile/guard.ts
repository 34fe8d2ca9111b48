import type { Settings } from '../config/schema.ts'
import type { DesiredPool, DesiredState } from '../domain/desired-state.ts'
import type { LiveCounts } from '../domain/observation.ts'
import { poolName, stackName, type PoolKey } from '../domain/pool.ts'
import { livePool } from './changed-stacks.ts'

export type Limits = Settings['limits']

/** A guard by its name in messages and in the audit. */
export type GuardName = 'no-pools' | 'vanished-pool' | 'largest-step' | 'budget' | 'floor'

/** Why a stack stays as it is for this cycle. */
export interface HoldReason {
  /** Name of the pool. */
  readonly pool: string
  readonly was: number
  readonly live: number
  readonly desired: number
}

/** What the guards say of one stack. */
export type Ruling =
  | { readonly kind: 'allow'; readonly desired: DesiredState }
  /** Someone raised a pool since the plan was made; lowering it in the same cycle would undo that. */
  | { readonly kind: 'hold'; readonly reasons: readonly HoldReason[] }
  /** `value` and `limit` in `unit`; `override` says which setting raises the limit. */
  | {
      readonly kind: 'refuse'
      readonly guard: GuardName
      /** Pool, workload or stack that is over the limit. */
      readonly subject: string
      readonly value: number
      readonly limit: number
      readonly unit: string
      readonly override: string
    }

export type Refusal = Extract<Ruling, { kind: 'refuse' }>

/** Steps up to this many nodes are small for any pool: from one node, the share alone would allow three more. */
const smallStepNodes = 10

/**
 * Guards of one stack, each against absurd input: an empty desired state, a pool that vanished from it, a step larger than allowed.
 * @param live  read after the plan was made
 * @returns the first refusal there is; else a hold where somebody raised a pool that would now be lowered
 */
export function guardDesiredState(desired: DesiredState, live: LiveCounts, limits: Limits): Ruling {
  const refusal = refuseEmpty(desired, live) ?? refuseVanished(desired, live) ?? refuseLargeStep(desired, live, limits)
  if (refusal !== undefined) return refusal
  const reasons = raisedByOthers(desired, live)
  return reasons.length > 0 ? { kind: 'hold', reasons } : { kind: 'allow', desired }
}

/** A region that was never used may stay empty; one that holds groups does not become empty by a plan. */
function refuseEmpty(desired: DesiredState, live: LiveCounts): Refusal | undefined {
  const used = live.pools.some((pool) => pool.cloud === desired.cloud && pool.region === desired.region)
  if (desired.pools.length > 0 || !used) return undefined
  return { kind: 'refuse', guard: 'no-pools', subject: stackName(desired), value: 0, limit: 1, unit: 'pools', override: 'prescale destroy removes a stack' }
}

/** A group with nodes that the desired state does not know would be deleted. */
function refuseVanished(desired: DesiredState, live: LiveCounts): Refusal | undefined {
  const known = new Set(desired.pools.map((pool) => pool.group))
  const vanished = live.pools.find((pool) => pool.cloud === desired.cloud && pool.region === desired.region && !known.has(pool.group) && pool.desired > 0)
  if (vanished === undefined) return undefined
  return {
    kind: 'refuse',
    guard: 'vanished-pool',
    subject: poolName(vanished),
    value: vanished.desired,
    limit: 0,
    unit: 'nodes of a pool that is not in the desired state',
    override: 'plan it down to 0 nodes first',
  }
}

function refuseLargeStep(desired: DesiredState, live: LiveCounts, limits: Limits): Refusal | undefined {
  for (const pool of desired.pools) {
    if (pool.owns !== 'count') continue
    const now = livePool(live, pool)?.desired ?? 0
    const step = Math.abs(pool.desired - now)
    const most = now === 0 ? limits.largestStep.nodes : Math.min(limits.largestStep.nodes, Math.max(smallStepNodes, Math.floor(now * limits.largestStep.share)))
    if (step > most) {
      const setting = most === limits.largestStep.nodes ? 'nodes' : 'share'
      return { kind: 'refuse', guard: 'largest-step', subject: poolName(pool), value: step, limit: most, unit: 'nodes in one cycle', override: `limits.largestStep.${setting}` }
    }
  }
  return undefined
}

/** @returns pools that the cloud holds above the plan's base and that would be lowered */
export function raisedByOthers(desired: DesiredState, live: LiveCounts): readonly HoldReason[] {
  return desired.pools.flatMap((pool) => {
    const now = livePool(live, pool)?.desired ?? 0
    return pool.owns === 'count' && now > pool.was && now > pool.desired ? [{ pool: poolName(pool), was: pool.was, live: now, desired: pool.desired }] : []
  })
}

/**
 * Guards of all stacks together: the budget, and the capacity that each workload keeps.
 * @param throughputPerNode  of any pool, planned or live, in its workload's unit
 * @returns the first refusal; undefined when there is none
 */
export function guardFleet(desired: readonly DesiredState[], live: LiveCounts, limits: Limits, throughputPerNode: (pool: PoolKey) => number): Refusal | undefined {
  const pools = desired.flatMap((state) => state.pools)
  return refuseBudget(pools, limits) ?? refuseBelowFloor(pools, desired, live, limits, throughputPerNode)
}

function refuseBudget(pools: readonly DesiredPool[], limits: Limits): Refusal | undefined {
  const usdPerHour = pools.reduce((sum, pool) => sum + pool.desired * pool.usdPerNodeHour, 0)
  if (limits.usdPerHour === undefined || usdPerHour <= limits.usdPerHour) return undefined
  return { kind: 'refuse', guard: 'budget', subject: 'all pools', value: usdPerHour, limit: limits.usdPerHour, unit: 'USD per hour', override: 'limits.usdPerHour' }
}

/** Only capacity in regions that are planned counts on both sides: a region that is not asked about keeps what it has. */
function refuseBelowFloor(
  pools: readonly DesiredPool[],
  desired: readonly DesiredState[],
  live: LiveCounts,
  limits: Limits,
  throughputPerNode: (pool: PoolKey) => number,
): Refusal | undefined {
  const regions = new Set(desired.map(stackName))
  const now = live.pools.filter((pool) => regions.has(stackName(pool)))
  for (const workload of [...new Set(now.map((pool) => pool.workload))].sort()) {
    const capacity = (all: readonly (PoolKey & { readonly desired: number })[]): number =>
      all.filter((pool) => pool.workload === workload).reduce((sum, pool) => sum + pool.desired * throughputPerNode(pool), 0)
    const held = capacity(now)
    const planned = capacity(pools)
    if (planned < held * limits.floorShare) {
      return { kind: 'refuse', guard: 'floor', subject: workload, value: planned / held, limit: limits.floorShare, unit: 'of its live capacity', override: 'limits.floorShare' }
    }
  }
  return undefined
}
