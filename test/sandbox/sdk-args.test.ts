import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { packages, readSdkArgs } from '../../scripts/sandbox/read-sdk-args.ts'

for (const [name, source] of Object.entries(packages)) {
  test(`the arguments that the simulated ${name} accepts are those of the installed SDK`, () => {
    const committed: unknown = JSON.parse(readFileSync(new URL(`../../src/sandbox/provider/args/${name}.json`, import.meta.url), 'utf8'))
    assert.deepEqual(committed, readSdkArgs(source), 'run scripts/sandbox/write-sdk-args.ts')
  })
}
