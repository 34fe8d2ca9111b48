import type { Draft } from '../draft.ts'
import type { IndexedProblem } from '../index-problem.ts'
import type { Limits } from '../limits.ts'
import { real } from '../vector.ts'
import { negligibleUsd, sumOfDuals } from './node-rows.ts'
import type { LimitPrice, NodeRows } from './node-rows.ts'

/**
 * vCPUs within the account's quota of a region and purchase option, all workloads together:
 *   Σ_{w,k} vcpu[k] · nodes[w, r, k, s, t]  ≤  quota[r, s, t]      for every r, s, t
 * No row where all pools at their own limits stay below the quota.
 */
export function quotaRows(draft: Draft, indexed: IndexedProblem, limits: Limits): NodeRows {
  const { steps, optionCount, problem } = indexed
  const most = new Float64Array(indexed.regionCount * optionCount)
  for (const pool of indexed.pools) {
    const position = pool.region * optionCount + pool.option
    most[position] = real(most, position) + pool.vcpu * Math.max(pool.maxNodes, pool.fleet)
  }
  const rows = Array.from(most, (vcpus, position) => {
    const quota = (step: number): number => real(limits.quotaVcpu, position * steps + step)
    if (vcpus <= Math.min(...Array.from({ length: steps }, (_, step) => quota(step)))) return undefined
    return Int32Array.from({ length: steps }, (_, step) => draft.addRow(-Infinity, quota(step)))
  })
  return {
    terms(pool, step, emit) {
      const row = rows[pool.region * optionCount + pool.option]?.[step]
      if (row !== undefined) emit(row, pool.vcpu)
    },
    prices(duals) {
      return rows.flatMap((byStep, position): LimitPrice[] => {
        const usd = byStep === undefined ? 0 : sumOfDuals(byStep, duals)
        const [region, option] = [Math.floor(position / optionCount), position % optionCount]
        return usd < negligibleUsd ? [] : [{ limit: `quota/${problem.regions[region]?.name}/${problem.options[option]?.name}`, unit: 'vCPU', usd }]
      })
    },
  }
}
