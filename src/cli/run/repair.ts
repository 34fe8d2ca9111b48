import { repairStacks } from '../../app/repair.ts'
import { exitCodes } from '../../domain/problem.ts'
import { durationOption } from '../apply-options.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor, styled } from '../output.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const runs = await repairStacks(project, invocation.positionals[0], durationOption(invocation, 'wait') ?? 0)
  output.document(runs.map(({ stack, outcome, notes, failures }) => ({ stack, outcome, notes, failures })))
  output.lines([
    ...runs.flatMap(({ stack, outcome, notes, failures }) => [
      `${styled('bold', stack)}  ${outcome === 'succeeded' ? styled('green', 'repaired') : styled('red', outcome)}`,
      ...[...notes, ...failures.map(({ message }) => message)].map((line) => `  ${line}`),
    ]),
    nextLine('prescale reconcile'),
  ])
  const failed = runs.filter(({ outcome }) => outcome !== 'succeeded')
  if (failed.length === 0) return exitCodes.done
  if (failed.every(({ outcome }) => outcome === 'lock-held')) return exitCodes.lockHeld
  return failed.length === runs.length ? exitCodes.error : exitCodes.partlyDone
}
