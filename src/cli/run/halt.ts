import { halt, haltSentence } from '../../app/halts.ts'
import { exitCodes } from '../../domain/problem.ts'
import { durationOption } from '../apply-options.ts'
import { textOption } from '../arguments.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor } from '../output.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const ordered = await halt(project, invocation.positionals[0] ?? 'all', textOption(invocation, 'reason') ?? '', durationOption(invocation, 'for'))
  output.document(ordered)
  output.lines([haltSentence(ordered), nextLine(`prescale resume ${ordered.scope}`)])
  return exitCodes.done
}
