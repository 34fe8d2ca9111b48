import type { World, WorldUserZone, WorldWorkload } from './world.ts'
import { stepSeconds } from './world.ts'

const weekSeconds = 7 * 86400

/** A recorded series on the 5-minute grid: events within each step. Plain JSON. */
export interface Trace {
  /** Unix seconds of the first step's start, a multiple of the step. */
  readonly startSeconds: number
  /** Events, ≥ 0. */
  readonly counts: readonly number[]
}

/** Traces by the name that workloads give them. */
export type Traces = Readonly<Record<string, Trace>>

/** Events of one workload from one user zone within the step that starts at `seconds`: a whole number, ≥ 0. */
export type DemandAt = (workload: WorldWorkload, userZone: WorldUserZone, seconds: number) => number

/**
 * Demand as a function of sandbox time alone. Before its first and after its last recorded step a trace repeats its nearest whole weeks.
 * @throws RangeError for a trace shorter than a week or one that is not there
 */
export function demandOf(world: World, traces: Traces): DemandAt {
  return (workload, userZone, seconds) => {
    const trace = traces[workload.trace]
    if (trace === undefined) throw new RangeError(`workload ${workload.name} has no trace ${workload.trace}`)
    const length = trace.counts.length * stepSeconds
    if (length < weekSeconds) throw new RangeError(`trace ${workload.trace} is shorter than a week`)
    const recorded = seconds - world.startSeconds + workload.recordedAtSeconds - userZone.laterHours * 3600 - trace.startSeconds
    const count = trace.counts[Math.floor(withinTrace(recorded, length) / stepSeconds)] ?? 0
    return Math.round(count * workload.scale * userZone.share)
  }
}

/** Moves an offset into [0, length) by whole weeks. */
function withinTrace(offset: number, length: number): number {
  if (offset < 0) return offset + Math.ceil(-offset / weekSeconds) * weekSeconds
  if (offset >= length) return offset - (Math.floor((offset - length) / weekSeconds) + 1) * weekSeconds
  return offset
}
