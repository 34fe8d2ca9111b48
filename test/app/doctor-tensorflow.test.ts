import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { CheckResult, CommandOutput, Examination } from '../../src/app/doctor/check.ts'
import { tensorflowCheck } from '../../src/app/doctor/tensorflow.ts'

const root = join(import.meta.dirname, '../..')

/** Looks at the backend of this very checkout, in a real process with these variables. */
async function look(env: Readonly<Record<string, string>>): Promise<CheckResult | undefined> {
  const run: Examination['run'] = (command, args, more) =>
    new Promise((resolve) => {
      execFile(command, [...args], { env: { ...process.env, ...env, ...more } }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined
        resolve({ code, stdout, stderr } satisfies CommandOutput)
      })
    })
  const examination = { installation: root, run, env } as unknown as Examination
  return (await tensorflowCheck.look(examination))[0]
}

/** An environment in which the native library is found first where it is not: an empty file of its name. */
async function withBrokenLibrary<Answer>(body: (env: Readonly<Record<string, string>>) => Promise<Answer>): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), 'prescale-broken-library-'))
  try {
    writeFileSync(join(folder, 'libtensorflow_cc.so.2'), '')
    return await body({ LD_LIBRARY_PATH: folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('here the fast backend runs, without being asked for: a machine where it does not is not ready to test on', async () => {
  const found = await look({ PRESCALE_TF_BACKEND: 'auto' })
  assert.equal(found?.status, 'ok', found?.found)
  assert.match(found.found, /^tfjs-node \(TensorFlow \d+\.\d+\.\d+\); PRESCALE_TF_BACKEND=wasm uses WebAssembly instead$/)
})

test('with a native library that does not load, WebAssembly runs instead, and one line says why and how to get the fast one', async () => {
  const found = await withBrokenLibrary((env) => look(env))
  assert.equal(found?.status, 'warn')
  assert.match(found.found, /^tfjs wasm: tfjs-node did not load \(.*libtensorflow_cc\.so\.2.*\); `npm run set-up` installs the native library/)
  assert.doesNotMatch(found.found, /\n/)
  assert.equal(found.mend, 'npm run set-up installs the native library')
})

test('a native library that was asked for by name and does not load is a failure', async () => {
  const found = await withBrokenLibrary((env) => look({ ...env, PRESCALE_TF_BACKEND: 'node' }))
  assert.equal(found?.status, 'fail')
  assert.match(found.found, /tfjs-node/)
})

test('WebAssembly that was asked for by name is no cause for concern', async () => {
  assert.equal((await look({ PRESCALE_TF_BACKEND: 'wasm' }))?.status, 'ok')
})
