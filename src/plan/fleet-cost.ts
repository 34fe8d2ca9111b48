import type { IndexedProblem } from './index-problem.ts'
import { billedUsdPerStep } from './limits.ts'
import type { FleetState } from './round/fleet-state.ts'
import { routeOverTime } from './route-over-time.ts'
import type { RoutesOverTime } from './route-over-time.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import { indices } from './vector.ts'

/** What a fleet costs over its horizon, USD, without preferences. */
export interface FleetCost {
  readonly nodes: number
  readonly starts: number
  /** Price put on latency and on moves between regions, and price of the data sent. */
  readonly routing: number
  /** Of `routing`: data sent, which is billed. */
  readonly sent: number
  /** Of `routing`: moves between regions. */
  readonly moved: number
  /** Paid whatever is planned. */
  readonly sunk: number
  readonly total: number
  /** Of the nodes that are live, and of those of the first step, with what is paid whatever is planned. */
  readonly usdPerHourLive: number
  readonly usdPerHourPlanned: number
}

/** @returns the cheapest routes of every workload on a fleet's capacity */
export function routesOf(indexed: IndexedProblem, state: FleetState, solver: LinearSolver): readonly RoutesOverTime[] {
  return indices(indexed.workloadCount).map((workload) => routeOverTime(indexed, workload, state.planned, solver))
}

/** @returns most nodes of a fleet in any step */
export function peakNodes(indexed: IndexedProblem, state: FleetState): number {
  return indices(indexed.steps).reduce((most, step) => Math.max(most, indexed.pools.reduce((sum, pool) => sum + state.count(pool, step), 0)), 0)
}

/** @returns the cost of whole nodes as they are billed, and of their routes */
export function costOf(indexed: IndexedProblem, state: FleetState, routes: readonly RoutesOverTime[]): FleetCost {
  const { steps, problem } = indexed
  let [nodes, starts, live, planned] = [0, 0, 0, 0]
  for (const pool of indexed.pools) {
    const usd = billedUsdPerStep(indexed, pool)
    let before = pool.fleet
    for (let step = 0; step < steps; step++) {
      const count = state.count(pool, step)
      nodes += count * usd
      starts += Math.max(0, count - before) * pool.usdPerStart
      before = count
    }
    live += (pool.fleet * usd) / indexed.hours
    planned += (state.count(pool, 0) * usd) / indexed.hours
  }
  let [latency, sent, moved] = [0, 0, 0]
  for (const { steps: byStep, movedUsd } of routes) {
    moved += movedUsd
    for (const { usd, sentUsd } of byStep) {
      latency += usd - sentUsd
      sent += sentUsd
    }
  }
  const sunk = problem.sunkUsdPerHour * indexed.hours * steps
  const routing = latency + sent + moved
  return {
    nodes, starts, routing, sent, moved, sunk, total: nodes + starts + routing + sunk,
    usdPerHourLive: live + problem.sunkUsdPerHour, usdPerHourPlanned: planned + problem.sunkUsdPerHour,
  }
}
