import { flag, item, real, whole } from '../vector.ts'

/**
 * min Σ_j usd[j] · x[j]   with   Σ_j coefficients[i, j] · x[j] ≥ least[i],   0 ≤ x[j] ≤ most[j],   x[j] whole where isWhole[j]
 * Columns of one group are the pieces of one variable with a convex cost: they stand side by side with the same coefficients, each dearer than the one before.
 */
export interface SmallProgram {
  readonly usd: Float64Array
  /** Finite; whole where the column is. */
  readonly most: Float64Array
  /** Ascending. Shape [columns]. */
  readonly group: Int32Array
  readonly isWhole: Uint8Array
  /** Shape [rows × columns], row-wise. */
  readonly coefficients: Float64Array
  readonly least: Float64Array
}

export interface SmallSolution {
  readonly usd: number
  /** Shape [columns]. */
  readonly values: Float64Array
}

/** Below this a row or a bound counts as kept. */
const negligible = 1e-7
/** Entries of a dictionary smaller than this decide nothing. */
const nothing = 1e-9
/** Entries that are what rounding left of a zero. */
const rounding = 1e-11
/** Distance from a whole number below which a value is one. */
const nearlyWhole = 1e-6
/** Iterations after which a vertex is given up: many times what any takes. */
const mostIterations = 300
/** Rounds of cutting planes before the search, and cuts in each. */
const cuts = { rounds: 3, perRound: 8, leastFraction: 0.02, largest: 1e4 }
/** The search first looks near the bound, where most columns cannot move: shares of the room between bound and what is known. */
const roomShares = [0.15, 0.4, 1]

/**
 * Where the dual simplex stands: basic variables as a constant plus a combination of the nonbasic ones, each of which stands at one of its bounds. Variables are
 * the columns of the program, then what each row and each cut has beyond its least.
 */
interface Vertex {
  /** Shape [basic × nonbasic], row-wise. */
  readonly dictionary: Float64Array
  /** What one unit more of a nonbasic variable costs. */
  readonly reduced: Float64Array
  /** Of basic variables. */
  readonly values: Float64Array
  readonly basic: Int32Array
  readonly nonbasic: Int32Array
  readonly isAtUpper: Uint8Array
  /** 1 where a nonbasic variable may rise, −1 where it may fall, 0 where it is fixed. */
  readonly way: Float64Array
  /** Of every variable. */
  readonly lower: Float64Array
  readonly upper: Float64Array
  usd: number
}

function emptyVertex(rows: number, columns: number, variables: number): Vertex {
  return {
    dictionary: new Float64Array(rows * columns), reduced: new Float64Array(columns), values: new Float64Array(rows), basic: new Int32Array(rows), nonbasic: new Int32Array(columns),
    isAtUpper: new Uint8Array(columns), way: new Float64Array(columns), lower: new Float64Array(variables), upper: new Float64Array(variables), usd: 0,
  }
}

/** Copies all but rows that the other has not. */
function copy(from: Vertex, to: Vertex): void {
  to.dictionary.set(from.dictionary)
  to.reduced.set(from.reduced)
  to.values.set(from.values)
  to.basic.set(from.basic)
  to.nonbasic.set(from.nonbasic)
  to.isAtUpper.set(from.isAtUpper)
  to.way.set(from.way)
  to.lower.set(from.lower)
  to.upper.set(from.upper)
  to.usd = from.usd
}

function standsAt({ nonbasic, isAtUpper, lower, upper }: Vertex, column: number): number {
  return real(flag(isAtUpper, column) === 1 ? upper : lower, whole(nonbasic, column))
}

function setWay({ nonbasic, isAtUpper, lower, upper, way }: Vertex, column: number): void {
  const variable = whole(nonbasic, column)
  way[column] = real(lower, variable) >= real(upper, variable) ? 0 : flag(isAtUpper, column) === 1 ? -1 : 1
}

/** Moves a nonbasic variable by an amount. */
function shift(v: Vertex, column: number, amount: number): void {
  const { dictionary, values, nonbasic } = v
  for (let i = 0, at = column; i < values.length; i++, at += nonbasic.length) {
    const factor = real(dictionary, at)
    if (factor !== 0) values[i] = real(values, i) + factor * amount
  }
  v.usd += real(v.reduced, column) * amount
}

