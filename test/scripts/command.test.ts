import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runLogged } from '../../scripts/bootstrap/command.mjs'
import { SetUpError } from '../../scripts/bootstrap/set-up-error.mjs'

const twentyLines = `for (let i = 1; i <= 20; i++) console.error('line ' + i)`

test('a build that fails is reported with its last lines, its log and what to do', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'prescale-log-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const log = join(folder, 'logs', 'build.log')
  const failed = await runLogged(process.execPath, ['-e', `${twentyLines}; process.exit(3)`], { log, what: 'building it', next: 'mend it' }).catch((error: unknown) => error)
  assert.ok(failed instanceof SetUpError)
  const report = failed.report.split('\n')
  assert.equal(report[0], 'error: building it failed (exit code 3)')
  assert.deepEqual(report.slice(-4), ['  | line 19', '  | line 20', `  log:  ${log}`, '  next: mend it'])
  assert.ok(report.length <= 18)
  assert.match(readFileSync(log, 'utf8'), /line 1\n/)
})

test('a command that cannot be found, and one that takes too long, are errors of the same kind', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'prescale-log-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const options = { log: join(folder, 'build.log'), what: 'building it', next: 'mend it' }
  await assert.rejects(runLogged(join(folder, 'none'), [], options), { name: 'SetUpError', message: /could not be started/ })
  const endless = ['-e', 'setInterval(() => 0, 1000)']
  await assert.rejects(runLogged(process.execPath, endless, { ...options, timeoutSeconds: 0.2 }), { name: 'SetUpError', message: /ended by SIGTERM/ })
})
