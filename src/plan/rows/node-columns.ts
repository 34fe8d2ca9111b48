import type { Draft } from '../draft.ts'
import type { IndexedProblem, Pool } from '../index-problem.ts'
import { unavoidableNodes } from '../limits.ts'
import { item, real, whole } from '../vector.ts'
import type { Emit } from './node-rows.ts'

/** Emits the coefficients of a node that serves in a step. */
type Terms = (pool: Pool, step: number, emit: Emit) => void

/** Columns of one pool. */
export interface NodeColumns {
  /** The column of each step (steps of one span share theirs); shape [steps]. */
  readonly nodes: Int32Array
  /** Rows that count starts, and the columns of starts, where a step has them, else −1. Shape of each [steps]. */
  readonly starts: { readonly rows: Int32Array; readonly columns: Int32Array }
}

/**
 * Node columns of one pool, and the rows that couple its steps:
 *   nodes[t] − nodes[t − 1] − starts[t]  ≤  0,   nodes[−1] = live nodes                 each start costs usdPerStart
 *   nodes[t − 1] − nodes[t]  ≤  maxLowering                                            where the workload limits it
 *   nodes[t] ≤ live nodes and starts[t] = 0  while t < leadSteps                       a raise ordered now cannot serve yet
 *   nodes[t] − Σ_{t − minRun < τ ≤ t} starts[τ]  ≥  0                                    where nodes run for more than one step at least
 *   nodes[t] = nodes[t − 1]  in frozen steps: one column for the whole span
 * The third row is exact for identical nodes of which the oldest goes first (Rajan and Takriti 2005); live nodes have run for long enough.
 */
export function addNodeColumns(
  draft: Draft, indexed: IndexedProblem, pool: Pool, terms: Terms,
): NodeColumns {
  const { steps } = indexed
  const end = item(indexed.spanEnd, pool.workload)
  const held = item(indexed.heldSteps, pool.workload)
  const { maxLowering: lowering, minRunSteps } = item(indexed.problem.workloads, pool.workload)
  const unavoidable = unavoidableNodes(indexed, pool)
  const couples = pool.usdPerStart > 0 || pool.leadSteps > 1 || minRunSteps > 1
  const startRow = new Int32Array(steps).fill(-1)
  const lowerRow = new Int32Array(steps).fill(-1)
  const runRow = new Int32Array(steps).fill(-1)
  for (let step = 0; step < steps; step = whole(end, step)) {
    if (couples) startRow[step] = draft.addRow(-Infinity, step === 0 ? pool.fleet : 0)
    if (lowering < Infinity) lowerRow[step] = draft.addRow(-Infinity, step === 0 ? lowering - pool.fleet : lowering)
    if (minRunSteps > 1) runRow[step] = draft.addRow(0, Infinity)
  }
  const column = new Int32Array(steps)
  for (let step = 0; step < steps; step = whole(end, step)) {
    const after = whole(end, step)
    const fixed = step < held
    const most = step < pool.leadSteps ? Math.min(pool.maxNodes, pool.fleet) : pool.maxNodes
    const added = draft.addColumn(pool.usdPerStep * (after - step), fixed ? pool.fleet : 0, Math.max(most, real(unavoidable, step)))
    column.fill(added, step, after)
    if (after === step + 1) terms(pool, step, draft.entry)
    else for (const [row, coefficient] of sumOfTerms(pool, step, after, terms)) draft.entry(row, coefficient)
    if (whole(runRow, step) >= 0) draft.entry(whole(runRow, step), 1)
    if (whole(startRow, step) >= 0) draft.entry(whole(startRow, step), 1)
    if (whole(lowerRow, step) >= 0) draft.entry(whole(lowerRow, step), -1)
    const next = after < steps ? after : -1
    if (next >= 0 && whole(startRow, next) >= 0) draft.entry(whole(startRow, next), -1)
    if (next >= 0 && whole(lowerRow, next) >= 0) draft.entry(whole(lowerRow, next), 1)
  }
  const startColumn = new Int32Array(steps).fill(-1)
  for (let step = 0; couples && step < steps; step = whole(end, step)) {
    startColumn[step] = draft.addColumn(pool.usdPerStart, 0, step < pool.leadSteps ? 0 : Infinity)
    draft.entry(whole(startRow, step), -1)
    for (let run = step; run < Math.min(steps, step + minRunSteps); run++) if (whole(runRow, run) >= 0) draft.entry(whole(runRow, run), -1)
  }
  return { nodes: column, starts: { rows: startRow, columns: startColumn } }
}

/** Coefficients of a column that stands for several steps: rows over days hold each of them. */
function sumOfTerms(pool: Pool, from: number, after: number, terms: Terms): Map<number, number> {
  const sums = new Map<number, number>()
  for (let step = from; step < after; step++) terms(pool, step, (row, coefficient) => sums.set(row, (sums.get(row) ?? 0) + coefficient))
  return sums
}
