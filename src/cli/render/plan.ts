import type { PlanOutcome } from '../../app/steps/plan-step.ts'
import type { DesiredState } from '../../domain/desired-state.ts'
import { rfc3339, stepStart } from '../../domain/grid.ts'
import type { Plan } from '../../domain/plan.ts'
import { poolName } from '../../domain/pool.ts'
import { styled } from '../output.ts'
import { table } from '../table.ts'
import { conflictLines } from './conflicts.ts'
import { counted, figure, usd } from './figures.ts'

/** @returns one row per pool that has or had nodes: live, planned, the coming peak, its cost, and why; then the totals */
export function planTable(plan: Plan, desired: ReadonlyMap<string, number>): string[] {
  const day = Math.max(1, Math.round(86400 / plan.grid.stepSeconds))
  const pools = plan.pools.filter((pool) => pool.live > 0 || (desired.get(poolName(pool)) ?? 0) > 0 || Math.max(...pool.counts.slice(0, day)) > 0)
  const rows = pools.map((pool) => {
    const planned = desired.get(poolName(pool)) ?? pool.counts[0] ?? 0
    return [poolName(pool), String(pool.live), arrow(pool.live, planned), String(Math.max(...pool.counts.slice(0, day))), usd(planned * pool.usdPerNodeHour), pool.reason]
  })
  const sum = (pick: (pool: (typeof pools)[number]) => number): number => pools.reduce((total, pool) => total + pick(pool), 0)
  const plannedNow = (pool: (typeof pools)[number]): number => desired.get(poolName(pool)) ?? pool.counts[0] ?? 0
  return table(
    [
      { title: 'pool', align: 'left' },
      { title: 'now', align: 'right' },
      { title: 'planned', align: 'right' },
      { title: 'peak 24 h', align: 'right' },
      { title: '$/h', align: 'right' },
      { title: 'why', align: 'left' },
    ],
    [...rows, ['total', String(sum((pool) => pool.live)), String(sum(plannedNow)), '', usd(sum((pool) => plannedNow(pool) * pool.usdPerNodeHour)), '']],
  )
}

function arrow(from: number, to: number): string {
  if (from === to) return `= ${to}`
  return to > from ? styled('green', `+ ${to}`) : styled('yellow', `- ${to}`)
}

/** @returns the count that stacks/ wants now, by pool */
export function plannedNodes(states: readonly DesiredState[]): ReadonlyMap<string, number> {
  return new Map(states.flatMap((state) => state.pools.map((pool) => [poolName(pool), pool.desired] as const)))
}

/** @returns cost, certificate, shortages and the limits that cost money */
export function planNotes({ plan, kind, written, states }: PlanOutcome): string[] {
  const { cost } = plan
  const expires = Math.max(...states.map((state) => state.expiresSeconds))
  const gap = cost.lowerBoundUsd === undefined || cost.lowerBoundUsd <= 0 ? '?' : `${((cost.totalUsd / cost.lowerBoundUsd - 1) * 100).toFixed(2)} %`
  return [
    `plan     ${plan.id} for p${plan.quantile * 100} of demand, valid until ${rfc3339(expires)}${kind === 'kept' ? '; nothing moved, it stands' : ''}`,
    `files    ${written.length === 0 ? 'none changed' : `${counted(written.length, 'file')} changed in stacks/ and forecasts/`}`,
    `cost     ${usd(cost.usdPerHourNow)} -> ${usd(cost.usdPerHourPlanned)} $/h; horizon ${usd(cost.totalUsd)} $, bound ${usd(cost.lowerBoundUsd)} $, gap ${gap}`,
    ...plan.shortages.slice(0, 5).map((shortage) => `${styled('red', 'short')}    ${shortage.workload} by ${figure(shortage.amount)} in step ${shortage.step}: ${shortage.reason}`),
    ...(plan.conflicts ?? []).flatMap((conflict) => conflictLines(conflict, rfc3339(stepStart(plan.grid, conflict.step)))),
    ...plan.binding.slice(0, 5).map((limit) => `limit    ${limit.limit} costs ${figure(limit.usdPerHourPerUnit)} $/h per ${limit.unit}`),
  ]
}
