import type { DesiredPool, DesiredState } from '../domain/desired-state.ts'
import { contentHash } from '../domain/hash.ts'
import { regionName, stackName } from '../domain/pool.ts'
import { handOverSentence } from '../reconcile/hand-over.ts'
import type { Move } from '../reconcile/moves.ts'
import { type FleetNow, moveSentence } from './moves.ts'

/**
 * What a stack waits for before it is brought to all that its plan wants, for people.
 * @param stack   its full name
 * @param phased  as it may be applied now
 * @param wanted  all states as planned
 */
export function waitsOf(stack: string, phased: DesiredState, wanted: readonly DesiredState[], fleet: FleetNow): readonly string[] {
  const handed = fleet.handOvers.filter(({ from, to }) => from === stack || regionName(to) === regionName(phased))
  return [...movesOf(phased, wanted, fleet).map(moveSentence), ...handed.map(handOverSentence)]
}

/** @returns moves because of which a stack is not yet as planned */
export function movesOf(phased: DesiredState, wanted: readonly DesiredState[], { moves }: FleetNow): readonly Move[] {
  const held = new Set([...heldPools(phased, wanted).map(({ workload }) => workload), ...heldTraffic(phased, plannedState(phased, wanted))])
  return moves.filter(({ workload }) => held.has(workload))
}

/** @returns pools that are kept above what is wanted */
export function heldPools(phased: DesiredState, wanted: readonly DesiredState[]): readonly DesiredPool[] {
  const plain = plannedState(phased, wanted)
  return phased.pools.filter((pool) => pool.desired > (plain?.pools.find(({ group }) => group === pool.group)?.desired ?? pool.desired))
}

/** @returns workloads whose records are kept as they are */
function heldTraffic(phased: DesiredState, wanted: DesiredState | undefined): readonly string[] {
  const text = (state: DesiredState | undefined, workload: string): string => contentHash((state?.records ?? []).filter((record) => record.workload === workload))
  return [...new Set((wanted?.records ?? []).map(({ workload }) => workload))].filter((workload) => text(phased, workload) !== text(wanted, workload))
}

function plannedState(phased: DesiredState, wanted: readonly DesiredState[]): DesiredState | undefined {
  return wanted.find((state) => stackName(state) === stackName(phased))
}
