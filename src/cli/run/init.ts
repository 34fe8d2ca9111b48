import { readFileSync } from 'node:fs'
import { basename, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { layOutProject, nameFromFolder, projectFiles } from '../../app/init.ts'
import { exitCodes } from '../../domain/problem.ts'
import type { CommandRun } from '../main.ts'
import { nextLine, outputFor } from '../output.ts'

/** `prescale init [directory]` */
export const run: CommandRun = async (invocation) => {
  const output = outputFor(invocation)
  const directory = resolve(process.cwd(), invocation.positionals[0] ?? '.')
  const own = fileURLToPath(new URL('../../..', import.meta.url))
  const fromProject = relative(directory, own).split(sep)
  const inside = fromProject.every((part) => part === '..')
  const written = layOutProject(
    directory,
    projectFiles({
      name: nameFromFolder(basename(directory)),
      prescale: fromProject.join('/'),
      packages: inside ? 'found' : 'linked',
      catalogue: readFileSync(resolve(own, 'catalogue.yaml'), 'utf8'),
    }),
  )
  const shown = relative(process.cwd(), directory)
  output.document({ directory: shown === '' ? '.' : shown, written })
  output.lines([
    ...written.map((path) => `wrote ${shown === '' ? path : `${shown}/${path}`}`),
    '',
    nextLine(
      [...(shown === '' ? [] : [`cd ${shown}`]), ...(inside ? [] : ['npm install']), 'edit prescale.yaml', 'prescale doctor'].join(
        ', then ',
      ),
    ),
  ])
  return exitCodes.done
}
