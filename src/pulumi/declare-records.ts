import type { DesiredState } from '../domain/desired-state.ts'
import { regionName } from '../domain/pool.ts'
import { declareRecord } from './aws/traffic-records.ts'
import { declareProfile } from './azure/traffic-profile.ts'
import { declareRecordSet } from './gcp/traffic-record-set.ts'

/** Declares what sends users to regions, as far as it stands in this stack. */
export function declareRecords(state: DesiredState): void {
  for (const record of state.records ?? []) {
    if (!('dns' in record)) declareRecord(record, regionName(state))
    else if (record.dns === 'cloud-dns') declareRecordSet(record)
    else declareProfile(record)
  }
}
