import type { DesiredState } from '../domain/desired-state.ts'
import { regionName } from '../domain/pool.ts'
import type { AppliedRecord } from '../reconcile/changed-stacks.ts'
import type { StackTarget } from '../reconcile/engine.ts'
import { type HandOver, handedOver, handOverSentence } from '../reconcile/hand-over.ts'
import { audit } from './audit.ts'
import { haltedBecause, haltSubject } from './halts.ts'
import { type HeldStacks, withLeases } from './lease.ts'
import { type Project, projectNow } from './project.ts'
import { runEngine } from './run-engine.ts'
import { appliedRecord, appliedRecords, fullStackName } from './stacks.ts'

/** Stacks, by full name, that may not be applied as they were to be, for what their states hold has changed; and why, where that failed. */
export type HandedOver = ReadonlyMap<string, { readonly failed: string | undefined }>

/**
 * Moves sets of weights to the stacks that hold them from now on. The clouds are not asked: no name is without an answer meanwhile. What fails
 * stays due.
 * @param states  of the stacks that take over
 * @throws Problem `lease-held`, `engine-missing`
 */
export async function handOver(project: Project, due: readonly HandOver[], states: readonly DesiredState[], purpose: string, waitSeconds: number): Promise<HandedOver> {
  const targets = states.flatMap((desired): StackTarget[] => {
    const own = due.filter(({ to }) => regionName(to) === regionName(desired))
    return own.length === 0 ? [] : [{ stack: fullStackName(project, desired), desired, refresh: 'no', takes: own.map(({ from, record }) => ({ from, record })) }]
  })
  const touched = new Map<string, { readonly failed: string | undefined }>()
  if (targets.length === 0) return touched
  const stacks = [...new Set(targets.flatMap(({ stack, takes = [] }) => [stack, ...takes.map(({ from }) => from)]))]
  await withLeases(project, stacks, purpose, waitSeconds, async (held) => {
    for (const one of targets) {
      const sources = [...new Set(one.takes?.map(({ from }) => from) ?? [])]
      const [run] = await runEngine(project, 'take-over', 'handing over', [one], 'refuse', held.signal, async () => {
        const applied = await appliedRecords(project)
        for (const state of [one.desired, ...sources.flatMap((from) => applied.get(from)?.state ?? [])]) {
          const halted = await haltedBecause(project, haltSubject(state))
          if (halted !== undefined) return halted
        }
        return (await held.stillHeld(one.stack)) ?? (await Promise.all(sources.map((from) => held.stillHeld(from)))).find((why) => why !== undefined)
      })
      // one that was held before it began has changed nothing
      if (run === undefined || run.outcome === 'refused') continue
      const failed = run.outcome === 'succeeded' ? undefined : `its weights were not handed over: ${run.failures[0]?.message ?? run.outcome}`
      for (const stack of [one.stack, ...sources]) touched.set(stack, { failed })
      if (failed === undefined) await remember(project, held, due.filter(({ to }) => regionName(to) === regionName(one.desired)), one.stack)
    }
  })
  return touched
}

async function remember(project: Project, held: HeldStacks, done: readonly HandOver[], stack: string): Promise<void> {
  for (const one of done) {
    const applied = await appliedRecords(project)
    const from = applied.get(one.from)
    if (from === undefined) continue
    // first where it goes: whoever dies between the two leaves a stack that is asked about once more
    const [left, taken] = handedOver(from, applied.get(stack), stack, one, projectNow(project))
    await held.keep<AppliedRecord>(stack, appliedRecord(stack), () => taken)
    await held.keep<AppliedRecord>(one.from, appliedRecord(one.from), () => left)
    await audit(project, 'hand-over', one.key, handOverSentence(one), { from: one.from, to: stack })
  }
}