/** Lets the basic variable of a row go to one of its bounds, and a nonbasic one come in its place. */
function pivot(v: Vertex, row: number, column: number, target: number, touched: Int32Array): void {
  const { dictionary, reduced, values, basic, nonbasic, isAtUpper, lower, upper } = v
  const columns = nonbasic.length
  const first = row * columns
  const entering = whole(nonbasic, column)
  const leaving = whole(basic, row)
  const before = standsAt(v, column)
  const amount = (target - real(values, row)) / real(dictionary, first + column)
  shift(v, column, amount)
  values[row] = before + amount
  const inverse = 1 / real(dictionary, first + column)
  let count = 0
  for (let j = 0; j < columns; j++) {
    const factor = real(dictionary, first + j)
    if (factor === 0) continue
    if (Math.abs(factor) < rounding) {
      dictionary[first + j] = 0
      continue
    }
    dictionary[first + j] = -factor * inverse
    touched[count++] = j
  }
  dictionary[first + column] = inverse
  const addTo = (array: Float64Array, start: number): void => {
    const factor = real(array, start + column)
    if (factor === 0) return
    array[start + column] = 0
    for (let k = 0; k < count; k++) {
      const j = whole(touched, k)
      array[start + j] = real(array, start + j) + factor * real(dictionary, first + j)
    }
  }
  for (let i = 0; i < values.length; i++) if (i !== row) addTo(dictionary, i * columns)
  addTo(reduced, 0)
  basic[row] = entering
  nonbasic[column] = leaving
  isAtUpper[column] = target === real(upper, leaving) && target !== real(lower, leaving) ? 1 : 0
  setWay(v, column)
}

/** Row whose basic variable is farthest outside its bounds; −1 if none is. */
function worstRow({ basic, values, lower, upper }: Vertex): number {
  let row = -1
  let worst = negligible
  for (let i = 0; i < values.length; i++) {
    const variable = whole(basic, i)
    const outside = Math.max(real(lower, variable) - real(values, i), real(values, i) - real(upper, variable))
    if (outside <= worst) continue
    worst = outside
    row = i
  }
  return row
}

/**
 * Dual simplex with bound flips: a variable whose whole range is not enough to mend a row goes to its other bound, and the next one is asked.
 * @returns whether there is an optimum that costs less than `cutoff`
 */
function solve(v: Vertex, cutoff: number, touched: Int32Array): boolean {
  const { dictionary, reduced, values, basic, nonbasic, isAtUpper, way, lower, upper } = v
  const columns = nonbasic.length
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    if (v.usd >= cutoff) return false
    const row = worstRow(v)
    if (row < 0) return true
    const variable = whole(basic, row)
    const sign = real(values, row) < real(lower, variable) ? 1 : -1
    const target = real(sign > 0 ? lower : upper, variable)
    const first = row * columns
    for (let left = Math.abs(target - real(values, row)); ;) {
      let column = -1
      let ratio = Infinity
      let size = 0
      for (let j = 0; j < columns; j++) {
        const factor = sign * real(dictionary, first + j) * real(way, j)
        if (factor <= nothing) continue
        const own = Math.abs(real(reduced, j)) / factor
        if (own > ratio + 1e-12 || (own >= ratio - 1e-12 && factor <= size)) continue
        ratio = own
        column = j
        size = factor
      }
      if (column < 0) return false
      const entering = whole(nonbasic, column)
      const range = real(upper, entering) - real(lower, entering)
      left -= size * range
      if (left <= negligible) {
        pivot(v, row, column, target, touched)
        break
      }
      shift(v, column, range * real(way, column))
      isAtUpper[column] = 1 - flag(isAtUpper, column)
      way[column] = -real(way, column)
    }
  }
  return false
}

/**
 * Gomory's mixed-integer cuts of a vertex, the deepest first: each is a new row that whole points keep and the vertex does not.
 * @returns rows of the dictionary, scaled to a distance, with their value at the vertex
 * @see Gomory, An algorithm for the mixed integer problem (1960)
 */
function cutsAt(v: Vertex, isWhole: (variable: number) => boolean): readonly { readonly row: Float64Array; readonly value: number }[] {
  const { dictionary, values, basic, nonbasic, way } = v
  const columns = nonbasic.length
  const found: { readonly row: Float64Array; readonly value: number }[] = []
  for (let i = 0; i < values.length; i++) {
    if (!isWhole(whole(basic, i))) continue
    const fraction = real(values, i) - Math.floor(real(values, i))
    if (fraction < cuts.leastFraction || fraction > 1 - cuts.leastFraction) continue
    const row = new Float64Array(columns)
    let square = 0
    for (let j = 0; j < columns; j++) {
      // how much one unit away from its bound takes from the row
      const takes = -real(dictionary, i * columns + j) * real(way, j)
      if (Math.abs(takes) < nothing) continue
      let gives = takes > 0 ? takes / fraction : -takes / (1 - fraction)
      if (isWhole(whole(nonbasic, j))) {
        const part = takes - Math.floor(takes)
        gives = part < nearlyWhole || part > 1 - nearlyWhole ? 0 : part <= fraction ? part / fraction : (1 - part) / (1 - fraction)
      }
      row[j] = gives * real(way, j)
      square += gives * gives
    }
    const length = Math.sqrt(square)
    if (length > 0 && row.every((gives) => Math.abs(gives) < cuts.largest)) found.push({ row: row.map((gives) => gives / length), value: -1 / length })
  }
  return found.sort((a, b) => a.value - b.value).slice(0, cuts.perRound)
}

