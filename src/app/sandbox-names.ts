import type { Settings } from '../config/schema.ts'
import { plainName } from '../domain/traffic-record.ts'
import { trafficName } from '../plan/traffic-records.ts'
import type { WorldName } from '../sandbox/world.ts'

/** By which names the simulated users ask for workloads whose traffic prescale shifts; none where the settings say nothing of traffic. */
export function sandboxNames({ workloads }: Pick<Settings, 'workloads'>): readonly WorldName[] {
  return workloads.flatMap((workload) => {
    const { traffic } = workload
    if (traffic === undefined) return []
    const regions = Object.fromEntries(Object.entries(traffic.endpoints).map(([region, endpoint]) => [plainName(endpoint), region]))
    return workload.userZones.map((userZone): WorldName => {
      const name = trafficName(workload, traffic, userZone)
      return { workload: workload.name, userZone, name: plainName(traffic.dns === 'traffic-manager' ? `${name}.trafficmanager.net` : name), regions }
    })
  })
}
