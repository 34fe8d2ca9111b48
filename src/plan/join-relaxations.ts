import type { IndexedProblem, Pool } from './index-problem.ts'
import type { Relaxation } from './relax.ts'
import type { LimitPrice } from './rows/node-rows.ts'
import { createCutPool } from './survival-cuts.ts'
import { indices, item } from './vector.ts'

/** The relaxation of some of a problem's steps. */
export interface RelaxedSteps {
  readonly from: number
  readonly steps: number
  readonly relaxation: Relaxation
}

/**
 * Relaxations of steps that follow each other, as one of the whole problem. Pools are known by their position, so that parts may come from another thread.
 * @param parts       in the order of their steps, which together are all of the problem's; none has deferrable work
 * @param lowerBound  of the whole problem
 */
export function joinRelaxations(indexed: IndexedProblem, parts: readonly RelaxedSteps[], lowerBound: number): Relaxation {
  const { workloadCount, regionCount, steps } = indexed
  const cells = (of: (relaxation: Relaxation) => Float64Array): Float64Array => {
    const whole = new Float64Array(indexed.open.length)
    for (const { from, steps: count, relaxation } of parts) {
      const values = of(relaxation)
      for (let w = 0; w < workloadCount; w++) whole.set(values.subarray(w * count * regionCount, (w + 1) * count * regionCount), (w * steps + from) * regionCount)
    }
    return whole
  }
  const nodes = new Map<Pool, Float64Array>()
  const active = new Set<Pool>()
  const prices = new Map<string, LimitPrice>()
  const cutPools = indices(workloadCount).map((workload) => createCutPool(indexed, workload))
  for (const { from, relaxation } of parts) {
    for (const pool of relaxation.active) active.add(item(indexed.pools, pool.index))
    for (const [{ index }, counts] of relaxation.nodes) {
      const pool = item(indexed.pools, index)
      const course = nodes.get(pool) ?? new Float64Array(steps)
      course.set(counts, from)
      nodes.set(pool, course)
    }
    for (const price of relaxation.prices) prices.set(price.limit, { ...price, usd: price.usd + (prices.get(price.limit)?.usd ?? 0) })
    for (const { workload, scenario, userZones } of relaxation.cuts) {
      const members = new Uint8Array(indexed.userZoneCount)
      for (const zone of userZones) members[zone] = 1
      item(cutPools, workload).add(members, scenario)
    }
  }
  const sum = (of: (relaxation: Relaxation) => number): number => parts.reduce((total, { relaxation }) => total + of(relaxation), 0)
  return {
    nodes, lowerBound,
    load: cells(({ load }) => load), surviving: cells(({ surviving }) => surviving), deferred: cells(({ deferred }) => deferred), loadUsd: cells(({ loadUsd }) => loadUsd),
    cuts: cutPools.flatMap(({ cuts }) => cuts),
    objective: sum(({ objective }) => objective),
    prices: [...prices.values()],
    placed: [], undone: [],
    short: { normal: sum(({ short }) => short.normal), failure: sum(({ short }) => short.failure) },
    isShort: parts.some(({ relaxation }) => relaxation.isShort),
    active: [...active].sort((a, b) => a.index - b.index),
  }
}
