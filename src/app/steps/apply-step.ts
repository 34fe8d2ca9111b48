import type { DesiredPool, DesiredState } from '../../domain/desired-state.ts'
import type { LiveCounts, StackVerdict } from '../../domain/observation.ts'
import { regionName, stackName } from '../../domain/pool.ts'
import { type AppliedRecord, changedStacks, livePool, type StackNeed } from '../../reconcile/changed-stacks.ts'
import type { StackRun } from '../../reconcile/engine.ts'
import { judge, missingNodes } from '../../reconcile/judge.ts'
import { driftText } from '../drift.ts'
import { programVersion } from '../engine.ts'
import { haltedBecause, haltSubject } from '../halts.ts'
import { handOver } from '../hand-over.ts'
import { type HeldStacks, withLeases } from '../lease.ts'
import { type DriftPolicy, type FleetNow, fleetNow, keepFleet, moveSentence, readServing } from '../moves.ts'
import { type Project, projectNow } from '../project.ts'
import { rememberRuns, stalledVerdicts, withRetries } from '../retries.ts'
import { stalePlans, supersededPlans } from '../stale-plans.ts'
import { type Overrides, refuseUnapproved, ruleByGuards } from '../rule-plan.ts'
import { runEngine } from '../run-engine.ts'
import { shiftedBy } from '../traffic.ts'
import { appliedRecord, appliedRecords, appliedTo, fullStackName, readDesiredStates, readLive, target, wantedStack } from '../stacks.ts'
import { heldPools, movesOf, waitsOf } from '../waits.ts'

/** What became of one stack. */
export interface StackApplied {
  readonly stack: string
  readonly desired: DesiredState
  readonly need: StackNeed
  readonly run: StackRun | undefined
  readonly verdict: StackVerdict
  /** What its pools wait for before they are lowered, for people; empty when they do not. */
  readonly waits: readonly string[]
  /** Where the clouds differed from what was applied, for people. */
  readonly drifts: readonly string[]
}

export interface ApplyOptions {
  /** One stack, or all. */
  readonly only: string | undefined
  /** Ids of the plans that were approved: files of stacks that changed at different times name different plans. */
  readonly approved: readonly string[]
  /** Guards that are passed over this once. */
  readonly overrides: Overrides
  /** How long to wait in the queue for stacks that others hold. */
  readonly waitSeconds: number
  /** What is done about what others changed; as the settings say if left out. */
  readonly drift?: DriftPolicy | undefined
  /** For messages and the lease: `prescale apply`. */
  readonly purpose: string
}

/** One pair of desired state and what it needs. */
interface Work {
  readonly desired: DesiredState
  readonly need: StackNeed
}

/**
 * Makes the stacks match stacks/. A stack that already matches costs nothing; for the others the plan is checked against its expiry, the
 * live counts read just now and the guards, a lease is taken, and the engine runs. One that fails does not stop the others. What is lowered
 * waits for what is raised in its place, in this cycle or in later ones; see `fleetNow`.
 * @throws Problem `plan-expired`, `plan-superseded`, `plan-base-moved`, `plan-edited`, `guard-refused`, `approval-needed`, `override-unusable`, `lease-held`
 */
export async function applyStep(project: Project, options: ApplyOptions): Promise<readonly StackApplied[]> {
  const wanted = readDesiredStates(project, options.only)
  const program = await programVersion()
  const live = await readLive(project)
  const applied = await appliedRecords(project)
  const [superseded] = await supersededPlans(project, wanted, applied)
  if (superseded !== undefined) throw superseded
  const fleet = await fleetNow(project, wanted, live, options.drift)
  const { states } = fleet
  const needs = changedStacks(states.map((state) => wantedStack(project, state)), applied, live, program)
  const work = states.map((desired, index): Work => ({ desired, need: needs[index] ?? { stack: fullStackName(project, desired), kind: 'none' } }))
  const active = work.filter(({ need }) => need.kind === 'engine')
  const receiving = states.filter((state) => fleet.handOvers.some(({ to }) => regionName(to) === regionName(state)))
  if (active.length + receiving.length === 0) {
    await keepFleet(project, fleet)
    return work.map((one) => withMoves({ ...one, stack: one.need.stack, run: undefined, verdict: judge(one.desired, fleet.live, undefined, 'waiting') }, fleet, wanted, fleet.live))
  }
  const changed = [...new Set([...active.map(({ desired }) => desired), ...receiving])]
  const [stale] = await stalePlans(project, changed, live, applied)
  if (stale !== undefined) throw stale
  await refuseUnapproved(project, changed, live, options.approved)
  const holds = await ruleByGuards(project, states, changed, live, { planned: wanted, live: fleet.liveBefore }, options.overrides)
  await keepFleet(project, fleet)
  const stalled = await stalledVerdicts(project)
  const handed = await handOver(project, fleet.handOvers, receiving.filter((state) => !holds.has(stackName(state))), options.purpose, options.waitSeconds)
  const ready = active.filter(({ desired, need }) => !holds.has(stackName(desired)) && !stalled.has(need.stack) && !handed.has(need.stack))
  const { runs, after } = await run(project, ready, options, { wanted, before: live, program })
  return work.map(({ desired, need }) => {
    const held = holds.get(stackName(desired)) ?? handed.get(need.stack)?.failed
    const ran = runs.find((one) => one.stack === need.stack)
    const verdict: StackVerdict = held === undefined ? ((need.kind === 'engine' ? stalled.get(need.stack) : undefined) ?? judge(desired, after, ran, 'waiting')) : { kind: 'held', reason: held }
    return withMoves({ stack: need.stack, desired, need, run: ran, verdict }, fleet, wanted, after)
  })
}

