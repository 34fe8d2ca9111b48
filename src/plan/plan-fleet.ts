import { contentHash } from '../domain/hash.ts'
import type { BindingLimit, PlacedWork, Plan, PoolPlan } from '../domain/plan.ts'
import type { PurchaseOption } from '../domain/pool.ts'
import { inCloud } from './commitments.ts'
import { nameInCloud } from './earlier-counts.ts'
import { explainPool } from './explain-pool.ts'
import { findConflicts } from './find-conflicts.ts'
import { findShortages } from './find-shortages.ts'
import { costOf, routesOf } from './fleet-cost.ts'
import { indexProblem } from './index-problem.ts'
import type { HeadStart } from './head-start.ts'
import { solvedFrom } from './plan-in-force.ts'
import type { PlanInForce } from './plan-in-force.ts'
import type { IndexedProblem, Pool } from './index-problem.ts'
import type { PlanProblem } from './problem.ts'
import type { Relaxation } from './relax.ts'
import type { FleetState } from './round/fleet-state.ts'
import { solveInThreads } from './solve-in-threads.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import { trafficShares } from './traffic-shares.ts'
import { indices, item } from './vector.ts'

/** Decimals of money in a plan: more would only differ between machines. */
const usdDecimals = 4
/** Binding limits that a plan lists, dearest first. */
const listedLimits = 20

const rounded = (value: number, decimals: number): number => Math.round(value * 10 ** decimals) / 10 ** decimals

/** Pools of the plan: committed nodes stand with the on-demand ones, of which they are a part in the cloud. */
function poolPlans(indexed: IndexedProblem, relaxation: Relaxation, state: FleetState): PoolPlan[] {
  const together = new Map<string, Pool[]>()
  for (const pool of indexed.pools) {
    const name = nameInCloud(indexed, pool)
    if (name === undefined || (pool.fleet === 0 && indices(indexed.steps).every((step) => state.count(pool, step) === 0))) continue
    const before = together.get(name)
    if (before === undefined) together.set(name, [pool])
    else before.push(pool)
  }
  return [...together.values()].map((pools) => poolPlan(indexed, relaxation, state, pools))
}

function poolPlan(indexed: IndexedProblem, relaxation: Relaxation, state: FleetState, pools: readonly Pool[]): PoolPlan {
  const { problem } = indexed
  const pool = item(pools, 0)
  const region = item(problem.regions, pool.region)
  const key = inCloud({
    ...region.key ?? { cloud: 'aws', region: region.name }, workload: item(problem.workloads, pool.workload).name, type: item(problem.types, pool.type).name,
  }, item(problem.options, pool.option).name as PurchaseOption | 'committed')
  const option = problem.options.findIndex(({ name }) => name === key.option)
  const committed = pools.find((one) => problem.options[one.option]?.kind === 'committed')
  const reason = explainPool(indexed, relaxation, state, pool)
  const paidFor = committed === undefined ? 0 : state.count(committed, 0)
  return {
    ...key,
    live: pools.reduce((sum, one) => sum + one.fleet, 0),
    counts: indices(indexed.steps).map((step) => pools.reduce((sum, one) => sum + state.count(one, step), 0)),
    usdPerNodeHour: problem.usdPerHour[pool.region]?.[pool.type]?.[option] ?? 0,
    throughputPerNode: rounded(problem.throughput[pool.workload]?.[pool.type] ?? 0, 6),
    ...reason,
    reason: pools.length > 1 && paidFor > 0 ? `${reason.reason}; beside ${paidFor} committed` : reason.reason,
  }
}

/** Where deferrable work is done; undefined where there is none. */
function placedWork(indexed: IndexedProblem, relaxation: Relaxation): readonly PlacedWork[] | undefined {
  const { problem, steps, regionCount } = indexed
  if (problem.deferrable.length === 0) return undefined
  const courses = new Map<string, { readonly work: number; readonly region: number; readonly amounts: number[] }>()
  for (const { work, cell, step, amount } of relaxation.placed) {
    const region = cell % regionCount
    const course = courses.get(`${work}/${region}`) ?? { work, region, amounts: indices(steps).map(() => 0) }
    courses.set(`${work}/${region}`, course)
    course.amounts[step] = rounded(amount, usdDecimals)
  }
  return [...courses.values()].flatMap(({ work, region, amounts }) => {
    const key = problem.regions[region]?.key
    const { name, workload } = item(problem.deferrable, work)
    return key === undefined ? [] : [{ ...key, name, workload: item(problem.workloads, workload).name, amounts }]
  })
}

