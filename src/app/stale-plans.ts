import type { DesiredState } from '../domain/desired-state.ts'
import type { LiveCounts } from '../domain/observation.ts'
import type { Problem } from '../domain/problem.ts'
import type { AppliedRecord } from '../reconcile/changed-stacks.ts'
import { stalePlan, supersededPlan } from '../reconcile/stale-plan.ts'
import { planOrder } from './plan-record.ts'
import { type Project, projectNow } from './project.ts'
import { fullStackName, wantedStack } from './stacks.ts'

/**
 * What is asked before anything is decided: a lowering of an older plan may have to wait, and would then change no resource yet.
 * @param wanted  as the files say, all of what a plan wants
 */
export async function supersededPlans(project: Project, wanted: readonly DesiredState[], applied: ReadonlyMap<string, AppliedRecord>): Promise<readonly Problem<'plan-superseded'>[]> {
  const others = wanted.filter((state) => applied.get(fullStackName(project, state))?.state.planId !== state.planId)
  if (others.length === 0) return []
  const order = await planOrder(project)
  return others.flatMap((state) => supersededPlan(wantedStack(project, state), applied.get(fullStackName(project, state)), order) ?? [])
}

/**
 * Why plans may not be applied now.
 * @param states   what is about to be applied
 * @param live     read just now
 * @param applied  what is on record of them now
 */
export async function stalePlans(project: Project, states: readonly DesiredState[], live: LiveCounts, applied: ReadonlyMap<string, AppliedRecord>): Promise<readonly NonNullable<ReturnType<typeof stalePlan>>[]> {
  const order = await planOrder(project)
  return states.flatMap((state) => {
    const wanted = wantedStack(project, state)
    return stalePlan(wanted, { live, applied: applied.get(wanted.stack), planOrder: order, nowSeconds: projectNow(project) }) ?? []
  })
}
