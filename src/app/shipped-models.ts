import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SequenceGrid, SequenceManifest, ShippedSequence } from '../forecast/sequence/weights.ts'

const folder = join(import.meta.dirname, '..', '..', 'models')
const grids: readonly SequenceGrid[] = ['hourly', 'five-minute']

/** The pre-trained weights that come with the project. */
export function shippedModels(): readonly ShippedSequence[] {
  return grids.map((grid) => ({
    manifest: JSON.parse(readFileSync(join(folder, `${grid}.json`), 'utf8')) as SequenceManifest,
    bytes: readFileSync(join(folder, `${grid}.bin`)),
  }))
}
