import { openProject, type Project } from '../app/project.ts'
import { processWorld } from '../app/world.ts'
import type { Invocation } from './arguments.ts'
import { narratorFor } from './narrator.ts'

/** Opens the project that a command line is about. */
export function projectOf(invocation: Invocation, signal: AbortSignal): Promise<Project> {
  return openProject(processWorld(narratorFor(process.stderr), signal), {
    directory: textOption(invocation, 'project'),
    config: textOption(invocation, 'config'),
  })
}

/** @returns the value that was given for an option */
export function textOption(invocation: Invocation, name: string): string | undefined {
  const value = invocation.options[name]
  return typeof value === 'string' ? value : undefined
}
