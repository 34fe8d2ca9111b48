import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { aPostgres } from '../support/postgres.ts'

const program = join(import.meta.dirname, 'scheduler.ts')

/** Lets two processes race for every round. */
async function race(rounds: number, url = ''): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'prescale-race-'))
  mkdirSync(join(directory, 'leases'))
  try {
    const schedulers = [0, 1].map(() => spawn(process.execPath, [program, directory, String(rounds), url], { stdio: 'inherit' }))
    assert.deepEqual(await Promise.all(schedulers.map(async (scheduler) => (await once(scheduler, 'exit'))[0] as number)), [0, 0])
    assert.ok(!existsSync(join(directory, 'overlaps')), 'never were both inside')
    const log = readFileSync(join(directory, 'log'), 'utf8').trim().split('\n').map((line) => line.split(' ').map(Number))
    assert.deepEqual(log.map(([round]) => round), Array.from({ length: rounds }, (_, round) => round), 'every round was applied once')
    const tokens = log.map(([, , token]) => token ?? 0)
    assert.ok(tokens.every((token, i) => i === 0 || token > (tokens[i - 1] ?? 0)), 'tokens grow')
    assert.equal(new Set(log.map(([, pid]) => pid)).size, 2, 'both took part')
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

test('in a thousand races of two schedulers on one machine, every plan is applied once', { timeout: 300_000 }, () => race(1000))

test('in two hundred races of two schedulers that share a database, every plan is applied once', { timeout: 300_000 }, async () => {
  await using postgres = await aPostgres()
  await race(200, postgres.url)
})
