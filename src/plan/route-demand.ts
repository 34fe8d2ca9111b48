import { cellOf } from './index-problem.ts'
import type { IndexedProblem } from './index-problem.ts'
import { add, item, real, whole } from './vector.ts'

/** Demand smaller than this counts as nothing. */
const nothing = 1e-9

/** Cheapest routes of one workload and step. */
export interface Routes {
  /** What each user zone sends to each region. Shape [user zones × regions], row-wise. */
  readonly flow: Float64Array
  /** Demand that fits nowhere, per user zone. */
  readonly left: Float64Array
  /** Price put on latency, and price of the data sent, USD per step. */
  readonly usd: number
  /** Of that, the data sent. */
  readonly sentUsd: number
}

/**
 * Routes demand to regions at the least total cost of routes within capacity: each user zone's demand takes the cheapest path of the residual graph,
 * which may move demand of other zones from one region to another.
 * @param capacity  what each region may carry in the step; shape [regions]
 * @see Busacker and Gowen, A procedure for determining a family of minimum-cost network flow patterns (1960)
 */
export function routeDemand(indexed: IndexedProblem, workload: number, step: number, capacity: Float64Array): Routes {
  const { regionCount, userZoneCount } = indexed
  const reach = item(indexed.reachNormal, workload)
  const demand = item(indexed.demand, workload * indexed.steps + step)
  const flow = new Float64Array(userZoneCount * regionCount)
  const room = capacity.map((amount) => Math.max(0, amount))
  const left = demand.slice()
  const routeMs = item(indexed.routeMs, workload)
  const latency = (zone: number, region: number): number => real(routeMs, zone * regionCount + region)
  const sends = (zone: number, region: number): number => real(flow, zone * regionCount + region)

  /** Cheapest way to make room in region `from`: move some zone's demand on to region `to`. Shape [from × to]; rows are found again when their flow changed. */
  const moveMs = new Float64Array(regionCount * regionCount)
  const moveZone = new Int32Array(regionCount * regionCount)
  const isStale = new Uint8Array(regionCount).fill(1)
  const findMoves = (from: number): void => {
    const first = from * regionCount
    moveMs.fill(Infinity, first, first + regionCount)
    const served = item(item(indexed.usersNormal, workload), from)
    for (let i = 0; i < served.length; i++) {
      const zone = whole(served, i)
      if (sends(zone, from) <= nothing) continue
      const here = latency(zone, from)
      const near = item(reach, zone)
      for (let j = 0; j < near.length; j++) {
        const to = whole(near, j)
        const ms = latency(zone, to) - here
        if (to === from || ms >= real(moveMs, first + to)) continue
        moveMs[first + to] = ms
        moveZone[first + to] = zone
      }
    }
    isStale[from] = 0
  }

  const ms = new Float64Array(regionCount)
  const cameFrom = new Int32Array(regionCount)
  const moved = new Int32Array(regionCount)
  /** Regions whose `ms` fell since paths were last led on from them: from others nothing new comes. */
  const fell = new Uint8Array(regionCount)
  for (const [zone, near] of reach.entries()) {
    while (real(left, zone) > nothing) {
      ms.fill(Infinity)
      cameFrom.fill(-1)
      fell.fill(0)
      for (const region of near) {
        ms[region] = latency(zone, region)
        fell[region] = 1
      }
      const nearest = near.find((region) => real(room, region) > nothing)
      const needsMoves = nearest === undefined || near[0] !== nearest
      for (let round = 0, changed = needsMoves; changed && round < regionCount; round++) {
        changed = false
        for (let from = 0; from < regionCount; from++) {
          if (fell[from] === 0) continue
          fell[from] = 0
          if (isStale[from] === 1) findMoves(from)
          for (let to = 0; to < regionCount; to++) {
            const through = real(ms, from) + real(moveMs, from * regionCount + to)
            if (through >= real(ms, to) - 1e-12) continue
            ms[to] = through
            fell[to] = 1
            cameFrom[to] = from
            moved[to] = whole(moveZone, from * regionCount + to)
            changed = true
          }
        }
      }
      let end = -1
      for (let region = 0; region < regionCount; region++) {
        if (real(room, region) > nothing && real(ms, region) < Infinity && (end < 0 || real(ms, region) < real(ms, end))) end = region
      }
      if (end < 0) break
      let amount = Math.min(real(left, zone), real(room, end))
      for (let region = end; whole(cameFrom, region) >= 0; region = whole(cameFrom, region)) {
        amount = Math.min(amount, sends(whole(moved, region), whole(cameFrom, region)))
      }
      add(room, end, -amount)
      let region = end
      for (; whole(cameFrom, region) >= 0; region = whole(cameFrom, region)) {
        add(flow, whole(moved, region) * regionCount + region, amount)
        add(flow, whole(moved, region) * regionCount + whole(cameFrom, region), -amount)
        isStale[region] = 1
        isStale[whole(cameFrom, region)] = 1
      }
      isStale[region] = 1
      add(flow, zone * regionCount + region, amount)
      add(left, zone, -amount)
    }
  }
  return { flow, left: left.map((amount) => (amount > nothing * 10 ? amount : 0)), ...costOfFlow(indexed, workload, flow) }
}

