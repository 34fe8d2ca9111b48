import type { Settings } from '../config/schema.ts'
import type { DesiredRecord, DesiredState, DesiredTarget } from '../domain/desired-state.ts'
import type { Plan } from '../domain/plan.ts'
import { type Cloud, type RegionKey, regionName } from '../domain/pool.ts'

type Workload = Settings['workloads'][number]
type Traffic = NonNullable<Workload['traffic']>

/** The cloud whose stacks hold names of several regions. */
const cloudOf: Readonly<Record<Exclude<Traffic['dns'], 'route53'>, Cloud>> = { 'cloud-dns': 'gcp', 'traffic-manager': 'azure' }

/** Records also where a region's share is nothing: another share then changes a weight, and makes no record. */
export function recordsIn(plan: Pick<Plan, 'traffic'>, settings: Settings, region: RegionKey): Pick<DesiredState, 'records'> {
  const records = settings.workloads.flatMap((workload) =>
    workload.userZones.flatMap((userZone) => recordOf(plan, settings, workload, userZone, region)),
  )
  const sorted = records.sort((a, b) => (`${a.workload}/${a.userZone}` < `${b.workload}/${b.userZone}` ? -1 : 1))
  return sorted.length > 0 ? { records: sorted } : {}
}

/** @returns the name of one user zone's requests: a DNS name, or that of a profile of Traffic Manager */
export function trafficName({ userZones }: Pick<Workload, 'userZones'>, traffic: Traffic, userZone: string): string {
  const isOneOfSeveral = userZones.length > 1
  if (traffic.dns === 'traffic-manager') return isOneOfSeveral ? `${traffic.profile}-${userZone}` : traffic.profile
  return isOneOfSeveral ? `${userZone}.${traffic.domain}` : traffic.domain
}

function recordOf(plan: Pick<Plan, 'traffic'>, settings: Settings, workload: Workload, userZone: string, region: RegionKey): readonly DesiredRecord[] {
  const { traffic } = workload
  if (traffic === undefined) return []
  const common = { workload: workload.name, userZone, ttlSeconds: traffic.ttl }
  const name = trafficName(workload, traffic, userZone)
  if (traffic.dns === 'route53') {
    const endpoint = traffic.endpoints[regionName(region)]
    if (endpoint === undefined) return []
    return [{ ...common, zoneId: traffic.zoneId, name, endpoint, weight: weightOf(plan, workload.name, userZone, regionName(region)) }]
  }
  if (regionName(region) !== holder(settings, cloudOf[traffic.dns], traffic.endpoints)) return []
  const targets = targetsOf(plan, workload.name, userZone, traffic.endpoints)
  if (traffic.dns === 'cloud-dns') {
    return [{ dns: traffic.dns, ...common, managedZone: traffic.managedZone, name, targets }]
  }
  const { protocol, port, path } = traffic.monitor
  const monitor = { protocol, port, ...(protocol !== 'TCP' && { path }) }
  return [{ dns: traffic.dns, ...common, resourceGroup: traffic.resourceGroup, name, monitor, targets }]
}

/** @returns the first region of the name's own cloud, where its credentials are at hand, else the first that has an endpoint */
function holder(settings: Settings, cloud: Cloud, endpoints: Traffic['endpoints']): string | undefined {
  const able = settings.regions.filter((region) => endpoints[regionName(region)] !== undefined)
  const first = able.find((region) => region.cloud === cloud) ?? able[0]
  return first && regionName(first)
}

/** Where nothing is asked for, every region answers: a name that leads nowhere would turn away who comes after all. */
function targetsOf(plan: Pick<Plan, 'traffic'>, workload: string, userZone: string, endpoints: Traffic['endpoints']): readonly DesiredTarget[] {
  const targets = Object.entries(endpoints)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([region, endpoint]) => ({ region, endpoint, weight: weightOf(plan, workload, userZone, region) }))
  return targets.some(({ weight }) => weight > 0) ? targets : targets.map((target) => ({ ...target, weight: 1 }))
}

/** @returns the share of the first step in percent, 0 to 100 */
function weightOf(plan: Pick<Plan, 'traffic'>, workload: string, userZone: string, region: string): number {
  const share = plan.traffic.find((one) => regionName(one) === region && one.workload === workload && one.userZone === userZone)
  return Math.round(100 * (share?.shares[0] ?? 0))
}
