import type { DesiredState } from '../domain/desired-state.ts'
import type { LiveCounts, StackVerdict } from '../domain/observation.ts'
import { livePool } from './changed-stacks.ts'
import type { StackRun } from './engine.ts'

/** Words by which the clouds say that they have no room, as opposed to that a request is wrong. */
const outOfRoom =
  /insufficient ?\w* ?capacity|capacity-not-available|no capacity|quota|limit ?exceeded|resource_pool_exhausted|stockout|allocation ?failed|overconstrained|sku ?not ?available|skunotavailable|not enough resources/i

/** @returns whether the cloud says that it has no room, as opposed to that a request is wrong */
export function isOutOfRoom(message: string): boolean {
  return outOfRoom.test(message)
}

/**
 * What became of one stack: from the engine's run and from what the cloud holds now.
 * @param run       undefined when the engine was not started because nothing was to do
 * @param patience  `over` once the pools' lead time has passed since the request: nodes that are not ready by then are missing
 */
export function judge(desired: DesiredState, live: LiveCounts, run: StackRun | undefined, patience: 'waiting' | 'over'): StackVerdict {
  const missing = missingNodes(desired, live)
  if (run === undefined) return settled(missing, 'idle', patience)
  const first = run.failures[0]?.message ?? 'no reason given'
  switch (run.outcome) {
    case 'lock-held':
    case 'refused':
      return { kind: 'held', reason: first }
    case 'aborted':
      return { kind: 'failed', reason: first }
    case 'failed': {
      const room = run.failures.filter((failure) => outOfRoom.test(failure.message))
      const other = run.failures.find((failure) => !outOfRoom.test(failure.message) && failure.urn !== undefined)
      if (room[0] === undefined || other !== undefined || missing === 0) return { kind: 'failed', reason: other?.message ?? first }
      return { kind: 'short', by: missing, reason: room[0].message }
    }
    case 'succeeded':
      return settled(missing, isIdle(run) ? 'idle' : 'changed', patience)
    default:
      return run.outcome satisfies never
  }
}

function settled(missing: number, engine: 'idle' | 'changed', patience: 'waiting' | 'over'): StackVerdict {
  if (missing === 0) return { kind: engine === 'idle' ? 'unchanged' : 'reached' }
  return patience === 'over' ? { kind: 'short', by: missing, reason: 'nodes are not ready after the lead time' } : { kind: 'requested', waitingFor: missing }
}

function isIdle(run: StackRun): boolean {
  const { created, updated, replaced, deleted } = run.changes
  return created + updated + replaced + deleted === 0
}

/** @returns nodes that are wanted and not ready, over the pools whose count is prescale's */
export function missingNodes(desired: DesiredState, live: LiveCounts): number {
  return desired.pools
    .filter((pool) => pool.owns === 'count')
    .reduce((sum, pool) => sum + Math.max(0, pool.desired - (livePool(live, pool)?.ready ?? 0)), 0)
}
