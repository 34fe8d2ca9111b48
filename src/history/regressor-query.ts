import type { RegressorSettings, Settings } from '../config/schema.ts'
import type { DemandQuery } from '../domain/history.ts'
import { plainSeriesFlux } from './influx2/flux.ts'

/** Stands for the one series of a query that has no user zones. */
const only = 'all'
const column = 'prescale_series'

/** @returns the query of a number that the history source holds: the mean of all samples that carry its tags, future ones included */
export function regressorQuery(feed: Extract<RegressorSettings, { source: 'history' }>, history: Settings['history']): DemandQuery {
  const { name, measurement, field, tags } = feed
  const plain = { workload: name, unit: name, measurement, field, tags, kind: 'gauge', scale: 1 } as const
  // line protocol without the tag has the empty name
  if (history.source !== 'influx2') return { ...plain, userZoneTag: column, userZones: [''], flux: undefined }
  return { ...plain, userZoneTag: column, userZones: [only], flux: plainSeriesFlux({ bucket: history.bucket, measurement, field, tags }, column, only) }
}
