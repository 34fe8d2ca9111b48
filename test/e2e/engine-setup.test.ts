import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { RegionKey } from '../../src/domain/pool.ts'
import type { EngineSettings, StackRun, StackTarget } from '../../src/reconcile/engine.ts'
import { runStacks } from '../../src/reconcile/run-stacks.ts'
import { anEngineProject, aRegionPool, aRegionState, type EngineProject } from './engine-project.ts'

const region: RegionKey = { cloud: 'aws', region: 'us-east-1' }

describe('an engine in a broken place', { concurrency: false }, () => {
  let project: EngineProject
  let target: StackTarget
  let env: EngineSettings['env']
  const preview = async (change: Partial<EngineSettings> = {}): Promise<StackRun | undefined> =>
    (await runStacks('preview', [target], { ...project.engine, ...change }, () => {}, AbortSignal.timeout(120_000)))[0]
  const saying = (run: StackRun | undefined, words: RegExp): void => {
    assert.deepEqual([run?.outcome, run?.failures.length], ['failed', 1])
    assert.match(run?.failures[0]?.message ?? '', words)
  }
  before(async () => {
    project = await anEngineProject()
    env = project.engine.env
    target = project.target(aRegionState(region, [aRegionPool(region)]))
    assert.equal((await preview())?.outcome, 'succeeded')
  })
  after(() => project.remove())

  test('names a wrong passphrase, and a missing one', async () => {
    saying(await preview({ env: { ...env, PULUMI_CONFIG_PASSPHRASE: 'wrong' } }), /incorrect passphrase$/)
    const { PULUMI_CONFIG_PASSPHRASE: _left, ...without } = env
    saying(await preview({ env: without }), /passphrase must be set with PULUMI_CONFIG_PASSPHRASE/)
  })

  test('names a backend that is not there', async () => {
    saying(await preview({ env: { ...env, PULUMI_BACKEND_URL: 'file:///nowhere/at-all' } }), /unable to open state directory "file:\/\/\/nowhere\/at-all"/)
  })

  test('names a missing command', async () => {
    saying(await preview({ commandDirectory: '/nowhere', env: { ...env, PATH: '/nowhere' } }), /spawn pulumi ENOENT/)
  })

  test('names a missing provider and its version', async () => {
    const file = join(project.directory, 'Pulumi.yaml')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.slice(0, text.indexOf('plugins:')))
    const run = await preview()
    writeFileSync(file, text)
    saying(run, /no resource plugin 'pulumi-resource-aws' found .* at version v\d/)
  })

  test('starts anew from the settings file of the stack alone, as on a fresh clone, with the same salt and region', async () => {
    const settings = join(project.directory, 'stacks', `Pulumi.${target.stack}.yaml`)
    const before = readFileSync(settings, 'utf8')
    assert.match(before, /^ {2}aws:region: us-east-1$/m)
    const state = join(project.directory, '.prescale', 'pulumi')
    rmSync(state, { recursive: true })
    mkdirSync(state)
    assert.equal((await preview())?.outcome, 'succeeded')
    assert.equal(readFileSync(settings, 'utf8'), before)
  })
})
