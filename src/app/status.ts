import { desiredStateFile, readDesiredState } from '../documents/desired-state-file.ts'
import type { StackQueue } from '../domain/coordination.ts'
import type { DesiredPool, DesiredState } from '../domain/desired-state.ts'
import type { LivePool } from '../domain/observation.ts'
import type { Plan } from '../domain/plan.ts'
import { type Ownership, poolName } from '../domain/pool.ts'
import { scheduledAt } from '../domain/schedule.ts'
import { type LeadTimeSummary, leadTimeSummaries } from '../observe/lead-times.ts'
import { livePool } from '../reconcile/changed-stacks.ts'
import { handOverSentence } from '../reconcile/hand-over.ts'
import type { Move } from '../reconcile/moves.ts'
import { cycleLog, type CycleRecord } from './cycle.ts'
import { type Drift, driftSubject, driftText } from './drift.ts'
import { haltSentence, haltsInForce } from './halts.ts'
import { fleetNow, leadTimeSamples, moveSentence } from './moves.ts'
import { newerState, planRecord } from './plan-record.ts'
import { type Project, projectFile, projectNow } from './project.ts'
import { stalledVerdicts } from './retries.ts'
import { readLive } from './stacks.ts'

const shownCycles = 5

/** One pool: what is wanted and what is there. */
export interface PoolStatus {
  readonly pool: string
  readonly owns: Ownership
  readonly desired: number
  /** What the pool's own schedule wants now; undefined when it has none. */
  readonly scheduled: number | undefined
  readonly live: number | undefined
  readonly ready: number | undefined
  readonly usdPerHour: number
  readonly state: 'reached' | 'waiting' | 'not applied' | 'drifted'
}

export interface ProjectStatus {
  readonly atSeconds: number
  readonly plan: Plan | undefined
  readonly pools: readonly PoolStatus[]
  /** `subject` is the pool, or the key of the record. */
  readonly drifts: readonly (Drift & { readonly subject: string; readonly sentence: string })[]
  /** Autoscalers beside prescale that act on its pools. */
  readonly autoscalers: readonly { readonly pool: string; readonly autoscaler: string }[]
  /** Workloads on their way from some pools to others. */
  readonly moves: readonly (Omit<Move, 'record'> & { readonly sentence: string })[]
  /** Sets of weights that go from one stack to another, as sentences. */
  readonly handOvers: readonly string[]
  readonly leadTimes: readonly LeadTimeSummary[]
  /** What is halted, as sentences. */
  readonly halts: readonly string[]
  /** Stacks that a run holds or that others wait for. */
  readonly queues: readonly StackQueue[]
  /** Stacks that are left alone because they keep failing. */
  readonly stalled: readonly { readonly stack: string; readonly reason: string }[]
  /** Latest first. */
  readonly cycles: readonly CycleRecord[]
}

/** What is planned, what is live, what happened last; reads only. */
export async function projectStatus(project: Project): Promise<ProjectStatus> {
  const live = await readLive(project)
  const record = await planRecord(project)
  const states = project.settings.regions.flatMap((region) => newerState(project, record, region, stateInFile(project, region)) ?? [])
  const atSeconds = projectNow(project)
  const { moves, drifts, handOvers } = await fleetNow(project, states, live)
  const coordination = await project.coordination()
  return {
    atSeconds,
    plan: record?.plan,
    pools: states.flatMap((state) => state.pools.map((pool) => poolStatus(pool, livePool(live, pool), atSeconds, drifts))),
    drifts: drifts.map((drift) => ({ ...drift, subject: driftSubject(drift), sentence: driftText(drift) })),
    autoscalers: live.pools.flatMap((pool) => (pool.autoscaler === undefined ? [] : [{ pool: poolName(pool), autoscaler: pool.autoscaler }])),
    moves: moves.map((move) => ({ ...withoutRecord(move), sentence: moveSentence(move) })),
    handOvers: handOvers.map(handOverSentence),
    leadTimes: leadTimeSummaries(await leadTimeSamples(project)),
    halts: (await haltsInForce(project)).map(haltSentence),
    queues: await coordination.leases.queues(),
    stalled: [...(await stalledVerdicts(project))].map(([stack, { reason }]) => ({ stack, reason })),
    cycles: (await coordination.entries<CycleRecord>(cycleLog, shownCycles)).toReversed(),
  }
}

function withoutRecord({ record: _record, ...move }: Move): Omit<Move, 'record'> {
  return move
}

function stateInFile(project: Project, region: Pick<DesiredState, 'cloud' | 'region'>): DesiredState | undefined {
  const file = desiredStateFile(region)
  const text = projectFile(project, file)
  return text === undefined ? undefined : readDesiredState(text, file)
}

function poolStatus(pool: DesiredPool, live: LivePool | undefined, atSeconds: number, drifts: readonly Drift[]): PoolStatus {
  const scheduled = scheduledAt(pool.schedule, atSeconds)?.desired
  const drifted = drifts.some((drift) => driftSubject(drift) === poolName(pool))
  return {
    pool: poolName(pool),
    owns: pool.owns,
    desired: pool.desired,
    scheduled,
    live: live?.desired,
    ready: live?.ready,
    usdPerHour: (live?.desired ?? 0) * pool.usdPerNodeHour,
    state: live === undefined ? 'not applied' : drifted ? 'drifted' : live.ready < live.desired ? 'waiting' : 'reached',
  }
}
