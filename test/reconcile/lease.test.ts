import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { type LeaseHolder, takeLease } from '../../src/reconcile/lease.ts'
import { localProcesses, type ProcessTable } from '../../src/reconcile/stack-lock.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'prescale-lease-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const holder = (pid: number, host = 'here'): LeaseHolder => ({ pid, host, purpose: 'prescale apply', sinceSeconds: 1000 })
const alive: ProcessTable = { host: 'here', startedAt: () => 900 }
const dead: ProcessTable = { host: 'here', startedAt: () => 'gone' }
const program = join(import.meta.dirname, 'lease-holder.ts')

test('a taken lease is held by who took it, until it is released', () => {
  const first = takeLease(directory, 'aws', holder(1), alive)
  assert.equal(first.kind, 'taken')
  const second = takeLease(directory, 'aws', holder(2), alive)
  assert.deepEqual(second.kind === 'held' && [second.holder.pid, second.holder.purpose], [1, 'prescale apply'])
  if (first.kind === 'taken') first.release()
  assert.equal(takeLease(directory, 'aws', holder(2), alive).kind, 'taken')
})

test('stacks are held one by one, also where one name begins like another', () => {
  assert.equal(takeLease(directory, 'a', holder(1), alive).kind, 'taken')
  assert.equal(takeLease(directory, 'a.b', holder(2), alive).kind, 'taken')
  assert.equal(takeLease(directory, 'a', holder(2), alive).kind, 'held')
})

test('the lease of a dead process is taken over, that of one on another machine is not', () => {
  takeLease(directory, 'aws', holder(1), alive)
  assert.equal(takeLease(directory, 'aws', holder(2), dead).kind, 'taken')
  takeLease(directory, 'gcp', holder(1, 'elsewhere'), alive)
  assert.equal(takeLease(directory, 'gcp', holder(2), dead).kind, 'held')
})

test('tokens grow with every holder, whoever dies or releases in between', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 6 }), (releases, stack) => {
      let last = 0
      for (const releasing of releases) {
        const lease = takeLease(directory, `${stack}-${releases.length}`, holder(1), dead)
        assert.ok(lease.kind === 'taken' && lease.token > last)
        last = lease.token
        if (releasing) lease.release()
      }
    }),
  )
})

test('a holder that was replaced releases nothing of its successor', () => {
  const first = takeLease(directory, 'aws', holder(1), alive)
  takeLease(directory, 'aws', holder(2), dead)
  if (first.kind === 'taken') first.release()
  assert.equal(takeLease(directory, 'aws', holder(3), alive).kind, 'held')
})

test('a process that was slow to see a dead holder does not push aside whoever has come and gone since', () => {
  takeLease(directory, 'aws', holder(1), alive)
  let others = 0
  const slow: ProcessTable = {
    host: 'here',
    startedAt() {
      if ((others += 1) > 1) return 900
      const second = takeLease(directory, 'aws', holder(2), dead)
      if (second.kind === 'taken') second.release()
      assert.equal(takeLease(directory, 'aws', holder(3), alive).kind, 'taken')
      return 'gone'
    },
  }
  const late = takeLease(directory, 'aws', holder(4), slow)
  assert.deepEqual(late.kind === 'held' && late.holder.pid, 3)
  assert.equal(readdirSync(directory).filter((name) => name.endsWith('.lease')).length, 1)
})

test('processes that race for a lease hold it one at a time, and tokens tell their order', async () => {
  const log = join(directory, 'log')
  const racers = Array.from({ length: 4 }, () => spawn(process.execPath, [program, directory, log, '25'], { stdio: 'inherit' }))
  assert.deepEqual(await Promise.all(racers.map(async (racer) => (await once(racer, 'exit'))[0] as number)), [0, 0, 0, 0])
  const lines = readFileSync(log, 'utf8').trim().split('\n').map((line) => line.split(' '))
  assert.equal(lines.length, 200)
  let last = 0
  for (let index = 0; index < lines.length; index += 2) {
    const [inside, outside] = [lines[index], lines[index + 1]]
    assert.deepEqual([inside?.[0], outside?.[0], inside?.[1], inside?.[2]], ['in', 'out', outside?.[1], outside?.[2]])
    assert.ok(Number(inside?.[2]) > last)
    last = Number(inside?.[2])
  }
  assert.equal(readdirSync(directory).filter((name) => name.endsWith('.draft')).length, 0)
})

test('a holder that is killed gives way at once', async () => {
  const killed = spawn(process.execPath, [program, directory, '', 'stay'], { stdio: ['ignore', 'pipe', 'inherit'] })
  assert.equal(String((await once(killed.stdout, 'data'))[0]).trim(), 'taken')
  const me = { ...holder(process.pid, localProcesses.host), sinceSeconds: Date.now() / 1000 }
  assert.equal(takeLease(directory, 'stack', me, localProcesses).kind, 'held')
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  assert.equal(takeLease(directory, 'stack', me, localProcesses).kind, 'taken')
})