/** The same vertex with cuts in place of those that no longer bind. */
function withCuts(v: Vertex, isCut: (variable: number) => boolean, added: readonly { readonly row: Float64Array; readonly value: number }[], firstName: number): Vertex {
  const columns = v.nonbasic.length
  const kept = Array.from(v.basic.keys()).filter((row) => !isCut(whole(v.basic, row)))
  const to = emptyVertex(kept.length + added.length, columns, v.lower.length)
  copy({ ...v, dictionary: to.dictionary, values: to.values, basic: to.basic }, to)
  for (const [i, row] of kept.entries()) {
    to.basic[i] = whole(v.basic, row)
    to.values[i] = real(v.values, row)
    to.dictionary.set(v.dictionary.subarray(row * columns, (row + 1) * columns), i * columns)
  }
  for (const [position, { row, value }] of added.entries()) {
    const i = kept.length + position
    to.basic[i] = firstName + position
    to.upper[firstName + position] = Infinity
    to.values[i] = value
    to.dictionary.set(row, i * columns)
  }
  return to
}

/** The same vertex without what cannot change while less than `room` is added to its cost: columns that are too dear to move, and rows that those left cannot break. */
function compacted(v: Vertex, room: number, columnCount: number, isWhole: (variable: number) => boolean): Vertex {
  const columns = v.nonbasic.length
  const range = Float64Array.from(v.nonbasic, (variable, j) => {
    const most = Math.min(real(v.upper, variable) - real(v.lower, variable), room / Math.max(nothing, Math.abs(real(v.reduced, j))))
    return isWhole(variable) ? Math.floor(most + nothing) : most
  })
  const keptColumns = Array.from(range.keys()).filter((j) => real(range, j) > nothing)
  const mayBreak = (row: number): boolean => {
    if (whole(v.basic, row) < columnCount) return true
    let least = real(v.values, row)
    for (const j of keptColumns) {
      const factor = real(v.dictionary, row * columns + j) * real(v.way, j)
      if (factor < 0) least += factor * real(range, j)
    }
    return !(least >= 0)
  }
  const keptRows = Array.from(v.basic.keys()).filter(mayBreak)
  const to = emptyVertex(keptRows.length, keptColumns.length, v.lower.length)
  to.usd = v.usd
  to.lower.set(v.lower)
  to.upper.set(v.upper)
  for (const [i, row] of keptRows.entries()) {
    to.basic[i] = whole(v.basic, row)
    to.values[i] = real(v.values, row)
    for (const [j, column] of keptColumns.entries()) to.dictionary[i * keptColumns.length + j] = real(v.dictionary, row * columns + column)
  }
  for (const [j, column] of keptColumns.entries()) {
    const variable = whole(v.nonbasic, column)
    to.nonbasic[j] = variable
    to.reduced[j] = real(v.reduced, column)
    to.isAtUpper[j] = flag(v.isAtUpper, column)
    if (flag(v.isAtUpper, column) === 1) to.lower[variable] = real(v.upper, variable) - real(range, column)
    else to.upper[variable] = real(v.lower, variable) + real(range, column)
    setWay(to, j)
  }
  return to
}

/** What it costs at least to move a row's basic variable by one, upwards (`sign` 1) or downwards (−1). */
function leastUsd({ dictionary, reduced, nonbasic, way }: Vertex, row: number, sign: number): number {
  let least = Infinity
  const first = row * nonbasic.length
  for (let j = 0; j < nonbasic.length; j++) {
    const factor = sign * real(dictionary, first + j) * real(way, j)
    if (factor > nothing) least = Math.min(least, Math.abs(real(reduced, j)) / factor)
  }
  return least
}

/**
 * Finds the cheapest whole solution below a cost: dual simplex on a dense dictionary, a few rounds of cuts, and branch and bound, depth first, on the variable whose
 * two sides both cost most.
 * @param below      what costs as much is of no use
 * @param mostNodes  vertices after which the search ends with the best it has: counted, not timed, so that it ends alike everywhere
 * @returns undefined where nothing was found
 * @see Driebeek, An algorithm for the solution of mixed integer programming problems (1966), for what a side costs at least
 */
