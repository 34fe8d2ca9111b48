import { regionName } from '../../domain/pool.ts'
import { allowedRegions } from '../allowed-regions.ts'
import { nearestName } from '../../domain/nearest-name.ts'
import { roundTripMs } from '../round-trip.ts'
import type { Catalogue, Settings } from '../schema.ts'
import { fault, type Finding, warning } from './finding.ts'

/** Round trips are known, from measurements or from where regions are. */
export function regionPlaces(settings: Settings, catalogue: Catalogue): readonly Finding[] {
  const known = catalogue.regions.map(regionName)
  return settings.regions.flatMap((region, at) => {
    const unmeasured = settings.userZones.filter((zone) => roundTripMs(zone, region, catalogue) === undefined)
    if (unmeasured.length === 0) return []
    const name = regionName(region)
    const meant = nearestName(name, known)
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`
    const zones = unmeasured.map((zone) => zone.name).join(', ')
    const message = `the catalogue does not say where ${name} is, and userZones has no latencyMs to it from ${zones}${hint}`
    return [fault(['regions', at, 'region'], message, [['regions', at], ['userZones']])]
  })
}

/** Each user zone of a workload has a region near enough, and a second one where the loss of a region must be survived. */
export function latencyLimits(settings: Settings, catalogue: Catalogue): readonly Finding[] {
  return settings.workloads.flatMap((workload, at) => {
    const limit = workload.latencyLimitMs
    if (limit === undefined) return []
    const place = ['workloads', at, 'latencyLimitMs']
    const restsOn = [['workloads', at, 'userZones'], ['workloads', at, 'regions'], ['userZones'], ['regions']]
    const regions = allowedRegions(settings, workload)
    return settings.userZones
      .filter((zone) => workload.userZones.includes(zone.name))
      .flatMap((zone): Finding[] => {
        const trips = regions.flatMap((region) => {
          const ms = roundTripMs(zone, region, catalogue)
          return ms === undefined ? [] : [{ name: regionName(region), ms, measured: regionName(region) in zone.latencyMs }]
        })
        const nearest = trips.reduce<(typeof trips)[number] | undefined>(
          (near, trip) => (near === undefined || trip.ms < near.ms ? trip : near),
          undefined,
        )
        if (nearest === undefined) return []
        const within = trips.filter((trip) => trip.ms <= limit)
        const [only] = within
        if (only === undefined) {
          const how = nearest.measured ? 'measured' : 'estimated'
          const away = `${nearest.name} is nearest, at ${Math.ceil(nearest.ms)} ms (${how})`
          const message = `is ${limit}, and no allowed region is that near to ${zone.name}: ${away}`
          return [fault(place, message, restsOn)]
        }
        if (!settings.plan.survive.region || within.length > 1) return []
        return [
          warning(place, `leaves ${zone.name} only ${only.name}: if that region is lost, its demand is not carried`, [
            ...restsOn,
            ['plan', 'survive'],
          ]),
        ]
      })
  })
}
