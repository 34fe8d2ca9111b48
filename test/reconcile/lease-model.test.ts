import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import type { Claim, Lease, Place } from '../../src/domain/coordination.ts'
import { FileLeases } from '../../src/reconcile/lease.ts'

const sequences = 10_000
const stacks = ['aws', 'gcp'] as const
type StackName = (typeof stacks)[number]
const processes = 4

/** What is true of one stack, kept without files. */
interface Expected {
  /** Number of the process that holds it; undefined when nobody living does. */
  holder: number | undefined
  highestToken: number
  /** Numbers of the living processes that wait, in order. */
  queue: number[]
  /** Tokens of the changes that were made to the stack, in order. */
  readonly changes: number[]
}

interface Model {
  readonly expected: Record<StackName, Expected>
  /** Which processes live; a process that dies comes back under another number. */
  readonly lives: number[]
}

/** Processes that work on stacks as prescale does: a change is made only right after the lease has said that it is still held. */
class Fleet {
  readonly alive = new Set<number>()
  readonly leases: FileLeases
  readonly held = new Map<string, Lease>()
  readonly places = new Map<string, Place>()
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
    this.leases = new FileLeases(directory, { host: 'here', startedAt: (pid) => (this.alive.has(pid) ? 1 : 'gone') })
  }

  claim(pid: number): Claim {
    return { pid, host: 'here', purpose: `run of ${pid}`, sinceSeconds: 2 }
  }

  end(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

type Command = fc.AsyncCommand<Model, Fleet>

const key = (pid: number, stack: StackName): string => `${pid} ${stack}`
/** @returns the process that stands at a place of the model's list now */
const processAt = (model: Model, index: number): number => model.lives[index] ?? 0

class Take implements Command {
  readonly index: number
  readonly stack: StackName
  constructor(index: number, stack: StackName) {
    this.index = index
    this.stack = stack
  }
  check(): boolean {
    return true
  }
  async run(model: Model, fleet: Fleet): Promise<void> {
    const pid = processAt(model, this.index)
    const expected = model.expected[this.stack]
    const place = fleet.places.get(key(pid, this.stack))
    const answer = await fleet.leases.take(this.stack, fleet.claim(pid), place)
    const at = expected.queue.indexOf(pid)
    const before = at < 0 ? expected.queue : expected.queue.slice(0, at)
    if (expected.holder === undefined && before.length === 0) {
      assert.ok(answer.kind === 'taken')
      assert.ok(answer.lease.token > expected.highestToken, 'tokens grow')
      fleet.held.set(key(pid, this.stack), answer.lease)
      expected.holder = pid
      expected.highestToken = answer.lease.token
      if (place !== undefined) await place.leave()
      fleet.places.delete(key(pid, this.stack))
      if (at >= 0) expected.queue.splice(at, 1)
    } else {
      assert.ok(answer.kind === 'held')
      const ahead = expected.holder === undefined ? before : [expected.holder, ...before]
      assert.deepEqual([answer.holder, ...answer.ahead].map((claim) => claim.pid), ahead)
    }
  }
  toString(): string {
    return `take(${this.index}, ${this.stack})`
  }
}

class Join implements Command {
  readonly index: number
  readonly stack: StackName
  constructor(index: number, stack: StackName) {
    this.index = index
    this.stack = stack
  }
  check(model: Model): boolean {
    const pid = processAt(model, this.index)
    const { holder, queue } = model.expected[this.stack]
    return holder !== pid && !queue.includes(pid)
  }
  async run(model: Model, fleet: Fleet): Promise<void> {
    const pid = processAt(model, this.index)
    fleet.places.set(key(pid, this.stack), await fleet.leases.join(this.stack, fleet.claim(pid)))
    model.expected[this.stack].queue.push(pid)
  }
  toString(): string {
    return `join(${this.index}, ${this.stack})`
  }
}

class Leave implements Command {
  readonly index: number
  readonly stack: StackName
  constructor(index: number, stack: StackName) {
    this.index = index
    this.stack = stack
  }
  check(model: Model): boolean {
    return model.expected[this.stack].queue.includes(processAt(model, this.index))
  }
  async run(model: Model, fleet: Fleet): Promise<void> {
    const pid = processAt(model, this.index)
    await fleet.places.get(key(pid, this.stack))?.leave()
    fleet.places.delete(key(pid, this.stack))
    model.expected[this.stack].queue = model.expected[this.stack].queue.filter((one) => one !== pid)
  }
  toString(): string {
    return `leave(${this.index}, ${this.stack})`
  }
}

/** One change to the stack by whoever believes to hold it, living or not yet known to be replaced. */
class Change implements Command {
  readonly stack: StackName
  constructor(stack: StackName) {
    this.stack = stack
  }
  check(): boolean {
    return true
  }
  async run(model: Model, fleet: Fleet): Promise<void> {
    const expected = model.expected[this.stack]
    for (const [name, lease] of fleet.held) {
      if (!name.endsWith(` ${this.stack}`)) continue
      const held = (await lease.renew()) === 'held'
      const pid = Number(name.split(' ')[0])
      if (expected.holder === pid && expected.highestToken === lease.token) assert.ok(held, 'the holder holds')
      if (expected.highestToken !== lease.token) assert.ok(!held, 'who was replaced knows it')
      if (held) expected.changes.push(lease.token)
    }
    assert.deepEqual(expected.changes, expected.changes.toSorted((a, b) => a - b), 'no change carries an older token than one before it')
  }
  toString(): string {
    return `change(${this.stack})`
  }
}

class Release implements Command {
  readonly index: number
  readonly stack: StackName
  constructor(index: number, stack: StackName) {
    this.index = index
    this.stack = stack
  }
  check(model: Model): boolean {
    return model.expected[this.stack].holder === processAt(model, this.index)
  }
  async run(model: Model, fleet: Fleet): Promise<void> {
    const pid = processAt(model, this.index)
    const lease = fleet.held.get(key(pid, this.stack))
    await lease?.release()
    await lease?.release()
    assert.equal(await lease?.renew(), 'lost')
    model.expected[this.stack].holder = undefined
  }
  toString(): string {
    return `release(${this.index}, ${this.stack})`
  }
}

class Kill implements Command {
  readonly index: number
  constructor(index: number) {
    this.index = index
  }
  check(): boolean {
    return true
  }
  run(model: Model, fleet: Fleet): Promise<void> {
    const pid = processAt(model, this.index)
    fleet.alive.delete(pid)
    for (const stack of stacks) {
      const expected = model.expected[stack]
      if (expected.holder === pid) expected.holder = undefined
      expected.queue = expected.queue.filter((one) => one !== pid)
    }
    const next = Math.max(...model.lives) + 1
    model.lives[this.index] = next
    fleet.alive.add(next)
    return Promise.resolve()
  }
  toString(): string {
    return `kill(${this.index})`
  }
}

/** What anyone may see: who holds and who waits. */
class Look implements Command {
  check(): boolean {
    return true
  }
  async run(model: Model, fleet: Fleet): Promise<void> {
    const queues = await fleet.leases.queues()
    for (const stack of stacks) {
      const seen = queues.find((queue) => queue.stack === stack)
      const { holder, queue } = model.expected[stack]
      assert.equal(seen?.holder?.pid, holder)
      assert.deepEqual((seen?.waiting ?? []).map(({ pid }) => pid), queue)
    }
  }
  toString(): string {
    return 'look'
  }
}

const base = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'prescale-model-'))
after(() => rmSync(base, { recursive: true, force: true }))

