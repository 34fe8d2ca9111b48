import type { PlanProblem } from './problem.ts'
import { indices, item } from './vector.ts'

const secondsPerDay = 86400

/** Identical nodes that can be bought: one workload, region, type and option. */
export interface Pool {
  /** Position in `IndexedProblem.pools`. */
  readonly index: number
  readonly workload: number
  readonly region: number
  readonly type: number
  readonly option: number
  /** Position of (region, type, option) among `offerLimits`. */
  readonly offer: number
  /** Price of a node in one step, with the workload's preference. */
  readonly usdPerStep: number
  readonly usdPerStart: number
  readonly vcpu: number
  readonly isSpot: boolean
  /** Throughput of one node that may be planned while all is well. */
  readonly planned: number
  /** Throughput of one node that may be planned after a failure elsewhere. */
  readonly surviving: number
  readonly fleet: number
  readonly leadSteps: number
  readonly maxNodes: number
}

/** A failure that demand must survive. */
export interface Scenario {
  readonly name: string
  readonly region: number
  /** Whether one zone is lost, or the whole region. */
  readonly isZone: boolean
  /** Share of each region's surviving capacity that is left. Shape [regions]. */
  readonly keep: Float64Array
}

/** The problem as the solver's loops read it: dense arrays and flat positions. */
export interface IndexedProblem {
  readonly problem: PlanProblem
  readonly workloadCount: number
  readonly regionCount: number
  readonly typeCount: number
  readonly optionCount: number
  readonly userZoneCount: number
  readonly steps: number
  /** Hours per step: prices per hour become prices per step. */
  readonly hours: number
  /** Every pool that can be bought or is live. */
  readonly pools: readonly Pool[]
  /** Pools of [workload · regions + region]. */
  readonly poolsIn: readonly (readonly Pool[])[]
  /** Most nodes per offer. */
  readonly offerLimits: readonly number[]
  /** Demand of user zones that some region may serve, 0 of others. Shape [workload · steps + step][user zone]. */
  readonly demand: readonly Float64Array[]
  /** Regions by rising cost of a route. Shape [workload][user zone]. */
  readonly reachNormal: readonly (readonly Int32Array[])[]
  readonly reachFailure: readonly (readonly Int32Array[])[]
  /** User zones that may normally use a region. Shape [workload][region]. */
  readonly usersNormal: readonly (readonly Int32Array[])[]
  /** What routes are chosen by: the round trip, with the price of data sent as milliseconds that cost as much. Shape [workload][user zone · regions + region]. */
  readonly routeMs: readonly Float64Array[]
  /** Price put on latency, and price of data sent, of one unit of demand on a route for a step, USD. Shape as above. */
  readonly routeUsd: { readonly latency: readonly Float64Array[]; readonly sent: readonly Float64Array[] }
  readonly scenarios: readonly Scenario[]
  /** User zones with no region left in a scenario: they are not planned for. Shape [workload][scenario]; undefined where there are none. */
  readonly exposed: readonly (readonly (Uint8Array | undefined)[])[]
  /** 1 where a region's nodes carry load. Shape [(workload · steps + step) · regions + region]. */
  readonly open: Uint8Array
  /** First step of the span of equal counts that a step belongs to. Shape [workload][step]. */
  readonly spanStart: readonly Int32Array[]
  /** Step after the span's last. Shape [workload][step]. */
  readonly spanEnd: readonly Int32Array[]
  /** UTC day of each step, from 0. Shape [steps]. */
  readonly dayOf: Int32Array
  /** Leading steps in which counts stay as they are live. Shape [workload]. */
  readonly heldSteps: readonly number[]
  /** Penalty on one unit of demand not carried for a step, and on one not carried after a failure. */
  readonly shortUsd: { readonly normal: number; readonly failure: number }
}

/** @returns position of (workload, step, region) in arrays of shape [workloads][steps][regions] */
export function cellOf(indexed: IndexedProblem, workload: number, step: number, region: number): number {
  return (workload * indexed.steps + step) * indexed.regionCount + region
}

