import { type DriftRecord, driftSentence } from '../reconcile/drift.ts'
import { type TrafficDriftRecord, trafficDriftSentence } from '../reconcile/traffic-drift.ts'

/** What others changed: a pool, or where users are sent. */
export type Drift = DriftRecord | TrafficDriftRecord

export function ofPools(drift: Drift): drift is DriftRecord {
  return 'pool' in drift
}

export function isTraffic(drift: Drift): drift is TrafficDriftRecord {
  return !ofPools(drift)
}

/** @returns the pool, or the key of the record */
export function driftSubject(drift: Drift): string {
  return ofPools(drift) ? drift.pool : drift.key
}

/** What differs, and by whom, for people. */
export function driftText(drift: Drift): string {
  return ofPools(drift) ? driftSentence(drift) : trafficDriftSentence(drift)
}
