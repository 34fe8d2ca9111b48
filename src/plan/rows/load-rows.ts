import type { Draft } from '../draft.ts'
import { cellOf } from '../index-problem.ts'
import type { IndexedProblem } from '../index-problem.ts'
import { flag } from '../vector.ts'
import type { NodeRows } from './node-rows.ts'

/**
 * A region carries what is routed to it, within the planned share of its capacity:
 *   Σ_u route[w, u, r, t] + Σ_j deferred[j, r, t] − Σ_{k,s} planned[w, r, k, s] · nodes[w, r, k, s, t] − short[w, r, t]  ≤  0
 * planned = throughput · normal utilisation · normal availability, in the workload's unit; 0 while the region is closed for the workload.
 * `short` costs more than any node: it keeps the problem solvable and says how much is missing.
 */
export function loadRows(draft: Draft, indexed: IndexedProblem): NodeRows & { readonly row: Int32Array } {
  const row = Int32Array.from({ length: indexed.open.length }, () => draft.addRow(-Infinity, 0))
  return {
    row,
    terms(pool, step, emit) {
      const cell = cellOf(indexed, pool.workload, step, pool.region)
      if (flag(indexed.open, cell) === 1 && pool.planned > 0) emit(row[cell] ?? -1, -pool.planned)
    },
    prices: () => [],
  }
}
