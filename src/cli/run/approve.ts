import { approve } from '../../app/approvals.ts'
import { rfc3339 } from '../../domain/grid.ts'
import { exitCodes } from '../../domain/problem.ts'
import { durationOption } from '../apply-options.ts'
import { textOption } from '../arguments.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor } from '../output.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const approval = await approve(project, invocation.positionals[0] ?? '', textOption(invocation, 'reason'), durationOption(invocation, 'for'))
  output.document(approval)
  output.lines([`plan ${approval.planId} is approved by ${approval.by} until ${rfc3339(approval.expiresSeconds)}`, nextLine('prescale apply')])
  return exitCodes.done
}
