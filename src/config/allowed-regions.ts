import { regionName } from '../domain/pool.ts'
import type { RegionSettings, Settings, WorkloadSettings } from './schema.ts'

/** @returns the configured regions that may serve the workload, in the order of the file */
export function allowedRegions(settings: Settings, workload: WorkloadSettings): readonly RegionSettings[] {
  const { allow, deny } = workload.regions
  return settings.regions.filter((region) => (allow?.includes(regionName(region)) ?? true) && !deny.includes(regionName(region)))
}
