import type { Grid, TimeRange } from '../domain/grid.ts'
import { contentHash } from '../domain/hash.ts'
import {
  type DemandHistory,
  type DemandQuery,
  type DemandSeries,
  type RawSamples,
  type SeriesFaults,
  seriesName,
} from '../domain/history.ts'
import { frozenSteps } from './frozen.ts'
import { countOutliers } from './outliers.ts'

type FaultCounts = { -readonly [Fault in keyof SeriesFaults]: number }

const noFaults: SeriesFaults = {
  notANumber: 0,
  infinite: 0,
  negative: 0,
  counterReset: 0,
  duplicate: 0,
  outOfOrder: 0,
  frozenSteps: 0,
  daylightSaving: 0,
  outlier: 0,
}

/** Two samples of a counter that lie further apart than this many steps have a gap between them, not an increase. */
const longestIncreaseSteps = 2
/** Share of a step over which a counter must have been watched for its rate to stand for the step. */
const watchedShare = 0.5
/** Rounding of sample times must not make a fully watched half look shorter. */
const watchedTolerance = 1e-9

/**
 * How far beyond a page's ends samples are needed to know the demand within it, seconds: a counter's increase across the page's
 * bounds belongs to both sides.
 */
export function pageMarginSeconds(query: DemandQuery, stepSeconds: number): number {
  return query.kind === 'counter' || query.kind === 'odometer' ? longestIncreaseSteps * stepSeconds : 0
}

/** Demand of one user zone within a page: the sum over reporters and how many there were. */
class PageSums {
  readonly sum: Float64Array
  readonly reporters: Uint32Array
  /** 1 where a sample that is needed for the sum was invalid. */
  readonly broken: Uint8Array

  constructor(steps: number) {
    this.sum = new Float64Array(steps)
    this.reporters = new Uint32Array(steps)
    this.broken = new Uint8Array(steps)
  }

  add(step: number, value: number): void {
    this.sum[step] = (this.sum[step] ?? 0) + value
    this.reporters[step] = (this.reporters[step] ?? 0) + 1
  }
}

/** The samples of one reporter and user zone on a page, by index into the page, in the order in which they came. */
interface Run {
  readonly userZone: number
  readonly reporter: string
  readonly samples: Uint32Array
}

/**
 * Turns the pages of one query into its series; pages may come in any order, and nothing of a page is kept but its demand and counts.
 *
 * - count: samples are added up per reporter, then over reporters, and divided by the step's seconds. An invalid sample leaves the sum
 *   unknown: its step is a gap.
 * - gauge: valid samples are averaged per reporter, then over reporters, so that one that reports more often weighs no more.
 * - stock: the same, but added up over reporters.
 * - counter, odometer: increases of each reporter are spread evenly over the time between their two samples, divided by the seconds that the
 *   reporter was watched in the step, and added up over reporters. A fall is a restart from zero.
 *
 * A step without a valid value is NaN; none is ever filled.
 */
export class SeriesAssembly {
  readonly #query: DemandQuery
  readonly #grid: Grid
  readonly #values: readonly Float64Array[]
  readonly #faults: readonly FaultCounts[]

  constructor(query: DemandQuery, grid: Grid) {
    this.#query = query
    this.#grid = grid
    this.#values = query.userZones.map(() => new Float64Array(grid.length).fill(Number.NaN))
    this.#faults = query.userZones.map(() => ({ ...noFaults }))
  }

  /**
   * Adds the demand within `range`.
   * @param page   samples of `range`, and of `pageMarginSeconds` before and after it
   * @param range  bounds aligned to the grid's steps; may reach beyond the grid, what lies outside is left out
   */
  add(page: RawSamples, range: TimeRange): void {
    page.daylightSaving.forEach((count, zone) => {
      const faults = this.#faults[zone]
      if (faults !== undefined) faults.daylightSaving += count
    })
    const steps = Math.round((range.toSeconds - range.fromSeconds) / this.#grid.stepSeconds)
    const runs = runsOf(page)
    for (let at = 0; at < runs.length; ) {
      const zone = runs[at]?.userZone ?? 0
      const sums = new PageSums(steps)
      for (; at < runs.length && runs[at]?.userZone === zone; at++) this.#addRun(page, range, runs[at], sums)
      this.#store(zone, range, sums)
    }
  }

  /** @returns one series per user zone of the query, in its order */
  finish(): DemandSeries[] {
    const { workload, unit, userZones } = this.#query
    return userZones.map((userZone, zone): DemandSeries => {
      const values = this.#values[zone] ?? new Float64Array()
      const faults = this.#faults[zone] ?? noFaults
      const measured = values.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0)
      const newest = values.findLastIndex((value) => !Number.isNaN(value))
      return {
        workload,
        userZone,
        unit,
        values,
        faults: { ...faults, frozenSteps: frozenSteps(values), outlier: countOutliers(values) },
        coverage: values.length === 0 ? 0 : measured / values.length,
        newestSeconds: newest < 0 ? undefined : this.#grid.startSeconds + (newest + 1) * this.#grid.stepSeconds,
      }
    })
  }

