import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { unknown } from '../../src/sandbox/provider/engine-values.ts'
import type { Faults } from '../../src/sandbox/state.ts'
import type { StateFolder } from '../../src/sandbox/state-folder.ts'
import {
  aStateFolder,
  aTemporaryFolder,
  groupInputs,
  groupToken,
  instanceTemplateToken,
  managerToken,
  resourceGroupToken,
  scaleSetToken,
  settingToken,
  templateInputs,
  templateToken,
} from './a-world.ts'
import { aProvider, partialFailure, type ProviderClient } from './provider-client.ts'

async function provided(context: TestContext, name: string): Promise<{ readonly folder: StateFolder; readonly provider: ProviderClient }> {
  const folder = aStateFolder(aTemporaryFolder(context))
  return { folder, provider: await aProvider(context, name, folder) }
}

function fault(folder: StateFolder, faults: Partial<Faults>): void {
  folder.change((state) => {
    state.faults = { ...state.faults, ...faults }
  })
}

const secret = (value: unknown) => ({ '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270', value })

test('inputs that the SDK would not compile are refused: unknown, missing, of the wrong kind, at any depth, all at once', async (context) => {
  const { provider } = await provided(context, 'aws')
  const { failures } = await provider.check(groupToken, {
    ...groupInputs({ maxSize: '50', desiredCapacty: 3, tags: [{ key: 'a', value: 1 }] }),
    availabilityZones: 'us-east-1a',
  })
  assert.deepEqual(failures, {
    desiredCapacty: 'is no property of GroupArgs (desiredCapacity?)',
    maxSize: 'expected a number, got the text "50"',
    availabilityZones: 'expected a list, got the text "us-east-1a"',
    'tags[0].value': 'expected a string, got number 1',
    'tags[0].propagateAtLaunch': 'is required and missing',
  })
})

test('counts outside the bounds, two launch templates and names that the cloud cannot hold are refused', async (context) => {
  const aws = await provided(context, 'aws')
  assert.deepEqual((await aws.provider.check(groupToken, groupInputs({ minSize: 4 }))).failures, { desiredCapacity: 'is 3, outside minSize 4 to maxSize 50' })
  assert.deepEqual((await aws.provider.check(groupToken, groupInputs({ maxSize: 4.5, desiredCapacity: 3 }))).failures, { maxSize: 'is 4.5, expected a whole number from 0 to 5000' })
  assert.deepEqual((await aws.provider.check(groupToken, groupInputs({ launchConfiguration: 'old' }))).failures, {
    launchTemplate: 'exactly one of launchTemplate, mixedInstancesPolicy and launchConfiguration is needed, 2 are given',
  })
  const gcp = await provided(context, 'gcp')
  const inputs = { name: 'Web', baseInstanceName: 'web', region: 'us-central1', versions: [{ instanceTemplate: 'web' }] }
  assert.match(String((await gcp.provider.check(managerToken, inputs)).failures['name']), /^'Web' must start with a lower-case letter/)
  const azure = await provided(context, 'azure-native')
  const profiles = [{ name: 'default', capacity: { minimum: '2', maximum: '1', default: '2' }, rules: [] }]
  assert.deepEqual((await azure.provider.check(settingToken, { resourceGroupName: 'sandbox', profiles })).failures, {
    'profiles[0].capacity.minimum': 'is 2, above maximum 1',
    'profiles[0].capacity.default': 'is 2, outside 2 to 1',
  })
})

test('values that are not known yet pass every check', async (context) => {
  const { provider } = await provided(context, 'aws')
  const { failures } = await provider.check(groupToken, groupInputs({ launchTemplate: { id: unknown, version: unknown }, desiredCapacity: unknown, name: unknown }))
  assert.deepEqual(failures, {})
})

test('secrets are taken out of their wrapping, and the engine is told that it must keep them itself', async (context) => {
  const { provider, folder } = await provided(context, 'aws')
  assert.deepEqual(await provider.configure({}), { acceptsSecrets: false, previews: true })
  const { inputs } = await provider.check(templateToken, templateInputs({ name: 'sealed', userData: secret('c2VjcmV0') }))
  assert.equal(inputs['userData'], 'c2VjcmV0')
  await provider.create(templateToken, inputs)
  assert.equal(Object.values(folder.snapshot().resources).find(({ inputs: { name } }) => name === 'sealed')?.inputs['userData'], 'c2VjcmV0')
})

