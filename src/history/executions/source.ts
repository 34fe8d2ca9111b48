import type { WorkloadSettings } from '../../config/schema.ts'
import { alignDown, type TimeRange } from '../../domain/grid.ts'
import type { Resource } from '../../domain/forecast.ts'
import type { Executions, HistorySource, RawSamples } from '../../domain/history.ts'
import { fieldQuery } from '../demand-queries.ts'
import { type AmountField, amountFields } from './amount-fields.ts'

const secondsPerDay = 86_400

/** One run as it was told. */
export interface ToldExecution {
  readonly userZone: string
  readonly startSeconds: number
  /** NaN while it runs. */
  readonly durationSeconds: number
  /** What it takes of each resource that is told; none where nothing was told of it. */
  readonly amounts: Partial<Readonly<Record<Resource, number>>>
}

/**
 * Executions of one workload in a history source: samples at their starts, whose fields hold duration and what each takes and uses. One that has no
 * duration yet still runs.
 * @param range  starts that are wanted; it is read by UTC days
 * @throws Problem `history-unreadable`
 */
export async function readExecutions(source: HistorySource, workload: WorkloadSettings, range: TimeRange, signal: AbortSignal): Promise<readonly Executions[]> {
  const fields: readonly (AmountField | { readonly field: string; readonly resource: undefined })[] = [{ field: workload.demand.executions.duration, resource: undefined }, ...amountFields(workload)]
  const told = new Map<string, ToldExecution>()
  for (let day = alignDown(range.fromSeconds, secondsPerDay); day < range.toSeconds; day += secondsPerDay) {
    const page = { fromSeconds: day, toSeconds: day + secondsPerDay }
    // a counter is read sample by sample, as executions are
    const samples = await Promise.all(fields.map(({ field }) => source.read(fieldQuery(workload, field, 'counter', 1), page, secondsPerDay, signal)))
    samples.forEach((raw, f) => eachSample(raw, (key, sample) => told.set(key, withField(told.get(key), sample, fields[f]?.resource))))
  }
  return executionsOf(workload, told.values())
}

interface Sample {
  readonly userZone: string
  readonly atSeconds: number
  readonly value: number
}

/** @param resource  undefined for the duration */
function withField(known: ToldExecution | undefined, { userZone, atSeconds, value }: Sample, resource: Resource | undefined): ToldExecution {
  const execution = known ?? { userZone, startSeconds: atSeconds, durationSeconds: Number.NaN, amounts: {} }
  return resource === undefined ? { ...execution, durationSeconds: value } : { ...execution, amounts: { ...execution.amounts, [resource]: value } }
}

function eachSample({ userZoneIndex, reporterIndex, atSeconds, values, userZones, reporters }: RawSamples, take: (key: string, sample: Sample) => void): void {
  for (let i = 0; i < values.length; i += 1) {
    const userZone = userZones[userZoneIndex[i] ?? 0] ?? ''
    const at = atSeconds[i] ?? 0
    take(`${userZone} ${at} ${reporters[reporterIndex[i] ?? 0] ?? ''}`, { userZone, atSeconds: at, value: values[i] ?? Number.NaN })
  }
}

/**
 * One list per user zone of the workload and resource that its executions take, those of the workload's own unit first. What an execution takes
 * where nothing was told is what most take: the median; negative figures are left out with their execution.
 */
export function executionsOf(workload: WorkloadSettings, told: Iterable<ToldExecution>): readonly Executions[] {
  const fields = amountFields(workload)
  const resources: readonly Resource[] = ['requests', ...fields.flatMap(({ resource }) => (resource === 'requests' ? [] : [resource]))]
  const usable = [...told].filter(({ durationSeconds, amounts }) => !(durationSeconds < 0) && durationSeconds !== Infinity && Object.values(amounts).every((amount) => !(amount < 0) && amount !== Infinity))
  return resources.flatMap((resource) => {
    const takenBy = ({ amounts }: ToldExecution): number => amounts[resource] ?? Number.NaN
    const known = usable.map(takenBy).filter(Number.isFinite).sort((a, b) => a - b)
    // of what is never told each takes 1 of the unit, and nothing of another resource
    const usual = known[Math.floor(known.length / 2)] ?? (resource === 'requests' ? 1 : 0)
    return workload.userZones.map((userZone): Executions => {
      const own = usable.filter((one) => one.userZone === userZone).sort((a, b) => a.startSeconds - b.startSeconds || a.durationSeconds - b.durationSeconds || takenBy(a) - takenBy(b))
      return {
        workload: workload.name,
        userZone,
        resource,
        startSeconds: Float64Array.from(own, ({ startSeconds }) => startSeconds),
        durationSeconds: Float64Array.from(own, ({ durationSeconds }) => durationSeconds),
        takes: Float64Array.from(own, (one) => (Number.isFinite(takenBy(one)) ? takenBy(one) : usual)),
      }
    })
  })
}
