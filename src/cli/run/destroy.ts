import { destroyStacks } from '../../app/destroy.ts'
import { exitCodes } from '../../domain/problem.ts'
import { textOption } from '../arguments.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor } from '../output.ts'
import { changesText } from '../render/stacks.ts'
import { table } from '../table.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const runs = await destroyStacks(project, invocation.positionals[0], textOption(invocation, 'yes'))
  output.document(runs)
  output.lines([
    ...table(
      [
        { title: 'stack', align: 'left' },
        { title: 'outcome', align: 'left' },
        { title: 'resources', align: 'left' },
        { title: '', align: 'left' },
      ],
      runs.map((ran) => [ran.stack, ran.outcome, changesText(ran.changes), ran.failures.map((failure) => failure.message).join('; ')]),
    ),
    '',
    nextLine('prescale status'),
  ])
  const failed = runs.filter((ran) => ran.outcome !== 'succeeded').length
  return failed === 0 ? exitCodes.done : failed === runs.length ? exitCodes.error : exitCodes.partlyDone
}
