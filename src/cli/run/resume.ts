import { haltSentence, resume } from '../../app/halts.ts'
import { exitCodes } from '../../domain/problem.ts'
import { textOption } from '../arguments.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor } from '../output.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const scope = invocation.positionals[0] ?? 'all'
  const left = await resume(project, scope, textOption(invocation, 'reason'))
  output.document({ resumed: scope, halts: left })
  output.lines([`${scope} is no longer halted`, ...left.map((one) => `still: ${haltSentence(one)}`), nextLine('prescale reconcile')])
  return exitCodes.done
}
