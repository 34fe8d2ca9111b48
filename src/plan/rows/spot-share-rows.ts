import type { Draft } from '../draft.ts'
import { cellOf } from '../index-problem.ts'
import type { IndexedProblem } from '../index-problem.ts'
import type { Limits } from '../limits.ts'
import { item, real } from '../vector.ts'
import { negligibleUsd } from './node-rows.ts'
import type { LimitPrice, NodeRows } from './node-rows.ts'

/**
 * At most a share of a workload's vCPUs in a region is spot:
 *   Σ_{spot} (1 − share) · vcpu · nodes − Σ_{not spot} share · vcpu · nodes  ≤  excess[w, r, t]      for every w, r, t
 * excess is 0 but for spot nodes that cannot go away in time. No row where the share is 1 or where no spot can be bought.
 */
export function spotShareRows(draft: Draft, indexed: IndexedProblem, limits: Limits): NodeRows {
  const { steps, regionCount } = indexed
  const share = (workload: number, region: number): number => item(indexed.problem.workloads, workload).spotShare[region] ?? 1
  const rows = new Int32Array(indexed.open.length).fill(-1)
  for (const [position, pools] of indexed.poolsIn.entries()) {
    const [workload, region] = [Math.floor(position / regionCount), position % regionCount]
    if (share(workload, region) >= 1 || !pools.some((pool) => pool.isSpot)) continue
    for (let step = 0; step < steps; step++) {
      const cell = cellOf(indexed, workload, step, region)
      rows[cell] = draft.addRow(-Infinity, real(limits.spotExcess, cell))
    }
  }
  return {
    terms(pool, step, emit) {
      const row = rows[cellOf(indexed, pool.workload, step, pool.region)] ?? -1
      if (row < 0) return
      const limit = share(pool.workload, pool.region)
      emit(row, pool.vcpu * (pool.isSpot ? 1 - limit : -limit))
    },
    prices(duals) {
      return indexed.poolsIn.flatMap((_pools, position): LimitPrice[] => {
        const [workload, region] = [Math.floor(position / regionCount), position % regionCount]
        let usd = 0
        for (let step = 0; step < steps; step++) {
          const row = rows[cellOf(indexed, workload, step, region)] ?? -1
          if (row >= 0) usd += Math.abs(duals[row] ?? 0)
        }
        if (usd < negligibleUsd) return []
        const { workloads, regions } = indexed.problem
        return [{ limit: `spot-share/${regions[region]?.name}/${workloads[workload]?.name}`, unit: 'vCPU of spot beyond the share', usd }]
      })
    },
  }
}
