import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contentHash } from '../domain/hash.ts'

let known: string | undefined

/** @returns a hash of the sources that train and forecast: the same hash, the same code */
export function forecastCode(): string {
  if (known !== undefined) return known
  const folder = join(import.meta.dirname, '..', 'forecast')
  const files = globSync('**/*.ts', { cwd: folder }).sort()
  known = contentHash(files.map((file) => [file, contentHash(readFileSync(join(folder, file)))]))
  return known
}
