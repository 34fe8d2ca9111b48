import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import type { InputFault } from '../domain/problem.ts'
import { Problem } from '../domain/problem.ts'

/** Faults that are listed one by one; the rest is only counted. */
const listedFaults = 50

/** Content of an input file, unpacked, as the user named it. */
export interface InputFile {
  readonly file: string
  readonly bytes: Buffer
}

/**
 * The files that paths and globs name, each once, in the order of the paths and by name within a glob.
 * @throws Problem `file-missing` when one of them names no file
 */
export function matchingFiles(paths: readonly string[]): string[] {
  const files = paths.flatMap((path) => {
    const matches = globSync(path).sort()
    if (matches.length === 0)
      throw new Problem('file-missing', { what: 'a file of recorded demand', file: path, make: 'check history.paths in prescale.yaml' })
    return matches
  })
  return [...new Set(files)]
}

/**
 * Reads a file whole; one that begins as gzip does is unpacked, whatever its name.
 * @throws Problem `history-unreadable` when it cannot be read or is packed and broken
 */
export async function readInputFile(file: string): Promise<InputFile> {
  try {
    const bytes = await readFile(file)
    return { file, bytes: bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes }
  } catch (cause) {
    throw new Problem('history-unreadable', { source: file, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}

/** Collects the faults of all files; lists the first and counts the rest. */
export class FaultList {
  readonly #listed: InputFault[] = []
  #unlisted = 0

  /** @param column from 1 */
  add(file: string, line: number, column: number | undefined, message: string): void {
    if (this.#listed.length < listedFaults) this.#listed.push({ file, line, column, path: '', message })
    else this.#unlisted++
  }

  /** @throws Problem `input-invalid` with all of them, if there are any */
  throwIfAny(what: string): void {
    const [first] = this.#listed
    if (first === undefined) return
    const rest: InputFault[] =
      this.#unlisted === 0
        ? []
        : [{ file: first.file, line: undefined, column: undefined, path: '', message: `and ${this.#unlisted} more like these` }]
    throw new Problem('input-invalid', { what, faults: [...this.#listed, ...rest] })
  }
}
