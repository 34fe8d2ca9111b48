/** Rows or columns of a sparse matrix: entries of line `i` are those from `starts[i]` to `starts[i + 1]`. */
export interface SparseLines {
  /** Shape [lines + 1]. */
  readonly starts: Int32Array
  readonly indices: Int32Array
  readonly values: Float64Array
}

/** New columns: cost, bounds, and their entries in rows that exist. */
export interface NewColumns {
  readonly cost: Float64Array
  readonly lower: Float64Array
  readonly upper: Float64Array
  readonly entries: SparseLines
}

/** New rows: bounds and their entries in columns that exist. */
export interface NewRows {
  readonly lower: Float64Array
  readonly upper: Float64Array
  readonly entries: SparseLines
}

export interface LinearSolution {
  readonly objective: number
  /** Shape [columns]. */
  readonly values: Float64Array
  /** Shape [columns]: what one more of a column costs, net of the rows it helps. */
  readonly reducedCosts: Float64Array
  /** Shape [rows]: what one more of a row's right-hand side costs. */
  readonly duals: Float64Array
}

export type LinearOutcome =
  | { readonly kind: 'optimal'; readonly solution: LinearSolution }
  | { readonly kind: 'infeasible' }
  | { readonly kind: 'stopped'; readonly reason: string }

export type IntegerOutcome =
  | { readonly kind: 'solved'; readonly values: Float64Array; readonly objective: number; readonly bound: number }
  | { readonly kind: 'none'; readonly reason: string }

/** How long a search for integers may go on; counted in nodes of the search tree, so that the same problem gives the same answer everywhere. */
export interface IntegerSearch {
  readonly maxNodes: number
  /** Relative gap at which the search ends, for example 0.001. */
  readonly gap: number
  /** A known solution to start from, one value per column. */
  readonly start?: Float64Array
}

/** A model that stays in the solver's memory and is solved again from where it was. */
export interface LinearModel {
  addRows(rows: NewRows): void
  addColumns(columns: NewColumns): void
  changeRowBounds(rows: Int32Array, lower: Float64Array, upper: Float64Array): void
  changeColumnBounds(columns: Int32Array, lower: Float64Array, upper: Float64Array): void
  changeColumnCosts(columns: Int32Array, cost: Float64Array): void
  /** Minimises; columns are continuous. */
  solve(): LinearOutcome
  /** Minimises with the named columns integer. */
  solveInteger(columns: Int32Array, search: IntegerSearch): IntegerOutcome
  /** Gives the memory back; the model cannot be used afterwards. */
  dispose(): void
}

/** A solver of linear programs. */
export interface LinearSolver {
  /** @returns an empty model; the caller disposes of it */
  createModel(): LinearModel
}
