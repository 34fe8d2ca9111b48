import type { Settings } from '../config/schema.ts'
import type { DesiredPool, DesiredState, DesiredTraffic, LaunchSettings, ScheduledChange } from '../domain/desired-state.ts'
import { stepStart } from '../domain/grid.ts'
import { inWholeZones, kubernetesPlace, madeName, nodePoolKinds } from '../domain/kubernetes.ts'
import type { LiveCounts } from '../domain/observation.ts'
import type { Plan, PoolPlan } from '../domain/plan.ts'
import { groupName, regionName } from '../domain/pool.ts'
import type { Ownership, PoolKey } from '../domain/pool.ts'
import { scheduledAt } from '../domain/schedule.ts'
import { mostChanges, simplifySchedule } from './simplify-schedule.ts'
import { recordsIn } from './traffic-records.ts'

const secondsPerDay = 86400
const secondsPerMinute = 60
/** What a cloud's own autoscaler may add to the planned count where only bounds are owned: half as much again. */
const roomForAutoscaler = 1.5

/** Counts of one pool as a function of time. */
interface Course {
  /** @returns nodes that must have been ordered at an instant: the most that is needed until what is ordered then would be ready */
  (atSeconds: number): number
}

function courseOf(plan: Plan, counts: readonly number[], leadSeconds: number): Course {
  const { startSeconds, stepSeconds, length } = plan.grid
  return (at) => {
    const first = Math.max(0, Math.floor((at - startSeconds) / stepSeconds))
    const last = Math.min(length - 1, Math.floor((at + leadSeconds - startSeconds) / stepSeconds))
    let most = counts[Math.min(first, length - 1)] ?? 0
    for (let step = first; step <= last; step++) most = Math.max(most, counts[step] ?? 0)
    return most
  }
}

/** Bounds around a count, by what is owned: the count itself, or room for the cloud's autoscaler above it. */
function boundsOf(count: number, owns: Ownership, most: number, ceiling: number): { min: number; desired: number; max: number } {
  const max = owns === 'bounds' ? Math.min(Math.ceil(most * roomForAutoscaler), Math.max(ceiling, most)) : most
  return { min: count, desired: count, max: Math.max(max, count) }
}

/**
 * Changes of the coming day, as a schedule that repeats daily: raises a lead time before the step that needs them, lowerings when the step begins.
 * @returns empty when the count stays the same
 */
function scheduleOf(plan: Plan, course: Course, leadSeconds: number, owns: Ownership, most: number, ceiling: number): readonly ScheduledChange[] {
  const origin = plan.originSeconds
  const end = origin + secondsPerDay
  const instants = new Set([origin])
  for (let step = 0; step <= plan.grid.length; step++) {
    const start = stepStart(plan.grid, step)
    for (const at of [start, start - leadSeconds]) {
      const minute = Math.floor(at / secondsPerMinute) * secondsPerMinute
      if (minute > origin && minute < end) instants.add(minute)
    }
  }
  const minuteOfDay = (at: number): number => Math.floor((at % secondsPerDay) / secondsPerMinute)
  const counts = [...instants].map((at) => ({ minuteOfDay: minuteOfDay(at), count: course(at) })).sort((a, b) => a.minuteOfDay - b.minuteOfDay)
  const changes = counts.filter(({ count }, index) => count !== counts.at(index - 1)?.count)
  return simplifySchedule(changes.map(({ minuteOfDay: minute, count }) => ({ minuteOfDay: minute, ...boundsOf(count, owns, most, ceiling) })), mostChanges)
}

function launchOf(settings: Settings, region: Settings['regions'][number]): LaunchSettings {
  return { ...region.launch, zones: region.zones, tags: settings.tags }
}

/** The highest count of the coming day, the step that its end falls into included. */
function mostInDay(plan: Plan, counts: readonly number[]): number {
  return counts.slice(0, Math.ceil(secondsPerDay / plan.grid.stepSeconds) + 1).reduce((highest, count) => Math.max(highest, count), 0)
}

