import { Record as DnsRecord, type RecordArgs } from '@pulumi/aws/route53/index.js'
import type { Route53Record } from '../../domain/desired-state.ts'
import { plainName, recordKey } from '../../domain/traffic-record.ts'
import { type LiveRecordOf, numberAt, valueAt } from '../found-resource.ts'

/** The engine's type. */
export const recordToken = 'aws:route53/record:Record'

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

/** The record of one region as Route 53 holds it. */
export const liveRecordOf: LiveRecordOf = (properties) => ({
  key: recordKey('route53', String(properties['zoneId']), String(properties['name']), String(properties['setIdentifier'])),
  ttlSeconds: numberAt(properties, 'ttl'),
  targets: [{ endpoint: plainName(String(valueAt(properties, 'records.0'))), weight: numberAt(properties, 'weightedRoutingPolicies.0.weight') }],
})
