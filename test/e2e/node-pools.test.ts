import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { adoptGroup } from '../../src/app/adopt.ts'
import { engineSettings } from '../../src/app/engine.ts'
import { projectStatus } from '../../src/app/status.ts'
import { applyStep } from '../../src/app/steps/apply-step.ts'
import { observeStep } from '../../src/app/steps/observe-step.ts'
import { readDesiredState } from '../../src/documents/desired-state-file.ts'
import type { DesiredPool } from '../../src/domain/desired-state.ts'
import { nodePoolName } from '../../src/domain/kubernetes.ts'
import { type RegionKey, stackName } from '../../src/domain/pool.ts'
import { Problem } from '../../src/domain/problem.ts'
import { minutesPerDay } from '../../src/domain/schedule.ts'
import { readLiveCounts } from '../../src/reconcile/live-counts.ts'
import { runStacks } from '../../src/reconcile/run-stacks.ts'
import { createResource } from '../../src/sandbox/cloud-calls.ts'
import { StateFolder } from '../../src/sandbox/state-folder.ts'
import { anAppProject, aPool, type AppProject, applyAll, aState, azureEast, iowa, virginia } from './app-project.ts'

const pack = join(import.meta.dirname, '..', '..', 'policy', 'capacity', 'run')
const role = 'arn:aws:iam::000000000000:role/nodes'
const inThree = [virginia, iowa, azureEast] as const
const regions = `
  - { cloud: aws, region: us-east-1, zones: [us-east-1a, us-east-1b, us-east-1c], launch: { subnets: [subnet-a, subnet-b, subnet-c] }, clusters: [{ name: shop, nodeRole: '${role}' }] }
  - { cloud: gcp, region: us-central1, zones: [us-central1-a, us-central1-b, us-central1-c], clusters: [{ name: shop }] }
  - { cloud: azure, region: eastus, zones: ['1', '2', '3'], launch: { resourceGroup: sandbox-eastus }, clusters: [{ name: shop }] }`

/** A node pool of the cluster `shop`. */
function aNodePool(region: RegionKey, desired: number, was: number, change: Partial<DesiredPool> = {}): DesiredPool {
  const pool = aPool(region, desired, was, { kubernetes: { cluster: 'shop', ...(region.cloud === 'aws' && { nodeRole: role }) }, ...change })
  const launch = { ...pool.launch, ...(region.cloud === 'aws' && { subnets: ['subnet-a', 'subnet-b', 'subnet-c'] }) }
  return { ...pool, group: change.group ?? nodePoolName(pool), launch }
}

const typeOf = { aws: 'aws:eks/nodeGroup:NodeGroup', gcp: 'gcp:container/nodePool:NodePool', azure: 'azure-native:containerservice:AgentPool' } as const
const countPath = { aws: 'scalingConfig.desiredSize', gcp: 'nodeCount', azure: 'count' } as const

/** One whose count is its autoscaler's. */
function spotPool(region: RegionKey, min = 3, max = 24, tags: Readonly<Record<string, string>> = { team: 'shop' }): readonly DesiredPool[] {
  const pool = aNodePool(region, 3, 0, { option: 'spot', owns: 'bounds', min, max })
  return [{ ...pool, launch: { ...pool.launch, tags } }]
}

