import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { holderIsDead, type ProcessTable } from './stack-lock.ts'

/** Who holds a stack, as its lease file says. */
export interface LeaseHolder {
  readonly pid: number
  readonly host: string
  /** What it does, for people: `prescale apply`. */
  readonly purpose: string
  readonly sinceSeconds: number
}

export interface Lease {
  readonly kind: 'taken'
  /** Grows with every holder of the stack: what carries a smaller one is from an earlier holder. */
  readonly token: number
  /** Lets go; does nothing the second time. */
  release(): void
}

export type LeaseAnswer = Lease | { readonly kind: 'held'; readonly holder: LeaseHolder; readonly file: string }

interface LeaseFile extends LeaseHolder {
  readonly released: boolean
}

/**
 * Takes the one lease there is on a stack, on one machine. The holder is the highest-numbered file; taking it makes the next number, which
 * the file system lets one process do; a released or dead holder's file stays until then, so that numbers never come back.
 * @param directory  folder of the leases; made when missing
 * @param holder     this process
 * @returns `held` with the holder while that one lives; a holder on another machine counts as living
 */
export function takeLease(directory: string, stack: string, holder: LeaseHolder, processes: ProcessTable): LeaseAnswer {
  mkdirSync(directory, { recursive: true })
  for (;;) {
    const before = tokens(directory, stack)
    const highest = before.at(-1)
    const current = highest === undefined ? undefined : readLease(leaseFile(directory, stack, highest))
    if (highest !== undefined && current !== undefined && !current.released && !holderIsDead(current, processes)) {
      return { kind: 'held', holder: current, file: leaseFile(directory, stack, highest) }
    }
    const token = (highest ?? 0) + 1
    if (!claim(directory, stack, token, holder)) continue
    if (tokens(directory, stack).at(-1) !== token) {
      rmSync(leaseFile(directory, stack, token), { force: true })
      continue
    }
    for (const old of before) rmSync(leaseFile(directory, stack, old), { force: true })
    return { kind: 'taken', token, release: () => release(directory, stack, token) }
  }
}

function leaseFile(directory: string, stack: string, token: number): string {
  return join(directory, `${stack}.${token}.lease`)
}

/** @returns ascending */
function tokens(directory: string, stack: string): readonly number[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith(`${stack}.`) && name.endsWith('.lease'))
    .map((name) => Number(name.slice(stack.length + 1, -'.lease'.length)))
    .filter(Number.isSafeInteger)
    .sort((a, b) => a - b)
}

function readLease(file: string): LeaseFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LeaseFile
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The file appears with its content in one act: a reader never sees a part of it. */
function claim(directory: string, stack: string, token: number, holder: LeaseHolder): boolean {
  const draft = join(directory, `${stack}.${holder.pid}.${token}.draft`)
  writeFileSync(draft, JSON.stringify({ ...holder, released: false } satisfies LeaseFile))
  try {
    linkSync(draft, leaseFile(directory, stack, token))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function release(directory: string, stack: string, token: number): void {
  const file = leaseFile(directory, stack, token)
  const lease = readLease(file)
  if (lease === undefined || lease.released) return
  const draft = `${file}.released`
  writeFileSync(draft, JSON.stringify({ ...lease, released: true } satisfies LeaseFile))
  renameSync(draft, file)
}
