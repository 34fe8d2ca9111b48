/** A regular time grid: step `i` covers [start + i·step, start + (i+1)·step). */
export interface Grid {
  /** Unix seconds UTC of the first step's start. */
  readonly startSeconds: number
  readonly stepSeconds: number
  /** Number of steps. */
  readonly length: number
}

/** A half-open span of time, Unix seconds UTC. */
export interface TimeRange {
  readonly fromSeconds: number
  readonly toSeconds: number
}

/** @returns the start of step `index`, Unix seconds UTC */
export function stepStart(grid: Grid, index: number): number {
  return grid.startSeconds + index * grid.stepSeconds
}

/** @returns the first instant after the grid, Unix seconds UTC */
export function gridEnd(grid: Grid): number {
  return stepStart(grid, grid.length)
}

/** @returns the latest multiple of `stepSeconds` at or before `seconds` */
export function alignDown(seconds: number, stepSeconds: number): number {
  return Math.floor(seconds / stepSeconds) * stepSeconds
}

/** @returns `2026-01-26T13:00:00Z`, without milliseconds */
export function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
