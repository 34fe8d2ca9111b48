import { seededRandom } from '../seeded-random.ts'
import { daySeconds, modelSeries, type ModelSeries } from '../step-series.ts'
import { emptyLessons, writeLesson, type TaughtWindows } from './lessons.ts'
import { practiceSeries } from './practice-series.ts'
import type { WindowShape } from './windows.ts'

/** Recorded demand to learn from beside what is made up. */
export interface Recording {
  /** Recordings of one family are as likely as those of another, however many there are. */
  readonly family: string
  /** On the window's grid; NaN where nothing was measured. */
  readonly values: Float64Array
}

export interface Curriculum {
  readonly window: WindowShape
  readonly seed: number
  readonly recordings: readonly Recording[]
  /** Share of series that are cut from recordings. */
  readonly recordedShare: number
  readonly windowsPerStep: number
}

/** Series at hand at a time, and how many of them are replaced with each step. */
const ring = { series: 600, freshPerStep: 6 }
/** Horizon steps that a window teaches. */
const taughtSteps = 24
/** Days of a series. */
const leastDays = 4
const mostDays = { hourly: 60, fiveMinute: 20 }

/** @returns what a step of the training is taught by: lessons depend on the curriculum and the number of the step alone */
export function curriculumLessons(curriculum: Curriculum): (step: number) => TaughtWindows {
  const { window, seed, windowsPerStep } = curriculum
  const families = familiesOf(curriculum.recordings)
  const atHand = new Map<number, ModelSeries>()
  const lessons = emptyLessons(windowsPerStep, taughtSteps, window)
  const steps = new Int32Array(taughtSteps)
  return (step) => {
    const from = step * ring.freshPerStep
    for (const id of atHand.keys()) if (id < from || id >= from + ring.series) atHand.delete(id)
    for (let id = from; id < from + ring.series; id += 1) if (!atHand.has(id)) atHand.set(id, taughtSeries(curriculum, families, id))
    const random = seededRandom((seed * 2654435761 + step * 40503 + 17) % 4294967296)
    for (let row = 0; row < windowsPerStep; row += 1) {
      const series = atHand.get(from + Math.floor(random() * ring.series)) as ModelSeries
      const room = series.values.length - window.perDay
      const horizon = window.horizon * (random() < 0.15 && room >= 3 * window.horizon ? 3 : 1)
      const origin = window.perDay + Math.floor(random() * (room - horizon + 1))
      const offset = random()
      for (let k = 0; k < taughtSteps; k += 1) steps[k] = Math.min(horizon - 1, Math.floor(((k + offset) * horizon) / taughtSteps))
      writeLesson(series, origin, steps, window, lessons, row)
    }
    return lessons
  }
}

function familiesOf(recordings: readonly Recording[]): readonly (readonly Recording[])[] {
  return Array.from(Map.groupBy(recordings, ({ family }) => family).values())
}

/** Series number `id` of a curriculum: made up, or cut from a recording and changed. */
function taughtSeries(curriculum: Curriculum, families: readonly (readonly Recording[])[], id: number): ModelSeries {
  const { perDay } = curriculum.window
  const seed = (curriculum.seed * 1000003 + id) % 4294967296
  const random = seededRandom(seed ^ 0x5bd1e995)
  const most = perDay === 24 ? mostDays.hourly : mostDays.fiveMinute
  // The root makes long series likelier: most windows see a whole past, many only part of it.
  const length = Math.round(perDay * (leastDays + (most - leastDays) * Math.sqrt(random())))
  const named = (values: Float64Array): ModelSeries => modelSeries({ name: `lesson/${id}`, startSeconds: 0, stepSeconds: daySeconds / perDay, values })
  if (random() < curriculum.recordedShare && families.length > 0) {
    const series = named(changedCut(families, length, random))
    // A cut of a gap teaches nothing.
    if (series.values.length >= leastDays * perDay) return series
  }
  return named(practiceSeries(length, perDay, seed))
}

/** A cut of a recording: as it is, with a stronger or weaker season, joined with another, thinned to counts, or at a level that changes. */
function changedCut(families: readonly (readonly Recording[])[], length: number, random: () => number): Float64Array {
  const values = cutOf(families, length, random)
  const change = random()
  if (change < 0.25) {
    const power = 0.4 + 1.3 * random()
    const mean = meanOf(values)
    for (let i = 0; i < values.length; i += 1) values[i] = mean * ((values[i] as number) / mean) ** power
  } else if (change < 0.45) {
    const other = cutOf(families, values.length, random)
    const share = ((2 * random()) ** 2 * meanOf(values)) / meanOf(other)
    const offset = Math.floor(random() * 200)
    for (let i = 0; i < values.length; i += 1) values[i] = (values[i] as number) + share * (other[(i + offset) % other.length] as number)
  } else if (change < 0.6) {
    const scale = Math.exp(Math.log(0.5) + Math.log(60) * random()) / meanOf(values)
    for (let i = 0; i < values.length; i += 1) values[i] = counted((values[i] as number) * scale, random)
  } else if (change < 0.7) {
    let level = 1
    for (let i = 0; i < values.length; i += 1) {
      if (random() < 2 / values.length) level = Math.exp(0.5 * (random() + random() + random() - 1.5))
      values[i] = (values[i] as number) * level
    }
  }
  return values
}

/** A count that varies as independent arrivals do. */
function counted(expected: number, random: () => number): number {
  if (Number.isNaN(expected)) return Number.NaN
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.max(0, Math.round(expected + Math.sqrt(expected) * normal))
}

function cutOf(families: readonly (readonly Recording[])[], length: number, random: () => number): Float64Array {
  const family = families[Math.floor(random() * families.length)] ?? []
  const { values } = family[Math.floor(random() * family.length)] as Recording
  const from = Math.floor(random() * Math.max(1, values.length - length + 1))
  return values.slice(from, from + length)
}

/** Mean of what was measured; above 0. */
function meanOf(values: Float64Array): number {
  let sum = 0
  let count = 0
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    sum += value
    count += 1
  }
  return sum / Math.max(1, count) + 1e-9
}
