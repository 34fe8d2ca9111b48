import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { holderIsDead, localProcesses, locksIn, type ProcessTable, removeLock } from '../../src/reconcile/stack-lock.ts'

const refusal = `error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///srv/state/.pulumi/locks/organization/prescale/sandbox.aws-us-east-1/one.json: created by ops@host-a (pid 12) at 2026-01-26T13:00:00Z
  file:///srv/state/.pulumi/locks/organization/prescale/sandbox.aws-us-east-1/two.json: created by ops@host-b (pid 13) at 2026-01-26T13:05:00+01:00`

test('locks are read from the engine’s refusal, each once though it is printed twice', () => {
  const locks = locksIn(`${refusal}\n${refusal}`)
  assert.deepEqual(
    locks.map(({ holder, host, pid, sinceSeconds }) => ({ holder, host, pid, sinceSeconds })),
    [
      { holder: 'ops@host-a (pid 12)', host: 'host-a', pid: 12, sinceSeconds: 1769432400 },
      { holder: 'ops@host-b (pid 13)', host: 'host-b', pid: 13, sinceSeconds: 1769429100 },
    ],
  )
  assert.deepEqual(locksIn('error: something else'), [])
})

const table = (startedAt: ProcessTable['startedAt']): ProcessTable => ({ host: 'here', startedAt })
const lock = { host: 'here', pid: 12, sinceSeconds: 1000 }

test('a holder is dead only when it was here and is gone, or its number belongs to a younger process', () => {
  assert.equal(holderIsDead(lock, table(() => 'gone')), true)
  assert.equal(holderIsDead(lock, table(() => 900)), false)
  assert.equal(holderIsDead(lock, table(() => 1003)), false)
  assert.equal(holderIsDead(lock, table(() => 1100)), true)
  assert.equal(holderIsDead(lock, table(() => 'unknown')), false)
  assert.equal(holderIsDead({ ...lock, host: 'elsewhere' }, table(() => 'gone')), false)
})

test('a living process has a start before now, and an ended one is gone', async () => {
  const started = localProcesses.startedAt(process.pid)
  assert.ok(started === 'unknown' || (typeof started === 'number' && Math.abs(started - (Date.now() / 1000 - process.uptime())) < 5))
  const child = spawn(process.execPath, ['--eval', ''])
  await once(child, 'exit')
  assert.equal(localProcesses.startedAt(child.pid ?? 0), 'gone')
})

test('a process that ended counts as gone also while its parent has not asked how', async () => {
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const child = Number(String((await once(parent.stdout, 'data'))[0]).trim())
  const deadline = performance.now() + 10_000
  while (localProcesses.startedAt(child) !== 'gone' && performance.now() < deadline) await new Promise(setImmediate)
  assert.equal(localProcesses.startedAt(child), 'gone')
  assert.notEqual(localProcesses.startedAt(parent.pid ?? 0), 'gone')
  parent.kill('SIGKILL')
  await once(parent, 'exit')
})

test('a lock on disk is removed, one elsewhere is left to people', () => {
  const directory = mkdtempSync(join(tmpdir(), 'prescale-lock-'))
  try {
    const file = join(directory, 'a lock.json')
    writeFileSync(file, '{}')
    const at = (url: string) => ({ url, holder: '', host: '', pid: 1, sinceSeconds: 0 })
    assert.equal(removeLock(at('s3://bucket/lock.json')), false)
    assert.equal(removeLock(at(`${pathToFileURL(file).href}?metadata=skip`)), true)
    assert.equal(existsSync(file), false)
    assert.equal(removeLock(at(pathToFileURL(file).href)), true)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
