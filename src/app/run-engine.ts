import type { EngineRunKind, EngineSettings, HoldStack, StackRun, StackTarget } from '../reconcile/engine.ts'
import { engineSettings } from './engine.ts'
import type { Project } from './project.ts'

/**
 * Runs the engine on stacks, telling how far it is and what a person should know.
 * @param title      what is done, for people: `applying`
 * @param deletions  whether groups may be deleted or replaced
 * @param signal     what stops it; the command's own interrupt if left out
 * @returns one run per stack, in their order
 * @throws Problem `engine-missing`
 */
export async function runEngine(
  project: Project,
  kind: EngineRunKind,
  title: string,
  targets: readonly StackTarget[],
  deletions: EngineSettings['deletions'],
  signal: AbortSignal = project.world.signal,
  hold?: HoldStack,
): Promise<readonly StackRun[]> {
  const { runStacks } = await import('../reconcile/run-stacks.ts')
  const { narrator } = project.world
  let finished = 0
  narrator.begin(title)
  const runs = await runStacks(
    kind,
    targets,
    engineSettings(project, deletions),
    (event) => {
      if (event.kind === 'finished') narrator.progress((finished += 1), targets.length)
      if (event.kind === 'note' && kind !== 'repair') narrator.warn(`${event.stack}: ${event.note}`)
    },
    signal,
    hold,
  )
  narrator.end(`${targets.length} stacks`)
  return runs
}
