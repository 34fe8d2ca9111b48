import type { DesiredState } from '../../domain/desired-state.ts'
import { changedStacks, type StackNeed } from '../../reconcile/changed-stacks.ts'
import type { StackRun } from '../../reconcile/engine.ts'
import { programVersion } from '../engine.ts'
import { fleetNow } from '../moves.ts'
import type { Project } from '../project.ts'
import { runEngine } from '../run-engine.ts'
import { appliedRecords, readDesiredStates, readLive, target, wantedStack } from '../stacks.ts'
import { waitsOf } from '../waits.ts'

/** What the engine would do to one stack. */
export interface StackPreview {
  /** As planned. */
  readonly planned: DesiredState
  /** As it may be applied now: less is changed where something has to come first. */
  readonly desired: DesiredState
  /** What it waits for before the rest is applied, for people; empty where nothing is left. */
  readonly waits: readonly string[]
  readonly need: StackNeed
  /** Undefined where nothing is to do: the engine was not asked. */
  readonly run: StackRun | undefined
}

/** Asks the engine what it would change in the stacks that differ from what was applied or from what is live. */
export async function previewStep(project: Project, only: string | undefined): Promise<readonly StackPreview[]> {
  const live = await readLive(project)
  const wanted = readDesiredStates(project, only)
  const fleet = await fleetNow(project, wanted, live)
  const { states } = fleet
  const needs = changedStacks(states.map((state) => wantedStack(project, state)), await appliedRecords(project), live, await programVersion())
  const pairs = states.map((desired, index) => {
    const need = needs[index] ?? { stack: '', kind: 'none' as const }
    return { planned: wanted[index] ?? desired, desired, waits: waitsOf(need.stack, desired, wanted, fleet), need }
  })
  const targets = pairs.flatMap(({ desired, need }) => (need.kind === 'engine' ? [target(project, desired, need)] : []))
  if (targets.length === 0) return pairs.map((pair) => ({ ...pair, run: undefined }))
  const runs = await runEngine(project, 'preview', 'previewing', targets, 'refuse')
  project.world.signal.throwIfAborted()
  return pairs.map((pair) => ({ ...pair, run: runs.find((run) => run.stack === pair.need.stack) }))
}
