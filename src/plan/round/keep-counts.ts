import type { IndexedProblem, Pool } from '../index-problem.ts'
import type { Relaxation } from '../relax.ts'
import { item } from '../vector.ts'
import { createCoverage } from './coverage.ts'
import { createFleetState } from './fleet-state.ts'
import type { FleetState } from './fleet-state.ts'
import { judged, repair } from './round-nodes.ts'
import type { WholeNodes } from './round-nodes.ts'

/** Counts that an earlier plan had for a pool. */
export type EarlierCounts = (pool: Pool, step: number) => number

function breaksLimits(state: FleetState): boolean {
  const { indexed } = state
  for (const pool of indexed.pools) {
    const { spanStart, heldSteps } = indexed
    const start = item(spanStart, pool.workload)
    if (!state.keepsRuns(pool)) return true
    const lowering = item(indexed.problem.workloads, pool.workload).maxLowering
    for (let step = 0; step < indexed.steps; step++) {
      const count = state.count(pool, step)
      const before = step === 0 ? pool.fleet : state.count(pool, step - 1)
      if (count > Math.max(pool.maxNodes, step < item(heldSteps, pool.workload) ? pool.fleet : 0)) return true
      if (count > before && step < pool.leadSteps) return true
      if (count !== before && (start[step] !== step || step < item(heldSteps, pool.workload))) return true
      if (before - count > lowering) return true
      if (count > 0 && state.isOver(pool, step)) return true
    }
  }
  for (let cell = 0; cell < indexed.open.length; cell++) {
    if (state.spotOver(cell) > 0 || state.spotPoolOver(cell) !== undefined || state.nodesIn(cell) < (state.limits.fewestInRegion[cell] ?? 0)) return true
  }
  return false
}

/**
 * The fleet of an earlier plan, with only those nodes added that demand now needs.
 * @returns undefined where the earlier counts break a limit of the problem as it is now
 */
export function keepCounts(indexed: IndexedProblem, relaxation: Relaxation, earlier: EarlierCounts): WholeNodes | undefined {
  const state = createFleetState(indexed, relaxation.deferred)
  for (const pool of indexed.pools) {
    for (let step = 0; step < indexed.steps; step++) {
      const nodes = earlier(pool, step)
      if (nodes > 0) state.change(pool, { from: step, to: step }, nodes)
    }
  }
  if (breaksLimits(state)) return undefined
  const coverage = createCoverage(state, relaxation.cuts)
  repair(state, coverage)
  return judged(state, coverage)
}
