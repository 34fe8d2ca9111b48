import { allowedRegions } from '../allowed-regions.ts'
import { regionName } from '../../domain/pool.ts'
import type { Settings } from '../schema.ts'
import { fault, type Finding } from './finding.ts'

type Traffic = NonNullable<Settings['workloads'][number]['traffic']>

/**
 * A region that may serve and has no endpoint would get nodes and no requests; answers kept for longer than the drain lead to nodes that are gone;
 * two workloads behind one name would take turns at its weights.
 */
export function traffic(settings: Settings): readonly Finding[] {
  const names = new Map<string, number>()
  return settings.workloads.flatMap((workload, at): Finding[] => {
    if (workload.traffic === undefined) return []
    const { endpoints, ttl } = workload.traffic
    const missing = allowedRegions(settings, workload).map(regionName).filter((name) => endpoints[name] === undefined)
    const { field, name } = nameOf(workload.traffic)
    const before = names.get(name)
    names.set(name, before ?? at)
    return [
      ...(missing.length > 0 ? [fault(['workloads', at, 'traffic', 'endpoints'], `lacks ${missing.join(', ')}, which may serve ${workload.name}`, [])] : []),
      ...(ttl > settings.moves.drain ? [fault(['workloads', at, 'traffic', 'ttl'], `is ${ttl} s, above moves.drain ${settings.moves.drain} s`, [['moves', 'drain']])] : []),
      ...(before === undefined ? [] : [fault(['workloads', at, 'traffic', field], `is already that of workloads[${before}]`, [['workloads', before, 'traffic', field]])]),
      ...profileNames(workload.traffic, workload.userZones).map((text) => fault(['workloads', at, 'traffic', 'profile'], text, [])),
    ]
  })
}

/** @returns what tells a name from others, and the setting that gives it */
function nameOf(traffic: Traffic): { readonly field: 'domain' | 'profile'; readonly name: string } {
  if (traffic.dns === 'traffic-manager') return { field: 'profile', name: `traffic-manager/${traffic.profile.toLowerCase()}` }
  return { field: 'domain', name: `${traffic.dns === 'route53' ? traffic.zoneId : traffic.managedZone}/${traffic.domain.toLowerCase().replace(/\.$/, '')}` }
}

/** Most characters between two dots of a DNS name. */
const longestLabel = 63

function profileNames(traffic: Traffic, userZones: readonly string[]): readonly string[] {
  if (traffic.dns !== 'traffic-manager' || userZones.length < 2) return []
  return userZones
    .map((userZone) => `${traffic.profile}-${userZone}`)
    .filter((name) => name.length > longestLabel || !/^[A-Za-z0-9-]*[A-Za-z0-9]$/.test(name))
    .map((name) => `makes the profile ${name}, expected letters, digits and hyphens, at most ${longestLabel}`)
}
