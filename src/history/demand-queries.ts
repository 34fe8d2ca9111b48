import type { WorkloadSettings } from '../config/schema.ts'
import type { DemandQuery } from '../domain/history.ts'

/** @returns what to read for each workload; samples must carry the tag `workload`, unless its settings give that tag another value */
export function demandQueries(workloads: readonly WorkloadSettings[]): DemandQuery[] {
  return workloads.map(({ name, unit, demand, userZones }) => ({
    workload: name,
    unit,
    measurement: demand.measurement,
    field: demand.field,
    tags: { workload: name, ...demand.tags },
    userZoneTag: demand.userZoneTag,
    userZones,
    kind: demand.kind,
    flux: demand.flux,
    scale: demand.scale,
  }))
}
