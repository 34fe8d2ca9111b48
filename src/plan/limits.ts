import { cellOf } from './index-problem.ts'
import type { IndexedProblem, Pool } from './index-problem.ts'
import { add, item, real, whole } from './vector.ts'

/**
 * Limits per step. Nodes that cannot go away in time (held by a freeze, or lowered only slowly) raise a limit that they exceed: a limit that
 * became tighter than what is live is approached, never a reason to have no plan.
 */
export interface Limits {
  /** vCPUs. Shape [(region · options + option) · steps + step]. */
  readonly quotaVcpu: Float64Array
  /** Nodes. Shape [offer · steps + step]. */
  readonly offerNodes: Float64Array
  /** Shape [workload · steps + step]. */
  readonly most: Float64Array
  readonly fewest: Float64Array
  /** Shape [(workload · steps + step) · regions + region]. */
  readonly mostInRegion: Float64Array
  readonly fewestInRegion: Float64Array
  /** How far spot vCPUs may exceed their share. Shape as above. */
  readonly spotExcess: Float64Array
  /** How far a spot pool's vCPUs may exceed the share of one pool. Shape [pool · steps + step]; empty where no workload limits it. */
  readonly spotPoolExcess: Float64Array
  /** USD. Shape [steps]. */
  readonly budgetUsd: Float64Array
  /** USD. Shape [UTC days]. */
  readonly budgetOfDayUsd: Float64Array
}

/** @returns nodes of a pool that are still there at every step, whatever is planned; shape [steps] */
export function unavoidableNodes(indexed: IndexedProblem, pool: Pool): Float64Array {
  const held = item(indexed.heldSteps, pool.workload)
  const lowering = item(indexed.problem.workloads, pool.workload).maxLowering
  const start = item(indexed.spanStart, pool.workload)
  let lowered = 0
  return Float64Array.from({ length: indexed.steps }, (_, step) => {
    if (step >= held && start[step] === step) lowered += lowering
    return step < held ? pool.fleet : Math.max(0, pool.fleet - lowered)
  })
}

/** @returns price of one node of a pool in one step, without the workload's preference: money that is billed */
export function billedUsdPerStep(indexed: IndexedProblem, pool: Pool): number {
  return pool.usdPerStep / (item(indexed.problem.workloads, pool.workload).preference[pool.region] ?? 1)
}

/** @returns every limit per step */
export function limitsOf(indexed: IndexedProblem): Limits {
  const { problem, steps, regionCount, optionCount, workloadCount } = indexed
  const perStep = (values: readonly number[]): Float64Array =>
    Float64Array.from({ length: values.length * steps }, (_, position) => values[Math.floor(position / steps)] ?? 0)
  const quotaVcpu = perStep(problem.quotaVcpu.flat())
  const offerNodes = perStep(indexed.offerLimits)
  const most = perStep(problem.workloads.map(({ limits }) => limits.max))
  const fewest = perStep(problem.workloads.map(({ limits }) => limits.min))
  const mostInRegion = new Float64Array(indexed.open.length)
  const fewestInRegion = new Float64Array(indexed.open.length)
  const spotExcess = new Float64Array(indexed.open.length)
  const hasSpotPools = problem.workloads.some(({ spotPoolShare }) => spotPoolShare < 1)
  const spotPoolExcess = new Float64Array(hasSpotPools ? indexed.pools.length * steps : 0)
  const budgetOfDayUsd = new Float64Array(1 + indexed.dayOf.reduce((last, day) => Math.max(last, day), 0))
  for (const day of indexed.dayOf) add(budgetOfDayUsd, day, (problem.maxUsdPerDay ?? Infinity) * indexed.hours / 24)
  const budgetUsd = new Float64Array(steps).fill((problem.maxUsdPerHour ?? Infinity) * indexed.hours)
  for (let w = 0; w < workloadCount; w++) {
    const { limits, regions } = item(problem.workloads, w)
    const held = item(indexed.heldSteps, w)
    for (let step = 0; step < steps; step++) {
      if (step < held) fewest[w * steps + step] = 0
      for (let r = 0; r < regionCount; r++) {
        const cell = cellOf(indexed, w, step, r)
        mostInRegion[cell] = limits.maxPerRegion
        const floor = step >= held && regions.includes(r) && item(indexed.poolsIn, w * regionCount + r).some((pool) => pool.maxNodes > 0)
        fewestInRegion[cell] = floor ? limits.minPerRegion : 0
      }
    }
  }
  const used = {
    quota: new Float64Array(quotaVcpu.length), offer: new Float64Array(offerNodes.length), all: new Float64Array(most.length),
    region: new Float64Array(mostInRegion.length), usd: new Float64Array(steps), usdOfDay: new Float64Array(budgetOfDayUsd.length),
  }
  for (const pool of indexed.pools) {
    if (pool.fleet === 0) continue
    const share = item(problem.workloads, pool.workload).spotShare[pool.region] ?? 1
    for (const [step, nodes] of unavoidableNodes(indexed, pool).entries()) {
      if (nodes === 0) continue
      const cell = cellOf(indexed, pool.workload, step, pool.region)
      add(used.quota, (pool.region * optionCount + pool.option) * steps + step, nodes * pool.vcpu)
      add(used.offer, pool.offer * steps + step, nodes)
      add(used.all, pool.workload * steps + step, nodes)
      add(used.region, cell, nodes)
      add(used.usd, step, nodes * billedUsdPerStep(indexed, pool))
      add(used.usdOfDay, whole(indexed.dayOf, step), nodes * billedUsdPerStep(indexed, pool))
      if (hasSpotPools && pool.isSpot) spotPoolExcess[pool.index * steps + step] = nodes * pool.vcpu * (1 - item(problem.workloads, pool.workload).spotPoolShare)
      if (pool.isSpot) add(spotExcess, cell, nodes * pool.vcpu * (1 - share))
    }
  }
  const atLeast = (limit: Float64Array, use: Float64Array): Float64Array => limit.map((value, position) => Math.max(value, real(use, position)))
  return {
    quotaVcpu: atLeast(quotaVcpu, used.quota), offerNodes: atLeast(offerNodes, used.offer), most: atLeast(most, used.all), fewest,
    mostInRegion: atLeast(mostInRegion, used.region), fewestInRegion, spotExcess, spotPoolExcess,
    budgetUsd: atLeast(budgetUsd, used.usd), budgetOfDayUsd: atLeast(budgetOfDayUsd, used.usdOfDay),
  }
}
