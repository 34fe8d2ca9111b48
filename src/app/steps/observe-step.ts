import type { StackVerdict } from '../../domain/observation.ts'
import { judge, missingNodes } from '../../reconcile/judge.ts'
import { type Project, projectWait } from '../project.ts'
import { readLive } from '../stacks.ts'
import type { StackApplied } from './apply-step.ts'

/** How often the clouds are asked while nodes are on their way. */
const pollSeconds = 15
/** The lead time is a high quantile, not the longest there is: of many nodes some take longer. */
const patienceFactor = 2

/** What came of the requests once the nodes had time to become ready. */
export interface Observation {
  readonly applied: readonly StackApplied[]
  /** From the request until the last node was ready, or until patience ended; by the project's clock. */
  readonly waitedSeconds: number
}

/** Waits until the nodes that were asked for serve, at most twice the longest lead time, and judges each stack by what the clouds hold then. */
export async function observeStep(project: Project, applied: readonly StackApplied[]): Promise<Observation> {
  const waiting = applied.filter(({ verdict }) => verdict.kind === 'requested')
  if (waiting.length === 0) return { applied, waitedSeconds: 0 }
  const { narrator, signal } = project.world
  const patienceSeconds = patienceFactor * Math.max(...project.settings.workloads.map((workload) => workload.leadTime))
  const missing = async (): Promise<number> => {
    const live = await readLive(project)
    return waiting.reduce((sum, { desired }) => sum + missingNodes(desired, live), 0)
  }
  const wanted = await missing()
  let left = wanted
  let waitedSeconds = 0
  narrator.begin('waiting for nodes')
  while (left > 0 && waitedSeconds < patienceSeconds) {
    signal.throwIfAborted()
    await projectWait(project, pollSeconds)
    waitedSeconds += pollSeconds
    left = await missing()
    narrator.progress(wanted - left, wanted)
  }
  narrator.end(`${wanted - left} of ${wanted} ready after ${waitedSeconds} s`)
  const live = await readLive(project)
  return {
    waitedSeconds,
    applied: applied.map((one) => {
      if (one.verdict.kind !== 'requested') return one
      const verdict: StackVerdict = judge(one.desired, live, one.run, 'over')
      return { ...one, verdict }
    }),
  }
}
