import { exitCodes, type ExitCode } from '../../domain/problem.ts'
import type { Invocation } from '../arguments.ts'
import { commandTable, globalOptions } from '../commands.ts'
import { completionScript, shells } from '../completion.ts'

/** `prescale completion <shell>` */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const [word] = invocation.positionals
  const shell = shells.find((candidate) => candidate === word)
  if (shell === undefined) {
    process.stderr.write(`error usage: ${word ?? ''} is not a shell that prescale completes for, expected one of ${shells.join(', ')}\n`)
    return exitCodes.badInput
  }
  process.stdout.write(completionScript(shell, { commands: commandTable, globalOptions }))
  return exitCodes.done
}
