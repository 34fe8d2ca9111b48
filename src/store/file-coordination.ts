import { setTimeout as wait } from 'node:timers/promises'
import type { Claim, Coordination, Lease, Leases } from '../domain/coordination.ts'
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

  readAll<Value>(folder: string): Promise<ReadonlyMap<string, Value>> {
    const found = new Map<string, Value>()
    for (const name of this.#store.names(folder)) {
      const value = this.#store.read<Value>(name)
      if (value !== undefined) found.set(name.slice(folder.length + 1), value)
    }
    return Promise.resolve(found)
  }

  async change<Value>(name: string, next: (before: Value | undefined) => Value): Promise<Value> {
    for (;;) {
      const answer = await this.#records.take(encodeURIComponent(name), this.#claim, undefined)
      if (answer.kind === 'held') {
        await wait(lookMilliseconds)
        continue
      }
      try {
        const value = next(this.#store.read<Value>(name))
        if (value === undefined) this.#store.remove(name)
        else this.#store.write(name, value)
        return value
      } finally {
        await answer.lease.release()
      }
    }
  }

  /** A holder that lives loses its lease to nobody here, so that what is true before the record is locked stays true. */
  async changeHeld<Value>(lease: Lease, name: string, next: (before: Value | undefined) => Value): Promise<'held' | 'lost'> {
    const answer = await lease.renew()
    if (answer === 'held') await this.change(name, next)
    return answer
  }

  append(log: string, entry: unknown): Promise<void> {
    this.#store.append(log, entry)
    return Promise.resolve()
  }

  entries<Entry>(log: string, most: number): Promise<readonly Entry[]> {
    return Promise.resolve(this.#store.entries<Entry>(log).slice(-most))
  }

  forget(): Promise<void> {
    this.#store.clear()
    return Promise.resolve()
  }
}
