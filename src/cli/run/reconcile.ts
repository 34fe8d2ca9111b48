import { runCycle } from '../../app/cycle.ts'
import { exitCodeOf } from '../../app/outcome.ts'
import { projectNow } from '../../app/project.ts'
import { exitCodes } from '../../domain/problem.ts'
import { applyOptions } from '../apply-options.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor } from '../output.ts'
import { cycleLine } from '../render/cycle.ts'
import { planTable, plannedNodes } from '../render/plan.ts'
import { appliedTable } from '../render/stacks.ts'
import { appliedDocument } from './apply.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const startedSeconds = projectNow(project)
  const outcome = await runCycle(project, { apply: applyOptions(invocation), preview: 'left-out' }, () => undefined)
  const changed = outcome.applied.some(({ run: ran }) => ran !== undefined) || outcome.plan.written.length > 0
  output.document({ at: startedSeconds, plan: outcome.plan.plan.id, written: outcome.plan.written, stacks: outcome.applied.map(appliedDocument) })
  if (changed) output.lines([...planTable(outcome.plan.plan, plannedNodes(outcome.plan.states)), '', ...appliedTable(outcome.applied), ''])
  output.lines([cycleLine(startedSeconds, outcome), ...(changed ? [nextLine('prescale status')] : [])])
  const code = exitCodeOf(outcome.applied)
  return code === exitCodes.done && changed && invocation.options['detailed-exitcode'] === true ? exitCodes.changesPresent : code
}
