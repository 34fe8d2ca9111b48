import type { DesiredRecord, DesiredState } from '../domain/desired-state.ts'
import { type RegionKey, regionName } from '../domain/pool.ts'
import { keyOfRecord } from '../domain/traffic-record.ts'
import type { AppliedRecord } from './changed-stacks.ts'

/** A set of weights whose stack is another now: the same name cannot stand in the cloud twice, so its place in the engine's state moves. */
export interface HandOver {
  /** See `recordKey`. */
  readonly key: string
  /** As it was applied. */
  readonly record: DesiredRecord
  /** Full name of the stack that holds it. */
  readonly from: string
  readonly to: RegionKey
}

/** @param applied  also of stacks that are wanted no more */
export function handOversDue(states: readonly DesiredState[], applied: readonly AppliedRecord[]): readonly HandOver[] {
  const holds = (record: AppliedRecord, key: string): DesiredRecord | undefined =>
    record.state.records?.find((one) => keyOfRecord(one, regionName(record.state)) === key)
  return states.flatMap((state) =>
    keysOf(state).flatMap((key): readonly HandOver[] => {
      const own = applied.find((one) => regionName(one.state) === regionName(state))
      if (own !== undefined && holds(own, key) !== undefined) return []
      return applied.flatMap((other) => {
        const record = regionName(other.state) === regionName(state) ? undefined : holds(other, key)
        return record === undefined ? [] : [{ key, record, from: other.stack, to: { cloud: state.cloud, region: state.region } }]
      }).slice(0, 1)
    }),
  )
}

/**
 * The states with what sends users to regions kept where it stands: until it has been handed over, and, where other names or services take its
 * place in other stacks, until those have been made.
 */
export function withRecordsKept(states: readonly DesiredState[], applied: readonly AppliedRecord[], due: readonly HandOver[]): readonly DesiredState[] {
  const appliedTo = (state: RegionKey): AppliedRecord | undefined => applied.find((one) => regionName(one.state) === regionName(state))
  const unmade = states.flatMap((state) => {
    const made = new Set(appliedTo(state) === undefined ? [] : keysOf(appliedTo(state)?.state))
    return (state.records ?? []).filter((record) => !made.has(keyOfRecord(record, regionName(state)))).map(({ workload, userZone }) => ({ region: regionName(state), workload, userZone }))
  })
  return states.map((state) => {
    const wanted = new Set(keysOf(state))
    const coming = (record: DesiredRecord): boolean => due.some(({ key, to }) => key === keyOfRecord(record, regionName(state)) && regionName(to) === regionName(state))
    const leaving = (appliedTo(state)?.state.records ?? []).filter(
      (record) =>
        !wanted.has(keyOfRecord(record, regionName(state))) &&
        unmade.some(({ region, workload, userZone }) => region !== regionName(state) && workload === record.workload && userZone === record.userZone),
    )
    const records = [...(state.records ?? []).filter((record) => !coming(record)), ...leaving]
    const { records: _records, ...rest } = state
    return leaving.length === 0 && records.length === (state.records ?? []).length ? state : { ...rest, ...(records.length > 0 && { records }) }
  })
}

function keysOf(state: DesiredState | undefined): readonly string[] {
  return state === undefined ? [] : (state.records ?? []).map((record) => keyOfRecord(record, regionName(state)))
}

/** The records of both stacks once a set has been handed over, as the engine will find them; each is asked about again. */
export function handedOver(from: AppliedRecord, to: AppliedRecord | undefined, toStack: string, { key, record, to: region }: HandOver, nowSeconds: number): readonly [AppliedRecord, AppliedRecord] {
  const left = (from.state.records ?? []).filter((one) => keyOfRecord(one, regionName(from.state)) !== key)
  const { records: _records, ...rest } = from.state
  const at = from.shifted?.[record.workload]
  const fresh: AppliedRecord = {
    stack: toStack, resources: '', shape: '', program: '', counts: {}, before: {}, held: {}, atSeconds: nowSeconds,
    state: { ...region, pools: [], traffic: [], planId: 'none', expiresSeconds: 0 },
  }
  const before = to ?? fresh
  return [
    { ...from, resources: '', state: { ...rest, ...(left.length > 0 && { records: left }) } },
    {
      ...before,
      resources: '',
      state: { ...before.state, records: [...(before.state.records ?? []), record] },
      ...(at !== undefined && { shifted: { ...before.shifted, [record.workload]: Math.max(at, before.shifted?.[record.workload] ?? 0) } }),
    },
  ]
}

/** @returns `web from us-east: its weights move from the stack shop.gcp-us-central1 to gcp/europe-west1` */
export function handOverSentence({ record, from, to }: HandOver): string {
  return `${record.workload} from ${record.userZone}: its weights move from the stack ${from} to ${regionName(to)}`
}
