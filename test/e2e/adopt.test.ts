import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adoptGroup } from '../../src/app/adopt.ts'
import { applyStep } from '../../src/app/steps/apply-step.ts'
import { readDesiredState } from '../../src/documents/desired-state-file.ts'
import type { DesiredState } from '../../src/domain/desired-state.ts'
import { Problem } from '../../src/domain/problem.ts'
import { createResource } from '../../src/sandbox/cloud-calls.ts'
import { StateFolder } from '../../src/sandbox/state-folder.ts'
import { allRegions, anAppProject, type AppProject, applyAll, aState, virginia } from './app-project.ts'

/** Groups as other people made them, by name: labelled with the workload, since the simulated clouds serve demand by label. */
const scope = { region: undefined, project: 'sandbox' }
const existing: readonly (readonly [type: string, inputs: Readonly<Record<string, unknown>>])[] = [
  ['aws:ec2/launchTemplate:LaunchTemplate', { name: 'servers', region: 'us-east-1', instanceType: 'm7g.xlarge', imageId: 'ami-1' }],
  [
    'aws:autoscaling/group:Group',
    {
      name: 'web-servers', region: 'us-east-1', minSize: 2, desiredCapacity: 3, maxSize: 9, availabilityZones: ['us-east-1a', 'us-east-1b'],
      launchTemplate: { name: 'servers', version: '$Latest' }, targetGroupArns: ['arn:aws:elasticloadbalancing:1'], healthCheckType: 'ELB',
      tags: [{ key: 'prescale-workload', value: 'web', propagateAtLaunch: true }, { key: 'owner', value: 'shop', propagateAtLaunch: false }],
    },
  ],
  ['gcp:compute/instanceTemplate:InstanceTemplate', { name: 'servers', machineType: 'n2d-standard-4', disks: [{ boot: true, sourceImage: 'debian' }], labels: { 'prescale-workload': 'web' } }],
  [
    'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager',
    { name: 'web-servers', region: 'us-central1', baseInstanceName: 'vm', description: 'of the shop', versions: [{ instanceTemplate: 'servers' }], targetSize: 4, namedPorts: [{ name: 'http', port: 80 }] },
  ],
  [
    'azure-native:compute:VirtualMachineScaleSet',
    {
      vmScaleSetName: 'web-servers', resourceGroupName: 'sandbox-eastus', location: 'eastus', zones: ['1', '2'], sku: { name: 'Standard_D4as_v4', tier: 'Standard', capacity: 5 },
      orchestrationMode: 'Flexible', platformFaultDomainCount: 1, tags: { 'prescale-workload': 'web', owner: 'shop' }, virtualMachineProfile: { priority: 'Regular', userData: 'c2hvcA==' },
    },
  ],
]
const adopted = [
  { group: 'aws/us-east-1/web-servers', pool: 'web/m7g.xlarge/on-demand', count: 3 },
  { group: 'gcp/us-central1/web-servers', pool: 'web/n2d-standard-4/on-demand', count: 4 },
  { group: 'azure/eastus/web-servers', pool: 'web/Standard_D4as_v4/on-demand', count: 5 },
]

