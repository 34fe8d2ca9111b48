import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { DesiredRecord, DesiredState } from '../../src/domain/desired-state.ts'
import type { LiveCounts, LivePool, LiveRecord } from '../../src/domain/observation.ts'
import { type Cloud, groupName, stackName } from '../../src/domain/pool.ts'
import { Problem } from '../../src/domain/problem.ts'
import { type ObservedStack, readLiveCounts } from '../../src/reconcile/live-counts.ts'
import { runStacks } from '../../src/reconcile/run-stacks.ts'
import { anEngineProject, aRegionPool, aRegionState, threeRegions, type EngineProject } from './engine-project.ts'

const day = [
  { minuteOfDay: 480, min: 1, desired: 3, max: 10 },
  { minuteOfDay: 1200, min: 1, desired: 2, max: 10 },
]
const common = { workload: 'web', userZone: 'us-east', ttlSeconds: 60 }
const targets = [{ region: 'aws/us-east-1', endpoint: 'lb-1.example', weight: 60 }, { region: 'azure/eastus', endpoint: 'lb-2.example', weight: 0 }]
/** What each cloud may hold of where users are sent. */
const records: Readonly<Record<Cloud, DesiredRecord>> = {
  aws: { ...common, zoneId: 'Z1', name: 'web.shop.example', endpoint: 'lb-1.example', weight: 60 },
  gcp: { dns: 'cloud-dns', ...common, managedZone: 'shop', name: 'set.shop.example', targets },
  azure: { dns: 'traffic-manager', ...common, resourceGroup: 'sandbox-eastus', name: 'shop-web', monitor: { protocol: 'HTTPS', port: 443, path: '/' }, targets },
}
/** Per region a pool without and one with a schedule, and what sends users to regions. */
const states: readonly DesiredState[] = threeRegions.map((region) => ({
  ...aRegionState(region, [aRegionPool(region), aRegionPool(region, { option: 'spot', schedule: day })]),
  records: [records[region.cloud]],
}))
const stacks: readonly ObservedStack[] = states.map((state) => ({
  stack: `sandbox.${stackName(state)}`,
  region: state,
  pools: new Map(state.pools.map(({ cloud, region, workload, type, option, group }) => [group, { cloud, region, workload, type, option }])),
}))
const inOrder = ({ records: read = [] }: LiveCounts): readonly LiveRecord[] => read.toSorted((a, b) => (a.key < b.key ? -1 : 1))
const withoutReady = ({ pools }: LiveCounts): readonly Omit<LivePool, 'ready'>[] => pools.map(({ ready: _, ...pool }) => pool)

