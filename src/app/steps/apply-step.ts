import { throughputOf } from '../throughput.ts'
import type { DesiredState } from '../../domain/desired-state.ts'
import type { LiveCounts, StackVerdict } from '../../domain/observation.ts'
import { Problem } from '../../domain/problem.ts'
import { type AppliedRecord, changedStacks, livePool, type StackNeed } from '../../reconcile/changed-stacks.ts'
import type { StackRun } from '../../reconcile/engine.ts'
import { guardDesiredState, guardFleet, type Refusal } from '../../reconcile/guard.ts'
import { judge } from '../../reconcile/judge.ts'
import { stalePlan } from '../../reconcile/stale-plan.ts'
import { programVersion } from '../engine.ts'
import { withLeases } from '../lease.ts'
import { type Project, projectNow } from '../project.ts'
import { runEngine } from '../run-engine.ts'
import { appliedRecords, fullStackName, readDesiredStates, readLive, target, wantedStack } from '../stacks.ts'

/** What became of one stack. */
export interface StackApplied {
  readonly stack: string
  readonly desired: DesiredState
  readonly need: StackNeed
  readonly run: StackRun | undefined
  readonly verdict: StackVerdict
}

export interface ApplyOptions {
  /** One stack, or all. */
  readonly only: string | undefined
  /** Ids of the plans that were approved: files of stacks that changed at different times name different plans. */
  readonly approved: readonly string[]
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
 * live counts read just now and the guards, a lease is taken, and the engine runs. One that fails does not stop the others.
 * @throws Problem `plan-expired`, `plan-base-moved`, `plan-edited`, `guard-refused`, `approval-needed`, `lease-held`
 */
export async function applyStep(project: Project, options: ApplyOptions): Promise<readonly StackApplied[]> {
  const states = readDesiredStates(project, options.only)
  const program = await programVersion()
  const live = await readLive(project)
  const needs = changedStacks(states.map((state) => wantedStack(project, state)), appliedRecords(project), live, program)
  const work = states.map((desired, index): Work => ({ desired, need: needs[index] ?? { stack: fullStackName(project, desired), kind: 'none' } }))
  const active = work.filter(({ need }) => need.kind === 'engine')
  if (active.length === 0) return work.map((one) => ({ ...one, stack: one.need.stack, run: undefined, verdict: judge(one.desired, live, undefined, 'waiting') }))
  refuseUnapproved(project, active, options.approved)
  refuseStale(active, live, projectNow(project))
  const holds = guard(project, states, active, live)
  const runs = await run(project, active.filter(({ need }) => !holds.has(need.stack)), options.purpose)
  const after = await readLive(project)
  return work.map(({ desired, need }) => {
    const held = holds.get(need.stack)
    const ran = runs.find((one) => one.stack === need.stack)
    const verdict: StackVerdict = held === undefined ? judge(desired, after, ran, 'waiting') : { kind: 'held', reason: held }
    record(project, desired, ran, live, after, program)
    return { stack: need.stack, desired, need, run: ran, verdict }
  })
}

function refuseUnapproved(project: Project, active: readonly Work[], approved: readonly string[]): void {
  if (project.settings.approval === 'none') return
  const planIds = [...new Set(active.map(({ desired }) => desired.planId))].filter((planId) => !approved.includes(planId))
  if (planIds.length > 0) throw new Problem('approval-needed', { planIds })
}

function refuseStale(active: readonly Work[], live: LiveCounts, nowSeconds: number): void {
  for (const { desired } of active) {
    const stale = stalePlan(desired, live, nowSeconds)
    if (stale !== undefined) throw stale
  }
}

/** @returns per held stack why; a refusal of one guard stops the whole apply before anything is changed */
function guard(project: Project, states: readonly DesiredState[], active: readonly Work[], live: LiveCounts): ReadonlyMap<string, string> {
  const { limits } = project.settings
  const fleet = guardFleet(states, live, limits, throughputOf(project))
  if (fleet !== undefined) throw refused(fleet)
  const holds = new Map<string, string>()
  for (const { desired, need } of active) {
    const ruling = guardDesiredState(desired, live, limits)
    if (ruling.kind === 'refuse') throw refused(ruling)
    if (ruling.kind === 'hold') holds.set(need.stack, ruling.reasons.map(({ pool, was, live: now }) => `${pool} was raised from ${was} to ${now} by someone else`).join('; '))
  }
  return holds
}

function refused(refusal: Refusal): Problem {
  const figure = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(2))
  return new Problem('guard-refused', { ...refusal, value: figure(refusal.value), limit: figure(refusal.limit) })
}

async function run(project: Project, active: readonly Work[], purpose: string): Promise<readonly StackRun[]> {
  if (active.length === 0) return []
  const targets = active.map(({ desired, need }) => target(project, desired, need.kind === 'engine' ? need.refresh : 'no'))
  return withLeases(project, targets.map(({ stack }) => stack), purpose, () => runEngine(project, 'apply', 'applying', targets, 'refuse'))
}

/** What the engine believes now; nothing after a failure, so that the next cycle asks the engine again. */
function record(project: Project, desired: DesiredState, ran: StackRun | undefined, before: LiveCounts, after: LiveCounts, program: string): void {
  if (ran?.outcome !== 'succeeded') return
  const { stack, resources } = wantedStack(project, desired)
  const counts = Object.fromEntries(
    desired.pools.map((pool) => [pool.group, pool.owns === 'count' ? pool.desired : (livePool(after, pool)?.desired ?? pool.desired)]),
  )
  const held = Object.fromEntries(desired.pools.map((pool) => [pool.group, livePool(before, pool)?.desired ?? 0]))
  project.store.write(`applied/${stack}`, { stack, resources, program, counts, before: held, atSeconds: projectNow(project) } satisfies AppliedRecord)
}
