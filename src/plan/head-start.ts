import { contentHash } from '../domain/hash.ts'
import type { IndexedProblem } from './index-problem.ts'
import type { Opening } from './opening.ts'
import type { Growth, OpenRelaxation, Relaxation } from './relax.ts'
import type { Basis } from './solver/linear-solver.ts'
import type { CutName } from './survival-cuts.ts'
import { item } from './vector.ts'

/**
 * Where the relaxation of a problem ended. The next one of like pools, user zones, failures and steps begins there: its demand, prices, quotas, limits and
 * live counts are other costs and bounds of the same model, and the simplex method only repairs what differs. Nothing but this is kept between plans, so
 * that a plan depends on what can be recorded: the problem, the plan in force, and this. As JSON it is the same.
 */
export interface HeadStart {
  /** Hash of what the positions below count. */
  readonly shape: string
  /** Pools that the model was made with, by position. */
  readonly pools: readonly number[]
  /** Routes and cuts that it was made with, as in `RelaxOptions`. */
  readonly routes: readonly number[]
  readonly cuts: readonly NamedCut[]
  /** What joined it since, in order. */
  readonly growth: readonly GrowthEntry[]
  /** Rows and columns of the model that was made from the start. */
  readonly firstSize: number
  /** HiGHS's status of each column and row, a digit each. */
  readonly columns: string
  readonly rows: string
}

interface NamedCut {
  readonly workload: number
  readonly scenario: number
  readonly userZones: readonly number[]
}

interface GrowthEntry {
  readonly pools: readonly number[]
  /** Each as (slot · user zones + user zone) · regions + region, where slot is workload · steps + step. */
  readonly routes: readonly number[]
  /** Rows of cuts, a cut's consecutive ones together. */
  readonly cuts: readonly { readonly cut: NamedCut; readonly steps: readonly number[] }[]
}

/** A model that has grown to more than this many times its first size is made anew: most of what joined it is no longer of use. */
const mostGrowth = 2
const atLower = 0
const inBasis = 1

function shapeOf({ problem, pools, steps, scenarios }: IndexedProblem): string {
  return contentHash({
    pools: pools.map(({ workload, region, type, option }) => [problem.workloads[workload]?.name, problem.regions[region]?.name, problem.types[type]?.name, problem.options[option]?.name].join('/')),
    userZones: problem.userZones.map(({ name }) => name), scenarios: scenarios.map(({ name }) => name), steps,
  })
}

const named = ({ workload, scenario, userZones }: CutName): NamedCut => ({ workload, scenario, userZones: [...userZones] })

function growthEntry(indexed: IndexedProblem, { pools, routes, cuts }: Growth): GrowthEntry {
  const grouped: { readonly of: CutName; readonly cut: NamedCut; readonly steps: number[] }[] = []
  for (const { cut, step } of cuts) {
    const last = grouped.at(-1)
    if (last?.of === cut) last.steps.push(step)
    else grouped.push({ of: cut, cut: named(cut), steps: [step] })
  }
  return {
    pools: [...pools],
    routes: routes.map(([slot, zone, region]) => (slot * indexed.userZoneCount + zone) * indexed.regionCount + region),
    cuts: grouped.map(({ cut, steps }) => ({ cut, steps })),
  }
}

function growthOf({ userZoneCount, regionCount }: IndexedProblem, { pools, routes, cuts }: GrowthEntry): Growth {
  return {
    pools,
    routes: routes.map((route) => {
      const [reach, region] = [Math.floor(route / regionCount), route % regionCount]
      return [Math.floor(reach / userZoneCount), reach % userZoneCount, region] as const
    }),
    cuts: cuts.flatMap(({ cut, steps }) => steps.map((step) => ({ cut, step }))),
  }
}

/**
 * @param opening  what the model was opened with
 * @param before   the head start it was opened from; undefined where it was made from the start
 * @returns where a relaxation that was just solved ended
 */
export function headStartFrom(indexed: IndexedProblem, opening: Opening, opened: OpenRelaxation, { active }: Relaxation, before: HeadStart | undefined): HeadStart {
  const growth = opened.growth()
  const joined = new Set(growth.flatMap(({ pools }) => pools))
  const { columns, rows } = opened.vertex()
  return {
    shape: shapeOf(indexed),
    pools: active.flatMap(({ index }) => (joined.has(index) ? [] : [index])),
    routes: [...opening.routes],
    cuts: Array.from(opening.cuts, named),
    growth: growth.map((entry) => growthEntry(indexed, entry)),
    firstSize: before?.firstSize ?? columns.length + rows.length,
    columns: columns.join(''),
    rows: rows.join(''),
  }
}

/** @returns what a model is opened with to begin at a head start; undefined where that is of a problem of another shape, or has grown too large */
export function openingFrom(indexed: IndexedProblem, start: HeadStart | undefined): Opening | undefined {
  if (start === undefined || start.shape !== shapeOf(indexed) || start.columns.length + start.rows.length > mostGrowth * start.firstSize) return undefined
  const there = new Set([...start.pools, ...start.growth.flatMap(({ pools }) => pools)])
  const liveSince = indexed.pools.flatMap(({ index, fleet }) => (fleet > 0 && !there.has(index) ? [index] : []))
  return {
    pools: start.pools.map((index) => item(indexed.pools, index)),
    routes: start.routes,
    cuts: start.cuts,
    growth: [...start.growth.map((entry) => growthOf(indexed, entry)), ...(liveSince.length === 0 ? [] : [{ pools: liveSince, routes: [], cuts: [] }])],
  }
}

/**
 * @param size  of the model to be solved: what it has beyond the head start's begins out of use
 * @returns the vertex to begin at; undefined where the model has other rows or columns after all
 */
export function vertexOf(start: HeadStart, size: { readonly columns: number; readonly rows: number }): Basis | undefined {
  const statuses = (digits: string, length: number, rest: number): Int32Array => Int32Array.from({ length }, (_, position) => (position < digits.length ? Number(digits[position]) : rest))
  const basis = { columns: statuses(start.columns, size.columns, atLower), rows: statuses(start.rows, size.rows, inBasis) }
  const basic = (list: Int32Array): number => list.reduce((sum, status) => sum + (status === inBasis ? 1 : 0), 0)
  return basic(basis.columns) + basic(basis.rows) === size.rows ? basis : undefined
}
