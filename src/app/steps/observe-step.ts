import type { StackVerdict } from '../../domain/observation.ts'
import { judge, missingNodes } from '../../reconcile/judge.ts'
import { learnLeadTimes, patienceOf, readServing } from '../moves.ts'
import { type Project, projectWait } from '../project.ts'
import type { StackApplied } from './apply-step.ts'

/** How often the clouds are asked while nodes are on their way. */
const pollSeconds = 15

/** What came of the requests once the nodes had time to become ready. */
export interface Observation {
  readonly applied: readonly StackApplied[]
  /** From the request until the last node was ready, or until patience ended; by the project's clock. */
  readonly waitedSeconds: number
}

/**
 * How long a cycle may wait: as the settings say; if they do not, on simulated clouds as long as it takes, else not at all.
 * @param longestSeconds  what there can be to wait for
 */
export function waitLimit(project: Project, longestSeconds: number): number {
  return Math.min(longestSeconds, project.settings.moves.wait ?? (project.sandbox === undefined ? 0 : Infinity))
}

/**
 * Waits until the nodes that were asked for serve, at most twice their lead time and no longer than a cycle may, and judges each stack by what
 * the clouds hold then.
 * @param waitedSeconds  how long this cycle has waited already
 */
export async function observeStep(project: Project, applied: readonly StackApplied[], waitedSeconds = 0): Promise<Observation> {
  const waiting = applied.filter(({ verdict }) => verdict.kind === 'requested')
  if (waiting.length === 0) return { applied, waitedSeconds: 0 }
  const { narrator, signal } = project.world
  const patience = await patienceOf(project)
  const patienceSeconds = Math.max(...waiting.flatMap(({ desired }) => desired.pools.map(patience)))
  const limit = waitLimit(project, patienceSeconds) - waitedSeconds
  const missing = async (): Promise<number> => {
    const live = await readServing(project)
    await learnLeadTimes(project, live)
    return waiting.reduce((sum, { desired }) => sum + missingNodes(desired, live), 0)
  }
  const wanted = await missing()
  let left = wanted
  let seconds = 0
  narrator.begin('waiting for nodes')
  while (left > 0 && seconds < limit) {
    signal.throwIfAborted()
    await projectWait(project, pollSeconds)
    seconds += pollSeconds
    left = await missing()
    narrator.progress(wanted - left, wanted)
  }
  narrator.end(`${wanted - left} of ${wanted} ready after ${seconds} s`)
  const live = await readServing(project)
  return {
    waitedSeconds: seconds,
    applied: applied.map((one) => {
      if (one.verdict.kind !== 'requested') return one
      const verdict: StackVerdict = judge(one.desired, live, one.run, seconds >= patienceSeconds ? 'over' : 'waiting')
      return { ...one, verdict }
    }),
  }
}
