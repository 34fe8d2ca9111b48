import { createDraft } from '../draft.ts'
import { cellOf } from '../index-problem.ts'
import type { Pool } from '../index-problem.ts'
import { budgetRows } from '../rows/budget-rows.ts'
import { addNodeColumns } from '../rows/node-columns.ts'
import { nodeLimitRows } from '../rows/node-limit-rows.ts'
import type { Emit } from '../rows/node-rows.ts'
import { offerRows } from '../rows/offer-rows.ts'
import { quotaRows } from '../rows/quota-rows.ts'
import { spotPoolRows } from '../rows/spot-pool-rows.ts'
import { spotShareRows } from '../rows/spot-share-rows.ts'
import type { LinearSolver } from '../solver/linear-solver.ts'
import { demandToSurvive } from '../survival-cuts.ts'
import { flag, item, real, whole } from '../vector.ts'
import type { FleetState, Run } from './fleet-state.ts'

/** Relative gap and nodes of the search tree at which an exact search ends, the latter by how many counts it decides; counted, not timed, so that it ends alike everywhere. */
const effort = { gap: 0.03, nodes: 30, nodesOfFew: 400, few: 120 } as const

/** A little demand costs less to leave short than a whole node, at the prices of the relaxation: here it costs so many times as much. */
const aboveNodes = 200

/** Counts of the window's steps. */
export type WindowCounts = (pool: Pool, step: number) => number

/**
 * The best whole counts of a few steps, all others as they are, by branch and bound over
 *   the rows of `node-columns`, `spot-share-rows`, `spot-pool-rows`, `quota-rows`, `offer-rows`, `node-limit-rows`, `budget-rows`
 *   Σ_u route[f, u, r] − Σ_{k,s} capacity[f, r, k, s] · nodes  ≤  −deferred[r]      Σ_r route[f, u, r] + short[f, u] = demand[u]      for normal times and every failure f
 * where a region that loses a zone keeps n − lost of a pool's n nodes, with whole lost ≥ n / zones.
 * @returns undefined where no whole solution was found within the effort
 */
