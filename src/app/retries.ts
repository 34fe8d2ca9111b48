import { rfc3339 } from '../domain/grid.ts'
import type { StackVerdict } from '../domain/observation.ts'
import { afterRun, type BreakerRecord, closedBreaker, stalledBecause } from '../reconcile/breaker.ts'
import type { StackRun, StackTarget } from '../reconcile/engine.ts'
import { isOutOfRoom } from '../reconcile/judge.ts'
import { retryPolicy, retryWait } from '../reconcile/retry.ts'
import type { HeldStacks } from './lease.ts'
import { type Project, projectNow } from './project.ts'

/**
 * Runs the engine on stacks, and again on those whose failures may pass by themselves.
 * @param run  one round on some of the stacks
 * @returns the last run of each stack, in their order
 */
export async function withRetries(
  project: Project,
  targets: readonly StackTarget[],
  signal: AbortSignal,
  run: (targets: readonly StackTarget[]) => Promise<readonly StackRun[]>,
): Promise<readonly StackRun[]> {
  const runs = new Map<string, StackRun>()
  let due = targets
  for (let attempt = 1; due.length > 0; attempt += 1) {
    for (const ran of await run(due)) runs.set(ran.stack, ran)
    const waits = due.flatMap((target) => {
      const ran = runs.get(target.stack)
      const seconds = ran === undefined || signal.aborted ? undefined : retryWait(ran, attempt, project.world.random())
      return ran === undefined || seconds === undefined ? [] : [{ target, seconds, reason: ran.failures[0]?.message ?? '' }]
    })
    if (waits.length === 0) break
    const longest = Math.max(...waits.map(({ seconds }) => seconds))
    for (const { target, reason } of waits) {
      project.world.narrator.warn(`${target.stack}: attempt ${attempt} of ${retryPolicy.attempts} failed (${reason.split('\n')[0] ?? ''}); again in ${Math.ceil(longest)} s`)
    }
    try {
      await project.world.sleep(longest, signal)
    } catch (error) {
      if (signal.aborted) break
      throw error
    }
    due = waits.map(({ target }) => ({ ...target, refresh: 'first' as const }))
  }
  return targets.flatMap(({ stack }) => runs.get(stack) ?? [])
}

const folder = 'breakers'
const recordOf = (stack: string): string => `${folder}/${stack}`

/** @returns the verdicts of stacks that are left alone after they failed too often, on whichever machine, by stack */
export async function stalledVerdicts(project: Project): Promise<ReadonlyMap<string, Extract<StackVerdict, { kind: 'stalled' }>>> {
  const breakers = await (await project.coordination()).readAll<BreakerRecord>(folder)
  return new Map([...breakers].flatMap(([stack, breaker]) => {
    const stalled = stalledBecause(breaker, projectNow(project))
    if (stalled === undefined) return []
    const reason = `${stalled.reason}; tried again from ${rfc3339(Math.ceil(stalled.untilSeconds))}, or at once after prescale repair ${stack}`
    return [[stack, { kind: 'stalled', reason }] as const]
  }))
}

/**
 * Remembers how the engine's runs ended. What was held or interrupted says nothing of the cloud, and one that is short of nodes is asked again
 * in every cycle.
 */
export async function rememberRuns(project: Project, held: HeldStacks, runs: readonly StackRun[]): Promise<void> {
  for (const { stack, outcome, failures } of runs) {
    if (outcome !== 'succeeded' && (outcome !== 'failed' || failures.some(({ message }) => isOutOfRoom(message)))) continue
    const failure = outcome === 'failed' ? (failures[0]?.message ?? 'no reason given') : undefined
    await held.keep<BreakerRecord>(stack, recordOf(stack), (before) => {
      const after = afterRun(before ?? closedBreaker, failure, projectNow(project))
      return after.failures === 0 ? undefined : after
    })
  }
}

/** Lets the engine be tried on a stack at once. */
export async function closeBreaker(held: HeldStacks, stack: string): Promise<void> {
  await held.keep(stack, recordOf(stack), () => undefined)
}
