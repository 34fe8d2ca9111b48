import type { IndexedProblem } from '../index-problem.ts'
import type { FleetState } from '../round/fleet-state.ts'

/** The document `prescale.plan/1`: nodes by index; what is missing is 0. */
export interface PlanDocument {
  readonly schema: 'prescale.plan/1'
  readonly instance: string
  readonly nodes: readonly {
    readonly program: number
    readonly region: number
    readonly type: number
    readonly option: number
    /** Shape [steps]. */
    readonly count: readonly number[]
  }[]
}

/** @returns the pools that hold nodes at any step */
export function planDocument(indexed: IndexedProblem, state: FleetState): PlanDocument {
  return {
    schema: 'prescale.plan/1',
    instance: indexed.problem.name,
    nodes: indexed.pools.flatMap((pool) => {
      const count = Array.from({ length: indexed.steps }, (_, step) => state.count(pool, step))
      return count.some((nodes) => nodes > 0) ? [{ program: pool.workload, region: pool.region, type: pool.type, option: pool.option, count }] : []
    }),
  }
}
