import type { IndexedProblem, Pool } from './index-problem.ts'
import { indices, item, real, whole } from './vector.ts'

/** Some steps of a problem. */
export interface Sample {
  readonly indexed: IndexedProblem
  /** The sampled step whose demand is nearest to that of each step, in the sum of differences. Shape [steps of the problem]. */
  readonly nearest: Int32Array
}

/** @returns the position in `chosen` of the step nearest in demand, for every step */
function nearestOf(indexed: IndexedProblem, chosen: readonly number[]): Int32Array {
  const difference = (step: number, other: number): number => {
    let sum = 0
    for (let w = 0; w < indexed.workloadCount; w++) {
      const [demand, others] = [item(indexed.demand, w * indexed.steps + step), item(indexed.demand, w * indexed.steps + other)]
      for (let zone = 0; zone < demand.length; zone++) sum += Math.abs(real(demand, zone) - real(others, zone))
    }
    return sum
  }
  return Int32Array.from({ length: indexed.steps }, (_, step) => {
    const differences = chosen.map((other) => difference(step, other))
    return differences.indexOf(Math.min(...differences))
  })
}

/** The problem on some of its steps, each for itself: no starts, no lead times, no freezes. It names the pools, routes and cuts that matter. */
export function sampleSteps(indexed: IndexedProblem, count: number): Sample {
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
  const sampled = {
    ...indexed,
    problem: { ...problem, workloads: problem.workloads.map((workload) => ({ ...workload, maxLowering: Infinity, minRunSteps: 1, usdPerUnitMoved: 0 })), maxUsdPerDay: undefined, deferrable: [] },
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
  return { indexed: sampled, nearest: nearestOf(indexed, chosen) }
}
