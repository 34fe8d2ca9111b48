import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Claim, Lease, LeaseAnswer, Leases, Place, StackQueue } from '../domain/coordination.ts'
import { holderIsDead, type ProcessTable } from './stack-lock.ts'

/** A claim as its file says it. */
interface ClaimFile extends Claim {
  readonly released: boolean
}

/** `lease`: the highest number holds the stack. `waiting`: the lowest number of those that live comes next. */
type Kind = 'lease' | 'waiting'

/**
 * One writer per stack, on one machine, by files. The holder is the highest-numbered lease file; taking a stack makes the next number, which
 * the file system lets one process do; a released or dead holder's file stays until then, so that numbers never come back. A holder is dead
 * when its process is; one on another machine counts as living, whatever its clock says.
 */
export class FileLeases implements Leases {
  readonly heartbeatSeconds = 5
  readonly #directory: string
  readonly #processes: ProcessTable

  /** @param directory  folder of the leases; made when missing */
  constructor(directory: string, processes: ProcessTable) {
    this.#directory = directory
    this.#processes = processes
  }

  take(stack: string, claim: Claim, place: Place | undefined): Promise<LeaseAnswer> {
    return settle(() => this.#take(stack, claim, place))
  }

  join(stack: string, claim: Claim): Promise<Place> {
    return settle(() => {
      mkdirSync(this.#directory, { recursive: true })
      for (;;) {
        const number = (this.#numbers(stack, 'waiting').at(-1) ?? 0) + 1
        if (this.#claim(stack, 'waiting', number, claim)) return this.#place(stack, number)
      }
    })
  }

  queues(): Promise<readonly StackQueue[]> {
    return settle(() => {
      mkdirSync(this.#directory, { recursive: true })
      const stacks = new Set(readdirSync(this.#directory).flatMap((name) => /^(.+)\.\d+\.(?:lease|waiting)$/.exec(name)?.[1] ?? []))
      return [...stacks].sort().flatMap((stack): StackQueue[] => {
        const [holder, waiting] = [this.#living(stack, this.#numbers(stack, 'lease').at(-1)), this.#waiting(stack, Infinity)]
        return holder === undefined && waiting.length === 0 ? [] : [{ stack, holder, waiting }]
      })
    })
  }

  #take(stack: string, claim: Claim, place: Place | undefined): LeaseAnswer {
    mkdirSync(this.#directory, { recursive: true })
    for (;;) {
      const before = this.#numbers(stack, 'lease')
      const ahead = this.#waiting(stack, place?.number ?? Infinity)
      const [next, ...rest] = ahead
      const holder = this.#living(stack, before.at(-1))
      if (holder !== undefined) return { kind: 'held', holder, ahead }
      if (next !== undefined) return { kind: 'held', holder: next, ahead: rest }
      const token = (before.at(-1) ?? 0) + 1
      if (!this.#claim(stack, 'lease', token, claim)) continue
      if (this.#numbers(stack, 'lease').at(-1) !== token) {
        rmSync(this.#file(stack, 'lease', token), { force: true })
        continue
      }
      for (const old of before) rmSync(this.#file(stack, 'lease', old), { force: true })
      return { kind: 'taken', lease: this.#lease(stack, token) }
    }
  }

  /** @returns the holder by the lease of that number; undefined when it was released, or its process is dead */
  #living(stack: string, token: number | undefined): Claim | undefined {
    const current = token === undefined ? undefined : readClaim(this.#file(stack, 'lease', token))
    return current === undefined || current.released || holderIsDead(current, this.#processes) ? undefined : current
  }

  /** @returns those who live and wait with a number below `before`; the places of the dead are cleared */
  #waiting(stack: string, before: number): readonly Claim[] {
    return this.#numbers(stack, 'waiting').flatMap((number) => {
      const file = this.#file(stack, 'waiting', number)
      const claim = readClaim(file)
      if (claim === undefined) return []
      if (!holderIsDead(claim, this.#processes)) return number < before ? [claim] : []
      rmSync(file, { force: true })
      return []
    })
  }

  #file(stack: string, kind: Kind, number: number): string {
    return join(this.#directory, `${stack}.${number}.${kind}`)
  }

  /** @returns ascending */
  #numbers(stack: string, kind: Kind): readonly number[] {
    return readdirSync(this.#directory)
      .filter((name) => name.startsWith(`${stack}.`) && name.endsWith(`.${kind}`))
      .map((name) => Number(name.slice(stack.length + 1, -(kind.length + 1))))
      .filter(Number.isSafeInteger)
      .sort((a, b) => a - b)
  }

  /** The file appears with its content in one act: a reader never sees a part of it. @returns whether the number was free */
  #claim(stack: string, kind: Kind, number: number, claim: Claim): boolean {
    const draft = join(this.#directory, `${stack}.${claim.pid}.${number}.draft`)
    writeFileSync(draft, JSON.stringify({ ...claim, released: false } satisfies ClaimFile))
    try {
      linkSync(draft, this.#file(stack, kind, number))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    } finally {
      rmSync(draft, { force: true })
    }
  }

  #lease(stack: string, token: number): Lease {
    const file = this.#file(stack, 'lease', token)
    return {
      stack,
      token,
      renew: () => settle(() => (this.#numbers(stack, 'lease').at(-1) === token && readClaim(file)?.released === false ? 'held' : 'lost')),
      release: () =>
        settle(() => {
          const lease = readClaim(file)
          if (lease === undefined || lease.released) return
          const draft = `${file}.released`
          writeFileSync(draft, JSON.stringify({ ...lease, released: true } satisfies ClaimFile))
          renameSync(draft, file)
        }),
    }
  }

  #place(stack: string, number: number): Place {
    const file = this.#file(stack, 'waiting', number)
    return { number, renew: () => Promise.resolve(), leave: () => settle(() => rmSync(file, { force: true })) }
  }
}

function readClaim(file: string): ClaimFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ClaimFile
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** What is done at once, as a promise: other stores answer later. */
function settle<Result>(work: () => Result): Promise<Result> {
  return new Promise((resolve) => resolve(work()))
}
