import type { ModelSeries } from '../step-series.ts'
import { emptyWindows, writeWindow, type Windows, type WindowShape } from './windows.ts'

/** Windows and what came after them. */
export interface TaughtWindows {
  readonly windows: Windows
  /** Scaled demand, limited to ±12. Shape [windows × steps]. */
  readonly targets: Float32Array
  /** How much each row counts; 0 where demand was not measured. */
  readonly weights: Float32Array
}

/** Scaled demand further out says no more than "far away". */
const farthest = 12
/**
 * A window counts by a power of its spread relative to its mean, between the loss in its own unit (0) and relative to its mean (1); and more
 * where days are like each other, since there a small error is a large one.
 */
const counting = { spreadPower: 0.35, usualChange: 0.3, changePower: 0.5, most: 4 }

export function emptyLessons(count: number, steps: number, window: WindowShape): TaughtWindows {
  return { windows: emptyWindows(count, steps, window), targets: new Float32Array(count * steps), weights: new Float32Array(count * steps) }
}

/** Writes the window before `origin` and what came at `steps` after it. */
export function writeLesson(series: ModelSeries, origin: number, steps: ArrayLike<number>, window: WindowShape, into: TaughtWindows, row: number): void {
  const { windows, targets, weights } = into
  writeWindow(series, origin, steps, window, windows, row)
  const centre = windows.centre[row] as number
  const scale = windows.scale[row] as number
  let sum = 0
  for (let k = 0; k < windows.steps; k += 1) {
    const value = series.values[origin + (steps[k] as number)] as number
    sum += value
    targets[row * windows.steps + k] = Math.min(farthest, Math.max(-farthest, (value - centre) / scale))
  }
  const ofSpread = Math.min(2, scale / Math.max(sum / windows.steps, centre, 0.05 * scale)) ** counting.spreadPower
  const ofChange = Math.min(counting.most, Math.max(1, counting.usualChange / Math.max(1e-3, dayChange(series, origin) / scale)) ** counting.changePower)
  const weight = ofSpread * ofChange
  for (let k = 0; k < windows.steps; k += 1) weights[row * windows.steps + k] = series.measured[origin + (steps[k] as number)] === 1 ? weight : 0
}

/** Mean change from one day to the next over the newest week. */
function dayChange({ values, perDay }: ModelSeries, origin: number): number {
  const from = Math.max(perDay, origin - 7 * perDay)
  let sum = 0
  for (let i = from; i < origin; i += 1) sum += Math.abs((values[i] as number) - (values[i - perDay] as number))
  return origin > from ? sum / (origin - from) : Infinity
}
