import type { Basis, LinearModel, LinearOutcome, LinearSolver, NewColumns, NewRows } from './linear-solver.ts'

/** A solver that keeps the model made with it last. */
export interface ModelKeeper extends LinearSolver {
  /** Gives the kept model's memory back. */
  close(): void
}

/** One call that added to a model. */
type Addition = { readonly kind: 'rows'; readonly lines: NewRows } | { readonly kind: 'columns'; readonly lines: NewColumns }

/** Numbers of the rows and columns of a model as they stand now. */
interface Numbers {
  readonly cost: number[]
  readonly columnLower: number[]
  readonly columnUpper: number[]
  readonly rowLower: number[]
  readonly rowUpper: number[]
}

interface Described {
  readonly additions: Addition[]
  readonly numbers: Numbers
}

function describe(into: Described, addition: Addition): void {
  into.additions.push(addition)
  const { numbers } = into
  const append = (target: number[], values: Float64Array): void => {
    for (let position = 0; position < values.length; position++) target.push(values[position] ?? 0)
  }
  if (addition.kind === 'rows') {
    append(numbers.rowLower, addition.lines.lower)
    append(numbers.rowUpper, addition.lines.upper)
    return
  }
  append(numbers.cost, addition.lines.cost)
  append(numbers.columnLower, addition.lines.lower)
  append(numbers.columnUpper, addition.lines.upper)
}

const isEqual = (one: Int32Array | Float64Array, other: Int32Array | Float64Array): boolean => one.length === other.length && one.every((value, position) => value === other[position])

/** Whether two models have the same coefficients in the same places. */
function hasSameMatrix(one: Described, other: Described): boolean {
  return one.additions.length === other.additions.length && one.additions.every(({ kind, lines: { entries } }, position) => {
    const there = other.additions[position]
    return there?.kind === kind && isEqual(entries.starts, there.lines.entries.starts)
      && isEqual(entries.indices, there.lines.entries.indices) && isEqual(entries.values, there.lines.entries.values)
  })
}

/** Positions at which any of the lists of numbers differ. */
function differences(pairs: readonly (readonly [readonly number[], readonly number[]])[]): Int32Array {
  const length = pairs[0]?.[0].length ?? 0
  return Int32Array.from(Array.from({ length }, (_, position) => position).filter((position) => pairs.some(([one, other]) => one[position] !== other[position])))
}

function applyDifferences(model: LinearModel, from: Numbers, to: Numbers): void {
  const at = (values: readonly number[], positions: Int32Array): Float64Array => Float64Array.from(positions, (position) => values[position] ?? 0)
  const costs = differences([[from.cost, to.cost]])
  model.changeCosts(costs, at(to.cost, costs))
  const columns = differences([[from.columnLower, to.columnLower], [from.columnUpper, to.columnUpper]])
  model.changeColumnBounds(columns, at(to.columnLower, columns), at(to.columnUpper, columns))
  const rows = differences([[from.rowLower, to.rowLower], [from.rowUpper, to.rowUpper]])
  model.changeRowBounds(rows, at(to.rowLower, rows), at(to.rowUpper, rows))
}

/**
 * A solver that keeps one model over many problems. A model that is described anew, with the same coefficients in the same order, is not made: where its
 * costs and bounds differ from those of the kept one, they are changed there, and the next solve begins where the last one ended. Any other model takes the
 * kept one's place. So the rows of a problem are written once, whether a model is made or changed.
 */
export function keepModel(solver: LinearSolver): ModelKeeper {
  let held: { readonly model: LinearModel; readonly described: Described } | undefined
  const createModel = (): LinearModel => {
    const described: Described = { additions: [], numbers: { cost: [], columnLower: [], columnUpper: [], rowLower: [], rowUpper: [] } }
    let start: Basis | undefined
    const settled = (): LinearModel => {
      if (held?.described === described) return held.model
      if (held !== undefined && hasSameMatrix(held.described, described)) {
        applyDifferences(held.model, held.described.numbers, described.numbers)
        held = { model: held.model, described }
        return held.model
      }
      held?.model.dispose()
      const model = solver.createModel()
      held = { model, described }
      for (const addition of described.additions) {
        if (addition.kind === 'rows') model.addRows(addition.lines)
        else model.addColumns(addition.lines)
      }
      if (start !== undefined) model.startFrom(start)
      return model
    }
    const isSettled = (): boolean => held?.described === described
    const put = (target: number[], positions: Int32Array, values: Float64Array): void => positions.forEach((position, index) => {
      target[position] = values[index] ?? 0
    })
    return {
      addRows(lines) {
        if (isSettled()) settled().addRows(lines)
        describe(described, { kind: 'rows', lines })
      },
      addColumns(lines) {
        if (isSettled()) settled().addColumns(lines)
        describe(described, { kind: 'columns', lines })
      },
      changeCosts(columns, costs) {
        settled().changeCosts(columns, costs)
        put(described.numbers.cost, columns, costs)
      },
      changeRowBounds(rows, lower, upper) {
        settled().changeRowBounds(rows, lower, upper)
        put(described.numbers.rowLower, rows, lower)
        put(described.numbers.rowUpper, rows, upper)
      },
      changeColumnBounds(columns, lower, upper) {
        settled().changeColumnBounds(columns, lower, upper)
        put(described.numbers.columnLower, columns, lower)
        put(described.numbers.columnUpper, columns, upper)
      },
      columnBounds: (columns) => settled().columnBounds(columns),
      basis: () => settled().basis(),
      startFrom(basis) {
        if (isSettled()) settled().startFrom(basis)
        else start = basis
      },
      solve: (): LinearOutcome => settled().solve(),
      solveWhole: (...effort): ReturnType<LinearModel['solveWhole']> => settled().solveWhole(...effort),
      dispose: () => undefined,
    }
  }
  return {
    createModel,
    close() {
      held?.model.dispose()
      held = undefined
    },
  }
}
