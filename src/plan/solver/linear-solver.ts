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

/** A vertex of the model: 0 for a column or row at its lower bound, 1 in the basis, 2 at its upper bound. */
export interface Basis {
  /** Shape [columns]. */
  readonly columns: Int32Array
  /** Shape [rows]. */
  readonly rows: Int32Array
}

export type LinearOutcome =
  | { readonly kind: 'optimal'; readonly solution: LinearSolution }
  | { readonly kind: 'infeasible' }
  | { readonly kind: 'stopped'; readonly reason: string }

/** When a search for whole values ends. */
export interface WholeEffort {
  /** Nodes of the search tree. */
  readonly nodes: number
  /** Relative distance of the best solution and the bound. */
  readonly gap: number
}

/** Whether the solver scales rows and columns: units and prices of like size can do without, and a start from a known vertex is then faster. */
export type Scaling = 'solver' | 'none'

/**
 * How the simplex method goes on from a vertex: `dual`, which repairs rows and bounds that are not kept; `primal`, which repairs what is not cheapest where all
 * are kept, and is dual where not.
 */
export type SimplexMethod = 'dual' | 'primal'

/** A model that stays in the solver's memory and is solved again from where it was. */
export interface LinearModel {
  addRows(rows: NewRows): void
  addColumns(columns: NewColumns): void
  /** `columns` ascending, none twice. */
  changeCosts(columns: Int32Array, costs: Float64Array): void
  /** `rows` ascending, none twice. */
  changeRowBounds(rows: Int32Array, lower: Float64Array, upper: Float64Array): void
  /** `columns` ascending, none twice. */
  changeColumnBounds(columns: Int32Array, lower: Float64Array, upper: Float64Array): void
  /** @returns the vertex that the last solve ended at */
  basis(): Basis
  /** Where the next solve begins: as many statuses of 1 as the model has rows. */
  startFrom(basis: Basis): void
  /** `solver` until it is called. */
  scaleBy(scaling: Scaling): void
  /** `dual` until it is called. */
  iterateBy(method: SimplexMethod): void
  /** Minimises; columns are continuous. */
  solve(): LinearOutcome
  /**
   * Minimises with some columns whole, until the gap is reached or the search tree has so many nodes.
   * @param columns  ascending, none twice; they stay whole in the model
   * @returns values of all columns of the best solution found; undefined where none was
   */
  solveWhole(columns: Int32Array, effort: WholeEffort): Float64Array | undefined
  /** Gives the memory back; the model cannot be used afterwards. */
  dispose(): void
}

/** A solver of linear programs. */
export interface LinearSolver {
  /** @returns an empty model; the caller disposes of it */
  createModel(): LinearModel
}
