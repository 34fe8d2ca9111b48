import { createDraft } from './draft.ts'
import { cellOf } from './index-problem.ts'
import type { IndexedProblem } from './index-problem.ts'
import { capacityAt, costOfFlow, routeDemand } from './route-demand.ts'
import type { Routes } from './route-demand.ts'
import { movingRows } from './rows/moving-rows.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import { item, real, whole } from './vector.ts'

/** Cheapest routes of a workload over all steps, and what its moves between regions cost. */
export interface RoutesOverTime {
  /** Shape [steps]. */
  readonly steps: readonly Routes[]
  /** USD over the horizon. */
  readonly movedUsd: number
}

/**
 * Routes of a workload for given capacity: step by step where moves are free, else all steps at once, since staying has its worth:
 *   min Σ routeUsd · route + usdPerUnitMoved · moved + shortUsd · left,   Σ_r route + left = demand,   Σ_u route ≤ capacity,   moved as in `moving-rows`
 * @param planned  capacity of all cells, in the workload's unit
 * @throws Error when the solver fails: demand may be left, so that there is always a solution
 */
export function routeOverTime(indexed: IndexedProblem, workload: number, planned: Float64Array, solver: LinearSolver): RoutesOverTime {
  const { steps, regionCount, userZoneCount, problem } = indexed
  const usdPerUnitMoved = item(problem.workloads, workload).usdPerUnitMoved
  if (usdPerUnitMoved === 0) {
    return { steps: Array.from({ length: steps }, (_, step) => routeDemand(indexed, workload, step, capacityAt(indexed, planned, workload, step))), movedUsd: 0 }
  }
  const draft = createDraft()
  const moving = movingRows(draft, indexed)
  const left = new Int32Array(steps * userZoneCount)
  const routes: { readonly step: number; readonly zone: number; readonly region: number; readonly column: number }[] = []

  for (let step = 0; step < steps; step++) {
    const capacity = Array.from({ length: regionCount }, (_, region) => draft.addRow(-Infinity, Math.max(0, real(planned, cellOf(indexed, workload, step, region)))))
    const demand = item(indexed.demand, workload * steps + step)
    for (const [zone, reach] of item(indexed.reachNormal, workload).entries()) {
      const row = draft.addRow(real(demand, zone), real(demand, zone))
      for (const region of reach) {
        const position = zone * regionCount + region
        const column = draft.addColumn(real(item(indexed.routeUsd.latency, workload), position) + real(item(indexed.routeUsd.sent, workload), position), 0, Infinity)
        draft.entry(row, 1)
        draft.entry(item(capacity, region), 1)
        moving.terms(workload, zone, region, step, draft.entry)
        routes.push({ step, zone, region, column })
      }
      left[step * userZoneCount + zone] = draft.addColumn(indexed.shortUsd.normal, 0, Infinity)
      draft.entry(row, 1)
    }
  }
  const movesFrom = draft.columnCount()
  moving.addMoved()
  const model = solver.createModel()
  try {
    draft.flush(model)
    const outcome = model.solve()
    if (outcome.kind !== 'optimal') throw new Error(`routes over time: the linear solver ended ${outcome.kind === 'stopped' ? outcome.reason : outcome.kind}`)
    const { values } = outcome.solution
    const flows = Array.from({ length: steps }, () => new Float64Array(userZoneCount * regionCount))
    for (const { step, zone, region, column } of routes) item(flows, step)[zone * regionCount + region] = Math.max(0, real(values, column))
    return {
      steps: flows.map((flow, step) => ({
        flow, left: Float64Array.from({ length: userZoneCount }, (_, zone) => { const amount = real(values, whole(left, step * userZoneCount + zone)); return amount > 1e-8 ? amount : 0 }),
        ...costOfFlow(indexed, workload, flow),
      })),
      movedUsd: values.subarray(movesFrom).reduce((sum, moved) => sum + Math.max(0, moved) * usdPerUnitMoved, 0),
    }
  } finally {
    model.dispose()
  }
}
