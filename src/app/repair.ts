import type { StackRun } from '../reconcile/engine.ts'
import { audit } from './audit.ts'
import { withLeases } from './lease.ts'
import type { Project } from './project.ts'
import { closeBreaker } from './retries.ts'
import { runEngine } from './run-engine.ts'
import { appliedRecord, regionsOf, target } from './stacks.ts'

/**
 * Mends the engine's state of stacks after a run that died: a copy is kept, dead locks are cleared, groups that were being made are looked up
 * by name, and the clouds are read. No group is changed. The next cycle asks the engine about them in any case.
 * @param only         one stack, or all
 * @param waitSeconds  how long to wait for stacks that others hold
 * @returns one run per stack; its notes say what was found
 * @throws Problem `stack-unknown`, `lease-held`
 */
export async function repairStacks(project: Project, only: string | undefined, waitSeconds: number): Promise<readonly StackRun[]> {
  const regions = regionsOf(project, only)
  const targets = regions.map(({ cloud, region }) => target(project, { cloud, region, pools: [], traffic: [], planId: 'none', expiresSeconds: 0 }, { refresh: 'no', look: 'no' }))
  return withLeases(project, targets.map(({ stack }) => stack), 'prescale repair', waitSeconds, async (held) => {
    const runs = await runEngine(project, 'repair', 'repairing', targets, 'refuse', held.signal, ({ stack }) => held.stillHeld(stack))
    for (const { stack, outcome, notes } of runs) {
      await audit(project, 'repair', stack, `${stack} was repaired: ${outcome}`, { outcome, notes })
      if (outcome !== 'succeeded') continue
      await closeBreaker(held, stack)
      await held.keep(stack, appliedRecord(stack), () => undefined)
    }
    return runs
  })
}
