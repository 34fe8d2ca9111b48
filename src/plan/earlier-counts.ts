import type { Plan, PoolPlan } from '../domain/plan.ts'
import { poolName } from '../domain/pool.ts'
import type { PurchaseOption } from '../domain/pool.ts'
import { committedPart, inCloud } from './commitments.ts'
import type { IndexedProblem, Pool } from './index-problem.ts'
import type { EarlierCounts } from './round/keep-counts.ts'
import { item } from './vector.ts'

const secondsPerDay = 86400

/** What planning reads of the plan in force. */
export interface EarlierPlan extends Pick<Plan, 'grid'> {
  readonly pools: readonly Pick<PoolPlan, 'cloud' | 'region' | 'workload' | 'type' | 'option' | 'counts'>[]
}

/** @returns the name of a pool in plans and clouds, where committed nodes are on-demand ones; undefined in problems that are not about real clouds */
export function nameInCloud(indexed: IndexedProblem, pool: Pick<Pool, 'workload' | 'region' | 'type' | 'option'>): string | undefined {
  const { problem } = indexed
  const key = problem.regions[pool.region]?.key
  return key === undefined ? undefined : poolName(inCloud(
    { ...key, workload: item(problem.workloads, pool.workload).name, type: item(problem.types, pool.type).name },
    item(problem.options, pool.option).name as PurchaseOption | 'committed',
  ))
}

/**
 * Counts of an earlier plan on the steps of a problem: by time; beyond the earlier plan's end, those of the same hour of its last day. On-demand nodes
 * of the plan are told apart into committed and other ones as everywhere: workload by workload.
 * @returns undefined when the plan has another step, or ended before the problem begins
 */
export function earlierCounts(earlier: EarlierPlan, indexed: IndexedProblem): EarlierCounts | undefined {
  const { problem } = indexed
  const { startSeconds, stepSeconds, length } = earlier.grid
  if (stepSeconds !== problem.stepSeconds) return undefined
  const shift = Math.round((problem.startSeconds - startSeconds) / stepSeconds)
  if (shift < 0 || shift >= length) return undefined
  const stepsPerDay = Math.max(1, Math.round(secondsPerDay / stepSeconds))
  const courses = new Map(earlier.pools.map((pool) => [poolName(pool), pool.counts]))
  const committed = problem.options.findIndex(({ kind }) => kind === 'committed')
  const onDemand = problem.options.findIndex(({ kind }) => kind === 'on-demand')
  const courseOf = (pool: Pick<Pool, 'workload' | 'region' | 'type' | 'option'>): readonly number[] => courses.get(nameInCloud(indexed, pool) ?? '') ?? []
  const named = indexed.pools.map((pool) => {
    const course = courseOf(pool)
    const nodes = committed < 0 ? 0 : problem.maxNodes[pool.region]?.[pool.type]?.[committed] ?? 0
    if (nodes === 0 || (pool.option !== committed && pool.option !== onDemand)) return course
    const all = problem.workloads.map((_, workload) => courseOf({ ...pool, workload }))
    return Array.from({ length }, (_, step) => {
      const part = committedPart(all.map((other) => other[step] ?? 0), nodes)[pool.workload] ?? 0
      return pool.option === committed ? part : (course[step] ?? 0) - part
    })
  })
  return (pool, step) => {
    let at = step + shift
    while (at >= length) at -= Math.min(stepsPerDay, length)
    return named[pool.index]?.[at] ?? 0
  }
}
