import type { Settings } from '../config/schema.ts'
import type { DesiredPool, DesiredState } from '../domain/desired-state.ts'
import type { ForecastAccuracy } from '../domain/forecast.ts'
import { rfc3339 } from '../domain/grid.ts'
import type { LiveCounts } from '../domain/observation.ts'
import { poolName, type PoolKey, regionName, stackName } from '../domain/pool.ts'
import { livePool } from './changed-stacks.ts'

export type Limits = Settings['limits']

/** Every guard, by its name in messages and in the audit. */
export const guardNames = [
  'no-pools',
  'vanished-pool',
  'largest-step',
  'budget',
  'budget-day',
  'floor',
  'quota',
  'raised-by-others',
  'freeze',
  'lowering-rate',
  'forecast-health',
] as const
export type GuardName = (typeof guardNames)[number]

/** Guards that a person may pass over for one apply, saying why; the others have a way of their own. */
export const overridableGuards: readonly GuardName[] = guardNames.filter((name) => name !== 'no-pools' && name !== 'vanished-pool' && name !== 'raised-by-others')

/** What a guard has against a plan. */
export interface GuardFinding {
  readonly guard: GuardName
  /** `refuse`: nothing at all is applied. `hold`: the stack keeps what it has for this cycle. */
  readonly effect: 'refuse' | 'hold'
  /** Name of the stack that is held, or whose pools are at fault; undefined where all are. */
  readonly stack: string | undefined
  /** Pool, workload, region or stack that is over the limit. */
  readonly subject: string
  /** In `unit`. */
  readonly value: number | string
  readonly limit: number | string
  readonly unit: string
  /** What lets the plan pass. */
  readonly override: string
}

/** Steps up to this many nodes are small for any pool: from one node, the share alone would allow three more. */
const smallStepNodes = 10

/**
 * What one stack's guards find, each against absurd input: an empty desired state, a pool that vanished from it, a step larger than allowed,
 * a raise by somebody else that would be undone.
 * @param live  read after the plan was made
 */
export function stackFindings(desired: DesiredState, live: LiveCounts, limits: Limits): readonly GuardFinding[] {
  return [...empty(desired, live), ...vanished(desired, live), ...largeSteps(desired, live, limits), ...raisedByOthers(desired, live)]
}

/** A region that was never used may stay empty; one that holds groups does not become empty by a plan. */
function empty(desired: DesiredState, live: LiveCounts): GuardFinding[] {
  const used = live.pools.some((pool) => pool.cloud === desired.cloud && pool.region === desired.region)
  if (desired.pools.length > 0 || !used) return []
  return [{ ...refusal('no-pools', desired), subject: stackName(desired), value: 0, limit: 1, unit: 'pools', override: 'prescale destroy removes a stack' }]
}

/** A group with nodes that the desired state does not know would be deleted. */
function vanished(desired: DesiredState, live: LiveCounts): GuardFinding[] {
  const known = new Set(desired.pools.map((pool) => pool.group))
  return live.pools
    .filter((pool) => pool.cloud === desired.cloud && pool.region === desired.region && !known.has(pool.group) && pool.desired > 0)
    .map((pool) => ({
      ...refusal('vanished-pool', desired),
      subject: poolName(pool),
      value: pool.desired,
      limit: 0,
      unit: 'nodes of a pool that is not in the desired state',
      override: 'plan it down to 0 nodes first',
    }))
}

function largeSteps(desired: DesiredState, live: LiveCounts, limits: Limits): GuardFinding[] {
  return desired.pools.flatMap((pool): GuardFinding[] => {
    if (pool.owns !== 'count') return []
    const now = livePool(live, pool)?.desired ?? 0
    const step = Math.abs(pool.desired - now)
    const most = now === 0 ? limits.largestStep.nodes : Math.min(limits.largestStep.nodes, Math.max(smallStepNodes, Math.floor(now * limits.largestStep.share)))
    if (step <= most) return []
    const setting = most === limits.largestStep.nodes ? 'nodes' : 'share'
    const override = orOverride('largest-step', `limits.largestStep.${setting}`)
    return [{ ...refusal('largest-step', desired), subject: poolName(pool), value: step, limit: most, unit: 'nodes in one cycle', override }]
  })
}

