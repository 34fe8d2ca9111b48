import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const launcher = join(import.meta.dirname, '../../bin/prescale.mjs')
const runs = 7

/** Says on standard error what CPU the process took, in microseconds. */
const reportCpu = `data:text/javascript,process.on('exit',()=>{const c=process.cpuUsage();process.stderr.write('cpu '+(c.user+c.system))})`
/** Says on standard error what is loaded. */
const reportModules = `data:text/javascript,import{registerHooks}from'node:module';registerHooks({load(u,c,n){process.stderr.write(u+'\\n');return n(u,c)}})`

function run(preload: string, args: readonly string[], cache: string): string {
  const { NODE_COMPILE_CACHE: _given, ...env } = process.env
  const { status, stderr } = spawnSync(process.execPath, ['--import', preload, ...args], { encoding: 'utf8', env: { ...env, XDG_CACHE_HOME: cache } })
  assert.equal(status, 0, stderr)
  return stderr
}

function leastCpu(args: readonly string[], cache: string): number {
  return Math.min(...Array.from({ length: runs }, () => Number(/cpu (\d+)/.exec(run(reportCpu, args, cache))?.[1])))
}

test('prescale --help takes at most three times the CPU of a Node that does nothing, once it has run', () => {
  const cache = mkdtempSync(join(tmpdir(), 'prescale-compiled-'))
  try {
    run(reportCpu, [launcher, '--help'], cache)
    const bare = leastCpu(['-e', '0'], cache)
    const help = leastCpu([launcher, '--help'], cache)
    assert.ok(help <= 3 * bare, `${help} µs against ${bare} µs of a bare Node`)
  } finally {
    rmSync(cache, { recursive: true, force: true })
  }
})

test('prescale --help loads no package', () => {
  const cache = mkdtempSync(join(tmpdir(), 'prescale-compiled-'))
  try {
    const loaded = run(reportModules, [launcher, '--help'], cache).split('\n')
    assert.ok(loaded.some((url) => url.endsWith('/src/cli/main.ts')))
    assert.deepEqual(loaded.filter((url) => url.includes('/node_modules/')), [])
  } finally {
    rmSync(cache, { recursive: true, force: true })
  }
})
