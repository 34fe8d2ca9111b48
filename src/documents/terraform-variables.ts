import type { DesiredState } from '../domain/desired-state.ts'
import { nodePoolKinds } from '../domain/kubernetes.ts'
import { poolName } from '../domain/pool.ts'

/** @returns the text of a variables file that Terraform and OpenTofu read by themselves; equal plans give equal text */
export function terraformVariables(states: readonly DesiredState[]): string {
  const pools = states.flatMap((state) =>
    state.pools.map((pool): [string, unknown] => [
      poolName(pool),
      {
        cloud: pool.cloud,
        region: pool.region,
        workload: pool.workload,
        type: pool.type,
        option: pool.option,
        kind: pool.kubernetes === undefined ? 'group' : nodePoolKinds[pool.cloud].kind,
        cluster: pool.kubernetes?.cluster ?? null,
        group: pool.group,
        owns: pool.owns,
        min: pool.min,
        desired: pool.desired,
        max: pool.max,
        zones: pool.launch.zones,
        schedule: pool.schedule.map(({ minuteOfDay, min, desired, max }, index) => ({
          minute_of_day: minuteOfDay,
          lasts_minutes: (pool.schedule[index + 1]?.minuteOfDay ?? (pool.schedule[0]?.minuteOfDay ?? 0) + minutesPerDay) - minuteOfDay,
          min,
          desired,
          max,
        })),
      },
    ]),
  )
  const sorted = pools.sort(([a], [b]) => (a < b ? -1 : 1))
  const plans = Object.fromEntries(states.map((state) => [`${state.cloud}/${state.region}`, state.planId]))
  return `${JSON.stringify({ prescale_plans: plans, prescale_pools: Object.fromEntries(sorted) }, undefined, 2)}\n`
}

const minutesPerDay = 1440
