import { modelSeries, type ModelSeries } from '../../src/forecast/step-series.ts'
import { seededRandom } from '../../src/forecast/seeded-random.ts'
import type { DemandHistory } from '../../src/domain/history.ts'

/** 2026-01-05T00:00:00Z, a Monday. */
export const mondaySeconds = 1767571200

/** Hourly demand with a day in it: 100 · (1 + ½ sin) and noise of a few percent, drawn by seed. */
export function dailyDemand(days: number, seed: number, stepSeconds = 3600): Float64Array {
  const random = seededRandom(seed)
  const perDay = 86400 / stepSeconds
  return Float64Array.from({ length: days * perDay }, (_, i) => 100 * (1 + 0.5 * Math.sin(((i % perDay) / perDay) * 2 * Math.PI)) * (0.95 + 0.1 * random()))
}

export function aSeries(values: Float64Array, stepSeconds = 3600): ModelSeries {
  return modelSeries({ name: 'web/eu', startSeconds: mondaySeconds, stepSeconds, values })
}

/** A history of 5-minute demand, one series per array. */
export function aHistory(all: readonly Float64Array[]): DemandHistory {
  const faults = { notANumber: 0, infinite: 0, negative: 0, counterReset: 0, duplicate: 0, outOfOrder: 0, frozenSteps: 0, daylightSaving: 0, outlier: 0 }
  return {
    grid: { startSeconds: mondaySeconds, stepSeconds: 300, length: all[0]?.length ?? 0 },
    series: all.map((values, i) => ({ workload: `web${i}`, userZone: 'eu', unit: 'requests/s', values, faults, coverage: 1, newestSeconds: undefined })),
    hash: 'history',
  }
}