/** Someone raised a pool since the plan was made; lowering it in the same cycle would undo that. */
function raisedByOthers(desired: DesiredState, live: LiveCounts): GuardFinding[] {
  return desired.pools.flatMap((pool): GuardFinding[] => {
    const now = livePool(live, pool)?.desired ?? 0
    if (pool.owns !== 'count' || now <= pool.was || now <= pool.desired) return []
    const unit = `nodes, raised from ${pool.was} by someone else`
    return [{ ...hold('raised-by-others', desired), subject: poolName(pool), value: now, limit: pool.desired, unit, override: 'prescale plan, which plans from what is live' }]
  })
}

/** What the guards of all stacks together need to know beside the stacks. */
export interface FleetFacts {
  readonly limits: Limits
  readonly nowSeconds: number
  /** Of any pool, planned or live, in its workload's unit. */
  readonly throughputPerNode: (pool: PoolKey) => number
  readonly vcpuPerNode: (pool: PoolKey) => number
  /** vCPUs that the account may hold. */
  readonly quotaVcpu: (pool: Pick<PoolKey, 'cloud' | 'region' | 'option'>) => number
  /** The freeze that a pool is in now. */
  readonly freezeOn: (pool: PoolKey) => { readonly reason: string; readonly untilSeconds: number } | undefined
  /** Most capacity that each workload had within the last hour, in its unit. */
  readonly recentCapacity: ReadonlyMap<string, number>
  /** How the forecasts of each workload did of late; undefined where a history is too short to say. */
  readonly accuracies: (workload: string) => readonly (ForecastAccuracy | undefined)[]
}

/** Plan and clouds without what a workload on the move holds twice for a while. */
export interface SettledFleet {
  /** Where the moves lead. */
  readonly planned: readonly DesiredState[]
  /** Live counts, of workloads on the move those before it. */
  readonly live: LiveCounts
}

/**
 * What the guards of all stacks together find: budgets, quotas, the capacity that each workload keeps, freezes, forecasts not to be trusted.
 * @param desired  what would be applied now
 * @param settled  the same as `desired` and `live` where nothing is moved
 */
export function fleetFindings(
  desired: readonly DesiredState[],
  live: LiveCounts,
  facts: FleetFacts,
  settled: SettledFleet = { planned: desired, live },
): readonly GuardFinding[] {
  return [
    ...budgets(settled.planned, facts),
    ...quotas(settled.planned, facts),
    ...belowFloor(desired, settled.live, facts),
    ...freezes(desired, live, facts),
    ...loweringRate(desired, live, settled.live, facts),
    ...unhealthyForecasts(desired, live, facts),
  ]
}

function budgets(desired: readonly DesiredState[], { limits }: FleetFacts): GuardFinding[] {
  const pools = desired.flatMap((state) => state.pools)
  const usdPerHour = pools.reduce((sum, pool) => sum + pool.desired * pool.usdPerNodeHour, 0)
  const usdPerDay = pools.reduce((sum, pool) => sum + nodeHoursPerDay(pool) * pool.usdPerNodeHour, 0)
  const found: GuardFinding[] = []
  if (limits.usdPerHour !== undefined && usdPerHour > limits.usdPerHour) {
    const override = orOverride('budget', 'limits.usdPerHour')
    found.push({ ...refusal('budget'), subject: 'all pools', value: usdPerHour, limit: limits.usdPerHour, unit: 'USD per hour', override })
  }
  if (limits.usdPerDay !== undefined && usdPerDay > limits.usdPerDay) {
    const override = orOverride('budget-day', 'limits.usdPerDay')
    found.push({ ...refusal('budget-day'), subject: 'all pools with their schedules', value: usdPerDay, limit: limits.usdPerDay, unit: 'USD per day', override })
  }
  return found
}