function desiredPool(plan: Plan, settings: Settings, region: Settings['regions'][number], pool: PoolPlan): DesiredPool {
  const workload = settings.workloads.find(({ name }) => name === pool.workload)
  const owns = workload?.owns ?? 'count'
  const ceiling = workload?.nodes.maxPerRegion ?? 0
  // Clouds' schedules know minutes: a lead time of 90 s is ordered for two minutes ahead, never for one.
  const leadSeconds = Math.ceil((workload?.leadTime ?? 0) / secondsPerMinute) * secondsPerMinute
  const course = courseOf(plan, pool.counts, leadSeconds)
  const most = mostInDay(plan, pool.counts)
  const kubernetes = kubernetesPlace(region.clusters, pool.workload)
  const isByClock = kubernetes === undefined || nodePoolKinds[pool.cloud].schedules === 'in-cloud'
  const schedule = isByClock ? scheduleOf(plan, course, leadSeconds, owns, most, ceiling) : []
  // What the simplified schedule holds now, so that the cloud's schedule and the count that is asked for agree.
  const now = scheduledAt(schedule, plan.originSeconds)?.desired ?? course(plan.originSeconds)
  return inWholeZones({
    cloud: pool.cloud, region: pool.region, workload: pool.workload, type: pool.type, option: pool.option,
    group: madeName(pool, kubernetes),
    owns,
    was: pool.live,
    ...boundsOf(now, owns, most, ceiling),
    schedule,
    reason: pool.reason,
    usdPerNodeHour: pool.usdPerNodeHour,
    launch: launchOf(settings, region),
    ...(kubernetes && { kubernetes }),
  })
}

function trafficIn(plan: Plan, region: string): readonly DesiredTraffic[] {
  return plan.traffic
    .filter((share) => regionName(share) === region && (share.shares[0] ?? 0) > 0)
    .map(({ workload, userZone, shares }) => ({ workload, userZone, share: shares[0] ?? 0 }))
    .sort((a, b) => (`${a.workload}/${a.userZone}` < `${b.workload}/${b.userZone}` ? -1 : 1))
}

/**
 * Cuts a plan into one desired state per configured region, also where a region holds nothing. A pool that is live but not in the plan stays listed
 * with no nodes: a plan drains groups, it never deletes them. A pool that is not live and not needed in the coming day is left out.
 * @param live  the counts the plan was made on
 */
export function desiredStates(plan: Plan, settings: Settings, live: LiveCounts): readonly DesiredState[] {
  return settings.regions.map((region): DesiredState => {
    const name = regionName(region)
    const exists = (key: PoolKey): boolean => live.pools.some((pool) => regionName(pool) === name && groupName(pool) === groupName(key))
    const planned = plan.pools.filter((pool) => regionName(pool) === name && (exists(pool) || mostInDay(plan, pool.counts) > 0))
    const isPlanned = (key: PoolKey): boolean => planned.some((pool) => groupName(pool) === groupName(key))
    const unplanned = live.pools.filter((pool) => regionName(pool) === name && !isPlanned(pool)).map((pool): PoolPlan => ({
      cloud: pool.cloud, region: pool.region, workload: pool.workload, type: pool.type, option: pool.option,
      live: pool.desired,
      counts: plan.pools[0]?.counts.map(() => 0) ?? [0],
      usdPerNodeHour: 0, throughputPerNode: 0,
      driver: pool.desired === 0 ? 'none' : 'price',
      reason: pool.desired === 0 ? 'stays at 0: not needed' : `${pool.desired} -> 0 now: no longer configured`,
    }))
    return {
      cloud: region.cloud, region: region.region,
      pools: [...planned, ...unplanned]
        .map((pool) => desiredPool(plan, settings, region, pool))
        .sort((a, b) => (a.group < b.group ? -1 : 1)),
      traffic: trafficIn(plan, name),
      ...recordsIn(plan, settings, region),
      planId: plan.id,
      expiresSeconds: plan.originSeconds + settings.expiry,
    }
  })
}
