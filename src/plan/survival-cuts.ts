import type { IndexedProblem } from './index-problem.ts'
import { flag, item, real, whole } from './vector.ts'

/** Which cut it is. */
export interface CutName {
  readonly workload: number
  readonly scenario: number
  readonly userZones: Iterable<number>
}

/**
 * User zones W whose demand, in a scenario, can only be served by the regions N(W):
 *   Σ_{r ∈ N(W)} keep[scenario, r] · surviving[w, r, t]  ≥  Σ_{u ∈ W} demand[w, u, t]
 * By the theorem of Gale and Hoffman, demand can be routed in the scenario if and only if this holds for every W.
 */
export interface SurvivalCut extends CutName {
  /** W, closed: every user zone that depends on N(W) alone is in it. */
  readonly userZones: Int32Array
  /** N(W) without regions of which nothing is left. */
  readonly regions: Int32Array
  /** Demand of W. Shape [steps]. */
  readonly need: Float64Array
}

/** Cuts of one workload, each once. */
export interface CutPool {
  readonly cuts: readonly SurvivalCut[]
  /**
   * Adds the cut of a set of user zones.
   * @param members  1 for each user zone of W; shape [user zones]
   * @returns the cut, new or known; undefined when no region is left to serve W at all
   */
  add(members: Uint8Array, scenario: number): SurvivalCut | undefined
  /** Takes every cut's need from the problem's demand as it is now. */
  followDemand(): void
}

function positionsOf(count: number, isIn: (position: number) => boolean): Int32Array {
  const positions = new Int32Array(count)
  let found = 0
  for (let position = 0; position < count; position++) if (isIn(position)) positions[found++] = position
  return positions.slice(0, found)
}

/** @returns an empty pool of cuts for one workload */
export function createCutPool(indexed: IndexedProblem, workload: number): CutPool {
  const cuts: SurvivalCut[] = []
  const known = new Map<string, SurvivalCut>()
  const reach = item(indexed.reachFailure, workload)
  const needOf = (userZones: Int32Array): Float64Array => {
    const need = new Float64Array(indexed.steps)
    for (let step = 0; step < need.length; step++) {
      const demand = item(indexed.demand, workload * indexed.steps + step)
      let sum = 0
      for (let i = 0; i < userZones.length; i++) sum += real(demand, whole(userZones, i))
      need[step] = sum
    }
    return need
  }
  const add = (members: Uint8Array, scenario: number): SurvivalCut | undefined => {
    const keep = item(indexed.scenarios, scenario).keep
    const exposed = indexed.exposed[workload]?.[scenario]
    const counts = (zone: number): boolean => exposed === undefined || flag(exposed, zone) === 0
    const serves = new Uint8Array(indexed.regionCount)
    for (let zone = 0; zone < reach.length; zone++) {
      if (flag(members, zone) === 0 || !counts(zone)) continue
      const regions = item(reach, zone)
      for (let i = 0; i < regions.length; i++) if (real(keep, whole(regions, i)) > 0) serves[whole(regions, i)] = 1
    }
    const regions = positionsOf(serves.length, (region) => flag(serves, region) === 1)
    if (regions.length === 0) return undefined
    const key = `${scenario}:${regions.join(',')}`
    const before = known.get(key)
    if (before !== undefined) return before
    const confined = (zone: number): boolean => {
      const regions = item(reach, zone)
      for (let i = 0; i < regions.length; i++) if (real(keep, whole(regions, i)) > 0 && flag(serves, whole(regions, i)) === 0) return false
      return true
    }
    const userZones = positionsOf(reach.length, (zone) => counts(zone) && confined(zone))
    const cut = { workload, scenario, userZones, regions, need: needOf(userZones) }
    cuts.push(cut)
    known.set(key, cut)
    return cut
  }
  const followDemand = (): void => {
    for (const { userZones, need } of cuts) need.set(needOf(userZones))
  }
  return { cuts, add, followDemand }
}

/** @returns demand of one step that a scenario must serve: without user zones that have no region left in it */
export function demandToSurvive(indexed: IndexedProblem, workload: number, scenario: number, step: number): Float64Array {
  const demand = item(indexed.demand, workload * indexed.steps + step)
  const exposed = indexed.exposed[workload]?.[scenario]
  return exposed === undefined ? demand : demand.map((value, zone) => (flag(exposed, zone) === 1 ? 0 : value))
}
