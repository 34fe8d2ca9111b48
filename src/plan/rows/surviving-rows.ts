import type { Draft } from '../draft.ts'
import { cellOf } from '../index-problem.ts'
import type { IndexedProblem } from '../index-problem.ts'
import { flag } from '../vector.ts'
import type { NodeRows } from './node-rows.ts'

/**
 * What a region can carry after a failure elsewhere, as one variable that the cuts of all scenarios share:
 *   surviving[w, r, t] − Σ_{k,s} left[w, r, k, s] · nodes[w, r, k, s, t] − shortAfterFailure[w, r, t]  =  0
 * left = throughput · failure utilisation · failure availability, in the workload's unit; 0 while the region is closed for the workload.
 */
export function survivingRows(draft: Draft, indexed: IndexedProblem): NodeRows & { readonly row: Int32Array } {
  const present = indexed.scenarios.length > 0
  const row = Int32Array.from({ length: indexed.open.length }, () => (present ? draft.addRow(0, 0) : -1))
  return {
    row,
    terms(pool, step, emit) {
      const cell = cellOf(indexed, pool.workload, step, pool.region)
      if (present && flag(indexed.open, cell) === 1 && pool.surviving > 0) emit(row[cell] ?? -1, -pool.surviving)
    },
    prices: () => [],
  }
}
