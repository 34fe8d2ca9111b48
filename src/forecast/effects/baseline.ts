import type { EventWindow } from './windows.ts'

/** What a baseline may look at. `around`: all of the series. `before`: only what came before the window, as a forecast would. */
export type BaselineView = 'around' | 'before'

/** Demand of one series on which baselines are drawn. */
export interface BaselineSeries {
  /** ≥ 0, NaN where not measured. */
  readonly values: Float64Array
  /** 1 where some event may have touched demand. */
  readonly touched: Uint8Array
  readonly perDay: number
}

/** Weeks, and days where no week will do, that are looked at on either side. */
const reach = { weeks: 4, days: 6 }
/** Days on either side over which levels are compared, and steps that must be comparable, as a share of a day. */
const levels = { days: 2, leastShare: 0.25 }

interface Reference {
  readonly offset: number
  readonly ratio: number
}

/**
 * Demand as it would have been in a window without any event: the median over the same time of other weeks (of other days where no week is
 * free of events), each at the level of the window, which is told by the hours around both that no event touched.
 * @returns shape [to − from], NaN where nothing can be said
 */
export function baselineOf(series: BaselineSeries, { from, to }: Pick<EventWindow, 'from' | 'to'>, view: BaselineView): Float64Array {
  const baseline = new Float64Array(to - from).fill(Number.NaN)
  const sides = view === 'around' ? [-1, 1] : [-1]
  const offsets = (count: number, length: number): number[] => Array.from({ length: count }, (_, k) => k + 1).flatMap((k) => sides.map((side) => side * k * length))
  const references = (candidates: readonly number[]): Reference[] =>
    candidates.flatMap((offset) => {
      const ratio = levelRatio(series, from, to, offset, view)
      return ratio === undefined ? [] : [{ offset, ratio }]
    })
  const weeks = references(offsets(reach.weeks, 7 * series.perDay))
  const days = references(offsets(reach.days, series.perDay))
  for (let step = from; step < to; step += 1) baseline[step - from] = valueAt(series, step, weeks) ?? valueAt(series, step, days) ?? Number.NaN
  return baseline
}

/** Mean of the untouched steps around a window, at most two days on either side; NaN where there is none. */
export function levelAround({ values, touched, perDay }: BaselineSeries, { from, to }: Pick<EventWindow, 'from' | 'to'>, view: BaselineView): number {
  let sum = 0
  let count = 0
  const add = (step: number): void => {
    const value = values[step] ?? Number.NaN
    if (touched[step] === 1 || !Number.isFinite(value)) return
    sum += value
    count += 1
  }
  for (let j = 1; j <= levels.days * perDay; j += 1) {
    add(from - j)
    if (view === 'around') add(to - 1 + j)
  }
  return count > 0 ? sum / count : Number.NaN
}

function valueAt({ values, touched }: BaselineSeries, step: number, references: readonly Reference[]): number | undefined {
  const found = references
    .filter(({ offset }) => touched[step + offset] === 0 && Number.isFinite(values[step + offset] ?? Number.NaN))
    .map(({ offset, ratio }) => (values[step + offset] ?? 0) * ratio)
    .sort((a, b) => a - b)
  if (found.length === 0) return undefined
  const middle = Math.floor(found.length / 2)
  return found.length % 2 === 1 ? found[middle] : ((found[middle - 1] ?? 0) + (found[middle] ?? 0)) / 2
}

/** Demand around the window against demand around the same window `offset` steps away; undefined where too few hours can be compared. */
function levelRatio({ values, touched, perDay }: BaselineSeries, from: number, to: number, offset: number, view: BaselineView): number | undefined {
  if (from + offset < 0 && to + offset <= 0) return undefined
  if (from + offset >= values.length) return undefined
  let here = 0
  let there = 0
  let count = 0
  const add = (step: number): void => {
    const other = step + offset
    if (touched[step] !== 0 || touched[other] !== 0) return
    const [value, reference] = [values[step] ?? Number.NaN, values[other] ?? Number.NaN]
    if (!Number.isFinite(value) || !Number.isFinite(reference)) return
    here += value
    there += reference
    count += 1
  }
  for (let j = 1; j <= levels.days * perDay; j += 1) {
    add(from - j)
    if (view === 'around') add(to - 1 + j)
  }
  if (count < levels.leastShare * perDay || there <= 0 || here <= 0) return undefined
  return Math.min(4, Math.max(0.25, here / there))
}
