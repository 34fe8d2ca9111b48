import { exitCodes } from '../../domain/problem.ts'
import { commandTable, globalOptions } from '../commands.ts'
import { completionScript, shells } from '../completion.ts'
import type { CommandRun } from '../main.ts'

export const run: CommandRun = async (invocation) => {
  const shell = shells.find((one) => one === invocation.positionals[0])
  if (shell === undefined) {
    process.stderr.write(`error usage: ${invocation.positionals[0] ?? 'nothing'} is not one of ${shells.join(', ')}\n  next: ${invocation.command.example}\n`)
    return Promise.resolve(exitCodes.badInput)
  }
  process.stdout.write(completionScript(shell, { commands: commandTable, globalOptions }))
  return Promise.resolve(exitCodes.done)
}
