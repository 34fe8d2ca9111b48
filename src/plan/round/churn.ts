import type { IndexedProblem, Pool } from '../index-problem.ts'
import type { EarlierCounts } from './keep-counts.ts'
import type { FleetState, Run } from './fleet-state.ts'

/** @returns what one node more or less of a pool than the plan in force has must save to be worth it, USD */
export function changeUsd(indexed: IndexedProblem, pool: Pool): number {
  return (pool.usdPerStep / indexed.hours) * indexed.problem.changeCostHours
}

/**
 * What the changes of a fleet against the plan in force have to save:
 *   Σ_pools changeUsd · Σ_t ( |change[t]| − |change[t − 1]| )⁺,   change[t] = nodes[t] − nodes of the plan in force[t]
 * A node that differs for many steps is one change.
 */
export function churnUsd(state: FleetState, earlier: EarlierCounts): number {
  const { indexed } = state
  let usd = 0
  for (const pool of indexed.pools) {
    let before = 0
    for (let step = 0; step < indexed.steps; step++) {
      const change = Math.abs(state.count(pool, step) - earlier(pool, step))
      if (change > before) usd += (change - before) * changeUsd(indexed, pool)
      before = change
    }
  }
  return usd
}

/** @returns what `churnUsd` rises by when a pool's count changes by `delta` in every step of a run, USD; negative where it comes nearer to the plan in force */
export function addedChurnUsd(state: FleetState, earlier: EarlierCounts, pool: Pool, run: Run, delta: number): number {
  const difference = (step: number): number => (step < 0 ? 0 : state.count(pool, step) - earlier(pool, step))
  let before = Math.abs(difference(run.from - 1))
  let beforeThen = before
  let rises = 0
  for (let step = run.from; step <= Math.min(run.to + 1, state.indexed.steps - 1); step++) {
    const now = Math.abs(difference(step))
    const then = step > run.to ? now : Math.abs(difference(step) + delta)
    rises += Math.max(0, then - beforeThen) - Math.max(0, now - before)
    before = now
    beforeThen = then
  }
  return rises * changeUsd(state.indexed, pool)
}
