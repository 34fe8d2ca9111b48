import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { contentHash } from '../../domain/hash.ts'
import type { PageKey, PageStore } from '../pages.ts'

/**
 * Pages as files under a folder: `<source>/<query>/<day>.page`. A page is written beside its place and moved there, so that a reader
 * and a process killed in between see the whole page or none.
 */
export class PageFiles implements PageStore {
  readonly #folder: string
  #written = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  async get(key: PageKey): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#file(key))
    } catch {
      // absent or unreadable: either way the source is asked again
      return undefined
    }
  }

  async put(key: PageKey, page: Uint8Array): Promise<void> {
    const file = this.#file(key)
    const draft = `${file}.${process.pid}-${this.#written++}.draft`
    await mkdir(dirname(file), { recursive: true })
    try {
      await writeFile(draft, page)
      await rename(draft, file)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }

  #file(key: PageKey): string {
    return join(this.#folder, contentHash(key.source), key.query, `${key.day}.page`)
  }
}
