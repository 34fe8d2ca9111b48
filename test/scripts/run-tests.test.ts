import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const script = join(import.meta.dirname, '../../scripts/run-tests.mjs')

function runTests(files: Readonly<Record<string, string>>): { readonly status: number | null; readonly stdout: string } {
  const folder = mkdtempSync(join(tmpdir(), 'prescale-run-tests-'))
  try {
    for (const [name, body] of Object.entries(files)) writeFileSync(join(folder, name), `import { test } from 'node:test'\n${body}`)
    // a runner inside a runner would take itself for one of its tests
    const { NODE_TEST_CONTEXT: _outer, ...env } = process.env
    return spawnSync(process.execPath, [script, folder], { encoding: 'utf8', env })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const passes = `test('passes', () => undefined)`

test('tests that pass end with exit code 0 and the counts of the runner', () => {
  const { status, stdout } = runTests({ 'a.test.ts': passes, 'b.test.ts': passes })
  assert.equal(status, 0)
  assert.match(stdout, /ℹ tests 2\nℹ suites 0\nℹ pass 2\nℹ fail 0\n/)
})

test('one failing test, a file that cannot be loaded, a skipped test and no test at all each end in exit code 1', () => {
  assert.equal(runTests({ 'a.test.ts': passes, 'b.test.ts': `test('fails', () => { throw new Error('no') })` }).status, 1)
  assert.equal(runTests({ 'a.test.ts': passes, 'b.test.ts': `import './nowhere.ts'` }).status, 1)
  assert.equal(runTests({ 'a.test.ts': passes, 'b.test.ts': `test.skip('later', () => undefined)` }).status, 1)
  assert.equal(runTests({}).status, 1)
})
