import type { DocumentPath } from '../../documents/read-yaml.ts'
import type { Settings } from '../schema.ts'

/** Something a schema cannot see: what contradicts something else in the file, or in the catalogue. */
export interface Finding {
  /** A fault stops the run; a warning is told. */
  readonly severity: 'fault' | 'warning'
  readonly path: DocumentPath
  readonly message: string
  /** Every place the finding rests on; if one of them could not be read, the finding says nothing. */
  readonly restsOn: readonly DocumentPath[]
  /** Where in the pair of `path` the finding points to. */
  readonly at: 'key' | 'value'
}

/** What a finding about the names of user zones rests on. */
export function userZoneNames(settings: Settings): readonly DocumentPath[] {
  return settings.userZones.map((_, index) => ['userZones', index, 'name'])
}

/** What a finding about the names of regions rests on. */
export function regionNames(settings: Settings): readonly DocumentPath[] {
  return settings.regions.flatMap((_, index) => [
    ['regions', index, 'cloud'],
    ['regions', index, 'region'],
  ])
}

/** A fault at the value of `path`, resting on it and on `others`. */
export function fault(path: DocumentPath, message: string, others: readonly DocumentPath[] = []): Finding {
  return { severity: 'fault', path, message, restsOn: [path, ...others], at: 'value' }
}

/** A fault at the key of `path`. */
export function keyFault(path: DocumentPath, message: string, others: readonly DocumentPath[] = []): Finding {
  return { ...fault(path, message, others), at: 'key' }
}

/** The same as a warning. */
export function warning(path: DocumentPath, message: string, others: readonly DocumentPath[] = []): Finding {
  return { ...fault(path, message, others), severity: 'warning' }
}
