import { type DemandForecast, forecastQuantile, subjectName, type SubjectForecast } from '../domain/forecast.ts'
import type { BindingLimit, Plan, PoolPlan } from '../domain/plan.ts'
import { poolName, regionName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import { lastPlan, planRecord } from './plan-record.ts'
import type { Project } from './project.ts'
import { learnedThroughputs, type LearnedThroughput } from './throughput.ts'
import { readForecasts, readSubjectForecasts } from './steps/forecast-step.ts'

/** Why one pool has its counts. */
export interface PoolExplanation {
  readonly pool: PoolPlan
  /** Demand of the workload at the plan's quantile that its region serves, per step, in the workload's unit. */
  readonly load: readonly number[]
  /** What the workload's nodes in the region serve at full use, per step. */
  readonly capacity: readonly number[]
  readonly unit: string
  /** What was learned of the workload's work; undefined where the settings fix it, or nothing was learned yet. */
  readonly learned: LearnedThroughput | undefined
  readonly drivers: readonly string[]
  /** Limits that cost money and concern this pool's region or workload, dearest first. */
  readonly limits: readonly BindingLimit[]
}

/** What there is to say of one name. */
export interface Explanation {
  /** The plan that the pools are of; undefined when there is none. */
  readonly plan: Plan | undefined
  /** Pools of the last plan whose name starts with it. */
  readonly pools: readonly PoolExplanation[]
  /** The forecast of that very name, such as `web/us-east`, `web` or `web.cpu`; none where there is no such file. */
  readonly forecasts: readonly SubjectForecast[]
}

/**
 * Explains the pools and the forecast that go by a name.
 * @throws Problem `plan-missing`, `pool-unknown` where no forecast is called so either
 */
export async function explain(project: Project, wanted: string): Promise<Explanation> {
  const subjects = readSubjectForecasts(project).filter(({ subject }) => subjectName(subject) === wanted)
  if (subjects.length > 0 && (await planRecord(project)) === undefined) return { plan: undefined, pools: [], forecasts: subjects }
  const plan = await lastPlan(project)
  const pools = plan.pools.filter((pool) => poolName(pool).startsWith(wanted) || poolName(pool).includes(`/${wanted}`))
  if (pools.length === 0 && subjects.length === 0) throw new Problem('pool-unknown', { pool: wanted, known: plan.pools.map(poolName) })
  const planned = readForecasts(project)
  const learned = await learnedThroughputs(project)
  return { plan, pools: pools.map((pool) => explainPool(plan, planned, pool, learned.get(pool.workload))), forecasts: subjects }
}

function explainPool(plan: Plan, forecasts: readonly DemandForecast[], pool: PoolPlan, learned: LearnedThroughput | undefined): PoolExplanation {
  const own = forecasts.filter((forecast) => forecast.workload === pool.workload)
  const demand = new Map(own.map((forecast) => [forecast.userZone, forecastQuantile(forecast, plan.quantile)]))
  const routes = plan.traffic.filter((route) => route.workload === pool.workload && regionName(route) === regionName(pool))
  const beside = plan.pools.filter((other) => other.workload === pool.workload && regionName(other) === regionName(pool))
  const steps = Array.from({ length: plan.grid.length }, (_, step) => step)
  return {
    pool,
    unit: own[0]?.unit ?? '',
    learned,
    load: steps.map((step) => routes.reduce((sum, route) => sum + (route.shares[step] ?? 0) * (demand.get(route.userZone)?.[step] ?? 0), 0)),
    capacity: steps.map((step) => beside.reduce((sum, other) => sum + (other.counts[step] ?? 0) * other.throughputPerNode, 0)),
    drivers: own.flatMap((forecast) => forecast.drivers.slice(0, 2).map((driver) => `${forecast.userZone}: ${driver}`)),
    limits: plan.binding.filter(({ limit }) => limit.includes(regionName(pool)) || limit.split('/').includes(pool.workload)),
  }
}
