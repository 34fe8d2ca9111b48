import type { DesiredPool, DesiredState } from '../domain/desired-state.ts'
import { inWholeZones } from '../domain/kubernetes.ts'
import { poolName } from '../domain/pool.ts'

/**
 * Keeps the groups of pools that were taken over: their names, and how their nodes are launched.
 * @param before  the pools of the stack's file
 */
export function withAdopted(states: readonly DesiredState[], before: (state: DesiredState) => readonly DesiredPool[]): readonly DesiredState[] {
  return states.map((state) => {
    const adopted = before(state).filter((pool) => pool.adopted)
    if (adopted.length === 0) return state
    const pools = state.pools.map((pool) => {
      const found = adopted.find((one) => poolName(one) === poolName(pool))
      return found === undefined ? pool : inWholeZones({ ...pool, group: found.group, launch: found.launch, adopted: true })
    })
    const missing = adopted.filter((pool) => pools.every((other) => other.group !== pool.group))
    return { ...state, pools: [...pools, ...missing].sort((a, b) => (a.group < b.group ? -1 : 1)) }
  })
}
