import type { Basis } from './solver/linear-solver.ts'
import { item, whole } from './vector.ts'

/**
 * Rows and columns of one step of a model, in an order that is the same for every step and for models of other steps of the same problem:
 * −1 where this model has none.
 */
export interface StepLayout {
  /** How many regions are open to how many workloads. */
  readonly open: number
  readonly rows: Int32Array
  readonly columns: Int32Array
  /** Rows that not every model has, of survival cuts and offers, by what they are about. */
  readonly named: ReadonlyMap<string, number>
  /** Row and column of the starts of each pool in the model, by its position. */
  readonly starts: ReadonlyMap<number, { readonly row: number; readonly column: number }>
}

/** A step of a solved model: where it stands, and the vertex that the model ended at. */
export interface SolvedStep {
  readonly layout: StepLayout
  readonly basis: Basis
}

/** Status of a row or column that is in the basis. */
export const inBasis = 1
const atLower = 0

/**
 * A vertex to begin at: each step as a solved step has it. Where that is of a model without starts, the vertex is dual feasible, since prices do not change
 * over time, and the dual simplex method only repairs what differs. Where the solved steps are of models of one step each, that begin with what the one
 * before ended with, it keeps all bounds, and the primal method only repairs what looking ahead is worth. A step that cannot be taken over, because a
 * region is closed in only one of the two or its rows and basic columns would not be as many, begins with its slacks. Steps that were solved together share
 * starts, so that only all of them have as many basic columns as rows.
 * @param solved   the solved step that each step is taken from; shape [steps]
 * @param layouts  of the model to be solved
 * @param size     columns and rows of the model to be solved
 * @param together  steps in a row that were solved in one model, the first of all at the start
 * @returns undefined where steps share columns, so that none can be taken over alone
 */
export function basisFrom(solved: readonly SolvedStep[], layouts: readonly StepLayout[], size: { readonly columns: number; readonly rows: number }, together = 1): Basis | undefined {
  const basis = { columns: new Int32Array(size.columns).fill(atLower), rows: new Int32Array(size.rows).fill(inBasis) }
  const isTaken = new Uint8Array(size.rows)
  for (let first = 0; first < layouts.length; first += together) {
    const rows: number[] = []
    const columns: number[] = []
    let excess = 0
    const takeRow = (row: number, from: number | undefined, ended: Basis): void => {
      if (row < 0 || isTaken[row] === 1) return
      isTaken[row] = 1
      rows.push(row)
      basis.rows[row] = from === undefined || from < 0 ? inBasis : whole(ended.rows, from)
      if (basis.rows[row] !== inBasis) excess--
    }
    const takeColumn = (column: number, from: number | undefined, ended: Basis): void => {
      if (column < 0 || from === undefined || from < 0) return
      columns.push(column)
      basis.columns[column] = whole(ended.columns, from)
      if (basis.columns[column] === inBasis) excess++
    }
    for (let step = first; step < Math.min(layouts.length, first + together); step++) {
      const layout = item(layouts, step)
      const { layout: other, basis: ended } = item(solved, step)
      if (other.open !== layout.open || other.rows.length !== layout.rows.length) continue
      for (let position = 0; position < layout.rows.length; position++) takeRow(whole(layout.rows, position), whole(other.rows, position), ended)
      for (const [name, row] of layout.named) takeRow(row, other.named.get(name), ended)
      for (let position = 0; position < layout.columns.length; position++) takeColumn(whole(layout.columns, position), whole(other.columns, position), ended)
      for (const [pool, { row, column }] of layout.starts) {
        const there = other.starts.get(pool)
        takeRow(row, there?.row, ended)
        takeColumn(column, there?.column, ended)
      }
    }
    if (excess === 0) continue
    for (const row of rows) basis.rows[row] = inBasis
    for (const column of columns) basis.columns[column] = atLower
  }
  const count = (statuses: Int32Array): number => statuses.reduce((sum, status) => sum + (status === inBasis ? 1 : 0), 0)
  return count(basis.columns) + count(basis.rows) === size.rows ? basis : undefined
}
