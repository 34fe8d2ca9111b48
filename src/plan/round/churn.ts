import type { IndexedProblem, Pool } from '../index-problem.ts'
import type { EarlierCounts } from './keep-counts.ts'
import type { FleetState } from './fleet-state.ts'

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
