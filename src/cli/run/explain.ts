import { explain, type PoolExplanation } from '../../app/explain.ts'
import { rfc3339, stepStart } from '../../domain/grid.ts'
import type { Plan } from '../../domain/plan.ts'
import { poolName, regionName } from '../../domain/pool.ts'
import { exitCodes } from '../../domain/problem.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor, title } from '../output.ts'
import { figure, percent, usd } from '../render/figures.ts'
import { forecastExplanation } from '../render/forecast.ts'
import { sparkline } from '../render/sparkline.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const { plan, pools, forecasts } = await explain(project, invocation.positionals[0] ?? '')
  output.document({ plan: plan?.id, pools, forecasts })
  output.lines([...forecasts.flatMap(forecastExplanation), ...(plan === undefined ? [] : pools.flatMap((pool) => explanationLines(plan, pool))), nextLine('prescale status')])
  return exitCodes.done
}

/** Why a cycle learned nothing. */
const noEstimateReasons = {
  'few-steps': 'too few steps have both demand and CPU use',
  'even-demand': 'demand was too even',
  'no-relation': 'CPU use does not follow demand',
} as const

function explanationLines(plan: Plan, { pool, load, capacity, unit, learned, drivers, limits }: PoolExplanation): string[] {
  const day = Math.max(1, Math.round(86400 / plan.grid.stepSeconds))
  const time = (step: number): string => rfc3339(stepStart(plan.grid, step)).slice(11, 16)
  const shown = pool.counts.slice(0, day)
  const busiest = load.indexOf(Math.max(...load.slice(0, day)))
  return [
    title(poolName(pool)),
    `  why       ${pool.reason} (${pool.driver})`,
    `  nodes     ${sparkline(shown)}  ${shown[0] ?? '?'} now, ${Math.min(...shown)} to ${Math.max(...shown)} from ${time(0)} to ${time(day)} UTC`,
    `  load      ${sparkline(load.slice(0, day))}  p${plan.quantile * 100} of ${pool.workload} in ${regionName(pool)}: ${figure(load[0])} now, ${figure(load[busiest])} ${unit} at ${time(busiest)}`,
    `  capacity  ${sparkline(capacity.slice(0, day))}  ${figure(capacity[0])} now, ${figure(capacity[busiest])} ${unit} at ${time(busiest)}: ${percent((load[busiest] ?? 0) / (capacity[busiest] ?? 0))} used then`,
    `  one node  serves ${figure(pool.throughputPerNode)} ${unit} at full use and costs ${usd(pool.usdPerNodeHour)} $/h`,
    ...(learned === undefined ? [] : [`  work      ${workSentence(learned)}`]),
    ...drivers.map((driver, index) => `${index === 0 ? '  demand    ' : '            '}${driver}`),
    ...limits.slice(0, 3).map((limit, index) => `${index === 0 ? '  limits    ' : '            '}${limit.limit} costs ${figure(limit.usdPerHourPerUnit)} $/h per ${limit.unit}`),
    '',
  ]
}

function workSentence({ vcpuPerUnit, estimate, evidence }: NonNullable<PoolExplanation['learned']>): string {
  const kept = `one unit keeps ${figure(vcpuPerUnit)} vCPU busy`
  if (estimate.kind === 'none') return `${kept}, not learned anew: ${noEstimateReasons[estimate.reason]} (${estimate.steps} steps measured)`
  return `${kept}, learned from ${estimate.steps} steps${evidence === 'whole' ? '' : '; not lowered while reports of nodes are missing'}`
}
