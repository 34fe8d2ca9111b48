import { Problem } from '../domain/problem.ts'
import { type LineState, type ModelEvent, type ModelVersion, versionBefore, versionsByRank } from '../forecast/registry.ts'
import { ModelRegistry } from './model-registry.ts'
import { type Project, projectNow } from './project.ts'

/** One line of models, as people are told of it. */
export interface LineReport extends LineState {
  readonly inForce: ModelVersion | undefined
}

/** @returns the registry for looking at and steering: it trains nothing */
export function openRegistry(project: Project): ModelRegistry {
  return new ModelRegistry(project.root, Infinity, '')
}

export function modelLines(project: Project): readonly LineReport[] {
  return openRegistry(project)
    .lines()
    .map((state) => ({ ...state, inForce: versionsByRank(state)[0] }))
}

/** What is known of one version. */
export interface VersionReport {
  readonly version: ModelVersion
  /** Relative to the project. */
  readonly weightsFile: string
  readonly weights: 'kept' | 'unusable'
  /** What was recorded of it, oldest first. */
  readonly events: readonly ModelEvent[]
}

/** @throws Problem `model-unknown` */
export function showVersion(project: Project, name: string): VersionReport {
  const registry = openRegistry(project)
  const version = versionNamed(registry, name)
  const events = registry.events().filter((event) =>
    event.kind === 'trained' ? event.version.number === version.number : event.version === version.number || ('replaced' in event && event.replaced === version.number),
  )
  return {
    version,
    weightsFile: registry.weightsFile(version).slice(project.root.length + 1),
    weights: registry.weightsOf(version) === undefined ? 'unusable' : 'kept',
    events,
  }
}

/**
 * Makes forecasts of a line use one version, and stops its retraining, until it is unpinned.
 * @throws Problem `model-unknown`, `model-unusable`
 */
export function pinVersion(project: Project, name: string): ModelVersion {
  const registry = openRegistry(project)
  const version = versionNamed(registry, name)
  if (registry.weightsOf(version) === undefined) throw new Problem('model-unusable', { version: `v${version.number}` })
  registry.record({ atSeconds: Math.floor(projectNow(project)), kind: 'pinned', version: version.number })
  return version
}

/** @throws Problem `model-unknown` when the version is not the one that is pinned */
export function unpinVersion(project: Project, name: string): ModelVersion {
  const registry = openRegistry(project)
  const version = versionNamed(registry, name)
  const pinned = registry.lines().find(({ line }) => line === version.line)?.pinned
  if (pinned !== version.number) throw new Problem('model-unknown', { version: name, known: registry.lines().flatMap((state) => (state.pinned === undefined ? [] : [`v${state.pinned}`])), what: 'pinned' })
  registry.record({ atSeconds: Math.floor(projectNow(project)), kind: 'unpinned', version: version.number })
  return version
}

/** A version that was put back in force. */
export interface RollBack {
  readonly line: string
  readonly version: ModelVersion
  readonly replaced: number
}

/**
 * Puts the version before the champion back in force, in the line of the version that is named, or in every line that has one.
 * @param name  the champion to go back from; undefined for all lines
 * @throws Problem `model-unknown`, `model-unusable`
 */
export function rollBack(project: Project, name: string | undefined): readonly RollBack[] {
  const registry = openRegistry(project)
  const line = name === undefined ? undefined : versionNamed(registry, name).line
  const steps = registry.lines().flatMap((state): RollBack[] => {
    const version = versionBefore(state)
    const replaced = state.champions.at(-1)
    return version === undefined || replaced === undefined || (line !== undefined && state.line !== line) ? [] : [{ line: state.line, version, replaced }]
  })
  if (steps.length === 0) throw new Problem('model-unknown', { version: name ?? 'any line', known: [], what: 'a version before it' })
  for (const { version } of steps) if (registry.weightsOf(version) === undefined) throw new Problem('model-unusable', { version: `v${version.number}` })
  for (const { version, replaced } of steps) registry.record({ atSeconds: Math.floor(projectNow(project)), kind: 'rolled-back', version: version.number, replaced })
  return steps
}

function versionNamed(registry: ModelRegistry, name: string): ModelVersion {
  const versions = registry.lines().flatMap((state) => state.versions)
  const found = versions.find(({ number, hash }) => name === `v${number}` || (name.length >= 6 && hash.startsWith(name)))
  if (found === undefined) throw new Problem('model-unknown', { version: name, known: versions.map(({ number }) => `v${number}`), what: 'kept' })
  return found
}
