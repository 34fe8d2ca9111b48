import { desiredStateFile, readDesiredState } from '../documents/desired-state-file.ts'
import type { DesiredPool, DesiredState } from '../domain/desired-state.ts'
import type { LivePool } from '../domain/observation.ts'
import type { Plan } from '../domain/plan.ts'
import { type Ownership, poolName } from '../domain/pool.ts'
import { scheduledAt } from '../domain/schedule.ts'
import { driftOf, livePool, type PoolDrift } from '../reconcile/changed-stacks.ts'
import type { CycleRecord } from './cycle.ts'
import { type Project, projectFile, projectNow } from './project.ts'
import { appliedRecords, fullStackName, readLive } from './stacks.ts'

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
  readonly drifts: readonly PoolDrift[]
  /** Latest first. */
  readonly cycles: readonly CycleRecord[]
}

/** What is planned, what is live, what happened last; reads only. */
export async function projectStatus(project: Project): Promise<ProjectStatus> {
  const live = await readLive(project)
  const states = project.settings.regions.flatMap((region) => stateInFile(project, region) ?? [])
  const atSeconds = projectNow(project)
  const applied = appliedRecords(project)
  const driftsOf = (state: DesiredState): readonly PoolDrift[] => {
    const record = applied.get(fullStackName(project, state))
    return record === undefined ? [] : driftOf(state, live, record)
  }
  return {
    atSeconds,
    plan: project.store.read<{ plan: Plan }>('plan')?.plan,
    pools: states.flatMap((state) => state.pools.map((pool) => poolStatus(pool, livePool(live, pool), atSeconds, driftsOf(state)))),
    drifts: states.flatMap(driftsOf),
    cycles: project.store.entries<CycleRecord>('cycles').toReversed().slice(0, 5),
  }
}

function stateInFile(project: Project, region: Pick<DesiredState, 'cloud' | 'region'>): DesiredState | undefined {
  const file = desiredStateFile(region)
  const text = projectFile(project, file)
  return text === undefined ? undefined : readDesiredState(text, file)
}

function poolStatus(pool: DesiredPool, live: LivePool | undefined, atSeconds: number, drifts: readonly PoolDrift[]): PoolStatus {
  const scheduled = scheduledAt(pool.schedule, atSeconds)?.desired
  const drifted = drifts.some((drift) => drift.group === pool.group)
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
