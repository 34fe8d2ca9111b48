import type { Draft } from '../draft.ts'
import { cellOf } from '../index-problem.ts'
import type { IndexedProblem, Pool } from '../index-problem.ts'
import type { Limits } from '../limits.ts'
import { item, real, whole } from '../vector.ts'
import { negligibleUsd, sumOfDuals } from './node-rows.ts'
import type { LimitPrice, NodeRows } from './node-rows.ts'

/**
 * At most a share of a workload's vCPUs in a region stands in one spot pool, that is in spot nodes of one type:
 *   vcpu[k] · nodes[w, r, k, spot, t] − share[w] · Σ_{k',s'} vcpu[k'] · nodes[w, r, k', s', t]  ≤  excess[w, r, k, t]      for every w, r, k, t
 * excess is 0 but for nodes that cannot go away in time. The sum stands in one variable per w, r, t. No row where the share is 1.
 */
export function spotPoolRows(draft: Draft, indexed: IndexedProblem, limits: Limits): NodeRows & { addTotals(): void } {
  const { steps, regionCount, problem } = indexed
  const totalRow = new Int32Array(indexed.open.length).fill(-1)
  const poolRows = new Map<Pool, Int32Array>()
  for (const [position, pools] of indexed.poolsIn.entries()) {
    const [workload, region] = [Math.floor(position / regionCount), position % regionCount]
    const spot = pools.filter((pool) => pool.isSpot)
    if (item(problem.workloads, workload).spotPoolShare >= 1 || spot.length === 0) continue
    for (let step = 0; step < steps; step++) totalRow[cellOf(indexed, workload, step, region)] = draft.addRow(0, 0)
    for (const pool of spot) poolRows.set(pool, Int32Array.from({ length: steps }, (_, step) => draft.addRow(-Infinity, real(limits.spotPoolExcess, pool.index * steps + step))))
  }
  return {
    terms(pool, step, emit) {
      const row = whole(totalRow, cellOf(indexed, pool.workload, step, pool.region))
      if (row < 0) return
      emit(row, -pool.vcpu)
      const own = poolRows.get(pool)
      if (own !== undefined) emit(whole(own, step), pool.vcpu)
    },
    addTotals() {
      const byCell = new Map<number, Pool[]>()
      for (const pool of poolRows.keys()) {
        for (let step = 0; step < steps; step++) {
          const cell = cellOf(indexed, pool.workload, step, pool.region)
          const before = byCell.get(cell)
          if (before === undefined) byCell.set(cell, [pool])
          else before.push(pool)
        }
      }
      for (const [cell, pools] of byCell) {
        const step = Math.floor(cell / regionCount) % steps
        draft.addColumn(0, 0, Infinity)
        draft.entry(whole(totalRow, cell), 1)
        for (const pool of pools) draft.entry(whole(poolRows.get(pool) ?? totalRow, step), -item(problem.workloads, pool.workload).spotPoolShare)
      }
    },
    prices(duals) {
      return [...poolRows].flatMap(([pool, rows]): LimitPrice[] => {
        const usd = sumOfDuals(rows, duals)
        if (usd < negligibleUsd) return []
        const name = [problem.regions[pool.region]?.name, problem.workloads[pool.workload]?.name, problem.types[pool.type]?.name].join('/')
        return [{ limit: `spot-pool/${name}`, unit: 'vCPU of one spot pool beyond the share', usd }]
      })
    },
  }
}