  #addRun(page: RawSamples, range: TimeRange, run: Run | undefined, sums: PageSums): void {
    const faults = run === undefined ? undefined : this.#faults[run.userZone]
    if (run === undefined || faults === undefined) return
    const samples = inOrder(page, range, run.samples, faults)
    switch (this.#query.kind) {
      case 'count':
        return addCounts(page, range, samples, this.#grid.stepSeconds, faults, sums)
      case 'gauge':
      case 'stock':
        return addLevels(page, range, samples, { stepSeconds: this.#grid.stepSeconds, complementOf: this.#query.complementOf }, faults, sums)
      case 'counter':
      case 'odometer':
        return addIncreases(page, range, samples, this.#grid.stepSeconds, faults, sums)
      default:
        this.#query.kind satisfies never
    }
  }

  #store(zone: number, range: TimeRange, sums: PageSums): void {
    const values = this.#values[zone]
    if (values === undefined) return
    const { kind, scale } = this.#query
    const { startSeconds, stepSeconds, length } = this.#grid
    const first = Math.round((range.fromSeconds - startSeconds) / stepSeconds)
    const end = Math.min(sums.sum.length, length - first)
    for (let step = Math.max(0, -first); step < end; step++) {
      const reporters = sums.reporters[step] ?? 0
      if (reporters === 0 || sums.broken[step] === 1) continue
      const sum = sums.sum[step] ?? 0
      const demand = kind === 'count' ? sum / stepSeconds : kind === 'gauge' ? sum / reporters : sum
      values[first + step] = demand * scale
    }
  }
}

/**
 * The history that all queries' series make up.
 * @param series  of any order; sorted here
 */
export function demandHistory(grid: Grid, series: readonly DemandSeries[]): DemandHistory {
  const sorted = series.toSorted((a, b) => compare(a.workload, b.workload) || compare(a.userZone, b.userZone))
  return { grid, series: sorted, hash: hashOf(grid, sorted) }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function hashOf(grid: Grid, series: readonly DemandSeries[]): string {
  const values = series.map((one) => {
    // one bit pattern for all NaN
    const canonical = one.values.map((value) => (Number.isNaN(value) ? Number.NaN : value))
    return [seriesName(one), contentHash(new Uint8Array(canonical.buffer))]
  })
  return contentHash({ grid: { ...grid }, values })
}

/** @returns the page's samples by user zone and reporter, sorted by zone and reporter's name, so that sums are alike from any source */
function runsOf(page: RawSamples): Run[] {
  const { userZoneIndex, reporterIndex, reporters } = page
  const groupOfKey = new Map<number, number>()
  const keys: number[] = []
  const sizes: number[] = []
  const groupOf = new Uint32Array(userZoneIndex.length)
  let lastKey = -1
  let group = -1
  for (let sample = 0; sample < userZoneIndex.length; sample++) {
    const key = (userZoneIndex[sample] ?? 0) * reporters.length + (reporterIndex[sample] ?? 0)
    if (key !== lastKey) {
      group = groupOfKey.get(key) ?? keys.length
      if (group === keys.length) {
        groupOfKey.set(key, group)
        keys.push(key)
        sizes.push(0)
      }
      lastKey = key
    }
    groupOf[sample] = group
    sizes[group] = (sizes[group] ?? 0) + 1
  }
  const samplesOf = sizes.map((size) => new Uint32Array(size))
  const filled = new Uint32Array(sizes.length)
  groupOf.forEach((of, sample) => {
    const samples = samplesOf[of]
    if (samples !== undefined) samples[filled[of] ?? 0] = sample
    filled[of] = (filled[of] ?? 0) + 1
  })
  return keys
    .map((key, index): Run => ({
      userZone: Math.floor(key / reporters.length),
      reporter: reporters[key % reporters.length] ?? '',
      samples: samplesOf[index] ?? new Uint32Array(),
    }))
    .sort((a, b) => a.userZone - b.userZone || compare(a.reporter, b.reporter))
}

function within(range: TimeRange, atSeconds: number): boolean {
  return atSeconds >= range.fromSeconds && atSeconds < range.toSeconds
}

/** @returns the samples ascending in time, one per instant (the one that came last); counts what had to be mended within `range` */
function inOrder(page: RawSamples, range: TimeRange, samples: Uint32Array, faults: FaultCounts): Uint32Array {
  const at = (sample: number): number => page.atSeconds[sample] ?? 0
  let ascending = true
  for (let index = 1; index < samples.length; index++) {
    const time = at(samples[index] ?? 0)
    const before = at(samples[index - 1] ?? 0)
    if (time > before) continue
    ascending = false
    if (time < before && within(range, time)) faults.outOfOrder++
  }
  if (ascending) return samples
  const sorted = samples.toSorted((a, b) => at(a) - at(b) || a - b)
  return sorted.filter((sample, index) => {
    const repeated = index + 1 < sorted.length && at(sorted[index + 1] ?? 0) === at(sample)
    if (repeated && within(range, at(sample))) faults.duplicate++
    return !repeated
  })
}

/** @returns whether a sample can be used; counts why not */
function usable(value: number, faults: FaultCounts): boolean {
  if (value >= 0 && value < Infinity) return true
  if (Number.isNaN(value)) faults.notANumber++
  else if (value === Infinity || value === -Infinity) faults.infinite++
  else faults.negative++
  return false
}

function addCounts(
  page: RawSamples,
  range: TimeRange,
  samples: Uint32Array,
  stepSeconds: number,
  faults: FaultCounts,
  into: PageSums,
): void {
  let open = -1
  let sum = 0
  for (const sample of samples) {
    const at = page.atSeconds[sample] ?? 0
    if (!within(range, at)) continue
    const step = Math.floor((at - range.fromSeconds) / stepSeconds)
    const value = page.values[sample] ?? 0
    if (!usable(value, faults)) {
      into.broken[step] = 1
      continue
    }
    if (step !== open) {
      if (open >= 0) into.add(open, sum)
      open = step
      sum = 0
    }
    sum += value
  }
  if (open >= 0) into.add(open, sum)
}

function addLevels(
  page: RawSamples,
  range: TimeRange,
  samples: Uint32Array,
  { stepSeconds, complementOf }: { readonly stepSeconds: number; readonly complementOf: number | undefined },
  faults: FaultCounts,
  into: PageSums,
): void {
  let open = -1
  let sum = 0
  let count = 0
  for (const sample of samples) {
    const at = page.atSeconds[sample] ?? 0
    const sampled = page.values[sample] ?? 0
    const value = complementOf === undefined ? sampled : complementOf - sampled
    if (!within(range, at) || !usable(value, faults)) continue
    const step = Math.floor((at - range.fromSeconds) / stepSeconds)
    if (step !== open) {
      if (open >= 0) into.add(open, sum / count)
      open = step
      sum = 0
      count = 0
    }
    sum += value
    count++
  }
  if (open >= 0) into.add(open, sum / count)
}

function addIncreases(
  page: RawSamples,
  range: TimeRange,
  samples: Uint32Array,
  stepSeconds: number,
  faults: FaultCounts,
  into: PageSums,
): void {
  const increase = new Float64Array(into.sum.length)
  const watched = new Float64Array(into.sum.length)
  const outside = { ...noFaults }
  let fromSeconds = Number.NaN
  let fromValue = 0
  for (const sample of samples) {
    const at = page.atSeconds[sample] ?? 0
    const value = page.values[sample] ?? 0
    const counts = within(range, at) ? faults : outside
    if (!usable(value, counts)) continue
    // the first comparison is with NaN, and false
    if (at - fromSeconds <= longestIncreaseSteps * stepSeconds) {
      if (value < fromValue) counts.counterReset++
      spread(
        value < fromValue ? value : value - fromValue,
        fromSeconds - range.fromSeconds,
        at - range.fromSeconds,
        stepSeconds,
        increase,
        watched,
      )
    }
    fromSeconds = at
    fromValue = value
  }
  const enough = watchedShare * stepSeconds * (1 - watchedTolerance)
  watched.forEach((seconds, step) => {
    if (seconds >= enough) into.add(step, (increase[step] ?? 0) / seconds)
  })
}

/** Spreads an increase evenly over the time in which it happened; what lies outside the page falls away. */
function spread(amount: number, from: number, to: number, stepSeconds: number, increase: Float64Array, watched: Float64Array): void {
  const last = Math.min(increase.length - 1, Math.ceil(to / stepSeconds) - 1)
  for (let step = Math.max(0, Math.floor(from / stepSeconds)); step <= last; step++) {
    const seconds = Math.min(to, (step + 1) * stepSeconds) - Math.max(from, step * stepSeconds)
    increase[step] = (increase[step] ?? 0) + (amount * seconds) / (to - from)
    watched[step] = (watched[step] ?? 0) + seconds
  }
}
