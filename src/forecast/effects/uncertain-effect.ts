import type { QuantilePaths } from '../quantiles.ts'

/** What acts on demand in one step: times exp(log), plus `shift`; each normal around its mean. */
export interface StepEffect {
  readonly log: number
  readonly logDeviation: number
  /** In the series' unit. */
  readonly shift: number
  readonly shiftDeviation: number
  /** `raises`: whatever lowers demand is left out. */
  readonly side: 'both' | 'raises'
}

/** Nodes and weights of Gauss and Hermite for a standard normal. */
const nodes = [-2.856970013872806, -1.355626179974266, 0, 1.355626179974266, 2.856970013872806] as const
const weights = [0.011257411327721, 0.222075922005613, 0.533333333333333, 0.222075922005613, 0.011257411327721] as const
const halvings = 40

/**
 * Puts an uncertain effect on quantiles of demand: the result's quantiles are those of demand with the effect, both being independent. Without
 * uncertainty each quantile is simply moved.
 * @param paths    shape [quantiles × effects], ordered
 * @param effects  one per step; undefined where nothing acts
 * @returns the same shape, ordered, ≥ 0
 */
export function withEffects(paths: QuantilePaths, quantiles: readonly number[], effects: readonly (StepEffect | undefined)[]): QuantilePaths {
  const steps = effects.length
  const moved = paths.slice()
  effects.forEach((effect, step) => {
    if (effect === undefined) return
    const column = quantiles.map((_, q) => paths[q * steps + step] ?? 0)
    const versions = nodes.map((node) => column.map((value) => Math.max(0, value * factorOf(effect, node) + shiftOf(effect, node))))
    const certain = effect.logDeviation === 0 && effect.shiftDeviation === 0
    quantiles.forEach((quantile, q) => {
      moved[q * steps + step] = certain ? (versions[2]?.[q] ?? 0) : mixtureQuantile(versions, quantiles, quantile)
    })
  })
  return moved
}

function factorOf({ log, logDeviation, side }: StepEffect, node: number): number {
  const value = log + node * logDeviation
  return Math.exp(side === 'raises' ? Math.max(0, value) : value)
}

function shiftOf({ shift, shiftDeviation, side }: StepEffect, node: number): number {
  const value = shift + node * shiftDeviation
  return side === 'raises' ? Math.max(0, value) : value
}

/** The value below which the weighted versions have `quantile` of their mass. */
function mixtureQuantile(versions: readonly (readonly number[])[], quantiles: readonly number[], quantile: number): number {
  const ends = versions.map((column) => [lowEnd(column), highEnd(column)] as const)
  let low = Math.min(...ends.map(([from]) => from))
  let high = Math.max(...ends.map(([, to]) => to))
  for (let round = 0; round < halvings && high > low; round += 1) {
    const middle = (low + high) / 2
    const mass = versions.reduce((sum, column, v) => sum + (weights[v] ?? 0) * massBelow(column, ends[v] ?? [0, 0], quantiles, middle), 0)
    if (mass < quantile) low = middle
    else high = middle
  }
  return high
}

/** Ends of a distribution of which some quantiles are known: as far beyond the last as that is beyond its neighbour. */
function lowEnd(column: readonly number[]): number {
  const [first = 0, second = first] = column
  return Math.max(0, first - (second - first))
}

function highEnd(column: readonly number[]): number {
  const last = column.at(-1) ?? 0
  return last + (last - (column.at(-2) ?? last))
}

function massBelow(column: readonly number[], [from, to]: readonly [number, number], quantiles: readonly number[], value: number): number {
  if (value < from) return 0
  if (value >= to) return 1
  let [before, beforeMass] = [from, 0]
  for (let q = 0; q <= column.length; q += 1) {
    const [next, nextMass] = q < column.length ? [column[q] ?? 0, quantiles[q] ?? 1] : [to, 1]
    if (value < next) return next > before ? beforeMass + ((nextMass - beforeMass) * (value - before)) / (next - before) : beforeMass
    ;[before, beforeMass] = [next, nextMass]
  }
  return 1
}
