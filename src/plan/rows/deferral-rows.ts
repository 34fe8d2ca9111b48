import type { Draft } from '../draft.ts'
import { cellOf } from '../index-problem.ts'
import type { IndexedProblem } from '../index-problem.ts'
import { whole } from '../vector.ts'

/** Where deferrable work was placed: a column per place. */
export interface Deferral {
  readonly column: number
  readonly cell: number
  readonly work: number
}

/**
 * Work that may wait is done in its window, on capacity that is planned while all is well:
 *   Σ_{r, t = earliest..deadline} deferred[j, r, t] + undone[j]  =  amount[j],      Σ_r deferred[j, r, t]  ≤  maxPerStep[j]
 * `undone` costs more than any node. Deferred work is not protected against failures: it can run again.
 */
export function deferralColumns(draft: Draft, indexed: IndexedProblem, loadRow: Int32Array): { places: readonly Deferral[]; undone: Int32Array } {
  const places: Deferral[] = []
  const undone: number[] = []
  for (const [work, { workload, amount, earliest, deadline, maxPerStep, regions }] of indexed.problem.deferrable.entries()) {
    const done = draft.addRow(amount, amount)
    const last = Math.min(deadline, indexed.steps - 1)
    const rate = Array.from({ length: Math.max(0, last - earliest + 1) }, () => draft.addRow(-Infinity, maxPerStep))
    for (let step = earliest; step <= last; step++) {
      for (const region of regions) {
        const cell = cellOf(indexed, workload, step, region)
        const column = draft.addColumn(0, 0, Infinity)
        draft.entry(done, 1)
        draft.entry(rate[step - earliest] ?? -1, 1)
        draft.entry(whole(loadRow, cell), 1)
        places.push({ column, cell, work })
      }
    }
    undone.push(draft.addColumn(indexed.shortUsd.normal, 0, Infinity))
    draft.entry(done, 1)
  }
  return { places, undone: Int32Array.from(undone) }
}