test('whatever processes do and whenever they are killed, a stack has at most one writer and a fair queue', { timeout: 600_000 }, async () => {
  const index = fc.nat(processes - 1)
  const stack = fc.constantFrom(...stacks)
  const commands = fc.commands(
    [
      fc.tuple(index, stack).map(([i, name]) => new Take(i, name)),
      fc.tuple(index, stack).map(([i, name]) => new Join(i, name)),
      fc.tuple(index, stack).map(([i, name]) => new Leave(i, name)),
      fc.tuple(index, stack).map(([i, name]) => new Release(i, name)),
      stack.map((name) => new Change(name)),
      index.map((i) => new Kill(i)),
      fc.constant(new Look()),
    ],
    { maxCommands: 24 },
  )
  let ran = 0
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      ran += 1
      const fleet = new Fleet(mkdtempSync(join(base, 'm')))
      const lives = Array.from({ length: processes }, (_, i) => i + 1)
      for (const pid of lives) fleet.alive.add(pid)
      const nothing = (): Expected => ({ holder: undefined, highestToken: 0, queue: [], changes: [] })
      try {
        await fc.asyncModelRun(() => ({ model: { expected: { aws: nothing(), gcp: nothing() }, lives }, real: fleet }), sequence)
      } finally {
        fleet.end()
      }
    }),
    { numRuns: sequences, endOnFailure: true },
  )
  assert.ok(ran >= sequences)
})