function poolsOf(problem: PlanProblem): Pool[] {
  const pools: Pool[] = []
  const hours = problem.stepSeconds / 3600
  const [typeCount, optionCount] = [problem.types.length, problem.options.length]
  for (const [w, workload] of problem.workloads.entries()) {
    for (const [r] of problem.regions.entries()) {
      const usable = workload.regions.includes(r)
      for (const [k, type] of problem.types.entries()) {
        for (const [s, option] of problem.options.entries()) {
          const usdPerHour = problem.usdPerHour[r]?.[k]?.[s] ?? null
          const throughput = problem.throughput[w]?.[k] ?? null
          const fleet = problem.fleet[w]?.[r]?.[k]?.[s] ?? 0
          const buyable = usable && usdPerHour !== null && throughput !== null && workload.options.includes(s)
          const limit = problem.maxNodes[r]?.[k]?.[s] ?? 0
          if (!(buyable && limit > 0) && fleet === 0) continue
          pools.push({
            index: pools.length,
            workload: w, region: r, type: k, option: s,
            offer: (r * typeCount + k) * optionCount + s,
            usdPerStep: (usdPerHour ?? 0) * hours * (workload.preference[r] ?? 1),
            usdPerStart: problem.usdPerStart[r]?.[k]?.[s] ?? 0,
            vcpu: type.vcpu,
            isSpot: option.kind === 'spot',
            planned: (throughput ?? 0) * problem.utilisation.normal * (problem.availability.normal[r]?.[s] ?? 1),
            surviving: (throughput ?? 0) * problem.utilisation.failure * (problem.availability.failure[r]?.[s] ?? 1),
            fleet,
            leadSteps: problem.leadSteps[w]?.[r]?.[s] ?? 0,
            maxNodes: buyable ? Math.min(limit, workload.limits.maxPerRegion, workload.limits.max) : 0,
          })
        }
      }
    }
  }
  return pools
}

/**
 * Losses that demand must survive. Who survives the loss of a region survives that of one of its zones, since more is left then; but for user zones
 * that only this region can serve, which the loss of the region leaves out: the loss of a zone is then a scenario of its own.
 */
function scenariosOf(problem: PlanProblem): Scenario[] {
  const scenario = (region: number, kind: 'zone' | 'region', left: number): Scenario => ({
    name: `${kind}/${problem.regions[region]?.name ?? region}`,
    region,
    isZone: kind === 'zone',
    keep: Float64Array.from(problem.regions, (_, other) => (other === region ? left : 1)),
  })
  const regions = indices(problem.regions.length)
  const dependsOn = (region: number): boolean => problem.reach.failure.some((zones) => zones.some((reach) => reach.length === 1 && reach[0] === region))
  const zoneLost = problem.survival.zone === 'scenario' ? regions.filter((region) => !problem.survival.region || dependsOn(region)) : []
  return [
    ...(problem.survival.region ? regions.map((region) => scenario(region, 'region', 0)) : []),
    ...zoneLost.map((region) => {
      const zones = problem.regions[region]?.zones ?? 1
      return scenario(region, 'zone', (zones - 1) / zones)
    }),
  ]
}

/** A millisecond's price where the problem puts none on it: the nearer of two equal routes is then taken. */
const usdPerUnitMsAtLeast = 1e-9

/** Routes of every workload: what they are chosen by, and what they cost for a step. */
function routesOf(problem: PlanProblem): Pick<IndexedProblem, 'routeMs' | 'routeUsd'> {
  const hours = problem.stepSeconds / 3600
  const perRoute = (value: (ms: number, sent: number) => number): Float64Array[] => problem.workloads.map((_, w) =>
    Float64Array.from(problem.userZones.flatMap((_zone, u) => problem.regions.map((_region, r) => value(problem.latencyMs[u]?.[r] ?? 0, problem.usdPerUnitSent?.[w]?.[u]?.[r] ?? 0)))))
  return {
    routeMs: perRoute((ms, sent) => ms + sent / Math.max(usdPerUnitMsAtLeast, problem.usdPerUnitMs)),
    routeUsd: { latency: perRoute((ms) => ms * problem.usdPerUnitMs * hours), sent: perRoute((_ms, sent) => sent * hours) },
  }
}

