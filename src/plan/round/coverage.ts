import { cellOf } from '../index-problem.ts'
import type { Pool } from '../index-problem.ts'
import { demandToSurvive } from '../survival-cuts.ts'
import type { SurvivalCut } from '../survival-cuts.ts'
import { createTransport, leastFlexibleFirst } from '../transport.ts'
import { add, flag, item, real } from '../vector.ts'
import type { FleetState, Run } from './fleet-state.ts'

/** A set of regions that must hold capacity: in normal times (`scenario` undefined) or after a failure. */
interface Requirement {
  readonly scenario: number | undefined
  readonly regions: Int32Array
  /** Shape [steps]. */
  readonly need: Float64Array
  /** Capacity beyond the need; negative where it is short. Shape [steps]. */
  readonly slack: Float64Array
}

/** One region's part in a requirement. */
interface Part {
  readonly requirement: Requirement
  /** Share of the region's capacity that counts. */
  readonly keep: number
}

/** A requirement that a step does not meet. */
export interface Violation {
  readonly isNormal: boolean
  readonly regions: Int32Array
  /** Capacity that is missing. */
  readonly missing: number
}

/**
 * Whether the fleet carries demand, in normal times and after every failure. Known requirements (Gale and Hoffman's cuts) answer at once for most
 * changes; maximal flow decides, and gives a new requirement whenever the known ones were not enough.
 */
export interface Coverage {
  /** Changes the state and the slack of every requirement. */
  apply(pool: Pool, run: Run, delta: number): void
  /** Whether known requirements allow a region to lose capacity in a step (negative amounts: gain). */
  allows(workload: number, step: number, region: number, planned: number, surviving: number): boolean
  /**
   * Decides by flow whether a step carries demand as it is now, apart from what was `accepted` as short.
   * @param unlessRegion  a region whose own loss need not be tested, since only its capacity fell
   */
  carries(workload: number, step: number, unlessRegion?: number): boolean
  /** @returns the first requirement that a step does not meet */
  violation(workload: number, step: number): Violation | undefined
  /** Takes the present shortage of a step as given: nothing can be added there. */
  accept(workload: number, step: number): void
}

