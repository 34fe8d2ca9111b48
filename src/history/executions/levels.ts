import { gridEnd, type Grid } from '../../domain/grid.ts'
import type { DemandSeries, Executions } from '../../domain/history.ts'

/** Below this share of what runs being told already, a step counts as not measured. */
const leastTold = 0.5
/** A silence this many times as long as the longest one before says that nothing is told any more. */
const longestSilence = 2

/**
 * Demand that executions make: what all that run at a time take, as the mean within each step. Where executions are told only once they have
 * ended, the newest steps lack those that still run: they are raised by the share that usually is told after so long, and the very newest,
 * of which less than half is told, are gaps.
 * @param asOfSeconds  the moment of reading, Unix seconds
 */
export function executionLevels(executions: Executions, unit: string, grid: Grid, asOfSeconds: number): DemandSeries {
  const { startSeconds, durationSeconds, takes, workload, userZone } = executions
  const values = new Float64Array(grid.length)
  const running = durationSeconds.some(Number.isNaN)
  for (let i = 0; i < startSeconds.length; i += 1) {
    const start = startSeconds[i] ?? 0
    const duration = durationSeconds[i] ?? Number.NaN
    const end = Number.isNaN(duration) ? Math.max(start, asOfSeconds) : start + duration
    addSpan(values, grid, start, end, takes[i] ?? 0)
  }
  if (!running) raiseUntold(values, executions, grid, asOfSeconds)
  const known = values.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0)
  return {
    workload,
    userZone,
    unit,
    values,
    faults: { notANumber: 0, infinite: 0, negative: 0, counterReset: 0, duplicate: 0, outOfOrder: 0, frozenSteps: 0, daylightSaving: 0, outlier: 0 },
    coverage: startSeconds.length === 0 || grid.length === 0 ? 0 : known / grid.length,
    newestSeconds: newestSign(executions, grid, asOfSeconds),
  }
}

function addSpan(values: Float64Array, { startSeconds, stepSeconds, length }: Grid, from: number, to: number, amount: number): void {
  const first = Math.max(0, Math.floor((from - startSeconds) / stepSeconds))
  const last = Math.min(length - 1, Math.floor((to - startSeconds) / stepSeconds))
  for (let step = first; step <= last; step += 1) {
    const start = startSeconds + step * stepSeconds
    const overlap = Math.min(to, start + stepSeconds) - Math.max(from, start)
    if (overlap > 0) values[step] = (values[step] ?? 0) + (amount * overlap) / stepSeconds
  }
}

/**
 * Of what runs at a moment, the share that has ended `age` later is Σ takes · min(duration, age) / Σ takes · duration.
 * @see Cox, Renewal Theory (1962), 5.1: the residual life of what is met running
 */
function raiseUntold(values: Float64Array, { durationSeconds, takes }: Executions, grid: Grid, asOfSeconds: number): void {
  const work = durationSeconds.reduce((sum, duration, i) => sum + duration * (takes[i] ?? 0), 0)
  const longest = durationSeconds.reduce((most, duration) => Math.max(most, duration), 0)
  if (!(work > 0)) return
  for (let step = grid.length - 1; step >= 0; step -= 1) {
    const age = asOfSeconds - (grid.startSeconds + (step + 0.5) * grid.stepSeconds)
    if (age >= longest) break
    const told = durationSeconds.reduce((sum, duration, i) => sum + Math.min(duration, Math.max(0, age)) * (takes[i] ?? 0), 0) / work
    values[step] = told < leastTold ? Number.NaN : (values[step] ?? 0) / told
  }
}

/** End of the grid while executions are told as usual; the last sign of one when they have been silent for longer than ever. */
function newestSign({ startSeconds, durationSeconds }: Executions, grid: Grid, asOfSeconds: number): number | undefined {
  const signs = [...startSeconds, ...startSeconds.map((start, i) => start + (durationSeconds[i] ?? Number.NaN))]
    .filter((at) => Number.isFinite(at) && at <= asOfSeconds)
    .sort((a, b) => a - b)
  const last = signs.at(-1)
  if (last === undefined) return undefined
  if (durationSeconds.some(Number.isNaN)) return gridEnd(grid)
  let gap = 0
  for (let i = 1; i < signs.length; i += 1) gap = Math.max(gap, (signs[i] ?? 0) - (signs[i - 1] ?? 0))
  return asOfSeconds - last <= Math.max(longestSilence * gap, grid.stepSeconds) ? gridEnd(grid) : Math.min(gridEnd(grid), last)
}
