import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { contentHash } from '../domain/hash.ts'
import { Problem } from '../domain/problem.ts'
import type { EngineSettings } from '../reconcile/engine.ts'
import type { Project } from './project.ts'

/** The sandbox guards nothing: its stacks are sealed with a passphrase that everybody may know. */
const sandboxPassphrase = 'sandbox'
/** As Pulumi.yaml has it. */
const sandboxBackend = '.prescale/pulumi'

/** @returns the settings with which any engine run finds this project's state, providers and secrets; what the user set wins */
export function engineEnvironment(project: Project): Readonly<Record<string, string>> {
  const own: Record<string, string> = { PULUMI_SKIP_UPDATE_CHECK: 'true' }
  if (project.sandbox !== undefined && project.settings.sandbox !== undefined) {
    own['PULUMI_HOME'] = join(project.root, '.prescale', 'pulumi-home')
    own['PULUMI_CONFIG_PASSPHRASE'] = sandboxPassphrase
    own['PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION'] = 'true'
    own['PRESCALE_SANDBOX'] = join(project.root, project.settings.sandbox.directory)
  }
  return own
}

/**
 * How engine runs are started.
 * @param deletions  whether groups may be deleted or replaced
 * @throws Problem `engine-missing`
 */
export function engineSettings(project: Project, deletions: EngineSettings['deletions']): EngineSettings {
  // the engine does not make the folder of a backend of files
  if (project.sandbox !== undefined) mkdirSync(join(project.root, sandboxBackend), { recursive: true })
  const inherited = Object.fromEntries(Object.entries(project.world.env).filter((entry): entry is [string, string] => entry[1] !== undefined))
  return {
    projectDirectory: project.root,
    commandDirectory: engineFolder(project.world.env['PATH'] ?? ''),
    env: { ...engineEnvironment(project), ...inherited },
    parallel: Math.min(4, availableParallelism()),
    deadlineSeconds: 1800,
    graceSeconds: 20,
    mostMemoryMib: 2048,
    policyPacks: project.settings.policyPacks.map((folder) => resolve(project.root, folder)),
    policyPackConfigs: project.settings.policyPackConfigs.map((file) => resolve(project.root, file)),
    deletions,
  }
}

/** @returns the first folder on PATH that holds the engine */
export function engineFolder(path: string): string {
  const folder = path.split(delimiter).find((candidate) => candidate !== '' && existsSync(join(candidate, 'pulumi')))
  if (folder === undefined) throw new Problem('engine-missing', {})
  return folder
}

/**
 * Version of the Pulumi program: what may make other resources from the same desired state.
 * @returns hash of the program's files and of the versions of the clouds' packages
 */
export async function programVersion(): Promise<string> {
  const program = fileURLToPath(new URL('../pulumi', import.meta.url))
  const files = (await readdir(program, { recursive: true })).filter((name) => name.endsWith('.ts')).sort()
  const packages = ['@pulumi/pulumi', '@pulumi/aws', '@pulumi/gcp', '@pulumi/azure-native'].map((name) => {
    const manifest = fileURLToPath(import.meta.resolve(`${name}/package.json`))
    return `${name}@${(JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version}`
  })
  return contentHash([packages, files.map((name) => [name, contentHash(readFileSync(join(program, name)))])])
}
