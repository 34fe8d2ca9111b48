import { closeSync, createWriteStream, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip, gunzipSync, gzipSync } from 'node:zlib'

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
  replaceFile(path, text)
  return 'written'
}

/** @returns whether there was a file */
export function removeFile(path: string): 'removed' | 'none' {
  if (readIfThere(path) === undefined) return 'none'
  rmSync(path)
  return 'removed'
}

/** Writes a file as `writeAtomically` does, without looking at what was there. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  const beside = `${path}.${process.pid}.new`
  try {
    const file = openSync(beside, 'w')
    try {
      writeFileSync(file, content)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}

/**
 * Joins gzipped pieces to one file that appears when it is whole: as they are when its name ends in `.gz`, unpacked otherwise.
 * @param head  what stands before the pieces
 */
export async function joinGzipped(path: string, head: string, pieces: readonly string[]): Promise<void> {
  const packed = path.endsWith('.gz')
  async function* content(): AsyncGenerator<Uint8Array> {
    yield packed ? gzipSync(head) : Buffer.from(head)
    for (const piece of pieces) {
      const bytes = await readFile(piece)
      yield packed ? bytes : gunzipSync(bytes)
    }
  }
  mkdirSync(dirname(path), { recursive: true })
  const beside = `${path}.${process.pid}.new`
  try {
    await pipeline(content(), createWriteStream(beside, { flush: true }))
    renameSync(beside, path)
  } finally {
    rmSync(beside, { force: true })
  }
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
