import type { WorkloadSettings } from '../../config/schema.ts'
import { alignDown, type TimeRange } from '../../domain/grid.ts'
import type { Executions, HistorySource, RawSamples } from '../../domain/history.ts'
import { fieldQuery } from '../demand-queries.ts'

const secondsPerDay = 86_400

/** One run as it was told. */
export interface ToldExecution {
  readonly userZone: string
  readonly startSeconds: number
  /** NaN while it runs. */
  readonly durationSeconds: number
  readonly takes: number
}

/**
 * Executions of one workload in a history source: samples at their starts, whose fields hold duration and what each takes. One that has no
 * duration yet still runs.
 * @param range  starts that are wanted; it is read by UTC days
 * @throws Problem `history-unreadable`
 */
export async function readExecutions(source: HistorySource, workload: WorkloadSettings, range: TimeRange, signal: AbortSignal): Promise<readonly Executions[]> {
  const { duration, takes } = workload.demand.executions
  const fields = [duration, ...(takes === undefined ? [] : [takes])]
  const told = new Map<string, ToldExecution>()
  for (let day = alignDown(range.fromSeconds, secondsPerDay); day < range.toSeconds; day += secondsPerDay) {
    const page = { fromSeconds: day, toSeconds: day + secondsPerDay }
    // a counter is read sample by sample, as executions are
    const samples = await Promise.all(fields.map((field) => source.read(fieldQuery(workload, field, 'counter', 1), page, secondsPerDay, signal)))
    samples.forEach((raw, f) => eachSample(raw, (key, sample) => told.set(key, withField(told.get(key), sample, fields[f] === duration ? 'duration' : 'takes', takes !== undefined))))
  }
  return executionsOf(workload, told.values())
}

interface Sample {
  readonly userZone: string
  readonly atSeconds: number
  readonly value: number
}

function withField(known: ToldExecution | undefined, { userZone, atSeconds, value }: Sample, field: 'duration' | 'takes', isTaking: boolean): ToldExecution {
  const execution = known ?? { userZone, startSeconds: atSeconds, durationSeconds: Number.NaN, takes: isTaking ? Number.NaN : 1 }
  return field === 'duration' ? { ...execution, durationSeconds: value } : { ...execution, takes: value }
}

function eachSample({ userZoneIndex, reporterIndex, atSeconds, values, userZones, reporters }: RawSamples, take: (key: string, sample: Sample) => void): void {
  for (let i = 0; i < values.length; i += 1) {
    const userZone = userZones[userZoneIndex[i] ?? 0] ?? ''
    const at = atSeconds[i] ?? 0
    take(`${userZone} ${at} ${reporters[reporterIndex[i] ?? 0] ?? ''}`, { userZone, atSeconds: at, value: values[i] ?? Number.NaN })
  }
}

/**
 * One list per user zone of the workload. What an execution takes where nothing was told is what most take: the median; negative figures are
 * left out with their execution.
 */
export function executionsOf({ name, userZones }: Pick<WorkloadSettings, 'name' | 'userZones'>, told: Iterable<ToldExecution>): readonly Executions[] {
  const usable = [...told].filter(({ durationSeconds, takes }) => !(durationSeconds < 0) && !(takes < 0) && durationSeconds !== Infinity && takes !== Infinity)
  const known = usable.map(({ takes }) => takes).filter(Number.isFinite).sort((a, b) => a - b)
  const usual = known[Math.floor(known.length / 2)] ?? 1
  return userZones.map((userZone): Executions => {
    const own = usable.filter((one) => one.userZone === userZone).sort((a, b) => a.startSeconds - b.startSeconds || a.durationSeconds - b.durationSeconds || a.takes - b.takes)
    return {
      workload: name,
      userZone,
      startSeconds: Float64Array.from(own, ({ startSeconds }) => startSeconds),
      durationSeconds: Float64Array.from(own, ({ durationSeconds }) => durationSeconds),
      takes: Float64Array.from(own, ({ takes }) => (Number.isFinite(takes) ? takes : usual)),
    }
  })
}
