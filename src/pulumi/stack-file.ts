import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { desiredStateFile, readDesiredState } from '../documents/desired-state-file.ts'
import type { DesiredState } from '../domain/desired-state.ts'
import { stackName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'

/**
 * The desired state of a stack called `<name>.<cloud>-<region>`.
 * @param projectDirectory  folder that holds `stacks/`
 * @throws Problem `file-missing`, `input-invalid`, `plan-edited`, or `stack-mismatch` when the file holds another stack's state
 */
export function desiredStateOfStack(stack: string, projectDirectory: string): DesiredState {
  const key = stack.slice(stack.indexOf('.') + 1)
  const [cloud = '', region = ''] = [key.slice(0, key.indexOf('-')), key.slice(key.indexOf('-') + 1)]
  const file = desiredStateFile({ cloud: cloud as DesiredState['cloud'], region })
  const desired = readDesiredState(readProjectFile(projectDirectory, file), file)
  if (stackName(desired) !== key) throw new Problem('stack-mismatch', { file, holds: stackName(desired), stack })
  return desired
}

function readProjectFile(projectDirectory: string, file: string): string {
  try {
    return readFileSync(join(projectDirectory, file), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Problem('file-missing', { what: 'the desired state', file, make: 'prescale plan' }, { cause: error })
  }
}
