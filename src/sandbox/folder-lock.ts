import { DatabaseSync } from 'node:sqlite'
import { CloudError } from './clouds/cloud-api.ts'

/** Longest wait for a lock; holders work for milliseconds. */
const patienceMs = 30_000

/**
 * Runs `body` while no other process or thread holds the lock of the same file. SQLite's lock on an empty database is the operating system's
 * own, which ends with its holder however that ends: nothing to clean up after a kill, and never two holders because one was slow.
 * @throws CloudError `SandboxBusy` after 30 s
 */
export function holdingLock<T>(file: string, body: () => T): T {
  const database = new DatabaseSync(file, { timeout: patienceMs })
  try {
    try {
      database.exec('BEGIN EXCLUSIVE')
    } catch (cause) {
      throw new CloudError('SandboxBusy', `${file} was locked for ${patienceMs / 1000} s (${cause instanceof Error ? cause.message : String(cause)})`)
    }
    return body()
  } finally {
    database.close()
  }
}