function bindingLimits(indexed: IndexedProblem, relaxation: Relaxation): readonly BindingLimit[] {
  return [...relaxation.prices]
    .map(({ limit, unit, usd }) => ({ limit, unit, usdPerHourPerUnit: rounded(usd / (indexed.steps * indexed.hours), 6) }))
    .filter(({ usdPerHourPerUnit }) => usdPerHourPerUnit > 0)
    .sort((a, b) => b.usdPerHourPerUnit - a.usdPerHourPerUnit || (a.limit < b.limit ? -1 : 1))
    .slice(0, listedLimits)
}

/** A plan and what the next one begins with. */
export interface PlannedFleet {
  readonly plan: Plan
  readonly headStart: HeadStart | undefined
}

/**
 * The cheapest plan in whole nodes that was found, with a proven lower bound, traffic shares, and the reason of every count. The same problem
 * with the same plan and head start in force gives the same plan, to the byte.
 * @param inForce  its counts are kept, with what demand needs added, unless moving saves more than its churn
 * @throws the signal's reason when it is aborted between two stages; a stage itself ends within seconds
 */
export async function planFleet(problem: PlanProblem, solver: LinearSolver, signal: AbortSignal, inForce?: PlanInForce): Promise<PlannedFleet> {
  signal.throwIfAborted()
  const indexed = indexProblem(problem)
  const { relaxation, nodes, headStart } = await solveInThreads(indexed, solver, signal, solvedFrom(inForce, indexed))
  // Gives other work of the process a turn before the plan is written up.
  await new Promise<void>((resolve) => setImmediate(resolve))
  signal.throwIfAborted()
  return { plan: writePlan(indexed, relaxation, nodes.state, solver), headStart }
}

/** @returns the plan document of whole nodes */
function writePlan(indexed: IndexedProblem, relaxation: Relaxation, state: FleetState, solver: LinearSolver): Plan {
  const { problem, steps } = indexed
  const routes = routesOf(indexed, state, solver)
  const cost = costOf(indexed, state, routes)
  const shortages = findShortages(indexed, relaxation, state)
  const work = placedWork(indexed, relaxation)
  const dearestPreference = Math.max(1, ...problem.workloads.flatMap(({ preference }) => preference))
  const plan = {
    originSeconds: problem.startSeconds,
    grid: { startSeconds: problem.startSeconds, stepSeconds: problem.stepSeconds, length: steps },
    pools: poolPlans(indexed, relaxation, state),
    traffic: trafficShares(indexed, routes),
    ...(work === undefined ? {} : { work }),
    shortages: shortages.map((shortage) => ({ ...shortage, amount: rounded(shortage.amount, usdDecimals) })),
    ...(shortages.length === 0 ? {} : { conflicts: findConflicts(problem, shortages, solver) }),
    binding: bindingLimits(indexed, relaxation),
    cost: {
      nodesUsd: rounded(cost.nodes + cost.sunk, usdDecimals),
      startsUsd: rounded(cost.starts, usdDecimals),
      routingUsd: rounded(cost.routing, usdDecimals),
      sentUsd: rounded(cost.sent, usdDecimals),
      movedUsd: rounded(cost.moved, usdDecimals),
      sunkUsd: rounded(cost.sunk, usdDecimals),
      totalUsd: rounded(cost.total, usdDecimals),
      // A preference is a factor on prices: without it, the same bound holds for what is left after dividing by the largest.
      lowerBoundUsd: shortages.length > 0 ? undefined : rounded(relaxation.lowerBound / dearestPreference + cost.sunk, usdDecimals),
      usdPerHourNow: rounded(cost.usdPerHourLive, usdDecimals),
      usdPerHourPlanned: rounded(cost.usdPerHourPlanned, usdDecimals),
    },
    quantile: problem.quantile ?? 1,
    inputs: problem.inputs,
  }
  return { ...plan, id: contentHash(plan) }
}
