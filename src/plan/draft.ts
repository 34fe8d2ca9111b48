import type { LinearModel, SparseLines } from './solver/linear-solver.ts'

/** A list of numbers that grows; reading it back gives a typed array of exactly its length. */
interface Growing<A> {
  readonly push: (value: number) => void
  readonly take: () => A
  readonly length: () => number
}

function growingReal(): Growing<Float64Array> {
  let array = new Float64Array(1024)
  let length = 0
  return {
    push(value) {
      if (length === array.length) {
        const larger = new Float64Array(2 * length)
        larger.set(array)
        array = larger
      }
      array[length++] = value
    },
    take() {
      const taken = array.slice(0, length)
      length = 0
      return taken
    },
    length: () => length,
  }
}

function growingWhole(): Growing<Int32Array> {
  let array = new Int32Array(1024)
  let length = 0
  return {
    push(value) {
      if (length === array.length) {
        const larger = new Int32Array(2 * length)
        larger.set(array)
        array = larger
      }
      array[length++] = value
    },
    take() {
      const taken = array.slice(0, length)
      length = 0
      return taken
    },
    length: () => length,
  }
}

/** Lines with entries, gathered one after another. */
function growingLines(): { begin: () => void; entry: (index: number, value: number) => void; take: () => SparseLines } {
  const starts = growingWhole()
  const indices = growingWhole()
  const values = growingReal()
  return {
    begin: () => starts.push(indices.length()),
    entry(index, value) {
      indices.push(index)
      values.push(value)
    },
    take() {
      starts.push(indices.length())
      return { starts: starts.take(), indices: indices.take(), values: values.take() }
    },
  }
}

/** Rows and columns on their way into a solver's model. Numbers of rows and columns are final from the moment they are given out. */
export interface Draft {
  /** Adds a row without entries: columns that come later enter it. @returns its number */
  addRow(lower: number, upper: number): number
  /** Adds a row over columns that the model holds already. @returns its number */
  addRowOver(lower: number, upper: number, columns: Int32Array, values: Float64Array): number
  /** Begins a column. @returns its number */
  addColumn(cost: number, lower: number, upper: number): number
  /** Entry of the column begun last. Each row at most once per column. */
  entry(row: number, value: number): void
  rowCount(): number
  columnCount(): number
  /** Passes everything new to the model. */
  flush(model: LinearModel): void
}

/** @returns an empty draft */
export function createDraft(): Draft {
  let rows = 0
  let columns = 0
  const rowLower = growingReal()
  const rowUpper = growingReal()
  const rowEntries = growingLines()
  const cost = growingReal()
  const lower = growingReal()
  const upper = growingReal()
  const columnEntries = growingLines()
  const beginRow = (low: number, high: number): void => {
    rowLower.push(low)
    rowUpper.push(high)
    rowEntries.begin()
  }
  return {
    addRow(low, high) {
      beginRow(low, high)
      return rows++
    },
    addRowOver(low, high, over, values) {
      beginRow(low, high)
      for (const [position, column] of over.entries()) rowEntries.entry(column, values[position] ?? 0)
      return rows++
    },
    addColumn(usd, low, high) {
      cost.push(usd)
      lower.push(low)
      upper.push(high)
      columnEntries.begin()
      return columns++
    },
    entry: columnEntries.entry,
    rowCount: () => rows,
    columnCount: () => columns,
    flush(model) {
      model.addRows({ lower: rowLower.take(), upper: rowUpper.take(), entries: rowEntries.take() })
      model.addColumns({ cost: cost.take(), lower: lower.take(), upper: upper.take(), entries: columnEntries.take() })
    },
  }
}
