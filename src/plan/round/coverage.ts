import { cellOf } from '../index-problem.ts'
import type { Pool } from '../index-problem.ts'
import { demandToSurvive } from '../survival-cuts.ts'
import type { SurvivalCut } from '../survival-cuts.ts'
import { createTransport } from '../transport.ts'
import type { Transport } from '../transport.ts'
import { add, flag, item, real } from '../vector.ts'
import type { FleetState, Run } from './fleet-state.ts'

/** A set of regions that must hold capacity: in normal times (`scenario` undefined) or after a failure. */
export interface Requirement {
  readonly scenario: number | undefined
  readonly regions: Int32Array
  /** Shape [steps]. */
  readonly need: Float64Array
  /** Capacity beyond the need; negative where it is short. Shape [steps]. */
  readonly slack: Float64Array
}

/** How a region's nodes count towards a requirement. */
export type Counting = 'planned' | 'surviving' | 'after-zone-loss' | 'not'

/** One region's part in a requirement. */
export interface Part {
  readonly requirement: Requirement
  readonly counting: Counting
}

/** A requirement that a step does not meet. */
export interface Violation {
  readonly parts: readonly { readonly region: number; readonly counting: Counting }[]
  /** Capacity that is missing. */
  readonly missing: number
}

/**
 * Whether the fleet carries demand, in normal times and after every failure. Known requirements (Gale and Hoffman's cuts) answer at once for most
 * changes; maximal flow decides, and gives a new requirement whenever the known ones were not enough.
 */
export interface Coverage {
  /** Known requirements of a workload; grows as more are learned. */
  requirementsOf(workload: number): readonly Requirement[]
  /** Requirements that a region has a part in; grows as more are learned. */
  partsOf(workload: number, region: number): readonly Part[]
  /** Changes the state and the slack of every requirement. */
  apply(pool: Pool, run: Run, delta: number): void
  /** Whether known requirements allow one node of each of `outs` to go in a step, with one of each of `intos`, all in one region, in their place. */
  allows(outs: readonly Pool[], intos: readonly Pool[], step: number): boolean
  /** What one node more (`delta` 1) or less (−1) of a pool means to a requirement, in units of demand, never negative. */
  worth(pool: Pool, step: number, counting: Counting, delta: number): number
  /** The worth of one node more, with the loss of a zone spread over all nodes: alone a first node is worth nothing, but a second needs it. */
  promise(pool: Pool, step: number, counting: Counting): number
  /** Capacity beyond the need below which a requirement counts as not met. */
  tolerance(requirement: Requirement, step: number): number
  /**
   * Decides by flow whether a step carries demand as it is now, apart from what was `accepted` as short.
   * @param unlessRegion  a region whose own loss need not be tested, since only its capacity fell
   */
  carries(workload: number, step: number, unlessRegion?: number): boolean
  /** @returns the first requirement that a step does not meet */
  violation(workload: number, step: number): Violation | undefined
  /** Takes the present shortage of a step as given: nothing can be added there. */
  accept(workload: number, step: number): void
  /** Steps (workload · steps + step) whose shortage was accepted, ascending. */
  acceptedSlots(): readonly number[]
  /** Demand accepted as short after a failure, the worst failure of each step and workload, in units of demand times steps. */
  acceptedAfterFailure(): number
  /** Forgets what was accepted of a step: it must carry all demand again. */
  reconsider(workload: number, step: number): void
}

/** Overload by deferrable work from which on it counts, in the workload's unit. */
const overloadFrom = 1e-6

