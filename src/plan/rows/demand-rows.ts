import type { Draft } from '../draft.ts'
import type { IndexedProblem } from '../index-problem.ts'
import { item, real } from '../vector.ts'

/**
 * Every user zone is served:
 *   Σ_r route[w, u, r, t]  =  demand[w, u, t]
 * Zones that no region may serve have no row; they are reported as short.
 * @returns row numbers, −1 where there is none; shape [(w · steps + t) · user zones + u]
 */
export function demandRows(draft: Draft, indexed: IndexedProblem): Int32Array {
  const { steps, userZoneCount } = indexed
  return Int32Array.from({ length: indexed.workloadCount * steps * userZoneCount }, (_, position) => {
    const zone = position % userZoneCount
    const slot = Math.floor(position / userZoneCount)
    if (item(item(indexed.reachNormal, Math.floor(slot / steps)), zone).length === 0) return -1
    const demand = real(item(indexed.demand, slot), zone)
    return draft.addRow(demand, demand)
  })
}
