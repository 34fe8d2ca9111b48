import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { openProject, type Project } from '../../src/app/project.ts'
import { applyStep, type StackApplied } from '../../src/app/steps/apply-step.ts'
import { observeStep } from '../../src/app/steps/observe-step.ts'
import { loadCatalogue } from '../../src/config/load-settings.ts'
import { desiredStateFile, writeDesiredState } from '../../src/documents/desired-state-file.ts'
import type { RegionKey } from '../../src/domain/pool.ts'
import { poolKind } from '../../src/observe/lead-times.ts'
import { SandboxCloud } from '../../src/sandbox/sandbox-cloud.ts'
import { engineFolder } from '../support/engine.ts'
import { type InfluxServer, startInfluxd } from '../support/influxd.ts'
import { webOfTwoClouds } from '../support/web-of-two-clouds.ts'
import { aPool, applyAll, aState, iowa, virginia } from './app-project.ts'
import { aPrescaleProject, type PrescaleProject } from './prescale-project.ts'

/** p95 of the lead times that were measured; 10 min are set. */
const measuredSeconds = 120

suite('nodes that serve are those that report to InfluxDB, on clouds that only the engine\u2019s providers know', { concurrency: false }, () => {
  let folder: PrescaleProject
  let server: InfluxServer
  let cloud: SandboxCloud
  let project: Project
  let now = 1_790_000_100
  const warnings: string[] = []
  const plan = (virginiaNodes: number, iowaNodes: number, was: readonly [number, number]): void => {
    mkdirSync(join(folder.directory, 'stacks'), { recursive: true })
    for (const state of [aState(virginia, [aPool(virginia, virginiaNodes, was[0])]), aState(iowa, [aPool(iowa, iowaNodes, was[1])])]) {
      writeFileSync(join(folder.directory, desiredStateFile(state)), writeDesiredState(state))
    }
  }
  /** So many hosts of a region report now. */
  const report = (region: RegionKey, hosts: number): Promise<void> =>
    server.load(
      Array.from({ length: hosts }, (_, index) => `cpu,cpu=cpu-total,host=${region.region}-${index},region=${region.cloud}/${region.region},workload=web,type=any usage_idle=50 ${now}`),
    )
  const cycle = async (): Promise<readonly StackApplied[]> => (await observeStep(project, await applyStep(project, applyAll))).applied
  const verdicts = (applied: readonly StackApplied[]) => applied.map(({ verdict }) => verdict)
  const counts = () => cloud.liveCounts([virginia, iowa]).pools.map(({ desired }) => desired)

  before(async () => {
    server = await startInfluxd()
    folder = aPrescaleProject()
    folder.settings(
      () => `name: shop
history: { source: influx2, url: ${server.url}, org: ${server.org}, bucket: ${server.bucket} }
limits: { largestStep: { nodes: 500, share: 50 }, floorShare: 0.5 }
${webOfTwoClouds}    leadTime: 10m
`,
    )
    const place = (name: string): string => join(folder.directory, name)
    const catalogue = loadCatalogue(readFileSync(place('catalogue.yaml'), 'utf8'), 'catalogue.yaml')
    cloud = await SandboxCloud.open(place('clouds'), { scenarioFile: place('data/scenario.yaml'), catalogue })
    mkdirSync(place('backend'))
    const env = {
      PATH: [engineFolder(), dirname(process.execPath), process.env['PATH'] ?? ''].join(':'),
      HOME: folder.directory,
      INFLUX_TOKEN: await server.tokenTo('read'),
      PRESCALE_SANDBOX: place('clouds'),
      PULUMI_BACKEND_URL: `file://${place('backend')}`,
      PULUMI_HOME: place('pulumi-home'),
      PULUMI_CONFIG_PASSPHRASE: 'of the test alone',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    }
    const narrator = { begin: () => {}, progress: () => {}, end: () => {}, warn: (line: string) => void warnings.push(line) }
    const sleep = (): Promise<void> => Promise.reject(new Error('a cycle that may not wait waits for nobody'))
    const world = { env, cwd: folder.directory, now: () => now, sleep, random: () => 0.5, narrator, signal: AbortSignal.timeout(280_000) }
    project = await openProject(world, { directory: folder.directory, config: undefined })
    project.store.write('lead-times', { samples: { [poolKind(aPool(iowa, 0, 0))]: new Array<number>(20).fill(measuredSeconds) }, outstanding: {} })

    plan(3, 0, [0, 0])
    await cycle()
    plan(0, 3, [3, 0])
    assert.deepEqual(counts(), [3, 0])
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  test('nodes that are there and do not report hold what is to be lowered, and are told as on their way', async () => {
    await report(virginia, 3)
    const [old, fresh] = await cycle()
    assert.deepEqual([counts(), fresh?.verdict, old?.waits], [[3, 3], { kind: 'requested', waitingFor: 3 }, ['web: 3 nodes to be lowered stay until 3 more nodes are ready']])
    await cloud.advance(900)
    now += measuredSeconds
    await report(virginia, 3)
    await report(iowa, 1)
    const [, some] = await cycle()
    assert.deepEqual([counts(), some?.verdict], [[3, 3], { kind: 'requested', waitingFor: 2 }], 'every node runs in the cloud, and one of three reports')
  })

  test('after twice the lead time that was measured, which is less than what is set, the stack is short of those that do not', async () => {
    now += measuredSeconds
    await report(virginia, 3)
    await report(iowa, 1)
    assert.deepEqual(verdicts(await cycle()), [
      { kind: 'held', reason: 'web: 3 nodes to be lowered stay until 2 more nodes are ready, which are late' },
      { kind: 'short', by: 2, reason: 'nodes do not serve after twice their lead time' },
    ])
    assert.deepEqual(counts(), [3, 3])
  })

  test('while InfluxDB gives no answer, nothing is lowered, and it is told', async () => {
    now += 600
    const { settings } = project
    assert.ok(settings.history.source === 'influx2')
    const deaf: Project = { ...project, settings: { ...settings, history: { ...settings.history, url: 'http://127.0.0.1:9' } }, world: { ...project.world, sleep: () => Promise.resolve() } }
    await applyStep(deaf, applyAll)
    assert.deepEqual(counts(), [3, 3])
    assert.match(warnings.join('\n'), /which nodes serve could not be read, so nothing is lowered/)
  })

  test('when all report, what waited is lowered', async () => {
    await report(virginia, 3)
    await report(iowa, 3)
    assert.deepEqual(verdicts(await cycle()).map(({ kind }) => kind), ['reached', 'unchanged'])
    assert.deepEqual(counts(), [0, 3])
  })
})
