import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { engineEnvironment } from './engine.ts'

const run = promisify(execFile)

test('the engine of the tests keeps a stack and its secrets in the folder it was given, locked by the passphrase', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'prescale-engine-'))
  try {
    mkdirSync(join(directory, 'state'))
    writeFileSync(join(directory, 'Pulumi.yaml'), 'name: engine-test\nruntime: nodejs\n')
    const env = engineEnvironment(directory)
    const pulumi = (...args: readonly string[]) => run('pulumi', [...args, '--non-interactive'], { cwd: directory, env })
    await pulumi('stack', 'init', 'one')
    await pulumi('config', 'set', '--secret', 'key', 'value')
    assert.equal((await pulumi('config', 'get', 'key')).stdout.trim(), 'value')
    assert.deepEqual(readdirSync(join(directory, 'state', '.pulumi', 'stacks', 'engine-test')).filter((name) => name.endsWith('.json')), ['one.json'])
    const stranger = { ...env, PULUMI_CONFIG_PASSPHRASE: 'another' }
    await assert.rejects(run('pulumi', ['config', 'get', 'key', '--non-interactive'], { cwd: directory, env: stranger }), /incorrect passphrase/)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