export function wholeWindow(state: FleetState, window: Run, solver: LinearSolver): WindowCounts | undefined {
  const { indexed, limits } = state
  const { steps, regionCount, scenarios, problem } = indexed
  const draft = createDraft()
  const missingUsd = indexed.shortUsd.normal * Math.max(1, ...indexed.pools.map((pool) => pool.planned))
  const floors = nodeLimitRows(draft, indexed, limits, missingUsd)
  const spotPools = spotPoolRows(draft, indexed, limits)
  const offers = offerRows(draft, indexed, limits)
  for (const pool of indexed.pools) offers.begin(pool)
  const families = [spotShareRows(draft, indexed, limits), spotPools, quotaRows(draft, indexed, limits), offers, floors, budgetRows(draft, indexed, limits)]
  /** Rows of what a region carries, by scenario + 1 (0 in normal times) and cell. */
  const capacityRow = new Map<number, number>()
  const rowKey = (scenario: number, cell: number): number => (scenario + 1) * indexed.open.length + cell
  const rowOf = (scenario: number, cell: number): number => capacityRow.get(rowKey(scenario, cell)) ?? -1
  const zoneScenario = new Map<number, number>()
  for (let workload = 0; workload < indexed.workloadCount; workload++) {
    for (let step = window.from; step <= window.to; step++) {
      for (let scenario = -1; scenario < scenarios.length; scenario++) {
        for (let region = 0; region < regionCount; region++) {
          const cell = cellOf(indexed, workload, step, region)
          capacityRow.set(rowKey(scenario, cell), draft.addRow(-Infinity, scenario < 0 ? -real(state.deferred, cell) : 0))
        }
      }
    }
  }
  /** Rows that say how many of a pool's nodes the loss of a zone takes; shape per pool [steps of the window]. */
  const lostRow = new Map<Pool, Int32Array>()
  for (const [scenario, { region, isZone }] of scenarios.entries()) {
    if (!isZone) continue
    zoneScenario.set(region, scenario)
    for (const pool of indexed.pools) {
      if (pool.region === region && pool.surviving > 0) lostRow.set(pool, Int32Array.from({ length: window.to - window.from + 1 }, () => draft.addRow(0, Infinity)))
    }
  }
  const terms = (pool: Pool, step: number, emit: Emit): void => {
    for (const family of families) family.terms(pool, step, emit)
    const cell = cellOf(indexed, pool.workload, step, pool.region)
    if (step < window.from || step > window.to || flag(indexed.open, cell) === 0) return
    for (let scenario = -1; scenario < scenarios.length; scenario++) {
      const isLost = scenario >= 0 && item(scenarios, scenario).region === pool.region && !item(scenarios, scenario).isZone
      const capacity = scenario < 0 ? pool.planned : pool.surviving
      if (!isLost && capacity > 0) emit(rowOf(scenario, cell), -capacity)
    }
    const lost = lostRow.get(pool)
    if (lost !== undefined) emit(whole(lost, step - window.from), -1)
  }
  const columns = new Map<Pool, Int32Array>()
  for (const pool of indexed.pools) columns.set(pool, addNodeColumns(draft, indexed, pool, terms).nodes)
  const integers: number[] = []
  for (const [pool, lost] of lostRow) {
    for (const [position, row] of lost.entries()) {
      const cell = cellOf(indexed, pool.workload, window.from + position, pool.region)
      integers.push(draft.addColumn(0, 0, Infinity))
      draft.entry(row, item(problem.regions, pool.region).zones)
      if (flag(indexed.open, cell) === 1) draft.entry(rowOf(zoneScenario.get(pool.region) ?? -1, cell), pool.surviving)
    }
  }
  floors.addMissing()
  spotPools.addTotals()
  for (let workload = 0; workload < indexed.workloadCount; workload++) {
    for (let step = window.from; step <= window.to; step++) {
      for (let scenario = -1; scenario < scenarios.length; scenario++) {
        const demand = scenario < 0 ? item(indexed.demand, workload * steps + step) : demandToSurvive(indexed, workload, scenario, step)
        for (const [zone, reach] of item(scenario < 0 ? indexed.reachNormal : indexed.reachFailure, workload).entries()) {
          if (real(demand, zone) <= 0) continue
          const row = draft.addRow(real(demand, zone), real(demand, zone))
          for (const region of reach) {
            const position = zone * regionCount + region
            draft.addColumn(scenario < 0 ? real(item(indexed.routeUsd.latency, workload), position) + real(item(indexed.routeUsd.sent, workload), position) : 0, 0, Infinity)
            draft.entry(row, 1)
            draft.entry(rowOf(scenario, cellOf(indexed, workload, step, region)), 1)
          }
          draft.addColumn(aboveNodes * (scenario < 0 ? indexed.shortUsd.normal : indexed.shortUsd.failure), 0, Infinity)
          draft.entry(row, 1)
        }
      }
    }
  }
  const model = solver.createModel()
  try {
    draft.flush(model)
    const held = new Map<number, number>()
    for (const [pool, byStep] of columns) {
      for (let step = 0; step < steps; step++) {
        if (step < window.from || step > window.to) held.set(whole(byStep, step), state.count(pool, step))
        else integers.push(whole(byStep, step))
      }
    }
    const fixed = Int32Array.from(held.keys()).sort()
    const counts = Float64Array.from(fixed, (column) => held.get(column) ?? 0)
    model.changeColumnBounds(fixed, counts, counts)
    const columnsToDecide = Int32Array.from(new Set(integers)).sort()
    const values = model.solveWhole(columnsToDecide, { gap: effort.gap, nodes: columnsToDecide.length <= effort.few ? effort.nodesOfFew : effort.nodes })
    return values === undefined ? undefined : (pool, step) => Math.round(real(values, whole(columns.get(pool) ?? fixed, step)))
  } finally {
    model.dispose()
  }
}
