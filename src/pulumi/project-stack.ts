import { getStack } from '@pulumi/pulumi'
import { declareStack } from './declare-stack.ts'
import { desiredStateOfStack } from './stack-file.ts'

/**
 * Everything that the program of a project does: declares the stack that the engine is at, from its desired-state file.
 * @param directory  folder of prescale.yaml and stacks/
 */
export function declareProjectStack(directory: string): ReturnType<typeof declareStack> {
  return declareStack(desiredStateOfStack(getStack(), directory))
}
