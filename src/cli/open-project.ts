import { openProject, type Project } from '../app/project.ts'
import { processWorld } from '../app/world.ts'
import { type Invocation, textOption } from './arguments.ts'
import { narratorFor } from './narrator.ts'

/** Opens the project that a command line is about. */
export function projectOf(invocation: Invocation, signal: AbortSignal): Promise<Project> {
  return openProject(processWorld(narratorFor(process.stderr), signal), {
    directory: textOption(invocation, 'project'),
    config: textOption(invocation, 'config'),
  })
}
