import { estimatedLatencyMs } from '../domain/latency.ts'
import { type RegionKey, regionName } from '../domain/pool.ts'
import type { Catalogue, Settings } from './schema.ts'

/**
 * Round trip between users and a region, ms: as measured where the settings say so, otherwise estimated from distance.
 * @returns undefined when it was not measured and the catalogue does not say where the region is
 */
export function roundTripMs(userZone: Settings['userZones'][number], region: RegionKey, catalogue: Catalogue): number | undefined {
  const measured = userZone.latencyMs[regionName(region)]
  if (measured !== undefined) return measured
  const place = catalogue.regions.find((one) => one.cloud === region.cloud && one.region === region.region)
  return place === undefined ? undefined : estimatedLatencyMs(userZone, place)
}
