import { needsApproval } from '../reconcile/approval.ts'
import { findingSentence, type GuardFinding } from '../reconcile/guard.ts'
import { fleetNow } from './moves.ts'
import type { Project } from './project.ts'
import { guardFindings } from './rule-plan.ts'
import { stalePlans, supersededPlans } from './stale-plans.ts'
import type { StackPreview } from './steps/preview-step.ts'
import { appliedRecords, readLive } from './stacks.ts'

/** What would be said of the plan if it were applied now. */
export interface ReviewNotes {
  readonly findings: readonly { readonly effect: GuardFinding['effect']; readonly sentence: string }[]
  /** Why the plan needs approval; undefined when it needs none. */
  readonly approval: string | undefined
  /** Why the files are not those to apply any more. */
  readonly stale: readonly string[]
}

/** Asks guards and approval about a previewed plan; changes nothing, and writes nothing down. */
export async function reviewNotes(project: Project, previews: readonly StackPreview[]): Promise<ReviewNotes> {
  const wanted = previews.map(({ planned }) => planned)
  const applied = await appliedRecords(project)
  const superseded = (await supersededPlans(project, wanted, applied)).map(({ message }) => message)
  const active = previews.filter(({ need }) => need.kind === 'engine').map(({ desired }) => desired)
  if (active.length === 0) return { findings: [], approval: undefined, stale: superseded }
  const live = await readLive(project)
  const fleet = await fleetNow(project, wanted, live)
  const found = await guardFindings(project, fleet.states, active, live, { planned: wanted, live: fleet.liveBefore })
  return {
    findings: found.map((finding) => ({ effect: finding.effect, sentence: `${findingSentence(finding)} (${finding.override})` })),
    approval: needsApproval(project.settings.approval, active, live),
    stale: [...new Set([...superseded, ...(await stalePlans(project, active, live, applied)).map(({ message }) => message)])],
  }
}
