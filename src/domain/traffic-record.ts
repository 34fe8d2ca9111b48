import type { DesiredRecord, DesiredTarget } from './desired-state.ts'
import type { LiveRecord, LiveTarget } from './observation.ts'

/** Services that hold names. */
export type TrafficDns = 'route53' | 'cloud-dns' | 'traffic-manager'

/**
 * What tells a record from all others, as a plan and as a cloud know it.
 * @param parts  Route 53: hosted zone, name, region, for it is one of several of its name; Cloud DNS: managed zone, name; Traffic Manager: the
 *   profile's DNS name, which all of Azure has once
 * @returns for example `cloud-dns/shop/web.shop.example`
 */
export function recordKey(dns: TrafficDns, ...parts: readonly string[]): string {
  return [dns, ...parts.map(plainName)].join('/')
}

/** @param region  of the stack that holds the record: `aws/us-east-1` */
export function keyOfRecord(record: DesiredRecord, region: string): string {
  if (!('dns' in record)) return recordKey('route53', record.zoneId, record.name, region)
  return record.dns === 'cloud-dns' ? recordKey(record.dns, record.managedZone, record.name) : recordKey(record.dns, record.name)
}

/** DNS heeds neither case nor a dot at the end. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

/** The record with the weights, endpoints and TTL that its cloud holds. */
export function recordAsLive(record: DesiredRecord, { ttlSeconds, targets }: LiveRecord): DesiredRecord {
  if (!('dns' in record)) {
    const target = targets[0] ?? { endpoint: record.endpoint, weight: 0 }
    return { ...record, ttlSeconds, endpoint: spelt(target, [record.endpoint]), weight: target.weight }
  }
  const known = record.targets.flatMap((target) => {
    const found = targets.find((one) => plainName(one.endpoint) === plainName(target.endpoint))
    return found === undefined ? [] : [{ ...target, weight: found.weight }]
  })
  const others = targets
    .filter((one) => record.targets.every((target) => plainName(target.endpoint) !== plainName(one.endpoint)))
    .map(({ endpoint, weight }): DesiredTarget => ({ region: endpoint, endpoint, weight }))
  return { ...record, ttlSeconds, targets: [...known, ...others] }
}

/** @returns the endpoint as the settings spell it, where it is one of theirs */
function spelt({ endpoint }: LiveTarget, endpoints: readonly string[]): string {
  return endpoints.find((one) => plainName(one) === plainName(endpoint)) ?? endpoint
}
