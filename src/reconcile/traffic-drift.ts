import type { DesiredRecord } from '../domain/desired-state.ts'
import { contentHash } from '../domain/hash.ts'
import type { LiveCounts } from '../domain/observation.ts'
import { regionName, stackName } from '../domain/pool.ts'
import { keyOfRecord, recordAsLive } from '../domain/traffic-record.ts'
import { type DriftCause, settledSeconds, type WatchedStack } from './drift.ts'

/** A record whose weights, endpoints or TTL differ from what was applied, or that is gone; from when it was first seen until it is over. */
export interface TrafficDriftRecord {
  /** Name of the stack without the project's. */
  readonly stack: string
  /** See `recordKey`. */
  readonly key: string
  readonly workload: string
  readonly userZone: string
  readonly property: 'weights' | 'record'
  readonly wanted: string
  readonly live: string
  /** Nothing that scales nodes moves weights. */
  readonly cause: Exclude<DriftCause, 'autoscaler'>
  readonly sinceSeconds: number
  /** How often it changed again since. */
  readonly moves: number
  /** As prescale had left it. */
  readonly ours: DesiredRecord
  /** As it was found; undefined where it is gone. */
  readonly found: DesiredRecord | undefined
}

/**
 * Where the weights in force are not those that prescale made. What was left as it is stays on record although the engine has taken it over.
 * @param known  as the look before left it
 */
export function watchTraffic(known: readonly TrafficDriftRecord[], stacks: readonly WatchedStack[], live: LiveCounts): readonly TrafficDriftRecord[] {
  const { records, atSeconds } = live
  if (records === undefined) return known
  return stacks.flatMap(({ wanted, applied }) =>
    (applied?.state.records ?? []).flatMap((record): readonly TrafficDriftRecord[] => {
      const key = keyOfRecord(record, regionName(wanted))
      const earlier = known.find((one) => one.key === key && one.stack === stackName(wanted))
      const inForce = records.find((one) => one.key === key)
      const found = inForce && recordAsLive(earlier?.ours ?? record, inForce)
      const planned = wanted.records?.find((one) => keyOfRecord(one, regionName(wanted)) === key)
      const isOurs = same(found, earlier?.ours ?? record) || same(found, planned) || (same(found, record) && !same(found, earlier?.found))
      // what a run that never ended has set is not known, and the next one sets it again
      if (isOurs || (earlier === undefined && applied?.underWay !== undefined)) return []
      return [driftOf(record, planned ?? record, found, earlier, { stack: stackName(wanted), key }, atSeconds)]
    }),
  )
}

function driftOf(
  applied: DesiredRecord,
  planned: DesiredRecord,
  found: DesiredRecord | undefined,
  earlier: TrafficDriftRecord | undefined,
  place: Pick<TrafficDriftRecord, 'stack' | 'key'>,
  nowSeconds: number,
): TrafficDriftRecord {
  const sinceSeconds = earlier?.sinceSeconds ?? nowSeconds
  const moves = earlier === undefined ? 0 : earlier.moves + (same(earlier.found, found) ? 0 : 1)
  const { workload, userZone } = applied
  const isSettled = found === undefined || (moves === 0 && nowSeconds - sinceSeconds >= settledSeconds)
  return {
    ...place,
    workload,
    userZone,
    property: found === undefined ? 'record' : 'weights',
    wanted: found === undefined ? 'there' : weightsText(planned, planned),
    live: found === undefined ? 'gone' : weightsText(found, planned),
    cause: isSettled ? 'hand' : 'unknown',
    sinceSeconds,
    moves,
    ours: earlier?.ours ?? applied,
    found,
  }
}

function same(a: DesiredRecord | undefined, b: DesiredRecord | undefined): boolean {
  return a !== undefined && b !== undefined && contentHash(a) === contentHash(b)
}

/** @returns `aws/us-east-1 60, gcp/us-central1 40`; endpoints and TTL where they are not the plan's */
function weightsText(record: DesiredRecord, planned: DesiredRecord): string {
  const ttl = record.ttlSeconds === planned.ttlSeconds ? '' : `, TTL ${record.ttlSeconds} s`
  if (!('dns' in record)) return `${record.weight}${'dns' in planned || record.endpoint === planned.endpoint ? '' : ` to ${record.endpoint}`}${ttl}`
  return `${record.targets.map(({ region, weight }) => `${region} ${weight}`).join(', ')}${ttl}`
}

/** Workloads whose weights others made; a record that is gone is made again in any case: a name that leads nowhere serves nobody. */
export function steeredWorkloads(drifts: readonly TrafficDriftRecord[]): ReadonlySet<string> {
  return new Set(drifts.filter(({ found }) => found !== undefined).map(({ workload }) => workload))
}

/** @returns `web from us-east: weight of aws/us-east-1 is 0, wanted 60, changed by hand` */
export function trafficDriftSentence({ workload, userZone, stack, property, live, wanted, cause, ours }: TrafficDriftRecord): string {
  const by = { hand: 'by hand', unknown: 'by someone else' }[cause]
  if (property === 'record') return `${workload} from ${userZone}: what sends users to regions is gone from ${stack}, deleted ${by}`
  const what = 'dns' in ours ? 'weights are' : `weight of ${stack.replace('-', '/')} is`
  return `${workload} from ${userZone}: ${what} ${live}, wanted ${wanted}, changed ${by}`
}
