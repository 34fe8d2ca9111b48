import type { DocumentPath } from '../../documents/read-yaml.ts'
import { regionName } from '../../domain/pool.ts'
import { nearestName } from '../../domain/nearest-name.ts'
import type { Settings } from '../schema.ts'
import { fault, type Finding, keyFault, regionNames, userZoneNames } from './finding.ts'

/** User zones and regions that are spoken of and not configured. */
export function references(settings: Settings): readonly Finding[] {
  const zones = settings.userZones.map((zone) => zone.name)
  const regions = settings.regions.map(regionName)
  const region = (name: string, path: DocumentPath): Finding[] => unknown(name, regions, path, 'region', regionNames(settings))
  return [
    ...settings.userZones.flatMap((zone, at) =>
      Object.keys(zone.latencyMs).flatMap((name) =>
        regions.includes(name)
          ? []
          : [keyFault(['userZones', at, 'latencyMs', name], unknownText(name, regions, 'region'), regionNames(settings))],
      ),
    ),
    ...settings.workloads.flatMap((workload, at) => [
      ...workload.userZones.flatMap((name, index) =>
        unknown(name, zones, ['workloads', at, 'userZones', index], 'user zone', userZoneNames(settings)),
      ),
      ...(['allow', 'deny', 'prefer'] as const).flatMap((list) =>
        (workload.regions[list] ?? []).flatMap((name, index) => region(name, ['workloads', at, 'regions', list, index])),
      ),
      ...Object.keys(workload.traffic?.endpoints ?? {}).flatMap((name) =>
        regions.includes(name)
          ? []
          : [keyFault(['workloads', at, 'traffic', 'endpoints', name], unknownText(name, regions, 'region'), regionNames(settings))],
      ),
      ...workload.maintenance.flatMap((window, which) =>
        window.regions.flatMap((name, index) => region(name, ['workloads', at, 'maintenance', which, 'regions', index])),
      ),
    ]),
  ]
}

/** @returns a fault at `path` when `name` is not among those known, with the nearest of them */
export function unknown(name: string, known: readonly string[], path: DocumentPath, what: string, names: readonly DocumentPath[]): Finding[] {
  return known.includes(name) ? [] : [fault(path, unknownText(name, known, what), names)]
}

function unknownText(name: string, known: readonly string[], what: string): string {
  const meant = nearestName(name, known)
  return meant === undefined
    ? `${name} is not a configured ${what}, expected one of ${known.join(', ')}`
    : `${name} is not a configured ${what}; did you mean ${meant}?`
}
