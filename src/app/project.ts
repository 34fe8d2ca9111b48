import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Catalogue, Settings } from '../config/schema.ts'
import { alignDown } from '../domain/grid.ts'
import { faultLine, Problem } from '../domain/problem.ts'
import type { SandboxCloud } from '../sandbox/sandbox-cloud.ts'
import { readIfThere, removeFile, writeAtomically } from '../store/atomic-file.ts'
import { FileStore } from '../store/file-store.ts'
import { openConfiguration } from './configuration.ts'
import { coordinationOf, type OpenCoordination } from './coordination.ts'
import { sandboxNames } from './sandbox-names.ts'
import type { World } from './world.ts'

const settingsName = 'prescale.yaml'

/** One prescale project at work: its settings, its clouds, its records. */
export interface Project {
  readonly world: World
  /** Folder of prescale.yaml, absolute. */
  readonly root: string
  readonly settings: Settings
  readonly catalogue: Catalogue
  readonly hashes: { readonly settings: string; readonly catalogue: string }
  readonly store: FileStore
  /** What all copies of prescale that work on this project share; opened when first asked for. */
  readonly coordination: OpenCoordination
  /** Undefined where the clouds are real. */
  readonly sandbox: SandboxCloud | undefined
}

export interface ProjectOptions {
  /** Folder of prescale.yaml; looked for upwards from the working directory if undefined. */
  readonly directory: string | undefined
  /** Settings file instead of prescale.yaml, relative to the working directory. */
  readonly config: string | undefined
}

/**
 * Opens the project that the command is about.
 * @throws Problem `file-missing`, `input-invalid`
 */
export async function openProject(world: World, options: ProjectOptions): Promise<Project> {
  const { root, settingsFile } = projectPlaces(world.cwd, options)
  const read = (what: string, path: string): { text: string; file: string } => ({ text: needed(what, path, world.cwd), file: relative(world.cwd, path) })
  const opened = await openConfiguration(root, read('the settings file', settingsFile), (file) => read('the catalogue', join(root, file)))
  const { settings, catalogue, warnings, hashes } = opened
  for (const warning of warnings) world.narrator.warn(faultLine(warning))
  const store = new FileStore(join(root, '.prescale', 'store'))
  return {
    world,
    root,
    settings,
    catalogue,
    hashes,
    store,
    coordination: coordinationOf(world, root, settings, store),
    sandbox: settings.sandbox === undefined ? undefined : await openSandbox(root, settings, catalogue),
  }
}

/**
 * @returns the project's folder and its settings file, absolute; the file need not be there where the folder was named
 * @throws Problem `file-missing`
 */
export function projectPlaces(cwd: string, options: ProjectOptions): { readonly root: string; readonly settingsFile: string } {
  const root = options.directory === undefined ? projectRoot(cwd, options.config) : resolve(cwd, options.directory)
  return { root, settingsFile: options.config === undefined ? join(root, settingsName) : resolve(cwd, options.config) }
}

function projectRoot(cwd: string, config: string | undefined): string {
  if (config !== undefined) return dirname(resolve(cwd, config))
  for (let directory = cwd; ; directory = dirname(directory)) {
    if (existsSync(join(directory, settingsName))) return directory
    if (directory === dirname(directory)) throw new Problem('file-missing', { what: 'the settings file', file: settingsName, make: 'prescale init, or name a project with --project' })
  }
}

function needed(what: string, path: string, cwd: string): string {
  const text = readIfThere(path)
  if (text === undefined) throw new Problem('file-missing', { what, file: relative(cwd, path), make: 'prescale init' })
  return text
}

async function openSandbox(root: string, settings: Settings, catalogue: Catalogue): Promise<SandboxCloud> {
  const { SandboxCloud } = await import('../sandbox/sandbox-cloud.ts')
  const sandbox = settings.sandbox
  if (sandbox === undefined) throw new TypeError('no sandbox in the settings')
  return SandboxCloud.open(join(root, sandbox.directory), { scenarioFile: join(root, sandbox.scenario), catalogue, names: sandboxNames(settings) })
}

/** @returns now, Unix seconds: the sandbox's clock where there is one */
export function projectNow(project: Project): number {
  return project.sandbox?.now() ?? project.world.now()
}

/** Lets time pass: the sandbox's clock is moved, a real one is waited for. */
export async function projectWait(project: Project, seconds: number): Promise<void> {
  if (project.sandbox === undefined) await project.world.sleep(seconds, project.world.signal)
  else await project.sandbox.advance(seconds)
}

/** @returns the instant that this cycle forecasts and plans from: the end of the last plan step whose demand has all arrived */
export function cycleOrigin(project: Project): number {
  const { forecast, historyLimits } = project.settings
  return alignDown(projectNow(project) - historyLimits.settle, forecast.step)
}

/** @returns the project's text file, or undefined when it was not written yet */
export function projectFile(project: Project, file: string): string | undefined {
  return readIfThere(join(project.root, file))
}

/** Writes a document of the project. */
export function writeProjectFile(project: Project, file: string, text: string): 'written' | 'same' {
  return writeAtomically(join(project.root, file), text)
}

/** Deletes a document of the project. */
export function removeProjectFile(project: Project, file: string): 'removed' | 'none' {
  return removeFile(join(project.root, file))
}
