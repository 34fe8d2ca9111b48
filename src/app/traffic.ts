import type { DesiredRecord, DesiredState } from '../domain/desired-state.ts'
import { contentHash } from '../domain/hash.ts'
import type { LiveCounts } from '../domain/observation.ts'
import { regionName } from '../domain/pool.ts'
import { keyOfRecord, recordAsLive } from '../domain/traffic-record.ts'
import type { AppliedRecord } from '../reconcile/changed-stacks.ts'
import type { MoveContext } from '../reconcile/moves.ts'

/** The state that a stack has, and what was applied last. */
export interface RoutedStack {
  readonly wanted: DesiredState
  readonly applied: AppliedRecord | undefined
}

/**
 * @param steered  workloads whose weights others made, and that are left so
 * @returns how a workload's planned weights compare with those in force; see `MoveContext`
 */
export function trafficOf(stacks: readonly RoutedStack[], live: LiveCounts, steered: ReadonlySet<string>): MoveContext['traffic'] {
  return (workload) => {
    const own = stacks.filter(({ wanted, applied }) => [...ofWorkload(wanted.records, workload), ...ofWorkload(applied?.state.records, workload)].length > 0)
    if (own.length === 0) return { kind: 'none' }
    if (steered.has(workload)) return { kind: 'steered' }
    if (own.some(({ wanted, applied }) => differ(wanted.records, recordsInForce(applied, live), workload))) return { kind: 'due' }
    return { kind: 'shifted', atSeconds: Math.max(...own.map(({ applied }) => applied?.shifted?.[workload] ?? 0)) }
  }
}

/**
 * The state with the records in force, for workloads whose traffic stays.
 * @param staying  their nodes are not ready for other weights, or others made the weights
 */
export function withTrafficInForce(wanted: DesiredState, applied: AppliedRecord | undefined, live: LiveCounts, staying: ReadonlySet<string>): DesiredState {
  const inForce = recordsInForce(applied, live)
  // one that is gone is made again as it was
  const kept = (applied?.state.records ?? []).map((record) => inForce.find((one) => keyOfRecord(one, regionName(wanted)) === keyOfRecord(record, regionName(wanted))) ?? record)
  const records = [...(wanted.records ?? []).filter(({ workload }) => !staying.has(workload)), ...kept.filter(({ workload }) => staying.has(workload))].sort(byName)
  const { records: _wanted, ...rest } = wanted
  return records.length === 0 && wanted.records === undefined ? wanted : { ...rest, ...(records.length > 0 && { records }) }
}

/** @returns when the weights of each workload were changed last, once `state` has been applied on clouds that held `before` */
export function shiftedBy(state: DesiredState, applied: AppliedRecord | undefined, before: LiveCounts, nowSeconds: number): Readonly<Record<string, number>> {
  const workloads = [...new Set((state.records ?? []).map(({ workload }) => workload))]
  const inForce = recordsInForce(applied, before)
  const changed = workloads.filter((workload) => differ(state.records, inForce, workload)).map((workload): [string, number] => [workload, nowSeconds])
  return { ...applied?.shifted, ...Object.fromEntries(changed) }
}

/** The records of a stack as the cloud holds them; as they were applied where that was not read. */
function recordsInForce(applied: AppliedRecord | undefined, { records }: LiveCounts): readonly DesiredRecord[] {
  const own = applied?.state.records ?? []
  if (applied === undefined || records === undefined) return own
  return own.flatMap((record) => {
    const found = records.find(({ key }) => key === keyOfRecord(record, regionName(applied.state)))
    return found === undefined ? [] : [recordAsLive(record, found)]
  })
}

function byName(a: DesiredRecord, b: DesiredRecord): number {
  return `${a.workload}/${a.userZone}` < `${b.workload}/${b.userZone}` ? -1 : 1
}

function differ(some: readonly DesiredRecord[] | undefined, others: readonly DesiredRecord[], workload: string): boolean {
  return contentHash(ofWorkload(some, workload)) !== contentHash(ofWorkload(others, workload))
}

function ofWorkload(records: readonly DesiredRecord[] | undefined, workload: string): readonly DesiredRecord[] {
  return (records ?? []).filter((record) => record.workload === workload)
}
