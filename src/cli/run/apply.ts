import { exitCodeOf } from '../../app/outcome.ts'
import { applyStep, type StackApplied } from '../../app/steps/apply-step.ts'
import { exitCodes } from '../../domain/problem.ts'
import { applyOptions } from '../apply-options.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor } from '../output.ts'
import { appliedTable } from '../render/stacks.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const applied = await applyStep(project, { ...applyOptions(invocation), only: invocation.positionals[0] })
  output.document(applied.map(appliedDocument))
  output.lines([...appliedTable(applied), '', nextLine('prescale status')])
  const code = exitCodeOf(applied)
  const changed = applied.some(({ run: ran }) => ran !== undefined)
  return code === exitCodes.done && changed && invocation.options['detailed-exitcode'] === true ? exitCodes.changesPresent : code
}

/** @returns what became of a stack, as `--json` prints it */
export function appliedDocument({ stack, need, run: ran, verdict, waits, drifts }: StackApplied): unknown {
  return { stack, verdict, waits, drifts, need, run: ran }
}
