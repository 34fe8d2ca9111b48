import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Configuration, NamedText } from '../config/load-settings.ts'
import { contentHash } from '../domain/hash.ts'
import { readIfThere, writeAtomically } from '../store/atomic-file.ts'

/** A project's configuration with the identities of its two parts. */
export interface OpenedConfiguration extends Configuration {
  readonly hashes: { readonly settings: string; readonly catalogue: string }
}

/** What was loaded last, and from what: files whose texts and checks are the same are not read a second time. */
interface Kept {
  readonly key: string
  /** As the settings name it. */
  readonly catalogue: string
  readonly opened: OpenedConfiguration
}

/**
 * The configuration as `loadConfiguration` gives it. Reading YAML and building the schema cost 0.1 s and more, at every command and every
 * cycle; what was loaded without a fault is therefore kept in the project and taken again while texts, names and code are the same.
 * @param root           folder of the project
 * @param readCatalogue  given the catalogue's path as the settings have it
 * @throws Problem `input-invalid`; whatever `readCatalogue` throws
 */
export async function openConfiguration(
  root: string,
  settings: NamedText,
  readCatalogue: (path: string) => NamedText,
): Promise<OpenedConfiguration> {
  const file = join(root, '.prescale', 'cache', 'configuration.json')
  const kept = keptIn(file)
  if (kept !== undefined && kept.key === keyOf(settings, readCatalogue(kept.catalogue))) return kept.opened
  const { catalogueHash, loadConfiguration, settingsHash } = await import('../config/load-settings.ts')
  let catalogue: NamedText | undefined
  const loaded = loadConfiguration(settings, (path) => (catalogue = readCatalogue(path)))
  const opened = { ...loaded, hashes: { settings: settingsHash(loaded.settings), catalogue: catalogueHash(loaded.catalogue) } }
  if (catalogue !== undefined) keep(file, { key: keyOf(settings, catalogue), catalogue: loaded.settings.catalogue, opened })
  return opened
}

function keyOf(settings: NamedText, catalogue: NamedText): string {
  return contentHash([codeRevision(), settings, catalogue].map((part) => contentHash(part)))
}

/** @returns hash of all that decides what a text means: code of the checks, versions of what they stand on */
function codeRevision(): string {
  const source = fileURLToPath(new URL('..', import.meta.url))
  const folders = ['config', 'config/rules', 'documents', 'domain'].map((folder) => join(source, folder))
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(folder, entry.name)] : [])),
  )
  const texts = [...files.sort(), join(source, '..', 'package.json')].map((path) => readFileSync(path, 'utf8'))
  return contentHash([process.versions.node, ...texts].join('\n'))
}

/** A file that cannot be read is one that was not kept. */
function keptIn(file: string): Kept | undefined {
  try {
    const content: unknown = JSON.parse(readIfThere(file) ?? 'null')
    return typeof content === 'object' && content !== null && 'key' in content ? (content as Kept) : undefined
  } catch {
    return undefined
  }
}

/** Only time is lost where it cannot be written: a project may be read-only. */
function keep(file: string, kept: Kept): void {
  try {
    writeAtomically(file, `${JSON.stringify(kept)}\n`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
  }
}
