import { Record as DnsRecord, type RecordArgs } from '@pulumi/aws/route53/index.js'
import type { Route53Record } from '../../domain/desired-state.ts'

/** One of the weighted records of a name: Route 53 answers with each in proportion to its weight. */
export function recordInputs(record: Route53Record, region: string): RecordArgs {
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

/** Declares the record of one region, whatever its cloud: the name is held by Route 53, the endpoint is anywhere. */
export function declareRecord(record: Route53Record, region: string): void {
  new DnsRecord(`${record.workload}-${record.userZone}`, recordInputs(record, region))
}
