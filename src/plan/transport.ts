import { add, flag, item, real, whole } from './vector.ts'

/** Demand smaller than this counts as nothing, in units of demand. */
const nothing = 1e-7

/**
 * Finds whether demand of user zones fits into the capacity of regions, by augmenting paths on the bipartite graph. User zones that may use the same regions
 * are one: whose demand goes where makes no difference.
 * @see Ford and Fulkerson, Maximal flow through a network, Canadian Journal of Mathematics 8 (1956)
 */
export interface Transport {
  /**
   * Routes as much as fits.
   * @param demand    shape [user zones]
   * @param capacity  shape [regions]; negative counts as 0
   * @returns demand that fits nowhere; 0 if all does
   */
  route(demand: Float64Array, capacity: Float64Array): number
  /** After a shortage: 1 for every user zone of the minimum cut, whose reachable regions are all full. Shape [user zones]. */
  readonly cutUserZones: Uint8Array
}

/** User zones by the regions that they may use, those with the fewest first: the greedy start then rarely needs an augmenting path. */
function groupsOf(reach: readonly Int32Array[]): { readonly nearOf: readonly Int32Array[]; readonly groupOf: Int32Array } {
  const zonesOf = Map.groupBy(reach.keys(), (zone) => item(reach, zone).toSorted().join())
  const groups = [...zonesOf.values()].sort((a, b) => item(reach, item(a, 0)).length - item(reach, item(b, 0)).length || item(a, 0) - item(b, 0))
  const groupOf = new Int32Array(reach.length)
  for (const [group, zones] of groups.entries()) for (const zone of zones) groupOf[zone] = group
  return { nearOf: groups.map((zones) => item(reach, item(zones, 0))), groupOf }
}

/**
 * @param reach  regions that each user zone may use, best the nearest first; shape [user zones]
 * @returns a transport whose working arrays are used again in every call
 */
export function createTransport(reach: readonly Int32Array[], regionCount: number): Transport {
  const { nearOf, groupOf } = groupsOf(reach)
  const groupCount = nearOf.length
  /** What each region gets of each group: the search reads one region's whole row. Shape [regions × groups]. */
  const flow = new Float64Array(regionCount * groupCount)
  const load = new Float64Array(regionCount)
  const left = new Float64Array(groupCount)
  const cutUserZones = new Uint8Array(reach.length)
  /** The search goes from region to region: on the way into each, the group that moves there, and the region that it leaves, or −1 where its demand is left. */
  const seenRegion = new Uint8Array(regionCount)
  const groupInto = new Int32Array(regionCount)
  const regionBefore = new Int32Array(regionCount)
  const queue = new Int32Array(regionCount)
  /** The group with most demand in a region that may move on to another; −1 if none. Shape [regions × regions]; rows are found again when their flow changed. */
  const mover = new Int32Array(regionCount * regionCount)
  const moved = new Float64Array(regionCount)
  const isStale = new Uint8Array(regionCount)

  const findMovers = (from: number): void => {
    const first = from * regionCount
    mover.fill(-1, first, first + regionCount)
    moved.fill(nothing)
    for (let group = 0; group < groupCount; group++) {
      const amount = real(flow, from * groupCount + group)
      if (amount <= nothing) continue
      const near = item(nearOf, group)
      for (let position = 0; position < near.length; position++) {
        const to = whole(near, position)
        if (amount <= real(moved, to)) continue
        moved[to] = amount
        mover[first + to] = group
      }
    }
    isStale[from] = 0
  }

  /** Breadth-first search from every group with demand left. @returns a region with room, or −1 */
  const regionWithRoom = (capacity: Float64Array): number => {
    seenRegion.fill(0)
    let tail = 0
    for (let group = 0; group < groupCount; group++) {
      if (real(left, group) <= nothing) continue
      const near = item(nearOf, group)
      for (let position = 0; position < near.length; position++) {
        const region = whole(near, position)
        if (flag(seenRegion, region) === 1) continue
        seenRegion[region] = 1
        groupInto[region] = group
        regionBefore[region] = -1
        if (real(capacity, region) - real(load, region) > nothing) return region
        queue[tail++] = region
      }
    }
    for (let head = 0; head < tail; head++) {
      const from = whole(queue, head)
      if (flag(isStale, from) === 1) findMovers(from)
      for (let to = 0; to < regionCount; to++) {
        const group = whole(mover, from * regionCount + to)
        if (group < 0 || flag(seenRegion, to) === 1) continue
        seenRegion[to] = 1
        groupInto[to] = group
        regionBefore[to] = from
        if (real(capacity, to) - real(load, to) > nothing) return to
        queue[tail++] = to
      }
    }
    return -1
  }

  /** Sends as much as the path that the search found can take. */
  const augment = (last: number, capacity: Float64Array): number => {
    let amount = real(capacity, last) - real(load, last)
    for (let region = last; region >= 0; region = whole(regionBefore, region)) {
      const [group, before] = [whole(groupInto, region), whole(regionBefore, region)]
      amount = Math.min(amount, before < 0 ? real(left, group) : real(flow, before * groupCount + group))
    }
    add(load, last, amount)
    for (let region = last; region >= 0; region = whole(regionBefore, region)) {
      const [group, before] = [whole(groupInto, region), whole(regionBefore, region)]
      add(flow, region * groupCount + group, amount)
      isStale[region] = 1
      if (before < 0) add(left, group, -amount)
      else add(flow, before * groupCount + group, -amount)
    }
    return amount
  }

  /** Of a search that found no room: whoever has demand left or in one of the regions that it came to. */
  const findCut = (): void => {
    const isIn = left.map((amount) => (amount > nothing ? 1 : 0))
    for (let region = 0; region < regionCount; region++) {
      if (flag(seenRegion, region) === 0) continue
      for (let group = 0; group < groupCount; group++) if (real(flow, region * groupCount + group) > nothing) isIn[group] = 1
    }
    for (const [zone, group] of groupOf.entries()) cutUserZones[zone] = real(isIn, group)
  }

  const route = (demand: Float64Array, capacity: Float64Array): number => {
    flow.fill(0)
    load.fill(0)
    left.fill(0)
    isStale.fill(1)
    let total = 0
    let short = 0
    for (let zone = 0; zone < groupOf.length; zone++) add(left, whole(groupOf, zone), real(demand, zone))
    for (let group = 0; group < groupCount; group++) {
      let rest = real(left, group)
      total += rest
      const near = item(nearOf, group)
      for (let i = 0; i < near.length && rest > 0; i++) {
        const region = whole(near, i)
        const room = real(capacity, region) - real(load, region)
        if (room <= 0) continue
        const amount = Math.min(room, rest)
        add(flow, region * groupCount + group, amount)
        add(load, region, amount)
        rest -= amount
      }
      left[group] = rest
      short += rest
    }
    const tolerance = 1e-9 * total + nothing
    while (short > tolerance) {
      const region = regionWithRoom(capacity)
      if (region < 0) {
        findCut()
        return short
      }
      short -= augment(region, capacity)
    }
    return 0
  }
  return { route, cutUserZones }
}
