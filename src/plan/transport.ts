import { add, flag, item, real, whole } from './vector.ts'

/** Which regions user zones may use. */
export interface Network {
  /** Shape [user zones]. */
  readonly reach: readonly Int32Array[]
  /** User zones that may use a region, ascending: a search from a region reads these alone. Shape [regions]. */
  readonly users: readonly Int32Array[]
  /** User zones, those with the fewest regions first: the greedy start then rarely needs an augmenting path. */
  readonly order: Int32Array
}

/** Demand smaller than this counts as nothing, in units of demand. */
const nothing = 1e-7

/**
 * Finds whether demand of user zones fits into the capacity of regions, by augmenting paths on the bipartite graph.
 * @see Ford and Fulkerson, Maximal flow through a network, Canadian Journal of Mathematics 8 (1956)
 */
export interface Transport {
  /**
   * Routes as much as fits.
   * @param demand    shape [user zones]
   * @param capacity  shape [regions]; negative counts as 0
   * @returns demand that fits nowhere; 0 if all does
   */
  route(demand: Float64Array, capacity: Float64Array, network: Network): number
  /** After a shortage: 1 for every user zone of the minimum cut, whose reachable regions are all full. Shape [user zones]. */
  readonly cutUserZones: Uint8Array
}

/** @returns a transport whose working arrays are used again in every call */
export function createTransport(userZoneCount: number, regionCount: number): Transport {
  /** What each region gets of each user zone: the search reads one region's whole row. Shape [regions × user zones]. */
  const flow = new Float64Array(regionCount * userZoneCount)
  const load = new Float64Array(regionCount)
  const left = new Float64Array(userZoneCount)
  const seenRegion = new Uint8Array(regionCount)
  const cutUserZones = new Uint8Array(userZoneCount)
  const zoneInto = new Int32Array(regionCount)
  const regionInto = new Int32Array(userZoneCount)
  const queue = new Int32Array(userZoneCount)

  /** Breadth-first search from every user zone with demand left. @returns a region with room, or −1 */
  const regionWithRoom = (capacity: Float64Array, { reach, users }: Network): number => {
    seenRegion.fill(0)
    cutUserZones.fill(0)
    let tail = 0
    for (let zone = 0; zone < userZoneCount; zone++) {
      if (real(left, zone) <= nothing) continue
      cutUserZones[zone] = 1
      regionInto[zone] = -1
      queue[tail++] = zone
    }
    for (let head = 0; head < tail; head++) {
      const zone = whole(queue, head)
      const near = item(reach, zone)
      for (let position = 0; position < near.length; position++) {
        const region = whole(near, position)
        if (flag(seenRegion, region) === 1) continue
        seenRegion[region] = 1
        zoneInto[region] = zone
        if (real(capacity, region) - real(load, region) > nothing) return region
        const served = item(users, region)
        for (let i = 0; i < served.length; i++) {
          const other = whole(served, i)
          if (flag(cutUserZones, other) === 1 || real(flow, region * userZoneCount + other) <= nothing) continue
          cutUserZones[other] = 1
          regionInto[other] = region
          queue[tail++] = other
        }
      }
    }
    return -1
  }

  /** Sends as much as the path that the search found can take. */
  const augment = (last: number, capacity: Float64Array): number => {
    let amount = real(capacity, last) - real(load, last)
    let region = last
    for (;;) {
      const zone = whole(zoneInto, region)
      const before = whole(regionInto, zone)
      amount = Math.min(amount, before < 0 ? real(left, zone) : real(flow, before * userZoneCount + zone))
      if (before < 0) break
      region = before
    }
    add(load, last, amount)
    region = last
    for (;;) {
      const zone = whole(zoneInto, region)
      add(flow, region * userZoneCount + zone, amount)
      const before = whole(regionInto, zone)
      if (before < 0) {
        add(left, zone, -amount)
        return amount
      }
      add(flow, before * userZoneCount + zone, -amount)
      region = before
    }
  }

  const route = (demand: Float64Array, capacity: Float64Array, network: Network): number => {
    const { reach, order } = network
    flow.fill(0)
    load.fill(0)
    let total = 0
    let short = 0
    for (let position = 0; position < userZoneCount; position++) {
      const zone = whole(order, position)
      let rest = real(demand, zone)
      total += rest
      const near = item(reach, zone)
      for (let i = 0; i < near.length && rest > 0; i++) {
        const region = whole(near, i)
        const room = real(capacity, region) - real(load, region)
        if (room <= 0) continue
        const amount = Math.min(room, rest)
        add(flow, region * userZoneCount + zone, amount)
        add(load, region, amount)
        rest -= amount
      }
      left[zone] = rest
      short += rest
    }
    const tolerance = 1e-9 * total + nothing
    while (short > tolerance) {
      const region = regionWithRoom(capacity, network)
      if (region < 0) return short
      short -= augment(region, capacity)
    }
    return 0
  }
  return { route, cutUserZones }
}

/** @param reach  regions each user zone may use; shape [user zones] */
export function networkOf(reach: readonly Int32Array[], regionCount: number): Network {
  const users: number[][] = Array.from({ length: regionCount }, () => [])
  for (const [zone, near] of reach.entries()) for (const region of near) item(users, region).push(zone)
  return {
    reach,
    users: users.map((zones) => Int32Array.from(zones)),
    order: Int32Array.from(reach.keys()).sort((a, b) => item(reach, a).length - item(reach, b).length || a - b),
  }
}
