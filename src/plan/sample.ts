import type { IndexedProblem, Pool } from './index-problem.ts'
import { indices, item, whole } from './vector.ts'

/** The problem on some of its steps, each for itself: no starts, no lead times, no freezes. It names the pools and cuts that matter. */
export function sampleSteps(indexed: IndexedProblem, count: number): IndexedProblem {
  const chosen = indices(count).map((index) => Math.min(indexed.steps - 1, Math.floor(((index + 0.5) * indexed.steps) / count)))
  const { regionCount, workloadCount, problem } = indexed
  const open = new Uint8Array(workloadCount * count * regionCount)
  for (let w = 0; w < workloadCount; w++) {
    for (const [position, step] of chosen.entries()) {
      for (let r = 0; r < regionCount; r++) open[(w * count + position) * regionCount + r] = indexed.open[(w * indexed.steps + step) * regionCount + r] ?? 1
    }
  }
  const pools = indexed.pools.map((pool): Pool => ({ ...pool, usdPerStart: 0, fleet: 0, leadSteps: 0 }))
  const alone = indices(workloadCount).map(() => Int32Array.from({ length: count }, (_, step) => step))
  return {
    ...indexed,
    problem: { ...problem, workloads: problem.workloads.map((workload) => ({ ...workload, maxLowering: Infinity, minRunSteps: 1 })), maxUsdPerDay: undefined, deferrable: [] },
    steps: count,
    pools,
    poolsIn: indexed.poolsIn.map((here) => here.map((pool) => item(pools, pool.index))),
    demand: indices(workloadCount).flatMap((w) => chosen.map((step) => item(indexed.demand, w * indexed.steps + step))),
    open,
    dayOf: Int32Array.from(chosen, (step) => whole(indexed.dayOf, step)),
    spanStart: alone,
    spanEnd: alone.map((steps) => steps.map((step) => whole(steps, step) + 1)),
    heldSteps: indices(workloadCount).map(() => 0),
  }
}
