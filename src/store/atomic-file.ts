import { closeSync, createWriteStream, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** @returns the file's text, or undefined when there is no such file */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Writes a file so that a reader, or a machine that stops midway, sees the old text or the new one, never a part.
 * @returns whether the text differs from what was there; an equal text leaves the file untouched
 */
export function writeAtomically(path: string, text: string): 'written' | 'same' {
  if (readIfThere(path) === text) return 'same'
  mkdirSync(dirname(path), { recursive: true })
  const beside = `${path}.${process.pid}.new`
  const file = openSync(beside, 'w')
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
  return 'written'
}

/**
 * Writes a long file piece by piece, compressed when its name ends in `.gz`. It appears when it is whole: whatever stops the pieces leaves
 * what was there before.
 */
export async function streamAtomically(path: string, pieces: AsyncIterable<string> | Iterable<string>, signal?: AbortSignal): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const beside = `${path}.${process.pid}.new`
  const file = createWriteStream(beside, { flush: true })
  const options = signal === undefined ? {} : { signal }
  try {
    if (path.endsWith('.gz')) await pipeline(pieces, createGzip(), file, options)
    else await pipeline(pieces, file, options)
    renameSync(beside, path)
  } finally {
    rmSync(beside, { force: true })
  }
}
