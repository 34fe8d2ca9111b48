import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { ProjectStatus } from '../../src/app/status.ts'
import { loadCatalogue } from '../../src/config/load-settings.ts'
import type { StackVerdict } from '../../src/domain/observation.ts'
import { groupName, poolName } from '../../src/domain/pool.ts'
import { SandboxCloud } from '../../src/sandbox/sandbox-cloud.ts'
import { aPrescaleProject, type Ended, type PrescaleProject } from './prescale-project.ts'

const regions = ['aws-us-east-1', 'gcp-us-central1', 'azure-eastus']
const settings = `name: shop
history: { source: line-protocol, paths: [demand.lp] }
historyLimits: { window: 7d }
userZones:
  - { name: us-east, latitude: 40.71, longitude: -74.01 }
regions:
  - { cloud: aws, region: us-east-1, zones: [us-east-1a, us-east-1b, us-east-1c] }
  - { cloud: gcp, region: us-central1, zones: [us-central1-a, us-central1-b, us-central1-c] }
  - { cloud: azure, region: eastus, zones: ['1', '2', '3'], launch: { resourceGroup: sandbox-eastus } }
workloads:
  - name: web
    unit: requests/s
    demand: { measurement: http_requests, kind: count }
    userZones: [us-east]
    serves: { perUnit: { vcpu: 0.02 } }
    types: [m7g.xlarge, n2d-standard-4, Standard_D4as_v4]
    options: [on-demand]
    nodes: { minPerRegion: 2, max: 60 }
`
/** A quarter of an hour beyond now, so that the demand does not end while the test runs. */
const marginSeconds = 900

/** Demand up to the machine's now that two nodes in each region carry at any time: what the cycles change never hangs on the hour. */
function demandUntil(nowSeconds: number): string {
  const last = Math.floor((nowSeconds + marginSeconds) / 300) * 300
  return Array.from({ length: 9 * 288 }, (_, index) => {
    const count = Math.round(3000 + 600 * Math.sin((2 * Math.PI * index) / 288) + ((index * 7919) % 101))
    return `http_requests,workload=web,user_zone=us-east count=${count}i ${last - index * 300}000000000\n`
  })
    .toReversed()
    .join('')
}

suite('a project without a sandbox, on clouds that only the engine’s providers know', () => {
  let project: PrescaleProject
  let cloud: SandboxCloud
  const stacks = (ended: Ended): readonly { readonly stack: string; readonly verdict: StackVerdict; readonly run?: unknown }[] => {
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
    return (JSON.parse(ended.stdout) as { stacks: readonly { stack: string; verdict: StackVerdict; run?: unknown }[] }).stacks
  }
  const status = async (): Promise<ProjectStatus> => JSON.parse((await project.prescale('status', '--json')).stdout) as ProjectStatus
  const liveCounts = (): readonly number[] =>
    cloud
      .liveCounts([
        { cloud: 'aws', region: 'us-east-1' },
        { cloud: 'gcp', region: 'us-central1' },
        { cloud: 'azure', region: 'eastus' },
      ])
      .pools.map(({ desired }) => desired)

  before(async () => {
    const env: Record<string, string> = {
      PULUMI_CONFIG_PASSPHRASE: 'of the test alone',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    }
    project = aPrescaleProject(env)
    const folder = (name: string): string => join(project.directory, name)
    Object.assign(env, {
      PRESCALE_SANDBOX: folder('clouds'),
      PULUMI_BACKEND_URL: `file://${folder('backend')}`,
      PULUMI_HOME: folder('pulumi-home'),
    })
    mkdirSync(folder('backend'))
    project.settings(() => settings)
    writeFileSync(folder('demand.lp'), demandUntil(Date.now() / 1000))
    const catalogue = loadCatalogue(readFileSync(folder('catalogue.yaml'), 'utf8'), 'catalogue.yaml')
    cloud = await SandboxCloud.open(folder('clouds'), { scenarioFile: folder('data/scenario.yaml'), catalogue })
  })
  after(() => project[Symbol.asyncDispose]())

  test('the first cycle finds no pools, makes them, and reads back that they are there', async () => {
    const applied = stacks(await project.prescale('reconcile', '--json'))
    assert.deepEqual(
      applied.map(({ stack, verdict }) => [stack, verdict.kind]),
      regions.map((region) => [`shop.${region}`, 'reached']),
    )
    assert.deepEqual(liveCounts(), [2, 2, 2])
    const { pools } = await status()
    assert.deepEqual(
      pools.filter(({ desired }) => desired > 0).map(({ live, state }) => [live, state]),
      [
        [2, 'reached'],
        [2, 'reached'],
        [2, 'reached'],
      ],
    )
  })

  test('a second cycle changes no file and nothing in the clouds', async () => {
    const documents = project.documents()
    const applied = stacks(await project.prescale('reconcile', '--json'))
    assert.deepEqual(
      applied.map(({ verdict, run }) => [verdict.kind, run]),
      regions.map(() => ['unchanged', undefined]),
    )
    const stackFiles = (all: ReadonlyMap<string, string>): readonly (readonly [string, string])[] =>
      [...all].filter(([name]) => name.startsWith('stacks/'))
    assert.deepEqual(stackFiles(project.documents()), stackFiles(documents))
    assert.deepEqual(liveCounts(), [2, 2, 2])
  })

  test('a count that somebody lowered is seen as drift, and the next cycle raises it again', async () => {
    const pool = { cloud: 'gcp', region: 'us-central1', workload: 'web', type: 'n2d-standard-4', option: 'on-demand' } as const
    cloud.setDesired({ ...pool, group: groupName(pool) }, 1)
    const drifts = (await status()).drifts.map(({ subject, property, wanted, live, cause }) => ({ subject, property, wanted, live, cause }))
    assert.deepEqual(drifts, [{ subject: poolName(pool), property: 'count', wanted: '2', live: '1', cause: 'unknown' }])
    const applied = stacks(await project.prescale('reconcile', '--json'))
    assert.deepEqual(
      applied.map(({ verdict }) => verdict.kind),
      ['unchanged', 'reached', 'unchanged'],
    )
    assert.deepEqual(liveCounts(), [2, 2, 2])
  })

  test('clouds that do not answer stop the cycle with a problem, and every count stays', async () => {
    cloud.setFaults({ lostRegions: ['aws/us-east-1'] })
    const ended = await project.prescale('reconcile', '--json')
    cloud.setFaults({ lostRegions: [] })
    assert.equal(ended.code, 1, ended.stdout)
    assert.equal((JSON.parse(ended.stdout) as { error: { code: string } }).error.code, 'live-unreadable')
    assert.deepEqual(liveCounts(), [2, 2, 2])
  })
})
