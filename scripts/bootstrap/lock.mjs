import { mkdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const heartbeatMs = 2_000
/** A lock not touched for this long belongs to a process that died. */
const staleMs = 15_000
const retryMs = 200

/** @param {string} path @returns milliseconds since it was touched; Infinity when it is not there */
export function ageMs(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? Infinity : Date.now() - found.mtimeMs
}

/** @param {string} lock @returns whether this process holds it now */
function take(lock) {
  try {
    mkdirSync(lock)
    return true
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error
    if (ageMs(lock) > staleMs) rmSync(lock, { recursive: true, force: true })
    return false
  }
}

/**
 * Runs `work` while no other process runs its own under the same lock. It spares work; whatever must never mix does not rely on it.
 * @template T
 * @param {string} lock a folder that is made and removed
 * @param {() => Promise<T>} work
 * @param {() => void} waits called once when another process holds the lock
 * @returns {Promise<T>}
 */
export async function underLock(lock, work, waits) {
  for (let first = true; !take(lock); first = false) {
    if (first) waits()
    await sleep(retryMs)
  }
  const heartbeat = setInterval(() => utimesSync(lock, new Date(), new Date()), heartbeatMs).unref()
  const release = () => {
    clearInterval(heartbeat)
    rmSync(lock, { recursive: true, force: true })
  }
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}
