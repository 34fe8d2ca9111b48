import type { Grid } from '../../src/domain/grid.ts'
import type { DemandHistory, DemandQuery, RawSamples } from '../../src/domain/history.ts'
import { demandHistory, SeriesAssembly } from '../../src/history/assemble.ts'
import type { HistoryWindow } from '../../src/history/load-history.ts'

/** 2026-01-26T00:00:00Z, a Monday. */
export const monday = 1_769_385_600
export const day = 86_400

export function aQuery(over: Partial<DemandQuery> = {}): DemandQuery {
  return {
    workload: 'web',
    unit: 'requests/s',
    measurement: 'requests',
    field: 'count',
    tags: { workload: 'web' },
    userZoneTag: 'user_zone',
    userZones: ['asia', 'europe'],
    kind: 'count',
    flux: undefined,
    scale: 1,
    ...over,
  }
}

export function aWindow(over: Partial<HistoryWindow> = {}): HistoryWindow {
  return { asOfSeconds: monday + 2 * day, windowSeconds: 2 * day, stepSeconds: 300, settleSeconds: 0, latenessSeconds: 3600, ...over }
}

/** One sample as it was recorded. */
export interface Sample {
  readonly userZone: string
  /** As in RawSamples; empty by default. */
  readonly reporter?: string
  readonly at: number
  readonly value: number
}

export function aPage(samples: readonly Sample[], userZones: readonly string[] = ['asia', 'europe']): RawSamples {
  const reporters = [...new Set(samples.map(({ reporter }) => reporter ?? ''))]
  return {
    userZoneIndex: Uint32Array.from(samples, ({ userZone }) => userZones.indexOf(userZone)),
    reporterIndex: Uint32Array.from(samples, ({ reporter }) => reporters.indexOf(reporter ?? '')),
    atSeconds: Float64Array.from(samples, ({ at }) => at),
    values: Float64Array.from(samples, ({ value }) => value),
    userZones,
    reporters,
    daylightSaving: new Uint32Array(userZones.length),
  }
}

/** History of one query from one page that fills the grid. */
export function assembled(query: DemandQuery, grid: Grid, samples: readonly Sample[]): DemandHistory {
  const assembly = new SeriesAssembly(query, grid)
  assembly.add(aPage(samples, query.userZones), {
    fromSeconds: grid.startSeconds,
    toSeconds: grid.startSeconds + grid.length * grid.stepSeconds,
  })
  return demandHistory(grid, assembly.finish())
}

/** Reproducible numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
