import type { Draft } from '../draft.ts'
import { cellOf } from '../index-problem.ts'
import type { IndexedProblem, Pool } from '../index-problem.ts'
import type { Limits } from '../limits.ts'
import { item, real } from '../vector.ts'
import { negligibleUsd, sumOfDuals } from './node-rows.ts'
import type { LimitPrice, NodeRows } from './node-rows.ts'

/** Rows of one limit, one per step. */
interface LimitRows {
  readonly name: string
  readonly rows: Int32Array
}

/**
 * Fewest and most nodes of a workload, in all regions together and in each region it may use:
 *   min[w, t] ≤ Σ_{r,k,s} nodes[w, r, k, s, t] + missing ≤ max[w, t]      minPerRegion[w, r, t] ≤ Σ_{k,s} nodes[w, r, k, s, t] + missing ≤ maxPerRegion[w, r, t]
 * `missing` costs as much as demand that is short: a floor that no quota allows is reported, not refused. No row where the limit cannot bind.
 * @param missingUsd  penalty on a missing node per step
 */
export function nodeLimitRows(draft: Draft, indexed: IndexedProblem, limits: Limits, missingUsd: number): NodeRows & { addMissing(): void } {
  const { steps, regionCount, problem } = indexed
  const floors: number[] = []
  const limitRows = (name: string, low: (step: number) => number, high: (step: number) => number): LimitRows => ({
    name,
    rows: Int32Array.from({ length: steps }, (_, step) => {
      const row = draft.addRow(low(step) > 0 ? low(step) : -Infinity, high(step))
      if (low(step) > 0) floors.push(row)
      return row
    }),
  })
  const most = (pools: readonly Pool[]): number => pools.reduce((sum, pool) => sum + Math.max(pool.maxNodes, pool.fleet), 0)
  const inAll: (LimitRows | undefined)[] = []
  const inRegion: (LimitRows | undefined)[] = []
  for (const [w, { limits: own, name }] of problem.workloads.entries()) {
    const pools = indexed.pools.filter((pool) => pool.workload === w)
    inAll.push(own.min > 0 || most(pools) > own.max
      ? limitRows(`nodes/${name}`, (step) => real(limits.fewest, w * steps + step), (step) => real(limits.most, w * steps + step))
      : undefined)
    for (let r = 0; r < regionCount; r++) {
      const here = item(indexed.poolsIn, w * regionCount + r)
      inRegion.push(here.length > 0 && (own.minPerRegion > 0 || most(here) > own.maxPerRegion)
        ? limitRows(`nodes/${problem.regions[r]?.name}/${name}`,
          (step) => real(limits.fewestInRegion, cellOf(indexed, w, step, r)), (step) => real(limits.mostInRegion, cellOf(indexed, w, step, r)))
        : undefined)
    }
  }
  return {
    terms(pool, step, emit) {
      const all = inAll[pool.workload]?.rows[step]
      if (all !== undefined) emit(all, 1)
      const region = inRegion[pool.workload * regionCount + pool.region]?.rows[step]
      if (region !== undefined) emit(region, 1)
    },
    addMissing() {
      for (const row of floors) {
        draft.addColumn(missingUsd, 0, Infinity)
        draft.entry(row, 1)
      }
    },
    prices(duals) {
      return [...inAll, ...inRegion].flatMap((limit): LimitPrice[] => {
        const usd = limit === undefined ? 0 : sumOfDuals(limit.rows, duals)
        return limit === undefined || usd < negligibleUsd ? [] : [{ limit: limit.name, unit: 'node', usd }]
      })
    },
  }
}
