import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { knownNames, nameKinds } from '../../app/known-names.ts'
import { exitCodes, type ExitCode } from '../../domain/problem.ts'

/**
 * What completion scripts ask at a key press: `prescale __complete stack` prints one name a line. It never fails: a shell in the middle of
 * a line is no place for an error.
 */
export async function run(words: readonly string[]): Promise<ExitCode> {
  const kind = nameKinds.find((candidate) => candidate === words[0])
  const root = projectAbove(process.cwd())
  if (kind !== undefined && root !== undefined) {
    process.stdout.write(
      knownNames(kind, root)
        .map((name) => `${name}\n`)
        .join(''),
    )
  }
  return exitCodes.done
}

function projectAbove(directory: string): string | undefined {
  if (existsSync(join(directory, 'prescale.yaml'))) return directory
  const parent = dirname(directory)
  return parent === directory ? undefined : projectAbove(parent)
}
