import { cellOf } from '../index-problem.ts'
import type { IndexedProblem, Pool } from '../index-problem.ts'
import type { Relaxation } from '../relax.ts'
import { indices, item } from '../vector.ts'
import { createCoverage } from './coverage.ts'
import { createFleetState } from './fleet-state.ts'
import type { FleetState } from './fleet-state.ts'
import { fill, judged, repair } from './round-nodes.ts'
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

/** Takes away what may not be there any more: raises that could not serve yet, nodes beyond a limit, spot beyond its share. */
function fitToLimits(state: FleetState): void {
  const { indexed } = state
  const takeOne = (pool: Pool, step: number): boolean => {
    const run = state.count(pool, step) > 0 ? state.legalRun(pool, { from: step, to: step }, -1) : undefined
    if (run !== undefined) state.change(pool, run, -1)
    return run !== undefined
  }
  for (const pool of indexed.pools) {
    for (let step = 0; step < indexed.steps; step++) {
      const most = step < pool.leadSteps ? Math.min(pool.maxNodes, step === 0 ? pool.fleet : state.count(pool, step - 1)) : pool.maxNodes
      if (state.count(pool, step) > most && step >= item(indexed.heldSteps, pool.workload)) state.change(pool, { from: step, to: step }, most - state.count(pool, step))
    }
  }
  for (const pool of indexed.pools) for (let step = 0; step < indexed.steps; step++) while (state.count(pool, step) > 0 && state.isOver(pool, step) && takeOne(pool, step));
  for (const pool of indexed.pools) {
    if (!pool.isSpot) continue
    for (let step = 0; step < indexed.steps; step++) while (state.spotOver(cellOf(indexed, pool.workload, step, pool.region)) > 0 && takeOne(pool, step));
  }
}

/** Fills steps that do not carry demand to what the relaxation has there, which knows better than a repair by one node after another; all others stay. */
function fillWhereShort(state: FleetState, relaxation: Relaxation): void {
  const { steps, workloadCount } = state.indexed
  const coverage = createCoverage(state, relaxation.cuts)
  const isShort = indices(workloadCount * steps).map((slot) => coverage.violation(Math.floor(slot / steps), slot % steps) !== undefined)
  if (isShort.includes(true)) fill(state, relaxation, (workload, step) => isShort[workload * steps + step] === true)
}

/**
 * The fleet of an earlier plan, with what is no longer allowed taken away and only those nodes added that demand now needs.
 * @returns undefined where the earlier counts cannot be brought within the limits of the problem as it is now
 */
export function keepCounts(indexed: IndexedProblem, relaxation: Relaxation, earlier: EarlierCounts): WholeNodes | undefined {
  const state = createFleetState(indexed, relaxation.deferred)
  for (const pool of indexed.pools) {
    for (let step = 0; step < indexed.steps; step++) {
      const nodes = earlier(pool, step)
      if (nodes > 0) state.change(pool, { from: step, to: step }, nodes)
    }
  }
  if (breaksLimits(state)) fitToLimits(state)
  if (breaksLimits(state)) return undefined
  fillWhereShort(state, relaxation)
  const coverage = createCoverage(state, relaxation.cuts)
  repair(state, coverage)
  return judged({ state, coverage })
}
