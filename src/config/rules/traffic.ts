import { allowedRegions } from '../allowed-regions.ts'
import { regionName } from '../../domain/pool.ts'
import type { Settings } from '../schema.ts'
import { fault, type Finding } from './finding.ts'

/** A region that may serve and has no endpoint would get nodes and no requests; answers kept for longer than the drain lead to nodes that are gone. */
export function traffic(settings: Settings): readonly Finding[] {
  return settings.workloads.flatMap((workload, at): Finding[] => {
    if (workload.traffic === undefined) return []
    const { endpoints, ttl } = workload.traffic
    const missing = allowedRegions(settings, workload).map(regionName).filter((name) => endpoints[name] === undefined)
    return [
      ...(missing.length > 0 ? [fault(['workloads', at, 'traffic', 'endpoints'], `lacks ${missing.join(', ')}, which may serve ${workload.name}`, [])] : []),
      ...(ttl > settings.moves.drain ? [fault(['workloads', at, 'traffic', 'ttl'], `is ${ttl} s, above moves.drain ${settings.moves.drain} s`, [['moves', 'drain']])] : []),
    ]
  })
}
