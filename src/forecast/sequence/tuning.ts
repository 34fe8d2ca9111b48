import { seededRandom } from '../seeded-random.ts'
import { daySeconds, modelSeries } from '../step-series.ts'
import type { TrainingSource } from '../training-rows.ts'
import { emptyLessons, writeLesson, type TaughtWindows } from './lessons.ts'
import { practiceSeries } from './practice-series.ts'
import type { WindowShape } from './windows.ts'

/** A short training on the series at hand: more steps score worse, as what was learned of many kinds of demand is unlearned. */
export interface TuningPart {
  readonly steps: number
  readonly highestStepSize: number
}
/** Before the held-out days are added, and after. */
export const tuning: { readonly early: TuningPart; readonly late: TuningPart } = { early: { steps: 40, highestStepSize: 2e-3 }, late: { steps: 20, highestStepSize: 1e-3 } }
const riseSteps = 10
const fewSeries = 30
/** Windows of a step: with few series it takes more of them to tell chance from what is so. */
const windowsPerStep = { few: 64, usual: 16 }
/** Horizon steps that a window teaches, at most. */
const taughtSteps = 24
/** A series teaches from so many days before its first target on. */
const leastDays = 2
/** Where few series teach, so many made-up ones take this share of the windows: what was learned before is not to be unlearned for them. */
const practice = { series: 40, share: 0.3, days: 30 }

/** Step size of one of the steps of a part of the tuning: up, then down to 0. */
export function tuningStepSize(step: number, { steps, highestStepSize }: TuningPart): number {
  return highestStepSize * Math.min(1, (step + 1) / riseSteps) * (1 - step / steps)
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
  const areFew = teachers.length < fewSeries
  const windows = areFew ? windowsPerStep.few : windowsPerStep.usual
  const madeUp = areFew ? Array.from({ length: practice.series }, (_, i) => madeUpSeries(perDay, seed * 1009 + i)) : []
  const count = Math.min(taughtSteps, horizon)
  const lessons = emptyLessons(windows, count, window)
  const steps = new Int32Array(count)
  return () => {
    for (let row = 0; row < windows; row += 1) {
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
