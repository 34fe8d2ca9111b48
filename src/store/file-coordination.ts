import { setTimeout as wait } from 'node:timers/promises'
import type { Claim, Coordination, Leases } from '../domain/coordination.ts'
import type { FileStore } from './file-store.ts'

/** From one look to the next while another process changes a record. */
const lookMilliseconds = 20

/** What the copies of prescale on one machine share, in files of the project. */
export class FileCoordination implements Coordination {
  readonly leases: Leases
  readonly #store: FileStore
  readonly #records: Leases
  readonly #claim: Claim

  /**
   * @param leases   of stacks
   * @param records  of the records themselves, held while one is changed
   * @param claim    this process, for whoever waits until it has changed a record
   */
  constructor(store: FileStore, leases: Leases, records: Leases, claim: Claim) {
    this.#store = store
    this.leases = leases
    this.#records = records
    this.#claim = claim
  }

  read<Value>(name: string): Promise<Value | undefined> {
    return Promise.resolve(this.#store.read<Value>(name))
  }

  async change<Value>(name: string, next: (before: Value | undefined) => Value): Promise<Value> {
    for (;;) {
      const answer = await this.#records.take(name, this.#claim, undefined)
      if (answer.kind === 'held') {
        await wait(lookMilliseconds)
        continue
      }
      try {
        const value = next(this.#store.read<Value>(name))
        this.#store.write(name, value)
        return value
      } finally {
        await answer.lease.release()
      }
    }
  }

  append(log: string, entry: unknown): Promise<void> {
    this.#store.append(log, entry)
    return Promise.resolve()
  }

  entries<Entry>(log: string, most: number): Promise<readonly Entry[]> {
    return Promise.resolve(this.#store.entries<Entry>(log).slice(-most))
  }
}
