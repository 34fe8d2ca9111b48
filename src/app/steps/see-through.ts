import { fleetNow, patienceOf } from '../moves.ts'
import { type Project, projectWait } from '../project.ts'
import { readDesiredStates, readLive } from '../stacks.ts'
import { applyStep, type ApplyOptions, type StackApplied } from './apply-step.ts'
import { type Observation, observeStep, waitLimit } from './observe-step.ts'

/** How often the clouds are asked while a move waits. */
const pollSeconds = 15
/** A move has at most four phases; one more round shows that it is through. */
const mostRounds = 5

/**
 * Goes on with moves as far as the cycle may wait: each time that one reaches its next phase, the stacks are applied again. What is left goes
 * on in the next cycle, which needs nothing but the files, the clouds and the store.
 * @param first  what the first apply came to
 */
export async function seeThrough(project: Project, options: ApplyOptions, first: Observation): Promise<Observation> {
  let { applied, waitedSeconds } = first
  for (let round = 0; round < mostRounds && applied.some(({ waits }) => waits.length > 0); round += 1) {
    const waited = await waitForPhase(project, options, waitedSeconds)
    waitedSeconds += waited.seconds
    if (waited.kind === 'over') break
    const next = await observeStep(project, await applyStep(project, options), waitedSeconds)
    const done = next.applied.some(({ run }) => run?.outcome === 'succeeded')
    applied = joined(applied, next.applied)
    waitedSeconds += next.waitedSeconds
    if (!done) break
  }
  return { applied, waitedSeconds }
}

/** Waits until a move may go on. */
async function waitForPhase(project: Project, options: ApplyOptions, waitedSeconds: number): Promise<{ readonly kind: 'on' | 'over'; readonly seconds: number }> {
  const { narrator, signal } = project.world
  let seconds = 0
  const patience = await patienceOf(project)
  narrator.begin('waiting for moves')
  for (;;) {
    signal.throwIfAborted()
    const { moves, states } = await fleetNow(project, readDesiredStates(project, undefined), await readLive(project), options.drift)
    const waiting = moves.filter(({ phase }) => phase === 'raise' || phase === 'steered' || phase === 'drain')
    const limit = waitLimit(project, Math.max(0, ...states.flatMap((state) => state.pools.map(patience))) + project.settings.moves.drain)
    const isOver = waiting.every(({ late }) => late) || waitedSeconds + seconds + pollSeconds > limit
    if (waiting.length < moves.length || moves.length === 0 || isOver) {
      narrator.end(`${seconds} s`)
      return { kind: waiting.length < moves.length || moves.length === 0 ? 'on' : 'over', seconds }
    }
    await projectWait(project, pollSeconds)
    seconds += pollSeconds
  }
}

/** The later verdicts with the runs of both: what a stack came to, and that the engine changed it. */
function joined(before: readonly StackApplied[], after: readonly StackApplied[]): readonly StackApplied[] {
  return after.map((one) => {
    const earlier = before.find(({ stack }) => stack === one.stack)
    if (earlier?.run === undefined || one.run !== undefined) return one
    return { ...one, run: earlier.run, verdict: one.verdict.kind === 'unchanged' ? earlier.verdict : one.verdict }
  })
}
