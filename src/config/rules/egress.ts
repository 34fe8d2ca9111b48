import { regionName } from '../../domain/pool.ts'
import { allowedRegions } from '../allowed-regions.ts'
import type { Catalogue, Settings } from '../schema.ts'
import { fault, type Finding, keyFault, userZoneNames } from './finding.ts'

/** A workload that sends data is told what that costs from everywhere it may run: what is unknown is never taken to be free. */
export function egress(settings: Settings, catalogue: Catalogue): readonly Finding[] {
  return settings.workloads.flatMap((workload, at): Finding[] => {
    if (workload.gbPerUnitHour === 0) return []
    const unknown = allowedRegions(settings, workload).filter((region) => {
      const known = region.usdPerGbSent ?? catalogue.regions.find((place) => regionName(place) === regionName(region))?.usdPerGbSent
      return known === undefined && workload.userZones.some((zone) => region.usdPerGbTo[zone] === undefined)
    })
    if (unknown.length === 0) return []
    return [fault(['workloads', at, 'gbPerUnitHour'], `what a GB costs is not known in ${unknown.map(regionName).join(', ')}: set regions[].usdPerGbSent`, [['regions']])]
  })
}

/** User zones that prices are given for exist. */
export function egressZones(settings: Settings): readonly Finding[] {
  const zones = settings.userZones.map(({ name }) => name)
  return settings.regions.flatMap((region, at) => Object.keys(region.usdPerGbTo).flatMap((name) => (zones.includes(name)
    ? []
    : [keyFault(['regions', at, 'usdPerGbTo', name], `${name} is not a user zone, expected one of ${zones.join(', ')}`, userZoneNames(settings))])))
}
