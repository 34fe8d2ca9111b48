import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import type { Claim, Place } from '../../src/domain/coordination.ts'
import { FileLeases } from '../../src/reconcile/lease.ts'
import { localProcesses, type ProcessTable } from '../../src/reconcile/stack-lock.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'prescale-lease-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const claim = (pid: number, host = 'here'): Claim => ({ pid, host, purpose: 'prescale apply', sinceSeconds: 1000 })
const alive: ProcessTable = { host: 'here', startedAt: () => 900 }
const dead: ProcessTable = { host: 'here', startedAt: () => 'gone' }
const program = join(import.meta.dirname, 'lease-holder.ts')
const take = (stack: string, who: Claim, processes: ProcessTable, place?: Place) => new FileLeases(directory, processes).take(stack, who, place)

test('a taken lease is held by who took it, until it is released', async () => {
  const first = await take('aws', claim(1), alive)
  assert.equal(first.kind, 'taken')
  const second = await take('aws', claim(2), alive)
  assert.deepEqual(second.kind === 'held' && [second.holder.pid, second.holder.purpose], [1, 'prescale apply'])
  if (first.kind === 'taken') await first.lease.release()
  assert.equal((await take('aws', claim(2), alive)).kind, 'taken')
})

test('stacks are held one by one, also where one name begins like another', async () => {
  assert.equal((await take('a', claim(1), alive)).kind, 'taken')
  assert.equal((await take('a.b', claim(2), alive)).kind, 'taken')
  assert.equal((await take('a', claim(2), alive)).kind, 'held')
})

test('the lease of a dead process is taken over, that of one on another machine is not', async () => {
  await take('aws', claim(1), alive)
  assert.equal((await take('aws', claim(2), dead)).kind, 'taken')
  await take('gcp', claim(1, 'elsewhere'), alive)
  assert.equal((await take('gcp', claim(2), dead)).kind, 'held')
})

test('tokens grow with every holder, whoever dies or releases in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 6 }), async (releases, stack) => {
      let last = 0
      for (const releasing of releases) {
        const answer = await take(`${stack}-${releases.length}`, claim(1), dead)
        assert.ok(answer.kind === 'taken' && answer.lease.token > last)
        last = answer.lease.token
        if (releasing) await answer.lease.release()
      }
    }),
  )
})

test('a holder that was replaced knows it, and releases nothing of its successor', async () => {
  const first = await take('aws', claim(1), alive)
  assert.ok(first.kind === 'taken')
  assert.equal(await first.lease.renew(), 'held')
  await take('aws', claim(2), dead)
  assert.equal(await first.lease.renew(), 'lost')
  await first.lease.release()
  assert.equal((await take('aws', claim(3), alive)).kind, 'held')
})

test('a process that was slow to see a dead holder does not push aside whoever has come and gone since', async () => {
  await take('aws', claim(1), alive)
  const deep = new FileLeases(directory, dead)
  let others = 0
  const meanwhile: Promise<unknown>[] = []
  const slow: ProcessTable = {
    host: 'here',
    startedAt() {
      if ((others += 1) > 1) return 900
      // the file leases do their work before they answer
      meanwhile.push(deep.take('aws', claim(2), undefined).then((second) => (second.kind === 'taken' ? second.lease.release() : undefined)))
      meanwhile.push(new FileLeases(directory, dead).take('aws', claim(3), undefined))
      return 'gone'
    },
  }
  const late = await take('aws', claim(4), slow)
  await Promise.all(meanwhile)
  assert.deepEqual(late.kind === 'held' && late.holder.pid, 3)
  assert.equal(readdirSync(directory).filter((name) => name.endsWith('.lease')).length, 1)
})

test('those who wait come in order, and before anyone who does not wait', async () => {
  const leases = new FileLeases(directory, alive)
  const held = await leases.take('aws', claim(1), undefined)
  const [second, third] = [await leases.join('aws', claim(2)), await leases.join('aws', claim(3))]
  assert.deepEqual(await leases.queues(), [{ stack: 'aws', holder: { ...claim(1), released: false }, waiting: [claim(2), claim(3)].map((one) => ({ ...one, released: false })) }])
  if (held.kind === 'taken') await held.lease.release()
  const pusher = await leases.take('aws', claim(9), undefined)
  assert.deepEqual(pusher.kind === 'held' && [pusher.holder.pid, pusher.ahead.map(({ pid }) => pid)], [2, [3]])
  const early = await leases.take('aws', claim(3), third)
  assert.deepEqual(early.kind === 'held' && early.holder.pid, 2)
  assert.equal((await leases.take('aws', claim(2), second)).kind, 'taken')
  await second.leave()
  const after = await leases.take('aws', claim(3), third)
  assert.deepEqual(after.kind === 'held' && [after.holder.pid, after.ahead], [2, []])
})

test('who dies while waiting stands in nobody’s way', async () => {
  const leases = new FileLeases(directory, { host: 'here', startedAt: (pid) => (pid === 2 ? 'gone' : 900) })
  await leases.join('aws', claim(2))
  assert.equal((await leases.take('aws', claim(3), undefined)).kind, 'taken')
  assert.equal(readdirSync(directory).filter((name) => name.endsWith('.waiting')).length, 0)
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
  const me = { ...claim(process.pid, localProcesses.host), sinceSeconds: Date.now() / 1000 }
  assert.equal((await take('stack', me, localProcesses)).kind, 'held')
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  assert.equal((await take('stack', me, localProcesses)).kind, 'taken')
})
