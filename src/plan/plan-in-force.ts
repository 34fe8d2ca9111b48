import { earlierCounts } from './earlier-counts.ts'
import type { EarlierPlan } from './earlier-counts.ts'
import type { HeadStart } from './head-start.ts'
import type { IndexedProblem } from './index-problem.ts'
import type { InForce } from './solve-problem.ts'

/** The plan in force and where its relaxation ended: beside the problem, all that a plan is made from. Plain data. */
export interface PlanInForce {
  readonly plan: EarlierPlan
  readonly headStart: HeadStart | undefined
}

/** @returns the same on the steps and pools of a problem */
export function solvedFrom(inForce: PlanInForce | undefined, indexed: IndexedProblem): Partial<InForce> | undefined {
  if (inForce === undefined) return undefined
  const counts = earlierCounts(inForce.plan, indexed)
  return { headStart: inForce.headStart, ...(counts === undefined ? {} : { counts }) }
}
