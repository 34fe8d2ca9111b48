import { Record as DnsRecord, type RecordArgs } from '@pulumi/aws/route53/index.js'
import type { DesiredRecord, DesiredState } from '../../domain/desired-state.ts'
import { regionName } from '../../domain/pool.ts'

/** One of the weighted records of a name: Route 53 answers with each in proportion to its weight. */
export function recordInputs(record: DesiredRecord, region: string): RecordArgs {
  return {
    zoneId: record.zoneId,
    name: record.name,
    type: 'CNAME',
    ttl: record.ttlSeconds,
    records: [record.endpoint],
    setIdentifier: region,
    weightedRoutingPolicies: [{ weight: record.weight }],
  }
}

/** Declares the region's records, whatever its cloud: the names are held by Route 53, the endpoints are anywhere. */
export function declareRecords(state: DesiredState): void {
  for (const record of state.records ?? []) new DnsRecord(`${record.workload}-${record.userZone}`, recordInputs(record, regionName(state)))
}
