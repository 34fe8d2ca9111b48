import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { resources } from '../domain/forecast.ts'

/** Kinds of names that a project's documents hold. */
export const nameKinds = ['stack', 'series', 'pool', 'explained'] as const
export type NameKind = (typeof nameKinds)[number]

/** Names that a shell may insert as they are. */
const plain = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/

/**
 * Names for completion, read in milliseconds: file names, and the lines of desired states that name pools, without checking the rest.
 * @param root  folder of prescale.yaml
 * @returns sorted; empty where nothing was written yet
 */
export function knownNames(kind: NameKind, root: string): readonly string[] {
  return [...new Set(namesOf(kind, root))].filter((name) => plain.test(name)).sort()
}

function namesOf(kind: NameKind, root: string): readonly string[] {
  switch (kind) {
    case 'stack':
      return stackFiles(root).map((file) => file.slice(0, -'.yaml'.length))
    case 'series':
      return entries(join(root, 'forecasts')).flatMap((workload) =>
        entries(join(root, 'forecasts', workload)).flatMap((file) =>
          file.endsWith('.yaml') && !isUse(file) ? [`${workload}/${file.slice(0, -'.yaml'.length)}`] : [],
        ),
      )
    case 'pool':
      return stackFiles(root).flatMap((file) => poolNames(readFileSync(join(root, 'stacks', file), 'utf8')))
    case 'explained':
      return [...namesOf('pool', root), ...forecastNames(join(root, 'forecasts'))]
    default:
      return kind satisfies never
  }
}

/** Whether a file is of what is used of a resource, rather than of demand. */
function isUse(file: string): boolean {
  return resources.some((resource) => file.endsWith(`.${resource}.yaml`))
}

/** Names of forecasts below a folder: `web`, `web/us-east`, `web/aws/us-east-1.cpu`. */
function forecastNames(folder: string): readonly string[] {
  return entries(folder).flatMap((file) =>
    file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : file.endsWith('.svg') ? [] : forecastNames(join(folder, file)).map((name) => `${file}/${name}`),
  )
}

function stackFiles(root: string): readonly string[] {
  return entries(join(root, 'stacks')).filter((file) => file.endsWith('.yaml') && !file.startsWith('Pulumi.'))
}

/** @returns `aws/us-east-1/web/m7g.large/spot` for each pool of a desired-state file */
function poolNames(text: string): readonly string[] {
  const head = (key: string): string => new RegExp(`^${key}: (\\S+)$`, 'm').exec(text)?.[1] ?? ''
  const region = `${head('cloud')}/${head('region')}`
  return [...text.matchAll(/^ +workload: (\S+)\n +type: (\S+)\n +option: (\S+)$/gm)].map(([, workload, type, option]) =>
    [region, workload, type, option].join('/'),
  )
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
