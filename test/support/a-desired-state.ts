import type { DesiredPool, DesiredState, LaunchSettings } from '../../src/domain/desired-state.ts'
import type { LiveCounts, LivePool } from '../../src/domain/observation.ts'
import { groupName } from '../../src/domain/pool.ts'

/** A launch with nothing of the user's, in two zones. */
export function aLaunch(change: Partial<LaunchSettings> = {}): LaunchSettings {
  return { subnets: [], securityGroups: [], zones: ['a', 'b'], tags: {}, ...change }
}

/** Three nodes of web on demand in aws/us-east-1; the group's name follows from the key unless it is given. */
export function aDesiredPool(change: Partial<DesiredPool> = {}): DesiredPool {
  const key = { cloud: 'aws', region: 'us-east-1', workload: 'web', type: 'm7g.large', option: 'on-demand', ...change } as const
  return {
    owns: 'count',
    was: 3,
    min: 1,
    desired: 3,
    max: 10,
    schedule: [],
    reason: 'demand',
    usdPerNodeHour: 0.1,
    launch: aLaunch(),
    ...key,
    group: change.group ?? groupName(key),
  }
}

export function aDesiredState(pools: readonly DesiredPool[], change: Partial<DesiredState> = {}): DesiredState {
  const { cloud, region } = pools[0] ?? { cloud: 'aws', region: 'us-east-1' }
  return { cloud, region, pools, traffic: [], planId: '0123456789abcdef', expiresSeconds: 1_800_000_000, ...change }
}

/** The cloud as it holds a pool, all nodes ready. */
export function aLivePool(pool: DesiredPool, change: Partial<LivePool> = {}): LivePool {
  const { cloud, region, workload, type, option, group, min, desired, max } = pool
  return { cloud, region, workload, type, option, group, min, desired, max, ready: change.desired ?? desired, ...change }
}

/** Midnight UTC, 1 January 2026. */
export const midnight = 1_767_225_600

export function liveCounts(pools: readonly LivePool[], atSeconds = midnight): LiveCounts {
  return { atSeconds, pools }
}
