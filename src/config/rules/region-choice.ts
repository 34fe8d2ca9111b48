import { allowedRegions } from '../allowed-regions.ts'
import type { Settings } from '../schema.ts'
import { fault, type Finding, keyFault, regionNames, warning } from './finding.ts'

/** Each workload must be left with regions, and with enough of them to survive what it must survive. */
export function regionChoice(settings: Settings): readonly Finding[] {
  const { survive } = settings.plan
  return settings.workloads.flatMap((workload, at) => {
    const { allow, deny, prefer } = workload.regions
    const place = ['workloads', at, 'regions'] as const
    const allowed = allowedRegions(settings, workload)
    const findings: Finding[] = [
      ...(allow ?? []).flatMap((name, index) =>
        deny.includes(name) ? [fault([...place, 'allow', index], `${name} is allowed and denied`, [[...place, 'deny']])] : [],
      ),
      ...prefer.flatMap((name, index) =>
        deny.includes(name) || (allow !== undefined && !allow.includes(name))
          ? [
              fault([...place, 'prefer', index], `${name} is preferred and not allowed`, [
                [...place, 'deny'],
                [...place, 'allow'],
              ]),
            ]
          : [],
      ),
    ]
    const restsOn = [[...place], ...regionNames(settings)]
    if (allowed.length === 0) return [...findings, keyFault(place, `leaves ${workload.name} no region`, restsOn)]
    if (survive.region && allowed.length === 1) {
      return [
        ...findings,
        keyFault(place, `leaves ${workload.name} one region, and plan.survive.region asks to survive the loss of any one`, [
          ['plan', 'survive', 'region'],
          ...restsOn,
        ]),
      ]
    }
    const zones = allowed.reduce((sum, region) => sum + region.zones.length, 0)
    if (survive.zone && zones === 1) {
      return [
        ...findings,
        keyFault(place, `leaves ${workload.name} one zone, and plan.survive.zone asks to survive the loss of any one`, [
          ['plan', 'survive', 'zone'],
          ['regions'],
        ]),
      ]
    }
    return findings
  })
}

/** What is configured and has no use, or cannot do what one would expect of it. */
export function idleParts(settings: Settings): readonly Finding[] {
  const usedZones = new Set(settings.workloads.flatMap((workload) => workload.userZones))
  const usedRegions = new Set(settings.workloads.flatMap((workload) => allowedRegions(settings, workload)))
  return [
    ...settings.userZones.flatMap((zone, at) =>
      usedZones.has(zone.name) ? [] : [warning(['userZones', at, 'name'], `no workload has demand from ${zone.name}`, [['workloads']])],
    ),
    ...settings.regions.flatMap((region, at) =>
      usedRegions.has(region)
        ? []
        : [warning(['regions', at, 'region'], `no workload may use ${region.cloud}/${region.region}`, [['workloads']])],
    ),
  ]
}
