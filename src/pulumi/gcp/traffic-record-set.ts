import { RecordSet, type RecordSetArgs } from '@pulumi/gcp/dns/index.js'
import type { CloudDnsRecordSet } from '../../domain/desired-state.ts'
import { plainName, recordKey } from '../../domain/traffic-record.ts'
import { listAt, type LiveRecordOf, numberAt, valueAt } from '../found-resource.ts'

/** The engine's type. */
export const recordSetToken = 'gcp:dns/recordSet:RecordSet'

/** A name that Cloud DNS answers with one target at a time, in proportion to the weights; 0 is never answered. Names are absolute: they end in a dot. */
export function recordSetInputs(record: CloudDnsRecordSet): RecordSetArgs {
  return {
    managedZone: record.managedZone,
    name: absolute(record.name),
    type: 'CNAME',
    ttl: record.ttlSeconds,
    routingPolicy: { wrrs: record.targets.map(({ endpoint, weight }) => ({ weight, rrdatas: [absolute(endpoint)] })) },
  }
}

/** Declares the weights of all regions at once. */
export function declareRecordSet(record: CloudDnsRecordSet): void {
  new RecordSet(`${record.workload}-${record.userZone}`, recordSetInputs(record))
}

function absolute(name: string): string {
  return name.endsWith('.') ? name : `${name}.`
}

/** The record set as Cloud DNS holds it. */
export const liveRecordSetOf: LiveRecordOf = (properties) => ({
  key: recordKey('cloud-dns', String(properties['managedZone']), String(properties['name'])),
  ttlSeconds: numberAt(properties, 'ttl'),
  targets: listAt(properties, 'routingPolicy.wrrs').map((item) => ({ endpoint: plainName(String(valueAt(item, 'rrdatas.0'))), weight: numberAt(item, 'weight') })),
})
