import type { LiveCounts, LivePool, LiveRecord } from '../domain/observation.ts'
import { type PoolKey, poolName, type RegionKey } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import { liveGroups } from '../pulumi/live-groups.ts'
import { liveRecords } from '../pulumi/live-records.ts'
import type { EngineSettings, StackRun, StackTarget } from './engine.ts'
import { runStacks } from './run-stacks.ts'

/** A stack to look at. */
export interface ObservedStack {
  /** The stack's full name, `sandbox.aws-us-east-1`. */
  readonly stack: string
  readonly region: RegionKey
  /** Pools that may be there, by the names of their groups; a group of another name is nobody's pool and is left out. */
  readonly pools: ReadonlyMap<string, PoolKey>
}

/**
 * What the clouds hold, read by the engine through the clouds' own providers; nothing is written and no lock is taken. A stack that was
 * never applied has no pools. How many nodes serve the engine does not know: `ready` is the desired count.
 * @param atSeconds  Unix seconds; stamps the counts, and decides which scheduled bounds hold
 * @throws Problem `live-unreadable` with every stack that could not be read: a part of the counts is never taken for all; the signal's
 *   reason
 */
export async function readLiveCounts(
  stacks: readonly ObservedStack[],
  engine: EngineSettings,
  atSeconds: number,
  signal: AbortSignal,
): Promise<LiveCounts> {
  const runs = await runStacks('observe', stacks.map(targetOf), engine, () => {}, signal)
  signal.throwIfAborted()
  const failed = runs.filter(({ outcome }) => outcome !== 'succeeded')
  if (failed.length > 0) throw unreadable(failed)
  const pools = stacks.flatMap((stack, index) => readable(stack, () => livePools(stack, runs[index], atSeconds)))
  const records = stacks.flatMap((stack, index) => readable(stack, (): readonly LiveRecord[] => liveRecords(runs[index]?.found ?? [])))
  return { atSeconds, pools: pools.sort((a, b) => (poolName(a) < poolName(b) ? -1 : 1)), records }
}

/** No program runs: what is looked at is what the state knows. */
function targetOf({ stack, region }: ObservedStack): StackTarget {
  return {
    stack,
    desired: { cloud: region.cloud, region: region.region, pools: [], traffic: [], planId: 'none', expiresSeconds: 0 },
    refresh: 'no',
  }
}

function livePools({ region, pools }: ObservedStack, run: StackRun | undefined, atSeconds: number): readonly LivePool[] {
  return liveGroups(region.cloud, run?.found ?? [], atSeconds).flatMap(({ group, min, desired, max }) => {
    const key = pools.get(group)
    return key === undefined ? [] : [{ ...key, group, min, desired, max, ready: desired }]
  })
}

/** @throws Problem `live-unreadable` where what was found is not what its cloud keeps */
function readable<Found>({ stack }: ObservedStack, read: () => Found): Found {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new Problem('live-unreadable', { stacks: [{ stack, reason: cause.message }] }, { cause })
  }
}

function unreadable(failed: readonly StackRun[]): Problem<'live-unreadable'> {
  return new Problem('live-unreadable', {
    stacks: failed.map(({ stack, outcome, failures }) => ({ stack, reason: failures[0]?.message ?? outcome })),
  })
}
