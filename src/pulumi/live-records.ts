import type { LiveRecord } from '../domain/observation.ts'
import { liveRecordOf, recordToken } from './aws/traffic-records.ts'
import { liveProfileOf, profileToken } from './azure/traffic-profile.ts'
import type { FoundResource, LiveRecordOf } from './found-resource.ts'
import { liveRecordSetOf, recordSetToken } from './gcp/traffic-record-set.ts'

/** By type, whatever the cloud of the stack that holds it. */
const readers: Readonly<Record<string, LiveRecordOf>> = {
  [recordToken]: liveRecordOf,
  [recordSetToken]: liveRecordSetOf,
  [profileToken]: liveProfileOf,
}

/** What sends users to regions among what was found in one stack. @throws TypeError; see `LiveRecordOf` */
export function liveRecords(resources: readonly FoundResource[]): readonly LiveRecord[] {
  return resources.flatMap(({ type, properties }) => readers[type]?.(properties) ?? [])
}
