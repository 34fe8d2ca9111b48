import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from '../domain/problem.ts'
import { settingsTemplate } from './settings-template.ts'

/** What a new project is made from. */
export interface ProjectSeed {
  /** Name of the project: lower-case letters, digits and hyphens, starting with a letter. */
  readonly name: string
  /** Path from the project's folder to prescale's own, with `/` between its parts. */
  readonly prescale: string
  /** Whether the project lies within prescale's folder and finds its packages there, or must be linked to them. */
  readonly packages: 'found' | 'linked'
  /** Text of the catalogue that prescale ships. */
  readonly catalogue: string
}

/** @returns a project's name from its folder's: what the clouds do not allow is replaced */
export function nameFromFolder(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 39)
    .replace(/-+$/, '')
  return name === '' ? 'fleet' : name
}

/** @returns every file of a new project: text by path */
export function projectFiles(seed: ProjectSeed): Readonly<Record<string, string>> {
  return {
    'prescale.yaml': settingsTemplate(seed.name, `${seed.prescale}/docs/reference`),
    'catalogue.yaml': seed.catalogue,
    'Pulumi.yaml': pulumiProject(seed.name),
    'index.ts': program(seed.prescale),
    'package.json': manifest(seed),
    '.gitignore': 'node_modules/\n.prescale/\n',
  }
}

/**
 * Writes the files of a new project: all of them or, when something stands in the way or the disk is full, none.
 * @returns the paths written, sorted
 * @throws Problem `files-exist` with every file in the way
 */
export function layOutProject(directory: string, files: Readonly<Record<string, string>>): readonly string[] {
  const paths = Object.keys(files).sort()
  const present = paths.filter((path) => existsSync(join(directory, path)))
  if (present.length > 0) throw new Problem('files-exist', { directory, files: present })
  const written: string[] = []
  try {
    for (const path of paths) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      // `wx` fails where a file appeared in the meantime: it is not ours to replace.
      written.push(path)
      writeFileSync(join(directory, path), files[path] ?? '', { flag: 'wx' })
    }
  } catch (error) {
    const foreign = (error as NodeJS.ErrnoException).code === 'EEXIST' ? written.pop() : undefined
    for (const path of written) rmSync(join(directory, path), { force: true })
    if (foreign !== undefined) throw new Problem('files-exist', { directory, files: [foreign] }, { cause: error })
    throw error
  }
  return paths
}

function pulumiProject(name: string): string {
  return `# \`pulumi preview -s ${name}.<cloud>-<region>\` works from the shell and in pipelines: the program reads stacks/<cloud>-<region>.yaml alone.
name: ${name}
description: Node pools as prescale plans them, one stack per cloud and region
main: index.ts
runtime:
  name: nodejs
  options:
    # Node strips the types by itself: no build, no type check
    typescript: false
stackConfigDir: stacks
# Where Pulumi keeps state is set by \`pulumi login\` or PULUMI_BACKEND_URL: Pulumi Cloud, s3://, gs://, azblob://, postgres:// or file://.
`
}

function program(prescale: string): string {
  return `import { declareProjectStack } from '${prescale}/src/pulumi/project-stack.ts'

export const { pools } = declareProjectStack(import.meta.dirname)
`
}

/** The SDK is linked and not installed anew: two copies of it cannot share a stack. */
function manifest({ name, prescale, packages }: ProjectSeed): string {
  const linked = {
    '@pulumi/pulumi': `file:${prescale}/node_modules/@pulumi/pulumi`,
    prescale: `file:${prescale}`,
  }
  const content = { name, private: true, type: 'module', ...(packages === 'linked' ? { dependencies: linked } : {}) }
  return `${JSON.stringify(content, null, 2)}\n`
}
