import { dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { knownNames, nameKinds } from '../../app/known-names.ts'
import { exitCodes, type ExitCode } from '../../domain/problem.ts'

/** Answers a shell at each key press: names of one kind, one per line; nothing outside a project. */
export function run(words: readonly string[]): ExitCode {
  const kind = nameKinds.find((one) => one === words[0])
  const root = projectRoot(process.cwd())
  if (kind !== undefined && root !== undefined) process.stdout.write(knownNames(kind, root).map((name) => `${name}\n`).join(''))
  return exitCodes.done
}

function projectRoot(directory: string): string | undefined {
  if (existsSync(join(directory, 'prescale.yaml'))) return directory
  return directory === dirname(directory) ? undefined : projectRoot(dirname(directory))
}
