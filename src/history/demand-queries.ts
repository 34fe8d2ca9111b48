import type { WorkloadSettings } from '../config/schema.ts'
import type { DemandQuery, SampleKind } from '../domain/history.ts'

/**
 * @returns what to read for each workload whose demand is sampled; samples must carry the tag `workload`, unless its settings give that tag
 * another value
 */
export function demandQueries(workloads: readonly WorkloadSettings[]): DemandQuery[] {
  return workloads.flatMap((workload) => {
    const { kind, field, scale } = workload.demand
    return kind === 'executions' ? [] : [fieldQuery(workload, field, kind, scale)]
  })
}

/** @returns what to read of one field of a workload's measurement */
export function fieldQuery({ name, unit, demand, userZones }: WorkloadSettings, field: string, kind: SampleKind, scale: number): DemandQuery {
  const { measurement, tags, userZoneTag, flux } = demand
  return { workload: name, unit, measurement, field, tags: { workload: name, ...tags }, userZoneTag, userZones, kind, flux, scale }
}
