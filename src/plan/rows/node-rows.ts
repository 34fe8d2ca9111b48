import type { Pool } from '../index-problem.ts'

/** Takes one coefficient of a node column. */
export type Emit = (row: number, coefficient: number) => void

/** What relaxing a limit by one unit in every step would save. */
export interface LimitPrice {
  readonly limit: string
  readonly unit: string
  /** USD over the whole horizon. */
  readonly usd: number
}

/** A family of rows that node counts enter. One description gives both the model's entries and the price of a column not yet in it. */
export interface NodeRows {
  /** Emits the coefficient of one node of `pool` that serves in `step`, for each row of the family that it enters. */
  terms(pool: Pool, step: number, emit: Emit): void
  /** Prices of the family's limits, from the duals of a solved model; empty for rows that are not limits. */
  prices(duals: Float64Array): readonly LimitPrice[]
}

/** @returns what the rows of a limit, one per step (−1 where there is none), cost together; duals of upper limits are ≤ 0 */
export function sumOfDuals(rows: Int32Array, duals: Float64Array): number {
  let sum = 0
  for (const row of rows) if (row >= 0) sum += Math.abs(duals[row] ?? 0)
  return sum
}

/** Sums smaller than this, USD over the horizon, are the solver's rounding. */
export const negligibleUsd = 1e-6
