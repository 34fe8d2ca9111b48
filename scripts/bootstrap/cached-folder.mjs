import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ageMs, underLock } from './lock.mjs'

/** What a killed build left behind goes away with the first build after this long. */
const leftoverMs = 6 * 3600_000

/**
 * A folder that exists only when it is complete: made beside its place and renamed into it. When two processes want it at once, the second
 * waits for the first and uses its work; if the first dies, the second makes it.
 * @param {string} folder its name holds everything that decides its content
 * @param {(partial: string) => Promise<void>} make fills the folder it is given
 * @param {() => void} waits called once when another process is making it
 * @returns {Promise<void>}
 */
export async function cachedFolder(folder, make, waits = () => undefined) {
  if (existsSync(folder)) return
  mkdirSync(dirname(folder), { recursive: true })
  await underLock(`${folder}.lock`, () => makeOnce(folder, make), waits)
}

/**
 * @param {string} folder
 * @param {(partial: string) => Promise<void>} make
 */
async function makeOnce(folder, make) {
  if (existsSync(folder)) return
  for (const name of readdirSync(dirname(folder))) {
    const leftover = join(dirname(folder), name)
    if (name.startsWith(`${basename(folder)}.partial-`) && ageMs(leftover) > leftoverMs) rmSync(leftover, { recursive: true, force: true })
  }
  const partial = mkdtempSync(`${folder}.partial-`)
  const discard = () => rmSync(partial, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  process.once('exit', discard)
  try {
    await make(partial)
    renameSync(partial, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    process.off('exit', discard)
    discard()
  }
}
