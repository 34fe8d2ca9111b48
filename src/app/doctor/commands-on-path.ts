import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { DoctorContext } from './check.ts'

/** @returns where the shell would find the command, or undefined */
export function onPath(command: string, env: DoctorContext['env']): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find(isExecutable)
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
