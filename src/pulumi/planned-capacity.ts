import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { desiredStateFile, readDesiredState } from '../documents/desired-state-file.ts'
import { clouds, poolName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'

/** Counts of one pool, as prescale plans them. */
export interface PlannedCapacity {
  /** min ≤ desired ≤ max, nodes. */
  readonly min: number
  readonly desired: number
  readonly max: number
  /** Changes to come, repeated daily, for scheduled actions of one's own; ascending, empty where the count stays the same all day. */
  readonly schedule: readonly PlannedChange[]
  /** What changes and why, for people. */
  readonly reason: string
  /** Identity of the plan. */
  readonly planId: string
}

/** A change that stays in force until the next one. */
export interface PlannedChange {
  /** Minutes after midnight UTC. */
  readonly minuteOfDay: number
  /** The same as five cron fields, in UTC: `30 14 * * *`. */
  readonly cron: string
  readonly min: number
  readonly desired: number
  readonly max: number
}

/** Where the plan is found. */
export interface PlanPlace {
  /** Folder that holds `stacks/`; the working directory, which is that of Pulumi.yaml, if left out. */
  readonly directory?: string
}

/**
 * Counts of a pool for a Pulumi program of one's own, which declares groups in its own way and takes their sizes from the plan. Reads one file
 * and nothing else: same file, same counts.
 * @param pool  as `prescale status` prints it: `aws/us-east-1/web/m7g.large/on-demand`
 * @throws Problem `pool-unknown`, `file-missing`, `input-invalid`, `plan-edited`
 */
export function plannedCapacity(pool: string, { directory = '.' }: PlanPlace = {}): PlannedCapacity {
  const [cloudName = '', region = ''] = pool.split('/')
  const cloud = clouds.find((one) => one === cloudName)
  if (cloud === undefined || region === '') throw new Problem('pool-unknown', { pool, known: [] })
  const file = desiredStateFile({ cloud, region })
  const state = readDesiredState(textOf(directory, file), file)
  const found = state.pools.find((one) => poolName(one) === pool)
  if (found === undefined) throw new Problem('pool-unknown', { pool, known: state.pools.map(poolName) })
  const { min, desired, max, reason } = found
  const schedule = found.schedule.map((change) => ({ ...change, cron: `${change.minuteOfDay % 60} ${Math.floor(change.minuteOfDay / 60)} * * *` }))
  return { min, desired, max, schedule, reason, planId: state.planId }
}

function textOf(directory: string, file: string): string {
  try {
    return readFileSync(join(directory, file), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Problem('file-missing', { what: 'the desired state', file: join(directory, file), make: 'prescale plan' }, { cause: error })
  }
}
