import type { IndexedProblem, Pool } from './index-problem.ts'
import { indices, item, whole } from './vector.ts'

/** @returns demand of steps `from` to before `to`; shape [workloads · steps of these][user zones] */
export function sliceDemand({ workloadCount, steps, demand }: IndexedProblem, from: number, to: number): readonly Float64Array[] {
  return indices(workloadCount).flatMap((w) => demand.slice(w * steps + from, w * steps + to))
}

/**
 * Steps `from` to before `to` of a problem whose steps are coupled by starts and lead times alone.
 * @param fleet  nodes of a pool that are there when the first of the steps begins, whole or not
 */
export function sliceSteps(indexed: IndexedProblem, from: number, to: number, fleet: (pool: Pool) => number): IndexedProblem {
  const { workloadCount, regionCount, problem } = indexed
  const steps = to - from
  const open = new Uint8Array(workloadCount * steps * regionCount)
  for (let w = 0; w < workloadCount; w++) {
    const first = (w * indexed.steps + from) * regionCount
    open.set(indexed.open.subarray(first, first + steps * regionCount), w * steps * regionCount)
  }
  const pools = indexed.pools.map((pool): Pool => {
    const own = { fleet: fleet(pool), leadSteps: Math.max(0, pool.leadSteps - from) }
    // of thousands of pools few differ from step to step: copies of all would be most of the memory
    return pool.fleet === own.fleet && pool.leadSteps === own.leadSteps ? pool : { ...pool, ...own }
  })
  const alone = Int32Array.from({ length: steps }, (_, step) => step)
  return {
    ...indexed,
    problem: { ...problem, steps, startSeconds: problem.startSeconds + from * problem.stepSeconds },
    steps, pools, open,
    poolsIn: indexed.poolsIn.map((here) => here.map((pool) => item(pools, pool.index))),
    demand: sliceDemand(indexed, from, to),
    dayOf: Int32Array.from({ length: steps }, (_, step) => whole(indexed.dayOf, from + step) - whole(indexed.dayOf, from)),
    spanStart: indices(workloadCount).map(() => alone),
    spanEnd: indices(workloadCount).map(() => alone.map((step) => step + 1)),
    heldSteps: indices(workloadCount).map(() => 0),
  }
}