describe('what the engine reads of live counts', { concurrency: false }, () => {
  let project: EngineProject
  const read = async (observed = stacks): Promise<LiveCounts> =>
    readLiveCounts(observed, project.engine, project.cloud.now(), AbortSignal.timeout(120_000))
  const sameAsTheCloud = async (): Promise<void> => {
    const live = await read()
    const expected = project.cloud.liveCounts(threeRegions)
    assert.deepEqual([withoutReady(live), inOrder(live)], [withoutReady(expected), inOrder(expected)])
    assert.ok(live.pools.every(({ ready, desired }) => ready === desired))
  }
  /** All that the engine keeps of the stacks, by file. */
  const state = (): readonly (readonly [string, string])[] => {
    const folder = join(project.directory, '.prescale', 'pulumi')
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    return files
      .map(({ parentPath, name }): [string, string] => [join(parentPath, name), readFileSync(join(parentPath, name), 'utf8')])
      .sort()
  }
  const stackFolder = (): string => join(project.directory, '.prescale', 'pulumi', '.pulumi', 'stacks')
  before(async () => {
    project = await anEngineProject()
  })
  after(() => project.remove())

  test('stacks that were never applied have no pools, and reading them makes none', async () => {
    assert.deepEqual((await read()).pools, [])
    assert.equal(existsSync(stackFolder()), false)
  })

  test('after an apply the counts are those of the three clouds, scheduled bounds among them', async () => {
    const runs = await runStacks(
      'apply',
      states.map((desired) => project.target(desired)),
      project.engine,
      () => {},
      AbortSignal.timeout(280_000),
    )
    assert.deepEqual(
      runs.map(({ outcome }) => outcome),
      ['succeeded', 'succeeded', 'succeeded'],
    )
    assert.equal(project.cloud.liveCounts(threeRegions).pools.length, 6)
    assert.ok(existsSync(stackFolder()))
    await sameAsTheCloud()
  })

  test('counts and weights that somebody changed are read, and the engine’s state stays as it is', async () => {
    const kept = state()
    for (const region of threeRegions) project.cloud.setDesired({ ...region, group: groupName(aRegionPool(region)) }, 7)
    await sameAsTheCloud()
    for (const name of ['web.shop.example', 'set.shop.example', 'shop-web.trafficmanager.net']) project.cloud.setWeight(name, 'lb-1.example', 7)
    await sameAsTheCloud()
    assert.deepEqual((await read()).records?.flatMap(({ targets: found }) => found.map(({ weight }) => weight)).filter((weight) => weight === 7), [7, 7, 7])
    assert.deepEqual(
      (await read()).pools.filter(({ option }) => option === 'on-demand').map(({ desired }) => desired),
      [7, 7, 7],
    )
    assert.deepEqual(state(), kept)
  })

  test('while another run holds the stack, an apply is refused and the counts are read all the same', async () => {
    const [aws] = states
    assert.ok(aws !== undefined)
    const folder = join(
      project.directory,
      '.prescale',
      'pulumi',
      '.pulumi',
      'locks',
      'organization',
      'prescale',
      `sandbox.${stackName(aws)}`,
    )
    mkdirSync(folder, { recursive: true })
    const lock = { pid: process.pid, username: 'another', hostname: hostname(), timestamp: new Date().toISOString() }
    writeFileSync(join(folder, 'another.json'), JSON.stringify(lock))
    const [refused] = await runStacks('apply', [project.target(aws)], project.engine, () => {}, AbortSignal.timeout(60_000))
    assert.equal(refused?.outcome, 'lock-held')
    await sameAsTheCloud()
    rmSync(folder, { recursive: true })
  })

  test('when a schedule has changed counts and bounds, what is in force now is read', async () => {
    await project.cloud.advance(8 * 3600)
    const evening = project.cloud.liveCounts(threeRegions).pools.filter(({ option }) => option === 'spot')
    assert.ok(
      evening.every(({ desired }) => desired === 2),
      JSON.stringify(evening),
    )
    await sameAsTheCloud()
  })

  test('a group that somebody deleted has no counts', async () => {
    project.cloud.deleteGroup({ cloud: 'aws', region: 'us-east-1', group: groupName(aRegionPool({ cloud: 'aws', region: 'us-east-1' })) })
    assert.equal((await read()).pools.length, 5)
    await sameAsTheCloud()
  })

  test('a stack that cannot be read is told as a problem: no part of the counts is taken for all', async () => {
    project.cloud.setFaults({ lostRegions: ['azure/eastus'] })
    const failed = await read().then(
      () => undefined,
      (error: unknown) => error,
    )
    project.cloud.setFaults({ lostRegions: [] })
    assert.ok(failed instanceof Problem && failed.code === 'live-unreadable', String(failed))
    assert.match(failed.message, /sandbox\.azure-eastus: .*azure\/eastus does not answer/)
    assert.doesNotMatch(failed.message, /aws-us-east-1/)
  })

  test('a group that is no pool of the project is left out', async () => {
    const [aws] = stacks
    assert.ok(aws !== undefined)
    assert.deepEqual((await read([{ ...aws, pools: new Map() }])).pools, [])
  })
})
