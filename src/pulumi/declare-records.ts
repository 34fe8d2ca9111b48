import type { DesiredRecord, DesiredState } from '../domain/desired-state.ts'
import { regionName } from '../domain/pool.ts'
import { declareRecord, recordToken } from './aws/traffic-records.ts'
import { declareProfile, profileToken } from './azure/traffic-profile.ts'
import { declareRecordSet, recordSetToken } from './gcp/traffic-record-set.ts'

/** How the engine knows a resource of a stack. */
export interface ResourceName {
  readonly type: string
  readonly name: string
}

/** Declares what sends users to regions, as far as it stands in this stack. */
export function declareRecords(state: DesiredState): void {
  for (const record of state.records ?? []) {
    if (!('dns' in record)) declareRecord(record, regionName(state))
    else if (record.dns === 'cloud-dns') declareRecordSet(record)
    else declareProfile(record)
  }
}

/** @returns the resource that a record is declared as */
export function resourceOfRecord(record: DesiredRecord): ResourceName {
  const name = `${record.workload}-${record.userZone}`
  if (!('dns' in record)) return { type: recordToken, name }
  return record.dns === 'cloud-dns' ? { type: recordSetToken, name } : { type: profileToken, name: `${name}-traffic` }
}
