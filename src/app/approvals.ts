import { rfc3339 } from '../domain/grid.ts'
import { Problem } from '../domain/problem.ts'
import { type Approval, approvalOf } from '../reconcile/approval.ts'
import { audit } from './audit.ts'
import { actorOf } from './coordination.ts'
import { plannedStates, planRecord } from './plan-record.ts'
import { type Project, projectNow } from './project.ts'
import { readDesiredStates } from './stacks.ts'

const record = 'approvals'

/**
 * Approves a plan, so that any copy of prescale may apply it until the approval expires.
 * @param forSeconds  how long it counts; until the plan itself expires if undefined, which it never outlives
 * @throws Problem `plan-unknown` when neither the plan in force nor a file of stacks/ was cut from that plan
 */
export async function approve(project: Project, planId: string, reason: string | undefined, forSeconds: number | undefined): Promise<Approval> {
  const inForce = plannedStates(await planRecord(project))
  const states = inForce.some((state) => state.planId === planId) ? inForce : readDesiredStates(project, undefined)
  const known = [...new Set(states.map((state) => state.planId))]
  if (!known.includes(planId)) throw new Problem('plan-unknown', { planId, known })
  const atSeconds = Math.floor(projectNow(project))
  const planEnds = Math.max(...states.filter((state) => state.planId === planId).map((state) => state.expiresSeconds))
  const expiresSeconds = Math.min(planEnds, forSeconds === undefined ? planEnds : atSeconds + forSeconds)
  const approval: Approval = { planId, by: actorOf(project.world), reason, atSeconds, expiresSeconds }
  const stillCounts = (one: Approval): boolean => one.expiresSeconds > atSeconds
  await (await project.coordination()).change<readonly Approval[]>(record, (before = []) => [...before.filter(stillCounts), approval])
  await audit(project, 'approve', planId, `${approval.by} approved plan ${planId} until ${rfc3339(expiresSeconds)}${reason === undefined ? '' : `: ${reason}`}`, { reason })
  return approval
}

/** @returns the approvals of the plans, where there are any that count, by plan */
export async function approvalsOf(project: Project, planIds: readonly string[]): Promise<ReadonlyMap<string, Approval>> {
  const approvals = (await (await project.coordination()).read<readonly Approval[]>(record)) ?? []
  const now = projectNow(project)
  return new Map(planIds.flatMap((planId) => {
    const approval = approvalOf(approvals, planId, now)
    return approval === undefined ? [] : [[planId, approval] as const]
  }))
}
