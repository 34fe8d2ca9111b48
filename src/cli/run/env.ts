import { engineEnvironment, engineFolder } from '../../app/engine.ts'
import { exitCodes } from '../../domain/problem.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { outputFor } from '../output.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const environment = { ...engineEnvironment(project), PATH: `${engineFolder(project.world.env['PATH'] ?? '')}:$PATH` }
  output.document(environment)
  output.lines(Object.entries(environment).map(([name, value]) => `export ${name}=${shellQuoted(value)}`))
  return exitCodes.done
}

/** Quoted for a POSIX shell; a leading or trailing `$PATH` stays a variable. */
function shellQuoted(value: string): string {
  return `"${value.replace(/["\\`]/g, '\\$&').replace(/\$(?!PATH\b)/g, '\\$')}"`
}
