import type { Basis } from './solver/linear-solver.ts'
import { item, whole } from './vector.ts'

/**
 * Rows and columns of one step of a model, in an order that is the same for every step and for models of other steps of the same problem:
 * −1 where this model has none.
 */
export interface StepLayout {
  readonly rows: readonly number[]
  readonly columns: readonly number[]
  /** Rows that not every model has, of survival cuts and offers, by what they are about. */
  readonly named: ReadonlyMap<string, number>
}

/** A solved model of some steps: its layout, one per step, and the vertex it ended at. */
export interface SolvedLayout {
  readonly layouts: readonly StepLayout[]
  readonly basis: Basis
}

/** Status of a row or column that is in the basis. */
export const inBasis = 1
const atLower = 0

/**
 * A vertex to begin at: each step as a solved step of like demand has it. Steps are coupled by starts alone, so that such a vertex is dual feasible
 * where prices do not change over time, and the dual simplex method only repairs what differs. A step that cannot be taken over, because a
 * region is closed in only one of the two or its rows and basic columns would not be as many, begins with its slacks.
 * @param layouts  of the model to be solved
 * @param stepOf   the solved step that each step is taken from; shape [steps]
 * @param size     columns and rows of the model to be solved
 * @returns undefined where steps share columns, so that none can be taken over alone
 */
export function basisFrom(solved: SolvedLayout, layouts: readonly StepLayout[], stepOf: Int32Array, size: { readonly columns: number; readonly rows: number }): Basis | undefined {
  const basis = { columns: new Int32Array(size.columns).fill(atLower), rows: new Int32Array(size.rows).fill(inBasis) }
  const isTaken = new Uint8Array(size.rows)
  for (const [step, layout] of layouts.entries()) {
    const other = item(solved.layouts, whole(stepOf, step))
    if (other.rows.length !== layout.rows.length) continue
    const rows: number[] = []
    let excess = 0
    const takeRow = (row: number, from: number): void => {
      if (row < 0 || isTaken[row] === 1) return
      isTaken[row] = 1
      rows.push(row)
      basis.rows[row] = from < 0 ? inBasis : whole(solved.basis.rows, from)
      if (basis.rows[row] !== inBasis) excess--
    }
    for (const [position, row] of layout.rows.entries()) takeRow(row, other.rows[position] ?? -1)
    for (const [name, row] of layout.named) takeRow(row, other.named.get(name) ?? -1)
    for (const [position, column] of layout.columns.entries()) {
      const from = other.columns[position] ?? -1
      if (column < 0 || from < 0) continue
      basis.columns[column] = whole(solved.basis.columns, from)
      if (basis.columns[column] === inBasis) excess++
    }
    if (excess === 0) continue
    for (const row of rows) basis.rows[row] = inBasis
    for (const column of layout.columns) if (column >= 0) basis.columns[column] = atLower
  }
  const count = (statuses: Int32Array): number => statuses.reduce((sum, status) => sum + (status === inBasis ? 1 : 0), 0)
  return count(basis.columns) + count(basis.rows) === size.rows ? basis : undefined
}