const minutesPerDay = 1440

/** @returns node-hours of a day that follows the pool's schedule */
function nodeHoursPerDay({ schedule, desired }: Pick<DesiredPool, 'schedule' | 'desired'>): number {
  if (schedule.length === 0) return desired * 24
  return schedule.reduce((sum, change, index) => {
    const next = schedule[index + 1]?.minuteOfDay ?? (schedule[0]?.minuteOfDay ?? 0) + minutesPerDay
    return sum + (change.desired * (next - change.minuteOfDay)) / 60
  }, 0)
}

function quotas(desired: readonly DesiredState[], { quotaVcpu, vcpuPerNode }: FleetFacts): GuardFinding[] {
  return desired.flatMap((state) =>
    [...Map.groupBy(state.pools, (pool) => pool.option)].flatMap(([option, pools]): GuardFinding[] => {
      const vcpus = pools.reduce((sum, pool) => sum + pool.desired * vcpuPerNode(pool), 0)
      const limit = quotaVcpu({ cloud: state.cloud, region: state.region, option })
      if (vcpus <= limit) return []
      return [{ ...refusal('quota', state), subject: `${regionName(state)} ${option}`, value: vcpus, limit, unit: 'vCPUs', override: orOverride('quota', 'regions[].quotaVcpu') }]
    }),
  )
}

/** Only capacity in regions that are planned counts on both sides: a region that is not asked about keeps what it has. */
function belowFloor(desired: readonly DesiredState[], live: LiveCounts, { limits, throughputPerNode }: FleetFacts): GuardFinding[] {
  const [held, planned] = [capacityOf(plannedRegions(desired, live), throughputPerNode), capacityOf(desired.flatMap((state) => state.pools), throughputPerNode)]
  return [...held].sort(byName).flatMap(([workload, now]): GuardFinding[] => {
    const share = (planned.get(workload) ?? 0) / now
    if (now <= 0 || share >= limits.floorShare) return []
    return [{ ...refusal('floor'), subject: workload, value: share, limit: limits.floorShare, unit: 'of its live capacity', override: orOverride('floor', 'limits.floorShare') }]
  })
}

/** A window in which nothing changes wins over whatever else would allow a change. */
function freezes(desired: readonly DesiredState[], live: LiveCounts, { freezeOn }: FleetFacts): GuardFinding[] {
  return desired.flatMap((state) =>
    changing(state, live).flatMap((pool): GuardFinding[] => {
      const freeze = freezeOn(pool)
      if (freeze === undefined) return []
      const override = orOverride('freeze', 'the end of the freeze')
      return [{ ...hold('freeze', state), subject: poolName(pool), value: 'changed', limit: rfc3339(freeze.untilSeconds), unit: `before the end of the freeze (${freeze.reason})`, override }]
    }),
  )
}

function loweringRate(desired: readonly DesiredState[], live: LiveCounts, settled: LiveCounts, { limits, recentCapacity, throughputPerNode }: FleetFacts): GuardFinding[] {
  const planned = capacityOf(desired.flatMap((state) => state.pools), throughputPerNode)
  const held = capacityOf(plannedRegions(desired, settled), throughputPerNode)
  return [...recentCapacity].sort(byName).flatMap(([workload, most]) => {
    const lowered = 1 - (planned.get(workload) ?? 0) / most
    if (most <= 0 || lowered <= limits.loweringPerHour || (planned.get(workload) ?? 0) >= (held.get(workload) ?? 0)) return []
    return lowering(desired, live, workload).map((state): GuardFinding => ({
      ...hold('lowering-rate', state),
      subject: workload,
      value: lowered,
      limit: limits.loweringPerHour,
      unit: 'of the last hour’s capacity given up',
      override: orOverride('lowering-rate', 'limits.loweringPerHour'),
    }))
  })
}

