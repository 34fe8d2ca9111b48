import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { RegionKey } from '../../src/domain/pool.ts'
import type { EngineSettings, StackRun, StackTarget } from '../../src/reconcile/engine.ts'
import { runStacks } from '../../src/reconcile/run-stacks.ts'
import { anEngineProject, aRegionPool, aRegionState, type EngineProject } from './engine-project.ts'

const pack = fileURLToPath(new URL('../../policy/capacity/run', import.meta.url))
const aws: RegionKey = { cloud: 'aws', region: 'us-east-1' }

describe('what stands between a plan and the clouds', { concurrency: false }, () => {
  let project: EngineProject
  before(async () => {
    project = await anEngineProject()
  })
  after(() => project.remove())

  const run = async (kind: 'preview' | 'apply' | 'repair', target: StackTarget, change: Partial<EngineSettings> = {}): Promise<StackRun> => {
    const [ran] = await runStacks(kind, [target], { ...project.engine, ...change }, () => {}, AbortSignal.timeout(280_000))
    assert.ok(ran !== undefined)
    return ran
  }
  const told = ({ failures }: StackRun): string => failures.map(({ message }) => message).join('\n')

  test('a stack that keeps the pack’s policies is applied', async () => {
    const ran = await run('apply', project.target(aRegionState(aws, [aRegionPool(aws)])), { policyPacks: [pack] })
    assert.equal(ran.outcome, 'succeeded', told(ran))
  })

  test('a stack that wants more nodes than its policy allows is refused in preview and in apply, and nothing is changed', async () => {
    const before = (await project.cloud.read([aws], AbortSignal.timeout(5000))).pools.map(({ desired }) => desired)
    const many = project.target(aRegionState(aws, [aRegionPool(aws, { desired: 1001, max: 2000 })]))
    for (const kind of ['preview', 'apply'] as const) {
      const ran = await run(kind, many, { policyPacks: [pack] })
      assert.equal(ran.outcome, 'refused')
      assert.match(told(ran), /^policy most-nodes: the groups of this stack want 1001 nodes, 1000 are allowed$/m)
    }
    assert.deepEqual((await project.cloud.read([aws], AbortSignal.timeout(5000))).pools.map(({ desired }) => desired), before)
  })

  test('a pack that was given settings asks for what they say', async () => {
    const config = join(project.engine.projectDirectory, 'capacity.json')
    writeFileSync(config, JSON.stringify({ 'most-nodes': { nodes: 5 } }))
    const ran = await run('apply', project.target(aRegionState(aws, [aRegionPool(aws, { desired: 6 })])), { policyPacks: [pack], policyPackConfigs: [config] })
    assert.equal(ran.outcome, 'refused')
    assert.match(told(ran), /^policy most-nodes: the groups of this stack want 6 nodes, 5 are allowed$/m)
    writeFileSync(config, JSON.stringify({ 'most-nodes': { nodes: 'many' } }))
    const unusable = await run('apply', project.target(aRegionState(aws, [aRegionPool(aws, { desired: 6 })])), { policyPacks: [pack], policyPackConfigs: [config] })
    assert.notEqual(unusable.outcome, 'succeeded')
    assert.match(told(unusable), /nodes/)
  })

  test('a run whose processes hold more memory than allowed is interrupted, says so, and leaves no lock', async () => {
    const target = project.target(aRegionState(aws, [aRegionPool(aws, { desired: 4 })]))
    project.cloud.setFaults({ hang: ['web-'], hangSeconds: 60 })
    const ran = await run('apply', target, { mostMemoryMib: 50 })
    project.cloud.setFaults({ hang: [] })
    assert.equal(ran.outcome, 'aborted')
    assert.match(told(ran), /held \d+ MiB of memory, more than 50/)
    assert.equal((await run('apply', target)).outcome, 'succeeded')
  })

  test('repair keeps a copy of the state that the engine takes back, and changes no group', async () => {
    const before = await project.cloud.read([aws], AbortSignal.timeout(5000))
    const ran = await run('repair', project.target(aRegionState(aws, [])))
    assert.equal(ran.outcome, 'succeeded', told(ran))
    assert.ok(ran.notes.includes('no operation was under way'))
    const copies = join(project.directory, '.prescale', 'backups')
    const [copy = ''] = readdirSync(copies)
    assert.match(copy, /^sandbox\.aws-us-east-1-[0-9a-f]+\.json$/)
    assert.ok((JSON.parse(readFileSync(join(copies, copy), 'utf8')) as { deployment: { resources: unknown[] } }).deployment.resources.length > 1)
    const taken = await project.shell('stack', 'import', '--file', join(copies, copy), '--stack', 'sandbox.aws-us-east-1')
    assert.equal(taken.code, 0, taken.stdout)
    assert.deepEqual((await project.cloud.read([aws], AbortSignal.timeout(5000))).pools, before.pools)
  })

  test('a stack that was never applied has nothing to repair', async () => {
    const ran = await run('repair', project.target(aRegionState({ cloud: 'aws', region: 'eu-west-1' }, [])))
    assert.deepEqual([ran.outcome, ran.notes], ['succeeded', ['the stack was never applied: there is nothing to repair']])
  })
})
