import { gridEnd, stepStart } from '../domain/grid.ts'
import type { DemandHistory, DemandSeries, Executions } from '../domain/history.ts'
import { demandHistory } from './assemble.ts'

/**
 * The part of a history that ends at an instant; what was found wrong with its samples stays as it was counted for the whole.
 * @param endSeconds  Unix seconds, on the grid; a history that ends before it is returned as it is
 */
export function historyUntil(history: DemandHistory, endSeconds: number): DemandHistory {
  if (endSeconds >= gridEnd(history.grid)) return history
  const length = Math.max(0, Math.floor((endSeconds - history.grid.startSeconds) / history.grid.stepSeconds))
  const grid = { ...history.grid, length }
  const until = <Series extends DemandSeries>(one: Series): Series => {
    const values = one.values.slice(0, length)
    const newest = values.findLastIndex((value) => !Number.isNaN(value))
    const measured = values.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0)
    return { ...one, values, coverage: length === 0 ? 0 : measured / length, newestSeconds: newest < 0 ? undefined : stepStart(grid, newest + 1) }
  }
  return {
    ...demandHistory(grid, history.series.map(until)),
    ...(history.executions === undefined ? {} : { executions: history.executions.map((one) => executionsUntil(one, endSeconds)) }),
    ...(history.use === undefined ? {} : { use: history.use.map(until) }),
  }
}

/** Executions as they were known at an instant: those begun before it, those that end after it still running. */
function executionsUntil(executions: Executions, endSeconds: number): Executions {
  const later = executions.startSeconds.findIndex((start) => start >= endSeconds)
  const count = later < 0 ? executions.startSeconds.length : later
  const startSeconds = executions.startSeconds.slice(0, count)
  const durationSeconds = executions.durationSeconds.slice(0, count).map((duration, i) => ((startSeconds[i] ?? 0) + duration > endSeconds ? Number.NaN : duration))
  return { ...executions, startSeconds, durationSeconds, takes: executions.takes.slice(0, count) }
}
