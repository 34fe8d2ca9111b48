import { declareProjectStack } from './src/pulumi/project-stack.ts'

export const { pools } = declareProjectStack(import.meta.dirname)