/** @returns what a workload's routes of one step cost; `flow` as in `Routes` */
export function costOfFlow(indexed: IndexedProblem, workload: number, flow: Float64Array): { readonly usd: number; readonly sentUsd: number } {
  const [latency, sent] = [item(indexed.routeUsd.latency, workload), item(indexed.routeUsd.sent, workload)]
  let usd = 0
  let sentUsd = 0
  for (let route = 0; route < flow.length; route++) {
    const amount = real(flow, route)
    if (amount === 0) continue
    usd += amount * real(latency, route)
    sentUsd += amount * real(sent, route)
  }
  return { usd: usd + sentUsd, sentUsd }
}

/** @returns planned capacity of every region in a step; shape [regions] */
export function capacityAt(indexed: IndexedProblem, planned: Float64Array, workload: number, step: number): Float64Array {
  const first = cellOf(indexed, workload, step, 0)
  return planned.slice(first, first + indexed.regionCount)
}

/**
 * What one unit more of each region's capacity would save at the cheapest routes, an optimal dual: other capacities cost at least these prices times the difference more.
 * @param flow  cheapest routes, as in `Routes`
 * @returns USD per step and unit, ≥ 0; shape [regions]
 */
export function capacityPrices(indexed: IndexedProblem, workload: number, flow: Float64Array): Float64Array {
  const { regionCount, userZoneCount } = indexed
  const reach = item(indexed.reachNormal, workload)
  const [latency, sent] = [item(indexed.routeUsd.latency, workload), item(indexed.routeUsd.sent, workload)]
  const moveUsd = new Float64Array(regionCount * regionCount).fill(Infinity)
  for (let zone = 0; zone < userZoneCount; zone++) {
    const near = item(reach, zone)
    for (let i = 0; i < near.length; i++) {
      const from = zone * regionCount + whole(near, i)
      if (real(flow, from) <= nothing) continue
      const here = real(latency, from) + real(sent, from)
      for (let j = 0; j < near.length; j++) {
        const to = zone * regionCount + whole(near, j)
        const move = whole(near, i) * regionCount + whole(near, j)
        moveUsd[move] = Math.min(real(moveUsd, move), real(latency, to) + real(sent, to) - here)
      }
    }
  }
  const prices = new Float64Array(regionCount)
  for (let round = 0, changed = true; changed && round < regionCount; round++) {
    changed = false
    for (let from = 0; from < regionCount; from++) {
      for (let to = 0; to < regionCount; to++) {
        const saved = real(prices, from) - real(moveUsd, from * regionCount + to)
        if (saved <= real(prices, to) + 1e-12) continue
        prices[to] = saved
        changed = true
      }
    }
  }
  return prices
}

/** What the cheapest routes cost, and at least by how much less for each unit that a region has more. */
export interface PricedRoutes {
  readonly usd: number
  /** See `capacityPrices`. */
  readonly prices: Float64Array
}

/** @returns the cheapest routes of one workload and step within planned capacity, priced; `planned` has shape [cells] */
export function pricedRoutes(indexed: IndexedProblem, planned: Float64Array, workload: number, step: number): PricedRoutes {
  const { usd, flow } = routeDemand(indexed, workload, step, capacityAt(indexed, planned, workload, step))
  return { usd, prices: capacityPrices(indexed, workload, flow) }
}
