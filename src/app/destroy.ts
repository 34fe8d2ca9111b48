import { stackName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import type { StackRun } from '../reconcile/engine.ts'
import { withLeases } from './lease.ts'
import type { Project } from './project.ts'
import { runEngine } from './run-engine.ts'
import { appliedRecord, regionsOf, target } from './stacks.ts'

/**
 * Deletes the groups of stacks, protected ones included.
 * @param only       one stack, or all
 * @param confirmed  the project's name, as typed by whoever asks
 * @throws Problem `confirmation-needed`, `stack-unknown`, `lease-held`
 */
export async function destroyStacks(project: Project, only: string | undefined, confirmed: string | undefined): Promise<readonly StackRun[]> {
  const regions = regionsOf(project, only)
  const { name } = project.settings
  if (confirmed !== name) throw new Problem('confirmation-needed', { name, stacks: regions.map(stackName) })
  const targets = regions.map(({ cloud, region }) => target(project, { cloud, region, pools: [], traffic: [], planId: 'none', expiresSeconds: 0 }, { refresh: 'no', look: 'no' }))
  return withLeases(project, targets.map(({ stack }) => stack), 'prescale destroy', 0, async (held) => {
    const runs = await runEngine(project, 'destroy', 'destroying', targets, 'allow', held.signal, ({ stack }) => held.stillHeld(stack))
    for (const { stack } of targets) await held.keep(stack, appliedRecord(stack), () => undefined)
    return runs
  })
}
