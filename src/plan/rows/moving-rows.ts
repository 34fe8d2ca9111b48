import type { Draft } from '../draft.ts'
import type { IndexedProblem } from '../index-problem.ts'
import { item, real } from '../vector.ts'
import type { Emit } from './node-rows.ts'

/** Rows that routes enter, one per user zone, region and step of a workload whose moves have a price. */
export interface MovingRows {
  /** Emits the coefficients of one unit of demand on a route; none where moves are free. */
  terms(workload: number, zone: number, region: number, step: number, emit: Emit): void
  /** Adds the columns of what is moved; after all routes' rows exist. */
  addMoved(): void
}

/** @returns whether moves of a user zone's demand have a price and a choice */
export function movesHavePrice(indexed: IndexedProblem, workload: number, zone: number): boolean {
  return item(indexed.problem.workloads, workload).usdPerUnitMoved > 0 && item(item(indexed.reachNormal, workload), zone).length > 1
}

/**
 * Demand of a user zone that changes its region is moved; demand that grows or falls where it is, is not:
 *   route[w, u, r, t] − (demand[w, u, t] / demand[w, u, t − 1]) · route[w, u, r, t − 1] − moved[w, u, r, t]  ≤  0      each unit moved costs usdPerUnitMoved
 *   route[w, u, r, 0] − moved[w, u, r, 0]  ≤  shareNow[w, u, r] · demand[w, u, 0]                                    where shares of now are known
 */
export function movingRows(draft: Draft, indexed: IndexedProblem): MovingRows {
  const { steps, regionCount, userZoneCount, problem } = indexed
  const rows = new Map<number, number>()
  const prices: { readonly row: number; readonly usd: number }[] = []
  const keyOf = (workload: number, step: number, zone: number, region: number): number => ((workload * steps + step) * userZoneCount + zone) * regionCount + region
  const demandOf = (workload: number, step: number, zone: number): number => real(item(indexed.demand, workload * steps + step), zone)
  for (const [w, { usdPerUnitMoved }] of problem.workloads.entries()) {
    for (let zone = 0; zone < userZoneCount; zone++) {
      if (!movesHavePrice(indexed, w, zone)) continue
      for (let step = problem.sharesNow === undefined ? 1 : 0; step < steps; step++) {
        if (step > 0 && demandOf(w, step - 1, zone) <= 0) continue
        for (const region of item(item(indexed.reachNormal, w), zone)) {
          const there = step > 0 ? 0 : (problem.sharesNow?.[w]?.[zone]?.[region] ?? 0) * demandOf(w, 0, zone)
          const row = draft.addRow(-Infinity, there)
          rows.set(keyOf(w, step, zone, region), row)
          prices.push({ row, usd: usdPerUnitMoved })
        }
      }
    }
  }
  return {
    terms(workload, zone, region, step, emit) {
      const own = rows.get(keyOf(workload, step, zone, region))
      if (own !== undefined) emit(own, 1)
      const next = step + 1 < steps ? rows.get(keyOf(workload, step + 1, zone, region)) : undefined
      if (next !== undefined) emit(next, -demandOf(workload, step + 1, zone) / demandOf(workload, step, zone))
    },
    addMoved() {
      for (const { row, usd } of prices) {
        draft.addColumn(usd, 0, Infinity)
        draft.entry(row, -1)
      }
    },
  }
}
