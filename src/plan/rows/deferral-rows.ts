import type { Draft } from '../draft.ts'
import { cellOf } from '../index-problem.ts'
import type { IndexedProblem } from '../index-problem.ts'
import type { DeferrableWork } from '../problem.ts'
import { item, whole } from '../vector.ts'

/** Where deferrable work was placed: a column per place. */
export interface Deferral {
  readonly column: number
  readonly cell: number
  readonly work: number
  readonly step: number
}

/**
 * Work that may wait is done in its window, on capacity that is planned while all is well:
 *   Σ_{r, t = earliest..deadline} deferred[j, r, t] + undone[j]  =  amount[j],      Σ_r deferred[j, r, t]  ≤  maxPerStep[j]
 *   Σ_{r, τ ≤ t} deferred[j, r, τ] / amount[j]  −  Σ_{r, τ < t} deferred[i, r, τ] / amount[i]  ≤  0      for every i that j waits for, and every t
 * The last row says of shares of work what must hold of beginnings and ends; `choose-windows` then gives each work a window of its own, so that it holds
 * of those. `undone` costs more than any node. Deferred work is not protected against failures: it can run again.
 */
export function deferralColumns(draft: Draft, indexed: IndexedProblem, loadRow: Int32Array): { places: readonly Deferral[]; undone: Int32Array } {
  const { deferrable } = indexed.problem
  const places: Deferral[] = []
  const undone: number[] = []
  const last = (work: DeferrableWork): number => Math.min(work.deadline, indexed.steps - 1)
  const waits = deferrable.flatMap((work, later) => work.after.map((earlier) => ({
    earlier, later, rows: Int32Array.from({ length: Math.max(0, last(work) - work.earliest + 1) }, () => draft.addRow(-Infinity, 0)),
  })))
  for (const [position, work] of deferrable.entries()) {
    const { workload, amount, earliest, maxPerStep, regions } = work
    const done = draft.addRow(amount, amount)
    const rate = Array.from({ length: Math.max(0, last(work) - earliest + 1) }, () => draft.addRow(-Infinity, maxPerStep))
    for (let step = earliest; step <= last(work); step++) {
      for (const region of regions) {
        const cell = cellOf(indexed, workload, step, region)
        const column = draft.addColumn(0, 0, Infinity)
        draft.entry(done, 1)
        draft.entry(rate[step - earliest] ?? -1, 1)
        draft.entry(whole(loadRow, cell), 1)
        for (const wait of waits) {
          if (wait.later === position) for (let t = step; t <= last(work); t++) draft.entry(whole(wait.rows, t - earliest), 1 / amount)
          if (wait.earlier !== position) continue
          const waiting = item(deferrable, wait.later)
          for (let t = Math.max(step + 1, waiting.earliest); t <= last(waiting); t++) draft.entry(whole(wait.rows, t - waiting.earliest), -1 / amount)
        }
        places.push({ column, cell, work: position, step })
      }
    }
    undone.push(draft.addColumn(indexed.shortUsd.normal, 0, Infinity))
    draft.entry(done, 1)
  }
  return { places, undone: Int32Array.from(undone) }
}
