import { contentHash } from '../domain/hash.ts'
import type { BindingLimit, Plan, PoolPlan, TrafficShare } from '../domain/plan.ts'
import { poolName } from '../domain/pool.ts'
import type { PurchaseOption } from '../domain/pool.ts'
import { explainPool } from './explain-pool.ts'
import { findShortages } from './find-shortages.ts'
import { indexProblem } from './index-problem.ts'
import type { IndexedProblem, Pool } from './index-problem.ts'
import { billedUsdPerStep } from './limits.ts'
import type { PlanProblem } from './problem.ts'
import type { Relaxation } from './relax.ts'
import type { FleetState } from './round/fleet-state.ts'
import type { EarlierCounts } from './round/keep-counts.ts'
import { capacityAt, routeDemand } from './route-demand.ts'
import { solveProblem } from './solve-problem.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import { indices, item, real } from './vector.ts'

/** Decimals of money and shares in a plan: more would only differ between machines. */
const usdDecimals = 4
const shareDecimals = 4
/** Binding limits that a plan lists, dearest first. */
const listedLimits = 20

const secondsPerDay = 86400

const rounded = (value: number, decimals: number): number => Math.round(value * 10 ** decimals) / 10 ** decimals

/** What routing costs and how each user zone's demand is shared out. */
interface Traffic {
  readonly shares: readonly TrafficShare[]
  readonly usd: number
}

function trafficOf(indexed: IndexedProblem, state: FleetState): Traffic {
  const { problem, steps, regionCount, userZoneCount } = indexed
  const shares: TrafficShare[] = []
  let usd = 0
  for (const [w, workload] of problem.workloads.entries()) {
    const byRoute = Array.from({ length: userZoneCount * regionCount }, () => new Float64Array(steps))
    for (let step = 0; step < steps; step++) {
      const routes = routeDemand(indexed, w, step, capacityAt(indexed, state.planned, w, step))
      usd += routes.usd
      const demand = item(indexed.demand, w * steps + step)
      for (let zone = 0; zone < userZoneCount; zone++) {
        const total = real(demand, zone)
        const nearest = item(item(indexed.reachNormal, w), zone)[0]
        if (nearest === undefined) continue
        // What fits nowhere still arrives somewhere: at the nearest region, which then runs hotter than planned.
        const short = real(routes.left, zone)
        for (let region = 0; region < regionCount; region++) {
          const sent = real(routes.flow, zone * regionCount + region) + (region === nearest ? short : 0)
          item(byRoute, zone * regionCount + region)[step] = total > 0 ? sent / total : region === nearest ? 1 : 0
        }
      }
    }
    for (const [position, course] of byRoute.entries()) {
      const [zone, region] = [problem.userZones[Math.floor(position / regionCount)], problem.regions[position % regionCount]]
      const asked = problem.demand[w]?.[Math.floor(position / regionCount)]?.some((amount) => amount > 0) === true
      if (zone === undefined || region?.key === undefined || !asked || course.every((share) => share === 0)) continue
      shares.push({ ...region.key, workload: workload.name, userZone: zone.name, shares: Array.from(course, (share) => rounded(share, shareDecimals)) })
    }
  }
  return { shares, usd }
}

function poolPlan(indexed: IndexedProblem, relaxation: Relaxation, state: FleetState, pool: Pool): PoolPlan | undefined {
  const { problem } = indexed
  const region = item(problem.regions, pool.region)
  const counts = indices(indexed.steps).map((step) => state.count(pool, step))
  if (region.key === undefined || (pool.fleet === 0 && counts.every((count) => count === 0))) return undefined
  return {
    ...region.key,
    workload: item(problem.workloads, pool.workload).name,
    type: item(problem.types, pool.type).name,
    option: item(problem.options, pool.option).name as PurchaseOption,
    live: pool.fleet,
    counts,
    usdPerNodeHour: problem.usdPerHour[pool.region]?.[pool.type]?.[pool.option] ?? 0,
    throughputPerNode: rounded(problem.throughput[pool.workload]?.[pool.type] ?? 0, 6),
    ...explainPool(indexed, relaxation, state, pool),
  }
}

function bindingLimits(indexed: IndexedProblem, relaxation: Relaxation): readonly BindingLimit[] {
  return [...relaxation.prices]
    .map(({ limit, unit, usd }) => ({ limit, unit, usdPerHourPerUnit: rounded(usd / (indexed.steps * indexed.hours), 6) }))
    .filter(({ usdPerHourPerUnit }) => usdPerHourPerUnit > 0)
    .sort((a, b) => b.usdPerHourPerUnit - a.usdPerHourPerUnit || (a.limit < b.limit ? -1 : 1))
    .slice(0, listedLimits)
}

