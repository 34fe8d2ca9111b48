import { appendFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readIfThere, writeAtomically } from './atomic-file.ts'

/** Records of one project on one machine: a JSON file each, under one folder. */
export class FileStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** @returns the record, or undefined when it was never written */
  read<Record>(name: string): Record | undefined {
    const text = readIfThere(join(this.#directory, `${name}.json`))
    return text === undefined ? undefined : (JSON.parse(text) as Record)
  }

  write(name: string, record: unknown): void {
    writeAtomically(join(this.#directory, `${name}.json`), `${JSON.stringify(record, undefined, 1)}\n`)
  }

  /** Does nothing where there is no such record. */
  remove(name: string): void {
    rmSync(join(this.#directory, `${name}.json`), { force: true })
  }

  /** Removes everything. */
  clear(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  /** Adds one line to a log; lines are never changed. */
  append(name: string, entry: unknown): void {
    const path = join(this.#directory, `${name}.jsonl`)
    mkdirSync(dirname(path), { recursive: true })
    appendFileSync(path, `${JSON.stringify(entry)}\n`)
  }

  /** @returns the entries of a log, oldest first; a last line that was cut short by a stop is left out */
  entries<Entry>(name: string): readonly Entry[] {
    const text = readIfThere(join(this.#directory, `${name}.jsonl`)) ?? ''
    return text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Entry)
  }

  /** @returns names of the records under `folder`, sorted */
  names(folder: string): readonly string[] {
    try {
      return readdirSync(join(this.#directory, folder)).filter((name) => name.endsWith('.json')).map((name) => `${folder}/${name.slice(0, -'.json'.length)}`).sort()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }
}
