import { type InputFault, Problem } from '../domain/problem.ts'

const listed = 50

/** Collects what is wrong with one feed, each fault at its place. */
export class FeedFaults {
  readonly #file: string
  readonly #faults: InputFault[] = []
  #unlisted = 0

  /** @param file  the feed's file or address, as faults name it */
  constructor(file: string) {
    this.#file = file
  }

  /** @param line, column  from 1 */
  add(line: number, column: number, path: string, message: string): void {
    if (this.#faults.length < listed) this.#faults.push({ file: this.#file, line, column, path, message })
    else this.#unlisted += 1
  }

  /** @throws Problem `input-invalid` with all of them, if there are any */
  throwIfAny(what: string): void {
    if (this.#faults.length === 0) return
    const rest: InputFault[] = this.#unlisted === 0 ? [] : [{ file: this.#file, line: undefined, column: undefined, path: '', message: `and ${this.#unlisted} more like these` }]
    throw new Problem('input-invalid', { what, faults: [...this.#faults, ...rest] })
  }
}
