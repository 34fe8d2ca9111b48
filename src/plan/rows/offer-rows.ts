import type { Draft } from '../draft.ts'
import type { IndexedProblem, Pool } from '../index-problem.ts'
import type { Limits } from '../limits.ts'
import { offerName } from '../problem.ts'
import { item, real } from '../vector.ts'
import { negligibleUsd, sumOfDuals } from './node-rows.ts'
import type { LimitPrice, NodeRows } from './node-rows.ts'

/** Rows that stand only for what is bought. */
export interface OfferRows {
  /** Gives a pool its rows, before its columns are added. */
  begin(pool: Pool): void
  /** Rows by offer; shape of each [steps]. */
  readonly rows: ReadonlyMap<number, Int32Array>
}

/**
 * Workloads share what a region has of a type and option:
 *   Σ_w nodes[w, r, k, s, t]  ≤  maxNodes[r, k, s, t]      for every r, k, s, t
 * No row where the workloads' own limits already keep it; the limit of a single workload is the bound of its column. A row stands from `begin` of its
 * first pool on: of hundreds of types few are ever bought, and empty rows slow the solver.
 */
export function offerRows(draft: Draft, indexed: IndexedProblem, limits: Limits): NodeRows & OfferRows {
  const { steps, optionCount, typeCount, problem } = indexed
  const uses = new Map<number, { readonly most: number; readonly workloads: number }>()
  for (const pool of indexed.pools) {
    const before = uses.get(pool.offer) ?? { most: 0, workloads: 0 }
    uses.set(pool.offer, { most: before.most + pool.maxNodes, workloads: before.workloads + 1 })
  }
  const rows = new Map<number, Int32Array>()
  return {
    rows,
    begin({ offer }) {
      const use = uses.get(offer)
      if (use === undefined || use.workloads < 2 || use.most <= item(indexed.offerLimits, offer) || rows.has(offer)) return
      rows.set(offer, Int32Array.from({ length: steps }, (_, step) => draft.addRow(-Infinity, real(limits.offerNodes, offer * steps + step))))
    },
    terms(pool, step, emit) {
      const row = rows.get(pool.offer)?.[step]
      if (row !== undefined) emit(row, 1)
    },
    prices(duals) {
      return [...rows].flatMap(([offer, byStep]): LimitPrice[] => {
        const usd = sumOfDuals(byStep, duals)
        const [region, type, option] = [Math.floor(offer / optionCount / typeCount), Math.floor(offer / optionCount) % typeCount, offer % optionCount]
        return usd < negligibleUsd ? [] : [{ limit: `nodes/${offerName(problem, region, type, option)}`, unit: 'node', usd }]
      })
    },
  }
}
