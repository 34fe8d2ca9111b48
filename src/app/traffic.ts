import type { DesiredRecord, DesiredState } from '../domain/desired-state.ts'
import { contentHash } from '../domain/hash.ts'
import type { AppliedRecord } from '../reconcile/changed-stacks.ts'
import type { MoveContext } from '../reconcile/moves.ts'

/** The state that a stack has, and what was applied last. */
export interface RoutedStack {
  readonly wanted: DesiredState
  readonly applied: AppliedRecord | undefined
}

/** @returns how a workload's planned weights compare with those in force; see `MoveContext` */
export function trafficOf(stacks: readonly RoutedStack[]): MoveContext['traffic'] {
  return (workload) => {
    const own = stacks.filter(({ wanted, applied }) => [...recordsOf(wanted, workload), ...recordsOf(applied?.state, workload)].length > 0)
    if (own.length === 0) return { kind: 'none' }
    if (own.some(({ wanted, applied }) => differ(wanted, applied, workload))) return { kind: 'due' }
    return { kind: 'shifted', atSeconds: Math.max(...own.map(({ applied }) => applied?.shifted?.[workload] ?? 0)) }
  }
}

/** The state with the records in force, for workloads whose nodes are not ready for others. */
export function withTrafficInForce(wanted: DesiredState, applied: AppliedRecord | undefined, waiting: ReadonlySet<string>): DesiredState {
  const kept = [...waiting].flatMap((workload) => recordsOf(applied?.state, workload))
  const records = [...(wanted.records ?? []).filter(({ workload }) => !waiting.has(workload)), ...kept].sort(byName)
  const { records: _wanted, ...rest } = wanted
  return records.length === 0 && wanted.records === undefined ? wanted : { ...rest, ...(records.length > 0 && { records }) }
}

/** @returns when the weights of each workload were changed last, once `state` has been applied */
export function shiftedBy(state: DesiredState, applied: AppliedRecord | undefined, nowSeconds: number): Readonly<Record<string, number>> {
  const workloads = [...new Set((state.records ?? []).map(({ workload }) => workload))]
  const changed = workloads.filter((workload) => differ(state, applied, workload)).map((workload): [string, number] => [workload, nowSeconds])
  return { ...applied?.shifted, ...Object.fromEntries(changed) }
}

function byName(a: DesiredRecord, b: DesiredRecord): number {
  return `${a.workload}/${a.userZone}` < `${b.workload}/${b.userZone}` ? -1 : 1
}

function differ(wanted: DesiredState, applied: AppliedRecord | undefined, workload: string): boolean {
  return contentHash(recordsOf(wanted, workload)) !== contentHash(recordsOf(applied?.state, workload))
}

function recordsOf(state: DesiredState | undefined, workload: string): readonly DesiredRecord[] {
  return (state?.records ?? []).filter((record) => record.workload === workload)
}