test('a resource without a name is given one by the seed of the engine, and keeps it', async (context) => {
  const { provider } = await provided(context, 'gcp')
  const inputs = { machineType: 'e2-standard-4', disks: [{}] }
  const first = await provider.check(instanceTemplateToken, inputs)
  assert.equal(first.inputs['name'], 'web-abcdef1')
  assert.equal((await provider.check(instanceTemplateToken, inputs, { name: 'web-1234567' })).inputs['name'], 'web-1234567')
})

test('a difference is told leaf by leaf, and says which leaves need a new resource', async (context) => {
  const { provider } = await provided(context, 'azure-native')
  const before = { vmScaleSetName: 'web', resourceGroupName: 'sandbox', location: 'eastus', sku: { name: 'Standard_D4s_v4', capacity: 3 }, zones: ['1', '2'], tags: { a: 'b' } }
  const after = { ...before, sku: { ...before.sku, capacity: 5 }, zones: ['1', '2', '3'], tags: { 'c.d': 'e' } }
  assert.deepEqual(await provider.diff(scaleSetToken, before, after), {
    changes: true,
    replaces: ['zones'],
    deletesFirst: true,
    detailed: { 'sku.capacity': 'update', 'zones[2]': 'add-replace', 'tags.a': 'delete', 'tags["c.d"]': 'add' },
  })
})

test('equal inputs and ignored paths are no difference', async (context) => {
  const { provider } = await provided(context, 'azure-native')
  const before = { vmScaleSetName: 'web', sku: { name: 'Standard_D4s_v4', capacity: 3 } }
  assert.equal((await provider.diff(scaleSetToken, before, structuredClone(before))).changes, false)
  assert.deepEqual((await provider.diff(scaleSetToken, before, { ...before, sku: { name: 'Standard_D8s_v4', capacity: 5 } }, ['sku.capacity'])).detailed, { 'sku.name': 'update' })
  assert.equal((await provider.diff(scaleSetToken, before, { ...before, sku: { name: 'Standard_D4s_v4', capacity: 5 } }, ['sku'])).changes, false)
})

test('a changed instance template of GCP is a new one; deleted first only when its name stays', async (context) => {
  const { provider } = await provided(context, 'gcp')
  const named = { name: 'web', machineType: 'e2-standard-4', disks: [{}] }
  const explicit = await provider.diff(instanceTemplateToken, named, { ...named, machineType: 'e2-standard-8' })
  assert.deepEqual([explicit.replaces, explicit.deletesFirst], [['machineType'], true])
  const madeUp = { ...named, __defaults: ['name'] }
  assert.equal((await provider.diff(instanceTemplateToken, madeUp, { ...madeUp, machineType: 'e2-standard-8' })).deletesFirst, false)
})

test('a preview changes nothing and calls what is not known yet unknown', async (context) => {
  const { provider, folder } = await provided(context, 'aws')
  const before = folder.snapshot()
  const created = await provider.create(groupToken, groupInputs({ name: 'other' }), 'preview')
  assert.deepEqual([created.id, created.properties['arn'], created.properties['desiredCapacity'], created.properties['minSize']], ['', unknown, 3, 0])
  const updated = await provider.update(templateToken, 'lt', templateInputs(), templateInputs({ instanceType: 'm6i.xlarge' }), 'preview')
  assert.equal(updated.properties['latestVersion'], unknown)
  assert.deepEqual(folder.snapshot(), before)
})

test('create, read, update and delete act on the clouds, and a read after that finds nothing', async (context) => {
  const { provider, folder } = await provided(context, 'azure-native')
  const count = (): number | undefined => Object.values(folder.snapshot().groups).find(({ cloud }) => cloud === 'azure')?.desired
  await provider.create(resourceGroupToken, { resourceGroupName: 'sandbox', location: 'eastus' })
  const inputs = { vmScaleSetName: 'web', resourceGroupName: 'sandbox', location: 'eastus', sku: { name: 'Standard_D4s_v4', capacity: 3 } }
  const { id, properties } = await provider.create(scaleSetToken, inputs)
  assert.equal(id, '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/sandbox/providers/Microsoft.Compute/virtualMachineScaleSets/web')
  assert.deepEqual([properties['name'], count()], ['web', 3])
  const wider = { ...inputs, sku: { ...inputs.sku, capacity: 5 } }
  await provider.update(scaleSetToken, id, inputs, wider)
  assert.equal(count(), 5)
  folder.change((state) => {
    for (const group of Object.values(state.groups)) group.desired = 4
  })
  assert.deepEqual((await provider.read(scaleSetToken, id, wider)).inputs, { ...inputs, sku: { ...inputs.sku, capacity: 4 } })
  await provider.delete(scaleSetToken, id, inputs)
  assert.deepEqual([count(), (await provider.read(scaleSetToken, id, inputs)).id], [undefined, ''])
})

