import type { Draft } from '../draft.ts'
import type { IndexedProblem } from '../index-problem.ts'
import { billedUsdPerStep } from '../limits.ts'
import type { Limits } from '../limits.ts'
import { negligibleUsd, sumOfDuals } from './node-rows.ts'
import type { LimitPrice, NodeRows } from './node-rows.ts'

/**
 * All nodes together within the budget:
 *   Σ_{w,r,k,s} usdPerHour[r, k, s] · hours · nodes[w, r, k, s, t]  ≤  budget[t]      for every t
 */
export function budgetRows(draft: Draft, indexed: IndexedProblem, limits: Limits): NodeRows {
  const rows = indexed.problem.maxUsdPerHour === undefined
    ? new Int32Array(0)
    : Int32Array.from(limits.budgetUsd, (budget) => draft.addRow(-Infinity, budget))
  return {
    terms(pool, step, emit) {
      const row = rows[step]
      if (row !== undefined) emit(row, billedUsdPerStep(indexed, pool))
    },
    prices(duals): readonly LimitPrice[] {
      const usd = sumOfDuals(rows, duals)
      return usd < negligibleUsd ? [] : [{ limit: 'budget', unit: 'USD', usd }]
    },
  }
}