suite('node pools of managed Kubernetes in three clouds', { concurrency: false }, () => {
  let site: AppProject
  const folder = (): StateFolder => new StateFolder(join(site.directory, '.prescale', 'sandbox'), () => 0)
  const live = (option = 'on-demand') => inThree.map((region) => site.cloud.liveCounts([region]).pools.find((pool) => pool.option === option)?.desired)
  const plan = (counts: readonly number[], was: readonly number[], others: (region: RegionKey) => readonly DesiredPool[] = () => []): void =>
    site.plan(...inThree.map((region, index) => aState(region, [aNodePool(region, counts[index] ?? 0, was[index] ?? 0, { min: 0, max: 30 }), ...others(region)])))
  const apply = async () => {
    const applied = await applyStep(site.project, applyAll)
    return applied.map(({ run, verdict }) => run?.steps.map(({ operation, type }) => `${operation} ${type}`) ?? verdict.kind)
  }

  before(async () => {
    site = await anAppProject('', regions)
  })
  after(() => site[Symbol.asyncDispose]())

  test('a first apply makes one of each kind, with its count; a second changes nothing', async () => {
    plan([4, 6, 5], [0, 0, 0])
    const made = await applyStep(site.project, applyAll)
    assert.deepEqual(made.map(({ run }) => [run?.outcome, run?.failures]), inThree.map(() => ['succeeded', []]))
    assert.deepEqual(live(), [4, 6, 5])
    const kinds = Object.values(folder().snapshot().resources).map(({ token }) => token).filter((token) => !token.endsWith('ResourceGroup'))
    assert.deepEqual(kinds.toSorted(), Object.values(typeOf).toSorted())
    await observeStep(site.project, made)
    assert.deepEqual(await apply(), ['unchanged', 'unchanged', 'unchanged'])
    for (const region of inThree) site.project.store.remove(`applied/shop.${stackName(region)}`)
    assert.deepEqual(await apply(), [[], [], []])
  })

  test('another count updates that count and nothing else', async () => {
    plan([6, 9, 7], [4, 6, 5])
    const applied = await applyStep(site.project, applyAll)
    assert.deepEqual(
      applied.map(({ run }) => run?.steps.map(({ operation, type, diffs }) => [operation, type, diffs.map(({ path }) => path)])),
      inThree.map(({ cloud }) => [['update', typeOf[cloud], [countPath[cloud]]]]),
    )
    assert.deepEqual(live(), [6, 9, 7])
    await observeStep(site.project, applied)
  })

  test('the engine reads the same live counts', async () => {
    const stacks = inThree.map((region) => {
      const pool = aNodePool(region, 0, 0)
      return { stack: `shop.${stackName(region)}`, region, pools: new Map([[pool.group, pool]]) }
    })
    const read = await readLiveCounts(stacks, engineSettings(site.project, 'refuse'), site.cloud.now(), AbortSignal.timeout(120_000))
    const counts = ({ group, min, desired, max }: { group: string; min: number; desired: number; max: number }): unknown => [group, min, desired, max]
    assert.deepEqual(read.pools.map(counts), site.cloud.liveCounts(inThree).pools.map(counts))
  })

  test('the capacity policies count their nodes, on Google over all zones', async () => {
    const targets = inThree.map((region) => {
      const many = [{}, { option: 'spot' }, { type: 'other' }] as const
      return { stack: `shop.${stackName(region)}`, desired: aState(region, many.map((change) => aNodePool(region, 400, 400, change))), refresh: 'no' } as const
    })
    const runs = await runStacks('preview', targets, { ...engineSettings(site.project, 'refuse'), policyPacks: [pack] }, () => {}, AbortSignal.timeout(120_000))
    assert.deepEqual(
      runs.map(({ failures }) => failures.map(({ message }) => message)),
      [1200, 1206, 1200].map((nodes) => [`policy most-nodes: the groups of this stack want ${nodes} nodes, 1000 are allowed`]),
    )
  })

  test('what somebody else raised is told and kept', async () => {
    for (const [index, region] of inThree.entries()) site.cloud.setDesired({ ...region, group: aNodePool(region, 0, 0).group }, [9, 12, 10][index] ?? 0)
    assert.deepEqual((await projectStatus(site.project)).drifts.map(({ property, wanted, live: found }) => [property, wanted, found]), [['count', '6', '9'], ['count', '7', '10'], ['count', '9', '12']])
    await apply()
    assert.deepEqual(live(), [9, 12, 10])
  })

  test('none is deleted or replaced: a pool that left the plan is a finding, and so is one that would be made anew', async () => {
    site.plan(...inThree.map((region) => aState(region, [])))
    await assert.rejects(applyStep(site.project, applyAll), (error) => error instanceof Problem && error.code === 'guard-refused')
    const counts = [9, 12, 10]
    const kept = (region: RegionKey, index: number): DesiredPool => aNodePool(region, counts[index] ?? 0, counts[index] ?? 0, { min: 0, max: 30 })
    const inOtherCluster = ({ kubernetes, ...pool }: DesiredPool): DesiredPool => ({ ...pool, kubernetes: { ...kubernetes, cluster: 'other' } })
    const asGroup = ({ kubernetes: _, ...pool }: DesiredPool): DesiredPool => pool
    const before = Object.keys(folder().snapshot().resources)
    for (const other of [inOtherCluster, asGroup]) {
      site.plan(...inThree.map((region, index) => aState(region, [other(kept(region, index))])))
      const verdicts = (await applyStep(site.project, applyAll)).map(({ run, verdict }) => [run?.outcome, verdict.kind])
      assert.deepEqual(verdicts, inThree.map(() => ['refused', 'held']), other.name)
      assert.deepEqual(live(), counts)
    }
    assert.deepEqual(Object.keys(folder().snapshot().resources), before)
  })

  test('with bounds the count is an autoscaler’s: neither other tags nor other bounds undo what it has made of it', async () => {
    const counts = [9, 12, 10]
    const update = inThree.map(({ cloud }) => [`update ${typeOf[cloud]}`])
    plan(counts, counts, (region) => spotPool(region, 2, 20, {}))
    await apply()
    assert.deepEqual(live('spot'), [3, 3, 3])
    for (const region of inThree) site.cloud.setDesired({ ...region, group: aNodePool(region, 3, 0, { option: 'spot' }).group }, 9)
    plan(counts, counts, (region) => spotPool(region, 2, 20))
    assert.deepEqual(await apply(), update)
    assert.deepEqual(live('spot'), [9, 9, 9])
    plan(counts, counts, (region) => spotPool(region))
    assert.deepEqual(await apply(), update)
    assert.deepEqual(live('spot'), [9, 9, 9])
    assert.deepEqual(site.cloud.liveCounts(inThree).pools.filter(({ option }) => option === 'spot').map(({ min, max }) => [min, max]), inThree.map(() => [3, 24]))
  })

  test('a node group of EKS follows its schedule by itself, through the auto scaling group that holds its nodes', async () => {
    const minute = (Math.floor(site.cloud.now() / 60) + 30) % minutesPerDay
    const schedule = [minute, (minute + 720) % minutesPerDay].sort((a, b) => a - b).map((at) => ({ minuteOfDay: at, min: 5, desired: at === minute ? 14 : 9, max: 30 }))
    const others = inThree.slice(1).map((region, index) => aState(region, [aNodePool(region, [12, 10][index] ?? 0, [12, 10][index] ?? 0, { min: 0, max: 30 }), ...spotPool(region)]))
    site.plan(aState(virginia, [aNodePool(virginia, 9, 9, { min: 9, max: 9, schedule }), ...spotPool(virginia)]), ...others)
    const [steps] = await apply()
    assert.deepEqual(steps, ['update aws:eks/nodeGroup:NodeGroup', 'create aws:autoscaling/schedule:Schedule', 'create aws:autoscaling/schedule:Schedule'])
    assert.equal(live()[0], 9)
    await site.cloud.advance(1860)
    assert.equal(live()[0], 14)
    assert.deepEqual(await apply(), ['unchanged', 'unchanged', 'unchanged'])
  })

  test('one that was there before is adopted as it is, and one that an autoscaler moves is not taken from it', async () => {
    const found: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
      [typeOf.aws, { clusterName: 'shop', nodeGroupName: 'servers', region: 'us-east-1', nodeRoleArn: role, subnetIds: ['subnet-a'], instanceTypes: ['c6i.2xlarge'], diskSize: 80, scalingConfig: { minSize: 1, desiredSize: 2, maxSize: 8 }, tags: { 'prescale-workload': 'web', owner: 'shop' } }],
      [typeOf.gcp, { cluster: 'shop', location: 'us-central1', name: 'servers', nodeCount: 2, nodeLocations: ['us-central1-a', 'us-central1-b'], nodeConfig: { machineType: 'n2d-standard-4', diskSizeGb: 80, resourceLabels: { 'prescale-workload': 'web' } } }],
      [typeOf.azure, { resourceGroupName: 'sandbox-eastus', resourceName: 'shop', agentPoolName: 'servers', vmSize: 'Standard_D4as_v4', count: 3, mode: 'System', maxPods: 50, tags: { 'prescale-workload': 'web' } }],
      [typeOf.azure, { resourceGroupName: 'sandbox-eastus', resourceName: 'shop', agentPoolName: 'moving', vmSize: 'Standard_D4as_v4', count: 3, enableAutoScaling: true, minCount: 1, maxCount: 5, tags: { 'prescale-workload': 'web' } }],
    ]
    await using other = await anAppProject('', regions)
    const clouds = new StateFolder(join(other.directory, '.prescale', 'sandbox'), () => 0)
    clouds.change((state, world) => {
      for (const [type, inputs] of found) createResource(state, world, type, inputs, { region: undefined, project: 'sandbox' })
    })
    const before = Object.values(clouds.snapshot().resources).map(({ inputs }) => inputs)
    const moving = await adoptGroup(other.project, 'azure/eastus/moving', 'web/Standard_D4as_v4/on-demand', 'adopt').catch((error: unknown) => (error instanceof Problem ? error.message : error))
    assert.match(String(moving), /its autoscaler is on, and web owns count: switch it off, or let web own bounds/)
    const counts = []
    for (const [group, pool] of [['aws/us-east-1/servers', 'web/c6i.2xlarge/on-demand'], ['gcp/us-central1/servers', 'web/n2d-standard-4/on-demand'], ['azure/eastus/servers', 'web/Standard_D4as_v4/on-demand']] as const) {
      const { file } = await adoptGroup(other.project, group, pool, 'adopt')
      const [taken] = readDesiredState(readFileSync(join(other.directory, file), 'utf8'), file).pools
      counts.push([taken?.group, taken?.min, taken?.desired, taken?.max, taken?.kubernetes?.cluster, taken?.adopted])
    }
    assert.deepEqual(counts, [['servers', 1, 2, 8, 'shop', true], ['servers', 0, 4, 2000, 'shop', true], ['servers', 0, 3, 1000, 'shop', true]])
    assert.deepEqual(Object.values(clouds.snapshot().resources).map(({ inputs }) => inputs), before)
  })
})
