import type { Draft } from '../draft.ts'
import type { IndexedProblem } from '../index-problem.ts'
import { billedUsdPerStep } from '../limits.ts'
import type { Limits } from '../limits.ts'
import { whole } from '../vector.ts'
import { negligibleUsd, sumOfDuals } from './node-rows.ts'
import type { LimitPrice, NodeRows } from './node-rows.ts'

/**
 * All nodes together within the budgets:
 *   Σ_{w,r,k,s} usdPerHour[r, k, s] · hours · nodes[w, r, k, s, t]  ≤  budget[t]                          for every t
 *   Σ_{t in d} Σ_{w,r,k,s} usdPerHour[r, k, s] · hours · nodes[w, r, k, s, t]  ≤  budgetOfDay[d]          for every UTC day d
 * A day that the plan covers in part has that part of its budget.
 */
export function budgetRows(draft: Draft, indexed: IndexedProblem, limits: Limits): NodeRows {
  const { maxUsdPerHour, maxUsdPerDay } = indexed.problem
  const perStep = maxUsdPerHour === undefined ? new Int32Array(0) : Int32Array.from(limits.budgetUsd, (budget) => draft.addRow(-Infinity, budget))
  const perDay = maxUsdPerDay === undefined ? new Int32Array(0) : Int32Array.from(limits.budgetOfDayUsd, (budget) => draft.addRow(-Infinity, budget))
  return {
    terms(pool, step, emit) {
      const row = perStep[step]
      if (row !== undefined) emit(row, billedUsdPerStep(indexed, pool))
      const day = perDay[whole(indexed.dayOf, step)]
      if (day !== undefined) emit(day, billedUsdPerStep(indexed, pool))
    },
    prices(duals): readonly LimitPrice[] {
      return [{ limit: 'budget', rows: perStep }, { limit: 'budget/day', rows: perDay }].flatMap(({ limit, rows }) => {
        const usd = sumOfDuals(rows, duals)
        return usd < negligibleUsd ? [] : [{ limit, unit: 'USD', usd }]
      })
    },
  }
}