/** Frozen steps share the count of the step before them: a span is a step and the frozen ones after it. */
function spansOf(frozen: readonly boolean[], steps: number): { start: Int32Array; end: Int32Array } {
  const start = new Int32Array(steps)
  const end = new Int32Array(steps)
  for (let step = 0; step < steps; step++) start[step] = step > 0 && frozen[step] === true ? start[step - 1] ?? 0 : step
  for (let step = steps - 1; step >= 0; step--) end[step] = step + 1 < steps && start[step + 1] === start[step] ? end[step + 1] ?? steps : step + 1
  return { start, end }
}

function usersOf(reach: readonly Int32Array[], regionCount: number): Int32Array[] {
  const users: number[][] = Array.from({ length: regionCount }, () => [])
  for (const [zone, near] of reach.entries()) for (const region of near) item(users, region).push(zone)
  return users.map((zones) => Int32Array.from(zones))
}

/** @returns the problem with everything derived that the solver's loops need; O(size of the problem) */
export function indexProblem(problem: PlanProblem): IndexedProblem {
  const { steps } = problem
  const regionCount = problem.regions.length
  const userZoneCount = problem.userZones.length
  const pools = poolsOf(problem)
  const poolsIn: Pool[][] = Array.from({ length: problem.workloads.length * regionCount }, () => [])
  for (const pool of pools) item(poolsIn, pool.workload * regionCount + pool.region).push(pool)
  const demand = problem.workloads.flatMap((_, w) =>
    indices(steps).map((step) => Float64Array.from(problem.userZones, (_zone, u) =>
      ((problem.reach.normal[w]?.[u] ?? []).length === 0 ? 0 : problem.demand[w]?.[u]?.[step] ?? 0))))
  const routes = routesOf(problem)
  const nearestFirst = (reach: PlanProblem['reach']['normal']): Int32Array[][] => problem.workloads.map((_, w) =>
    problem.userZones.map((_zone, u) => {
      const ms = (region: number): number => item(routes.routeMs, w)[u * regionCount + region] ?? 0
      return Int32Array.from([...(reach[w]?.[u] ?? [])].sort((a, b) => ms(a) - ms(b) || a - b))
    }))
  const reachNormal = nearestFirst(problem.reach.normal)
  const reachFailure = nearestFirst(problem.reach.failure)
  const scenarios = scenariosOf(problem)
  const exposed = problem.workloads.map((_, w) => scenarios.map((scenario) => {
    const alone = Uint8Array.from(problem.userZones, (_zone, u) => (item(item(reachFailure, w), u).some((r) => (scenario.keep[r] ?? 0) > 0) ? 0 : 1))
    return alone.includes(1) ? alone : undefined
  }))
  const open = new Uint8Array(problem.workloads.length * steps * regionCount).fill(1)
  for (const [w, workload] of problem.workloads.entries()) {
    for (const [r, closed] of workload.closed.entries()) {
      for (const [step, shut] of closed.entries()) if (shut) open[(w * steps + step) * regionCount + r] = 0
    }
  }
  const spans = problem.workloads.map((workload) => spansOf(workload.frozen, steps))
  const dearest = pools.reduce((most, pool) => (pool.planned > 0 ? Math.max(most, (pool.usdPerStep + pool.usdPerStart) / pool.planned) : most), 0)
  return {
    problem,
    workloadCount: problem.workloads.length, regionCount, typeCount: problem.types.length, optionCount: problem.options.length,
    userZoneCount, steps, hours: problem.stepSeconds / 3600,
    pools, poolsIn,
    offerLimits: problem.regions.flatMap((_, r) => problem.types.flatMap((_type, k) => problem.options.map((_option, s) => problem.maxNodes[r]?.[k]?.[s] ?? 0))),
    demand, reachNormal, reachFailure, usersNormal: reachNormal.map((reach) => usersOf(reach, regionCount)), ...routes, scenarios, exposed, open,
    spanStart: spans.map((span) => span.start), spanEnd: spans.map((span) => span.end),
    dayOf: Int32Array.from({ length: steps }, (_, step) => Math.floor((problem.startSeconds + step * problem.stepSeconds) / secondsPerDay) - Math.floor(problem.startSeconds / secondsPerDay)),
    heldSteps: problem.workloads.map((workload, w) => (workload.frozen[0] === true ? item(spans, w).end[0] ?? 0 : 0)),
    shortUsd: { normal: 20 * (dearest || 1), failure: 10 * (dearest || 1) },
  }
}