/** Counts of an earlier plan on the steps of a problem: by time; beyond the earlier plan's end, those of the same hour of its last day. */
function countsOf(earlier: Plan, indexed: IndexedProblem): EarlierCounts | undefined {
  const { problem } = indexed
  const { startSeconds, stepSeconds, length } = earlier.grid
  if (stepSeconds !== problem.stepSeconds) return undefined
  const shift = Math.round((problem.startSeconds - startSeconds) / stepSeconds)
  if (shift < 0 || shift >= length) return undefined
  const stepsPerDay = Math.max(1, Math.round(secondsPerDay / stepSeconds))
  const courses = new Map(earlier.pools.map((pool) => [poolName(pool), pool.counts]))
  const named = indexed.pools.map((pool) => {
    const key = problem.regions[pool.region]?.key
    return key === undefined ? undefined : courses.get(poolName({
      ...key, workload: item(problem.workloads, pool.workload).name, type: item(problem.types, pool.type).name,
      option: item(problem.options, pool.option).name as PurchaseOption,
    }))
  })
  return (pool, step) => {
    let at = step + shift
    while (at >= length) at -= Math.min(stepsPerDay, length)
    return named[pool.index]?.[at] ?? 0
  }
}

/**
 * The cheapest plan in whole nodes that was found, with a proven lower bound, traffic shares, and the reason of every count. The same problem
 * gives the same plan, to the byte.
 * @param earlier  the plan in force: its counts are kept, with what demand needs added, unless moving saves more than half a percent
 * @throws the signal's reason when it is aborted between two stages; a stage itself ends within seconds
 */
export async function planFleet(problem: PlanProblem, solver: LinearSolver, signal: AbortSignal, earlier?: Plan): Promise<Plan> {
  signal.throwIfAborted()
  const indexed = indexProblem(problem)
  const { relaxation, nodes } = solveProblem(indexed, solver, earlier === undefined ? undefined : countsOf(earlier, indexed))
  // Gives other work of the process a turn before the plan is written up.
  await new Promise<void>((resolve) => setImmediate(resolve))
  signal.throwIfAborted()
  return writePlan(indexed, relaxation, nodes.state)
}

/** @returns the plan document of whole nodes */
export function writePlan(indexed: IndexedProblem, relaxation: Relaxation, state: FleetState): Plan {
  const { problem, steps } = indexed
  const traffic = trafficOf(indexed, state)
  const shortages = findShortages(indexed, relaxation, state)
  let nodesUsd = problem.sunkUsdPerHour * indexed.hours * steps
  let startsUsd = 0
  let nowUsd = 0
  let plannedUsd = 0
  for (const pool of indexed.pools) {
    const usd = billedUsdPerStep(indexed, pool)
    let before = pool.fleet
    for (let step = 0; step < steps; step++) {
      const count = state.count(pool, step)
      nodesUsd += count * usd
      startsUsd += Math.max(0, count - before) * pool.usdPerStart
      before = count
    }
    nowUsd += (pool.fleet * usd) / indexed.hours
    plannedUsd += (state.count(pool, 0) * usd) / indexed.hours
  }
  const dearestPreference = Math.max(1, ...problem.workloads.flatMap(({ preference }) => preference))
  const sunk = problem.sunkUsdPerHour * indexed.hours * steps
  const plan = {
    originSeconds: problem.startSeconds,
    grid: { startSeconds: problem.startSeconds, stepSeconds: problem.stepSeconds, length: steps },
    pools: indexed.pools.flatMap((pool) => poolPlan(indexed, relaxation, state, pool) ?? []),
    traffic: traffic.shares,
    shortages: shortages.map((shortage) => ({ ...shortage, amount: rounded(shortage.amount, usdDecimals) })),
    binding: bindingLimits(indexed, relaxation),
    cost: {
      nodesUsd: rounded(nodesUsd, usdDecimals),
      startsUsd: rounded(startsUsd, usdDecimals),
      routingUsd: rounded(traffic.usd, usdDecimals),
      totalUsd: rounded(nodesUsd + startsUsd + traffic.usd, usdDecimals),
      // A preference is a factor on prices: without it, the same bound holds for what is left after dividing by the largest.
      lowerBoundUsd: shortages.length > 0 ? undefined : rounded(relaxation.lowerBound / dearestPreference + sunk, usdDecimals),
      usdPerHourNow: rounded(nowUsd + problem.sunkUsdPerHour, usdDecimals),
      usdPerHourPlanned: rounded(plannedUsd + problem.sunkUsdPerHour, usdDecimals),
    },
    quantile: problem.quantile ?? 1,
    inputs: problem.inputs,
  }
  return { ...plan, id: contentHash(plan) }
}