suite('groups that were there before prescale', { concurrency: false }, () => {
  let site: AppProject
  const folder = () => new StateFolder(join(site.directory, '.prescale', 'sandbox'), () => 0)
  const inputs = (): Readonly<Record<string, Readonly<Record<string, unknown>>>> =>
    Object.fromEntries(Object.values(folder().snapshot().resources).filter(({ token }) => existing.some(([type]) => type === token)).map(({ token, inputs: declared }) => [token, declared]))
  const nodes = () => folder().snapshot().nodes.map(({ id }) => id)
  const written = (file: string): DesiredState => readDesiredState(readFileSync(join(site.directory, file), 'utf8'), file)
  const refusal = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof Problem ? error.message : String(error)),
    )

  before(async () => {
    site = await anAppProject()
    folder().change((state, world) => {
      for (const [type, declared] of existing) createResource(state, world, type, declared, scope)
    })
  })
  after(() => site[Symbol.asyncDispose]())

  test('a preview says that nothing but the import would happen, and changes nothing', async () => {
    const { run, pool } = await adoptGroup(site.project, 'aws/us-east-1/web-servers', 'web/m7g.xlarge/on-demand', 'preview')
    assert.deepEqual([pool.min, pool.desired, pool.max], [2, 3, 9])
    assert.deepEqual([run.outcome, run.changes.replaced, run.changes.deleted], ['succeeded', 0, 0])
  })

  test('each is taken over as it is: every input and every node stays', async () => {
    const before = { inputs: inputs(), nodes: nodes() }
    for (const { group, pool, count } of adopted) {
      const adoption = await adoptGroup(site.project, group, pool, 'adopt')
      assert.equal(adoption.run.outcome, 'succeeded')
      assert.deepEqual(written(adoption.file).pools.map(({ group: name, desired, adopted: flag }) => [name, desired, flag]), [['web-servers', count, true]])
    }
    assert.deepEqual({ inputs: inputs(), nodes: nodes() }, before)
  })

  test('afterwards the plan moves its counts and nothing else', async () => {
    const before = inputs()
    const states = allRegions.map((region) => {
      const file = `stacks/${region.cloud}-${region.region}.yaml`
      const state = adopted.some(({ group }) => group.startsWith(`${region.cloud}/${region.region}/`)) ? written(file) : aState(region, [])
      return { ...state, expiresSeconds: 1_893_456_000, pools: state.pools.map((pool) => ({ ...pool, was: pool.desired, desired: pool.desired + 2, min: 1 })) }
    })
    site.plan(...states)
    const applied = await applyStep(site.project, applyAll)
    assert.deepEqual(applied.map(({ run }) => [run?.outcome, run?.changes.replaced, run?.changes.deleted]).filter(([outcome]) => outcome !== undefined), [['succeeded', 0, 0], ['succeeded', 0, 0], ['succeeded', 0, 0], ['succeeded', 0, 0]])
    const counts = ['minSize', 'maxSize', 'desiredCapacity', 'targetSize', 'sku']
    const rest = (all: ReturnType<typeof inputs>) => Object.entries(all).map(([type, declared]) => [type, Object.fromEntries(Object.entries(declared).filter(([name]) => !counts.includes(name)))])
    assert.deepEqual(rest(inputs()), rest(before))
    assert.deepEqual(Object.values(folder().snapshot().groups).map(({ desired }) => desired), [5, 6, 7])
  })

  test('a group that is not there, or is in the stack already, is refused', async () => {
    assert.match(await refusal(adoptGroup(site.project, 'aws/eu-west-1/nobody', 'web/m7g.xlarge/spot', 'adopt')), /not taken over, and nothing was changed\n/)
    assert.match(await refusal(adoptGroup(site.project, 'aws/us-east-1/web-servers', 'web/m7g.xlarge/spot', 'adopt')), /is already in the stack/)
    assert.match(await refusal(adoptGroup(site.project, 'aws/us-east-1/others', 'mail/m7g.xlarge/spot', 'adopt')), /no workload mail/)
  })

  test('a change that would replace a group that was taken over is refused whole', async () => {
    const state = written('stacks/aws-us-east-1.yaml')
    site.plan({ ...state, expiresSeconds: 1_893_456_000, pools: state.pools.map((pool) => ({ ...pool, was: pool.desired, group: 'web-other' })) })
    const before = nodes()
    assert.notEqual((await applyStep(site.project, { ...applyAll, only: 'aws-us-east-1' }).catch((error: unknown) => [error]))[0], undefined)
    assert.ok(before.every((id) => nodes().includes(id)))
    assert.ok(site.cloud.liveCounts([virginia]).pools.some(({ group }) => group === 'web-servers'))
  })
})