/** @returns coverage of the state as it is now */
export function createCoverage(state: FleetState, cuts: readonly SurvivalCut[]): Coverage {
  const { indexed } = state
  const { steps, regionCount, userZoneCount, workloadCount, scenarios } = indexed
  const transport = createTransport(userZoneCount, regionCount)
  const orderNormal = indexed.reachNormal.map((reach) => leastFlexibleFirst(reach))
  const orderFailure = indexed.reachFailure.map((reach) => leastFlexibleFirst(reach))
  const parts: Part[][] = Array.from({ length: workloadCount * regionCount }, () => [])
  const known = new Set<string>()
  const capacity = new Float64Array(regionCount)
  const scenarioDemand = new Map<number, Float64Array>()
  /** Shortage that is taken as given, by (slot, scenario + 1). */
  const accepted = new Map<number, number>()
  const acceptedKey = (slot: number, scenario: number | undefined): number => slot * (scenarios.length + 1) + (scenario ?? -1) + 1

  const require = (workload: number, scenario: number | undefined, regions: Int32Array, need: Float64Array): void => {
    const key = `${workload}:${scenario ?? 'normal'}:${regions.join(',')}`
    if (known.has(key)) return
    known.add(key)
    const keep = scenario === undefined ? undefined : item(scenarios, scenario).keep
    const from = scenario === undefined ? state.planned : state.surviving
    const slack = need.map((amount, step) => {
      let has = 0
      for (const region of regions) has += (keep === undefined ? 1 : real(keep, region)) * real(from, cellOf(indexed, workload, step, region))
      return has - amount
    })
    const requirement = { scenario, regions, need, slack }
    for (const region of regions) item(parts, workload * regionCount + region).push({ requirement, keep: keep === undefined ? 1 : real(keep, region) })
  }
  const demandOf = (workload: number, step: number, scenario: number): Float64Array => {
    if (indexed.exposed[workload]?.[scenario] === undefined) return item(indexed.demand, workload * steps + step)
    const key = (workload * steps + step) * scenarios.length + scenario
    const before = scenarioDemand.get(key)
    if (before !== undefined) return before
    const demand = demandToSurvive(indexed, workload, scenario, step)
    scenarioDemand.set(key, demand)
    return demand
  }
  /** Turns the minimum cut of the last flow into a requirement for every step. */
  const learn = (workload: number, scenario: number | undefined): Int32Array => {
    const keep = scenario === undefined ? undefined : item(scenarios, scenario).keep
    const reach = item(scenario === undefined ? indexed.reachNormal : indexed.reachFailure, workload)
    const serves = new Uint8Array(regionCount)
    for (const [zone, near] of reach.entries()) {
      if (flag(transport.cutUserZones, zone) === 1) for (const region of near) if (keep === undefined || real(keep, region) > 0) serves[region] = 1
    }
    const regions = Int32Array.from([...serves.keys()].filter((region) => serves[region] === 1))
    const confined = reach.map((near) => near.length > 0 && near.every((region) => flag(serves, region) === 1 || (keep !== undefined && real(keep, region) <= 0)))
    const need = Float64Array.from({ length: steps }, (_, step) => {
      const demand = scenario === undefined ? item(indexed.demand, workload * steps + step) : demandOf(workload, step, scenario)
      return demand.reduce((sum, amount, zone) => (confined[zone] === true ? sum + amount : sum), 0)
    })
    require(workload, scenario, regions, need)
    return regions
  }
  const shortage = (workload: number, step: number, scenario: number | undefined): number => {
    const first = cellOf(indexed, workload, step, 0)
    const keep = scenario === undefined ? undefined : item(scenarios, scenario).keep
    const from = scenario === undefined ? state.planned : state.surviving
    for (let region = 0; region < regionCount; region++) capacity[region] = real(from, first + region) * (keep === undefined ? 1 : real(keep, region))
    return scenario === undefined
      ? transport.route(item(indexed.demand, workload * steps + step), capacity, item(indexed.reachNormal, workload), item(orderNormal, workload))
      : transport.route(demandOf(workload, step, scenario), capacity, item(indexed.reachFailure, workload), item(orderFailure, workload))
  }
  const shortBeyondAccepted = (workload: number, step: number, scenario: number | undefined): number => {
    const short = shortage(workload, step, scenario)
    const allowed = accepted.get(acceptedKey(workload * steps + step, scenario)) ?? 0
    return short > allowed + (allowed > 0 ? 1e-6 : 0) ? short : 0
  }

  for (let workload = 0; workload < workloadCount; workload++) {
    const all = Int32Array.from({ length: regionCount }, (_, region) => region)
    require(workload, undefined, all, Float64Array.from({ length: steps }, (_, step) => item(indexed.demand, workload * steps + step).reduce((sum, amount) => sum + amount, 0)))
  }
  for (const cut of cuts) require(cut.workload, cut.scenario, cut.regions, cut.need)

  return {
    apply(pool, run, delta) {
      state.change(pool, run, delta)
      const touched = item(parts, pool.workload * regionCount + pool.region)
      for (let step = run.from; step <= run.to; step++) {
        if (flag(indexed.open, cellOf(indexed, pool.workload, step, pool.region)) === 0) continue
        for (let i = 0; i < touched.length; i++) {
          const { requirement, keep } = item(touched, i)
          add(requirement.slack, step, delta * (requirement.scenario === undefined ? pool.planned : pool.surviving * keep))
        }
      }
    },
    allows(workload, step, region, planned, surviving) {
      const touched = item(parts, workload * regionCount + region)
      for (let i = 0; i < touched.length; i++) {
        const { requirement, keep } = item(touched, i)
        const loss = requirement.scenario === undefined ? planned : surviving * keep
        if (loss <= 0) continue
        if (real(requirement.slack, step) - loss < -(1e-7 * real(requirement.need, step) + 1e-6)) return false
      }
      return true
    },
    carries(workload, step, unlessRegion) {
      if (shortBeyondAccepted(workload, step, undefined) > 0) {
        learn(workload, undefined)
        return false
      }
      for (let f = 0; f < scenarios.length; f++) {
        const scenario = item(scenarios, f)
        if (scenario.region === unlessRegion && real(scenario.keep, unlessRegion) === 0) continue
        if (shortBeyondAccepted(workload, step, f) > 0) {
          learn(workload, f)
          return false
        }
      }
      return true
    },
    violation(workload, step) {
      for (let f = -1; f < scenarios.length; f++) {
        const scenario = f < 0 ? undefined : f
        const missing = shortBeyondAccepted(workload, step, scenario)
        if (missing > 0) return { isNormal: f < 0, regions: learn(workload, scenario), missing }
      }
      return undefined
    },
    accept(workload, step) {
      for (let f = -1; f < scenarios.length; f++) {
        const scenario = f < 0 ? undefined : f
        const short = shortage(workload, step, scenario)
        if (short > 0) accepted.set(acceptedKey(workload * steps + step, scenario), short)
      }
    },
  }
}
