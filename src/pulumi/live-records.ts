import type { LiveRecord } from '../domain/observation.ts'
import { liveRecordOf } from './aws/traffic-records.ts'
import { liveProfileOf } from './azure/traffic-profile.ts'
import type { FoundResource, LiveRecordOf } from './found-resource.ts'
import { liveRecordSetOf } from './gcp/traffic-record-set.ts'

/** By type, whatever the cloud of the stack that holds it. */
const readers: Readonly<Record<string, LiveRecordOf>> = {
  'aws:route53/record:Record': liveRecordOf,
  'gcp:dns/recordSet:RecordSet': liveRecordSetOf,
  'azure-native:trafficmanager:Profile': liveProfileOf,
}

/** What sends users to regions among what was found in one stack. @throws TypeError; see `LiveRecordOf` */
export function liveRecords(resources: readonly FoundResource[]): readonly LiveRecord[] {
  return resources.flatMap(({ type, properties }) => readers[type]?.(properties) ?? [])
}