/** A forecast that was exceeded too often, or did worse than the naive one, is no reason to give capacity up. */
function unhealthyForecasts(desired: readonly DesiredState[], live: LiveCounts, { limits, accuracies }: FleetFacts): GuardFinding[] {
  const { minCoverage95, mostOfNaive } = limits.forecastHealth
  const workloads = [...new Set(desired.flatMap((state) => state.pools.map((pool) => pool.workload)))].sort()
  return workloads.flatMap((workload) => {
    const judged = accuracies(workload).filter((accuracy) => accuracy !== undefined)
    if (judged.length === 0) return []
    const covered = Math.min(...judged.map(({ coverage95 }) => coverage95))
    const ofNaive = Math.max(...judged.map(({ weightedQuantileLoss, naiveWeightedQuantileLoss }) => (naiveWeightedQuantileLoss > 0 ? weightedQuantileLoss / naiveWeightedQuantileLoss : 0)))
    const fault =
      covered < minCoverage95
        ? { value: covered, limit: minCoverage95, unit: 'of demand at or below p95', setting: 'minCoverage95' }
        : ofNaive > mostOfNaive
          ? { value: ofNaive, limit: mostOfNaive, unit: 'of the naive forecast’s loss', setting: 'mostOfNaive' }
          : undefined
    if (fault === undefined) return []
    const { value, limit, unit, setting } = fault
    return lowering(desired, live, workload).map((state): GuardFinding => ({
      ...hold('forecast-health', state),
      subject: workload,
      value,
      limit,
      unit,
      override: orOverride('forecast-health', `limits.forecastHealth.${setting}`),
    }))
  })
}

/** @returns stacks that would give up nodes of the workload */
function lowering(desired: readonly DesiredState[], live: LiveCounts, workload: string): readonly DesiredState[] {
  return desired.filter((state) => changing(state, live).some((pool) => pool.workload === workload && pool.desired < (livePool(live, pool)?.desired ?? 0)))
}

/** @returns pools whose count prescale would change */
function changing(state: DesiredState, live: LiveCounts): readonly DesiredPool[] {
  return state.pools.filter((pool) => pool.owns === 'count' && pool.desired !== (livePool(live, pool)?.desired ?? 0))
}

function plannedRegions(desired: readonly DesiredState[], live: LiveCounts): LiveCounts['pools'] {
  const regions = new Set(desired.map(stackName))
  return live.pools.filter((pool) => regions.has(stackName(pool)))
}

/** @returns what the nodes of each workload serve together, in its unit */
export function capacityOf(pools: readonly (PoolKey & { readonly desired: number })[], throughputPerNode: (pool: PoolKey) => number): ReadonlyMap<string, number> {
  const capacity = new Map<string, number>()
  for (const pool of pools) capacity.set(pool.workload, (capacity.get(pool.workload) ?? 0) + pool.desired * throughputPerNode(pool))
  return capacity
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function refusal(guard: GuardName, state?: DesiredState): Pick<GuardFinding, 'guard' | 'effect' | 'stack'> {
  return { guard, effect: 'refuse', stack: state === undefined ? undefined : stackName(state) }
}

function hold(guard: GuardName, state: DesiredState): Pick<GuardFinding, 'guard' | 'effect' | 'stack'> {
  return { guard, effect: 'hold', stack: stackName(state) }
}

function orOverride(guard: GuardName, setting: string): string {
  return `${setting}, or --override ${guard} --reason <why>`
}

/** @returns `guard budget: all pools would be at 71.20 USD per hour, the limit is 60` */
export function findingSentence({ guard, subject, value, limit, unit }: GuardFinding): string {
  return `guard ${guard}: ${subject} would be at ${figure(value)} ${unit}, the limit is ${figure(limit)}`
}

function figure(value: number | string): string {
  return typeof value === 'string' || Number.isInteger(value) ? String(value) : value.toFixed(2)
}