test('an import reads everything that was declared', async (context) => {
  const { provider } = await provided(context, 'aws')
  const { id, inputs } = await provider.read(groupToken, 'web@us-east-1')
  assert.deepEqual([id, inputs], ['web', groupInputs()])
})

test('a refusal of the cloud is an error in its words, and leaves no resource', async (context) => {
  const { provider, folder } = await provided(context, 'aws')
  await assert.rejects(provider.create(groupToken, groupInputs({ name: 'other', launchTemplate: { name: 'none' } })), /ValidationError: You must use a valid fully-formed launch template/)
  assert.deepEqual(Object.values(folder.snapshot().groups).map(({ name }) => name), ['web'])
})

test('where nodes are waited for and cannot be had, the resource is kept and the failure says by how many it is short', async (context) => {
  const { provider, folder } = await provided(context, 'aws')
  fault(folder, { scarce: [{ cloud: 'aws', region: 'us-east-1', nodes: 4 }] })
  const inputs = groupInputs({ name: 'other', desiredCapacity: 9, waitForCapacityTimeout: '10m' })
  const error = await provider.create(groupToken, inputs).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const failure = partialFailure(error)
  assert.deepEqual([failure?.id, failure?.reasons, failure?.inputs], ['other', ['InsufficientCapacity: short by 5 nodes: no capacity: aws/us-east-1 has no on-demand m6i.xlarge left'], inputs])
  assert.equal(folder.snapshot().groups['aws/us-east-1/group/other']?.desired, 9)
})

test('throttled calls are tried again until they pass', async (context) => {
  const { provider, folder } = await provided(context, 'aws')
  fault(folder, { throttleEvery: 2 })
  const before = folder.snapshot().apiCalls
  for (const number of [1, 2, 3, 4]) await provider.create('aws:route53/record:Record', { zoneId: 'Z', name: `n${number}`, type: 'A', ttl: 60, records: ['10.0.0.1'] })
  const records = Object.values(folder.snapshot().resources).filter(({ token }) => token.endsWith(':Record'))
  assert.deepEqual([records.length, folder.snapshot().apiCalls - before], [4, 7])
})

test('a call that is throttled for good fails with the answer of the cloud, after waits that double up to 2 s', async (context) => {
  const folder = aStateFolder(aTemporaryFolder(context))
  const waits: number[] = []
  const provider = await aProvider(context, 'aws', folder, (milliseconds) => {
    waits.push(milliseconds)
    return Promise.resolve()
  })
  fault(folder, { throttleEvery: 1 })
  await assert.rejects(provider.delete(groupToken, 'web', groupInputs()), /Throttling: Rate exceeded/)
  assert.deepEqual(waits, [40, 80, 160, 320, 640, 1280, 2000])
})

test('a cancel ends a call that hangs, and what it wanted is not done', { timeout: 10_000 }, async (context) => {
  const folder = aStateFolder(aTemporaryFolder(context))
  const hanging = Promise.withResolvers<number>()
  const provider = await aProvider(context, 'aws', folder, (milliseconds, signal) => {
    hanging.resolve(milliseconds)
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  fault(folder, { hang: ['::web'], hangSeconds: 3600 })
  const refused = assert.rejects(provider.update(groupToken, 'web', groupInputs(), groupInputs({ desiredCapacity: 9 })), /CANCELLED: cancelled by the engine/)
  assert.equal(await hanging.promise, 3_600_000)
  await provider.cancel()
  await refused
  assert.equal(folder.snapshot().groups['aws/us-east-1/group/web']?.desired, 3)
})

test('the functions that programs call answer from the scenario', async (context) => {
  const { provider } = await provided(context, 'aws')
  await provider.configure({ region: 'eu-west-1' })
  assert.deepEqual((await provider.invoke('aws:index/getAvailabilityZones:getAvailabilityZones', {}))['names'], ['eu-west-1a', 'eu-west-1b'])
  assert.equal((await provider.invoke('aws:autoscaling/getGroup:getGroup', { name: 'web', region: 'us-east-1' }))['desiredCapacity'], 3)
  assert.equal((await provider.invoke('aws:ec2/getAmi:getAmi', { owners: ['amazon'] }))['id'], 'ami-0sandbox')
  await assert.rejects(provider.invoke('aws:s3/getBucket:getBucket', {}), /the sandbox has no function aws:s3\/getBucket:getBucket/)
})

test('a type that the sandbox does not have is refused in check', async (context) => {
  const { provider } = await provided(context, 'aws')
  assert.deepEqual((await provider.check('aws:s3/bucket:Bucket', {})).failures, { '': 'the sandbox has no type aws:s3/bucket:Bucket' })
})