export function solveSmall(program: SmallProgram, below: number, mostNodes: number): SmallSolution | undefined {
  const { usd, most, group, coefficients, least } = program
  const columns = usd.length
  const variables = columns + least.length + cuts.rounds * cuts.perRound
  const isWhole = (variable: number): boolean => variable < columns && flag(program.isWhole, variable) === 1
  const touched = new Int32Array(columns)
  let root = emptyVertex(least.length, columns, variables)
  root.dictionary.set(coefficients)
  root.reduced.set(usd)
  root.upper.set(most)
  for (let i = 0; i < least.length; i++) {
    root.basic[i] = columns + i
    root.upper[columns + i] = Infinity
    root.values[i] = -real(least, i)
  }
  for (let j = 0; j < columns; j++) {
    root.nonbasic[j] = j
    if (real(usd, j) < 0) {
      root.isAtUpper[j] = 1
      shift(root, j, real(most, j))
    }
    setWay(root, j)
  }
  if (!solve(root, below, touched)) return undefined
  for (let round = 0; round < cuts.rounds; round++) {
    const found = cutsAt(root, isWhole)
    if (found.length === 0) break
    root = withCuts(root, (variable) => variable >= columns + least.length, found, columns + least.length + round * cuts.perRound)
    if (!solve(root, below, touched)) return undefined
  }

  const levels: Vertex[] = []
  let best: SmallSolution | undefined
  let cutoff = below
  let nodes = 0

  const valuesAt = (v: Vertex): Float64Array => {
    const values = new Float64Array(variables)
    for (let j = 0; j < columns; j++) values[whole(root.nonbasic, j)] = standsAt(root, j)
    for (let j = 0; j < v.nonbasic.length; j++) values[whole(v.nonbasic, j)] = standsAt(v, j)
    for (let i = 0; i < v.basic.length; i++) values[whole(v.basic, i)] = real(v.values, i)
    return values.subarray(0, columns)
  }
  /** Bounds a variable that may be basic, nonbasic or, since it cannot move, neither. */
  const bound = (v: Vertex, variable: number, lower: number, upper: number): void => {
    const column = v.nonbasic.indexOf(variable)
    const before = column < 0 ? 0 : standsAt(v, column)
    v.lower[variable] = lower
    v.upper[variable] = upper
    if (column < 0) return
    setWay(v, column)
    if (standsAt(v, column) !== before) shift(v, column, standsAt(v, column) - before)
  }
  /** Keeps one piece at or below, or at or above, a value: dearer pieces are then empty, cheaper ones full. */
  const boundGroup = (v: Vertex, variable: number, value: number, isUpward: boolean): void => {
    bound(v, variable, isUpward ? value : real(v.lower, variable), isUpward ? real(v.upper, variable) : value)
    if (isUpward) for (let piece = variable - 1; piece >= 0 && group[piece] === group[variable]; piece--) bound(v, piece, real(v.upper, piece), real(v.upper, piece))
    else for (let piece = variable + 1; piece < columns && group[piece] === group[variable]; piece++) bound(v, piece, 0, 0)
  }

  const search = (depth: number): void => {
    const v = item(levels, depth)
    for (;;) {
      nodes++
      if (!solve(v, cutoff, touched)) return
      let branch: { readonly variable: number; readonly value: number; readonly isUpward: boolean; readonly score: number } | undefined
      let isTightened = false
      for (let i = 0; i < v.basic.length && !isTightened; i++) {
        const variable = whole(v.basic, i)
        const value = real(v.values, i)
        const above = value - Math.floor(value)
        if (!isWhole(variable) || above < nearlyWhole || above > 1 - nearlyWhole) continue
        const down = above * leastUsd(v, i, -1)
        const up = (1 - above) * leastUsd(v, i, 1)
        const room = cutoff - v.usd
        if (down >= room && up >= room) return
        isTightened = down >= room || up >= room
        if (isTightened) boundGroup(v, variable, down >= room ? Math.ceil(value) : Math.floor(value), down >= room)
        const score = Math.min(down, up) + 0.1 * Math.max(down, up)
        if (branch === undefined || score > branch.score) branch = { variable, value, isUpward: up < down, score }
      }
      if (branch === undefined) {
        best = { usd: v.usd, values: valuesAt(v) }
        cutoff = v.usd - nearlyWhole
        return
      }
      if (nodes >= mostNodes) return
      if (isTightened) continue
      const { variable, value, isUpward } = branch
      const next = (levels[depth + 1] ??= emptyVertex(v.values.length, v.nonbasic.length, variables))
      copy(v, next)
      boundGroup(next, variable, isUpward ? Math.ceil(value) : Math.floor(value), isUpward)
      search(depth + 1)
      if (nodes >= mostNodes || v.usd >= cutoff) return
      boundGroup(v, variable, isUpward ? Math.floor(value) : Math.ceil(value), !isUpward)
    }
  }

  for (const share of roomShares) {
    const room = share * (below - root.usd)
    cutoff = root.usd + room
    levels.splice(0, levels.length, compacted(root, room, columns, isWhole))
    search(0)
    if (best !== undefined || nodes >= mostNodes) break
  }
  return best
}
