import { seededRandom } from '../seeded-random.ts'
import { daySeconds, modelSeries } from '../step-series.ts'
import type { TrainingSource } from '../training-rows.ts'
import { emptyLessons, writeLesson, type TaughtWindows } from './lessons.ts'
import { practiceSeries } from './practice-series.ts'
import type { WindowShape } from './windows.ts'

/** A short training on the series at hand: windows of a step, and the highest step sizes before and after the held-out days are added. */
export const tuning = { windowsPerStep: 64, stepSize: 2e-3, lateStepSize: 1e-3, riseSteps: 10 }
/** Few series have little to teach, and what was learned of many kinds of demand is soon unlearned for them. */
const tunedSteps = { least: 40, seriesPerStep: 8, most: 80 }
/** Horizon steps that a window teaches, at most. */
const taughtSteps = 24
/** A series teaches from so many days before its first target on. */
const leastDays = 2
/** Where few series teach, so many made-up ones take this share of the windows: what was learned before is not to be unlearned for them. */
const practice = { whereFewerThan: 30, series: 40, share: 0.3, days: 30 }

/** Steps of the tuning that so many series are worth: before the held-out days are added, and half as many after. */
export function tuningSteps(series: number): { readonly early: number; readonly late: number } {
  const early = Math.min(tunedSteps.most, tunedSteps.least + Math.floor(series / tunedSteps.seriesPerStep))
  return { early, late: early >> 1 }
}

/** Step size of one of the steps of a part of the tuning: up, then down to 0. */
export function tuningStepSize(step: number, steps: number, highest: number): number {
  return highest * Math.min(1, (step + 1) / tuning.riseSteps) * (1 - step / steps)
}

/**
 * @param sources  series and how much of each may be learned from
 * @returns lessons, each time others; undefined when no series has enough history
 */
export function tuningLessons(sources: readonly TrainingSource[], horizon: number, window: WindowShape, seed: number): (() => TaughtWindows) | undefined {
  const { perDay } = window
  const teachers = sources.filter(({ series, end }) => series.perDay === perDay && end >= leastDays * perDay + horizon)
  if (teachers.length === 0) return undefined
  const random = seededRandom(seed)
  const madeUp = teachers.length < practice.whereFewerThan ? Array.from({ length: practice.series }, (_, i) => madeUpSeries(perDay, seed * 1009 + i)) : []
  const count = Math.min(taughtSteps, horizon)
  const lessons = emptyLessons(tuning.windowsPerStep, count, window)
  const steps = new Int32Array(count)
  return () => {
    for (let row = 0; row < tuning.windowsPerStep; row += 1) {
      const practised = random() < practice.share ? madeUp[Math.floor(random() * madeUp.length)] : undefined
      const { series, end } = practised ?? (teachers[Math.floor(random() * teachers.length)] as TrainingSource)
      // The root makes late origins likelier: they see more, as those to come will.
      const origin = perDay + Math.floor(Math.sqrt(random()) * (end - horizon - perDay + 1))
      const offset = random()
      for (let k = 0; k < count; k += 1) steps[k] = Math.min(horizon - 1, Math.floor(((k + offset) * horizon) / count))
      writeLesson(series, Math.min(origin, end - horizon), steps, window, lessons, row)
    }
    return lessons
  }
}

function madeUpSeries(perDay: number, seed: number): TrainingSource {
  const values = practiceSeries(practice.days * perDay, perDay, seed)
  const series = modelSeries({ name: 'practice', startSeconds: 0, stepSeconds: daySeconds / perDay, values })
  return { series, end: series.values.length }
}
