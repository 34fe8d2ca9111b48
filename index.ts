import { getStack } from '@pulumi/pulumi'
import { declareStack } from './src/pulumi/declare-stack.ts'
import { desiredStateOfStack } from './src/pulumi/stack-file.ts'

export const { pools } = declareStack(desiredStateOfStack(getStack(), import.meta.dirname))