/** @returns coverage of the state as it is now */
export function createCoverage(state: FleetState, cuts: readonly SurvivalCut[]): Coverage {
  const { indexed } = state
  const { steps, regionCount, workloadCount, scenarios } = indexed
  const transports = {
    normal: indexed.reachNormal.map((reach) => createTransport(reach, regionCount)),
    failure: indexed.reachFailure.map((reach) => createTransport(reach, regionCount)),
  }
  const transportOf = (workload: number, scenario: number | undefined): Transport => item(scenario === undefined ? transports.normal : transports.failure, workload)
  const parts: Part[][] = Array.from({ length: workloadCount * regionCount }, () => [])
  const hasDeferred = state.deferred.some((amount) => amount > 0)
  const hasZoneScenarios = scenarios.some(({ isZone }) => isZone)
  /** What each cell can lose by known requirements; NaN where it is not known. */
  const room = { planned: new Float64Array(indexed.open.length).fill(NaN), surviving: new Float64Array(indexed.open.length), afterZoneLoss: new Float64Array(indexed.open.length) }
  const findRoom = (workload: number, step: number, region: number): void => {
    const cell = cellOf(indexed, workload, step, region)
    const least = { planned: Infinity, surviving: Infinity, afterZoneLoss: Infinity }
    const touched = item(parts, workload * regionCount + region)
    for (let i = 0; i < touched.length; i++) {
      const { requirement, counting } = item(touched, i)
      const free = real(requirement.slack, step) + tolerance(requirement, step)
      if (counting === 'planned') least.planned = Math.min(least.planned, free)
      else if (counting === 'surviving') least.surviving = Math.min(least.surviving, free)
      else if (counting === 'after-zone-loss') least.afterZoneLoss = Math.min(least.afterZoneLoss, free)
    }
    room.planned[cell] = least.planned
    room.surviving[cell] = least.surviving
    room.afterZoneLoss[cell] = least.afterZoneLoss
  }
  const forgetRoom = (workload: number, step: number): void => {
    const first = cellOf(indexed, workload, step, 0)
    room.planned.fill(NaN, first, first + regionCount)
  }
  const requirements: Requirement[][] = Array.from({ length: workloadCount }, () => [])
  const nowhere = new Float64Array(indexed.open.length)
  const known = new Set<string>()
  const capacity = new Float64Array(regionCount)
  const scenarioDemand = new Map<number, Float64Array>()
  /** Shortage that is taken as given, by (slot, scenario + 1). */
  const accepted = new Map<number, number>()
  const acceptedAt = new Set<number>()
  const acceptedOverload = new Map<number, number>()
  const acceptedKey = (slot: number, scenario: number | undefined): number => slot * (scenarios.length + 1) + (scenario ?? -1) + 1

  const countingOf = (scenario: number | undefined, region: number): Counting => {
    if (scenario === undefined) return 'planned'
    if (item(scenarios, scenario).region !== region) return 'surviving'
    return item(scenarios, scenario).isZone ? 'after-zone-loss' : 'not'
  }
  const capacityIn = (scenario: number | undefined, region: number): Float64Array => {
    switch (countingOf(scenario, region)) {
      case 'planned': return state.planned
      case 'surviving': return state.surviving
      case 'after-zone-loss': return state.afterZoneLoss
      case 'not': return nowhere
    }
  }
  const worth = (pool: Pool, step: number, counting: Counting, delta: number): number => {
    switch (counting) {
      case 'planned': return pool.planned
      case 'surviving': return pool.surviving
      case 'after-zone-loss': return Math.abs(state.leftAfterZoneLoss(pool, state.count(pool, step) + delta) - state.leftAfterZoneLoss(pool, state.count(pool, step))) * pool.surviving
      case 'not': return 0
    }
  }
  const promise = (pool: Pool, step: number, counting: Counting): number => {
    if (counting !== 'after-zone-loss') return worth(pool, step, counting, 1)
    const zones = indexed.problem.regions[pool.region]?.zones ?? 1
    return Math.max(worth(pool, step, counting, 1), (pool.surviving * (zones - 1)) / zones)
  }
  const tolerance = (requirement: Requirement, step: number): number => 1e-7 * real(requirement.need, step) + 1e-6
  const require = (workload: number, scenario: number | undefined, regions: Int32Array, need: Float64Array): void => {
    const key = `${workload}:${scenario ?? 'normal'}:${regions.join(',')}`
    if (known.has(key)) return
    known.add(key)
    const slack = need.map((amount, step) => {
      let has = 0
      for (const region of regions) has += real(capacityIn(scenario, region), cellOf(indexed, workload, step, region))
      return has - amount
    })
    for (let step = 0; step < steps; step++) forgetRoom(workload, step)
    const requirement = { scenario, regions, need, slack }
    item(requirements, workload).push(requirement)
    for (const region of regions) item(parts, workload * regionCount + region).push({ requirement, counting: countingOf(scenario, region) })
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
    const { cutUserZones } = transportOf(workload, scenario)
    const serves = new Uint8Array(regionCount)
    for (const [zone, near] of reach.entries()) {
      if (flag(cutUserZones, zone) === 1) for (const region of near) if (keep === undefined || real(keep, region) > 0) serves[region] = 1
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
    for (let region = 0; region < regionCount; region++) capacity[region] = real(capacityIn(scenario, region), first + region)
    return transportOf(workload, scenario).route(scenario === undefined ? item(indexed.demand, workload * steps + step) : demandOf(workload, step, scenario), capacity)
  }
  /** Region whose nodes do not even carry the deferrable work that is placed there; −1 if none. */
  const overloaded = (workload: number, step: number): number => {
    for (let region = 0; region < regionCount; region++) {
      const cell = cellOf(indexed, workload, step, region)
      if (real(state.planned, cell) < -overloadFrom - (acceptedOverload.get(cell) ?? 0)) return region
    }
    return -1
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
  for (let position = 0; position < workloadCount * regionCount; position++) {
    const [workload, region] = [Math.floor(position / regionCount), position % regionCount]
    if (state.deferred.some((amount, cell) => amount > 0 && cell % regionCount === region && Math.floor(cell / regionCount / steps) === workload)) {
      require(workload, undefined, Int32Array.of(region), new Float64Array(steps))
    }
  }
  for (const cut of cuts) require(cut.workload, cut.scenario, cut.regions, cut.need)

  return {
    requirementsOf: (workload) => item(requirements, workload),
    partsOf: (workload, region) => item(parts, workload * regionCount + region),
    worth, promise, tolerance,
    apply(pool, run, delta) {
      const touched = item(parts, pool.workload * regionCount + pool.region)
      for (let step = run.from; step <= run.to; step++) {
        if (flag(indexed.open, cellOf(indexed, pool.workload, step, pool.region)) === 0) continue
        forgetRoom(pool.workload, step)
        for (let i = 0; i < touched.length; i++) {
          const { requirement, counting } = item(touched, i)
          if (counting === 'after-zone-loss') add(requirement.slack, step, Math.sign(delta) * worth(pool, step, counting, delta))
          else add(requirement.slack, step, delta * (counting === 'planned' ? pool.planned : pool.surviving))
        }
      }
      state.change(pool, run, delta)
    },
    allows(outs, intos, step) {
      const first = item(outs, 0)
      const cell = cellOf(indexed, first.workload, step, first.region)
      if (flag(indexed.open, cell) === 0) return true
      if (Number.isNaN(real(room.planned, cell))) findRoom(first.workload, step, first.region)
      let planned = 0
      let surviving = 0
      let afterZoneLoss = 0
      for (let i = 0; i < outs.length; i++) {
        const out = item(outs, i)
        planned += out.planned
        surviving += out.surviving
        if (hasZoneScenarios) afterZoneLoss += worth(out, step, 'after-zone-loss', -1)
      }
      for (let i = 0; i < intos.length; i++) {
        const into = item(intos, i)
        planned -= into.planned
        surviving -= into.surviving
        if (hasZoneScenarios) afterZoneLoss -= worth(into, step, 'after-zone-loss', 1)
      }
      return (planned <= 0 || planned <= real(room.planned, cell))
        && (surviving <= 0 || surviving <= real(room.surviving, cell))
        && (afterZoneLoss <= 0 || afterZoneLoss <= real(room.afterZoneLoss, cell))
    },
    carries(workload, step, unlessRegion) {
      if (hasDeferred && overloaded(workload, step) >= 0) return false
      if (shortBeyondAccepted(workload, step, undefined) > 0) {
        learn(workload, undefined)
        return false
      }
      for (let f = 0; f < scenarios.length; f++) {
        const scenario = item(scenarios, f)
        if (scenario.region === unlessRegion && !scenario.isZone) continue
        if (shortBeyondAccepted(workload, step, f) > 0) {
          learn(workload, f)
          return false
        }
      }
      return true
    },
    violation(workload, step) {
      const region = hasDeferred ? overloaded(workload, step) : -1
      if (region >= 0) return { parts: [{ region, counting: 'planned' }], missing: -real(state.planned, cellOf(indexed, workload, step, region)) }
      for (let f = -1; f < scenarios.length; f++) {
        const scenario = f < 0 ? undefined : f
        const missing = shortBeyondAccepted(workload, step, scenario)
        if (missing > 0) return { parts: Array.from(learn(workload, scenario), (region) => ({ region, counting: countingOf(scenario, region) })), missing }
      }
      return undefined
    },
    acceptedSlots: () => [...acceptedAt].sort((a, b) => a - b),
    acceptedAfterFailure() {
      let sum = 0
      for (const slot of acceptedAt) {
        let worst = 0
        for (let f = 0; f < scenarios.length; f++) worst = Math.max(worst, accepted.get(acceptedKey(slot, f)) ?? 0)
        sum += worst
      }
      return sum
    },
    reconsider(workload, step) {
      const slot = workload * steps + step
      acceptedAt.delete(slot)
      for (let f = -1; f < scenarios.length; f++) accepted.delete(acceptedKey(slot, f < 0 ? undefined : f))
      for (let region = 0; region < regionCount; region++) acceptedOverload.delete(cellOf(indexed, workload, step, region))
    },
    accept(workload, step) {
      acceptedAt.add(workload * steps + step)
      for (let region = 0; hasDeferred && region < regionCount; region++) {
        const cell = cellOf(indexed, workload, step, region)
        if (real(state.planned, cell) < 0) acceptedOverload.set(cell, -real(state.planned, cell))
      }
      for (let f = -1; f < scenarios.length; f++) {
        const scenario = f < 0 ? undefined : f
        const short = shortage(workload, step, scenario)
        if (short > 0) accepted.set(acceptedKey(workload * steps + step, scenario), short)
      }
    },
  }
}