/** What a run is recorded with. */
interface RunContext {
  /** The states without what waits. */
  readonly wanted: readonly DesiredState[]
  /** What the clouds held when it was decided. */
  readonly before: LiveCounts
  readonly program: string
}

/** Runs the engine, and writes down what came of it before anybody else may change the stacks. */
async function run(
  project: Project,
  active: readonly Work[],
  { purpose, waitSeconds }: ApplyOptions,
  context: RunContext,
): Promise<{ readonly runs: readonly StackRun[]; readonly after: LiveCounts }> {
  if (active.length === 0) return { runs: [], after: await readServing(project) }
  const targets = active.flatMap(({ desired, need }) => (need.kind === 'engine' ? [target(project, desired, need)] : []))
  return withLeases(project, targets.map(({ stack }) => stack), purpose, waitSeconds, async (held) => {
    for (const { desired } of active) await rememberSetOut(project, held, desired)
    const runs = await withRetries(project, targets, held.signal, (due) =>
      runEngine(project, 'apply', 'applying', due, 'refuse', held.signal, async ({ stack, desired }) =>
        (await haltedBecause(project, haltSubject(desired))) ?? (await movedSince(project, desired)) ?? held.stillHeld(stack),
      ),
    )
    await rememberRuns(project, held, runs)
    const after = await readServing(project)
    const succeeded = new Set(runs.flatMap(({ stack, outcome }) => (outcome === 'succeeded' ? [stack] : [])))
    for (const { desired, need } of active) if (succeeded.has(need.stack)) await record(project, held, desired, after, context)
    return { runs, after }
  })
}

/** If this process dies before it can record what it did, the counts that the cloud then holds are its own, and nobody else's. */
async function rememberSetOut(project: Project, held: HeldStacks, desired: DesiredState): Promise<void> {
  const stack = fullStackName(project, desired)
  const underWay = Object.fromEntries(desired.pools.filter(({ owns }) => owns === 'count').map((pool) => [pool.group, pool.desired]))
  await held.keep<AppliedRecord>(stack, appliedRecord(stack), (last) => last && { ...last, underWay })
}

/** Stacks before this one, and the queue, took time in which an autoscaler, a person or another copy of prescale may have acted. */
async function movedSince(project: Project, desired: DesiredState): Promise<string | undefined> {
  const stack = fullStackName(project, desired)
  const live = await readLive(project, desired)
  const applied = await appliedTo(project, stack)
  const [stale] = await stalePlans(project, [desired], live, new Map(applied && [[stack, applied]]))
  return stale?.message
}

/** What the engine believes now; not called after a failure, so that the next cycle asks the engine again. */
async function record(project: Project, held: HeldStacks, desired: DesiredState, after: LiveCounts, { wanted, before, program }: RunContext): Promise<void> {
  const { stack, resources, shape } = wantedStack(project, desired)
  const byGroup = (pools: readonly DesiredPool[], count: (pool: DesiredPool) => number): Readonly<Record<string, number>> =>
    Object.fromEntries(pools.map((pool) => [pool.group, count(pool)]))
  await held.keep<AppliedRecord>(stack, appliedRecord(stack), (last) => ({
    stack,
    resources,
    shape,
    program,
    counts: byGroup(desired.pools, (pool) => (pool.owns === 'count' ? pool.desired : (livePool(after, pool)?.desired ?? pool.desired))),
    before: byGroup(desired.pools, (pool) => livePool(before, pool)?.desired ?? 0),
    held: byGroup(heldPools(desired, wanted), (pool) => pool.desired),
    state: desired,
    shifted: shiftedBy(desired, last, before, projectNow(project)),
    atSeconds: projectNow(project),
  }))
}

/**
 * A stack that waits says for what; one that has waited for longer than nodes may take is held, and one whose nodes these are is short of them.
 * What others raised is told too.
 */
function withMoves(one: Omit<StackApplied, 'waits' | 'drifts'>, fleet: FleetNow, wanted: readonly DesiredState[], live: LiveCounts): StackApplied {
  const late = movesOf(one.desired, wanted, fleet).find((move) => move.late)
  const drifts = fleet.drifts.filter(({ stack }) => stack === stackName(one.desired)).map(driftText)
  const waits = waitsOf(one.stack, one.desired, wanted, fleet)
  const isQuiet = one.verdict.kind === 'unchanged' || one.verdict.kind === 'reached' || one.verdict.kind === 'requested'
  const by = one.verdict.kind === 'requested' ? lateNodes(one.desired, fleet, live) : 0
  if (by > 0) return { ...one, waits, drifts, verdict: { kind: 'short', by, reason: 'nodes do not serve after twice their lead time' } }
  return { ...one, waits, drifts, verdict: late !== undefined && isQuiet ? { kind: 'held', reason: moveSentence(late) } : one.verdict }
}

/** @returns nodes of the stack that a move has waited for in vain */
function lateNodes(desired: DesiredState, { moves }: FleetNow, live: LiveCounts): number {
  const late = new Set(moves.filter((move) => move.late && move.phase === 'raise').map(({ workload }) => workload))
  return missingNodes({ ...desired, pools: desired.pools.filter(({ workload }) => late.has(workload)) }, live)
}
