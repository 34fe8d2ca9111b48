import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteResource, readResource, updateResource } from '../../src/sandbox/cloud-calls.ts'
import type { Inputs } from '../../src/sandbox/inputs.ts'
import { noFaults } from '../../src/sandbox/state.ts'
import {
  autoscalerToken,
  aWorld,
  Clouds,
  groupInputs,
  groupToken,
  hour,
  instanceTemplateToken,
  managerToken,
  resourceGroupToken,
  scaleSetToken,
  scheduleToken,
  scope,
  settingToken,
  templateInputs,
  templateToken,
  withAwsGroup,
  withAzureGroup,
  withGcpGroup,
} from './a-world.ts'

function update(clouds: Clouds, token: string, id: string, before: Inputs, after: Inputs) {
  return updateResource(clouds.state, clouds.world, token, id, before, after, scope)
}

function read(clouds: Clouds, token: string, id: string, inputs: Inputs = {}) {
  return readResource(clouds.state, clouds.world, token, id, inputs, scope)
}

function remove(clouds: Clouds, token: string, id: string, inputs: Inputs = {}): void {
  deleteResource(clouds.state, clouds.world, token, id, inputs, scope)
}

test('a name is taken once in a region and free in the next', () => {
  const clouds = withAwsGroup()
  assert.throws(() => clouds.create(groupToken, groupInputs()), /AlreadyExists: web already exists in us-east-1/)
  clouds.create(templateToken, templateInputs({ region: 'eu-west-1' }))
  clouds.create(groupToken, groupInputs({ region: 'eu-west-1', availabilityZones: ['eu-west-1a'] }))
  assert.equal(Object.keys(clouds.state.groups).length, 2)
})

test('names of Azure do not heed case', () => {
  const { clouds } = withAzureGroup()
  assert.throws(() => clouds.create(resourceGroupToken, { resourceGroupName: 'SANDBOX', location: 'eastus' }), /AlreadyExists/)
})

test('a group of AWS needs its launch template, a zone of its region and a type that is offered there', () => {
  const clouds = new Clouds()
  assert.throws(() => clouds.create(groupToken, groupInputs()), /ValidationError: .*launch template does not exist/)
  clouds.create(templateToken, templateInputs({ name: 'wrong', instanceType: 'x9.huge' }))
  assert.throws(() => clouds.create(groupToken, groupInputs({ name: 'b', launchTemplate: { name: 'wrong' } })), /UnsupportedInstanceType: on-demand x9.huge is not offered in aws\/us-east-1/)
  clouds.create(templateToken, templateInputs())
  assert.throws(() => clouds.create(groupToken, groupInputs({ name: 'c', availabilityZones: ['eu-west-1a'] })), /InvalidZone: eu-west-1a is not in us-east-1/)
  assert.throws(() => clouds.create(groupToken, groupInputs({ name: 'd', availabilityZones: [] })), /At least one Availability Zone or VPC Subnet/)
})

test('the mixed-instances policy of a group goes before its template: type and spot', () => {
  const clouds = new Clouds()
  clouds.create(templateToken, templateInputs({ instanceType: 'x9.huge' }))
  clouds.create(groupToken, {
    ...groupInputs(),
    launchTemplate: undefined,
    mixedInstancesPolicy: {
      launchTemplate: { launchTemplateSpecification: { launchTemplateName: 'web', version: '$Latest' }, overrides: [{ instanceType: 'm6i.xlarge' }] },
      instancesDistribution: { onDemandPercentageAboveBaseCapacity: 0 },
    },
  })
  assert.deepEqual([clouds.group().type, clouds.group().option], ['m6i.xlarge', 'spot'])
})

test('an update that does not touch the count leaves what a schedule made of it; one that does sets it', () => {
  const clouds = withAwsGroup()
  clouds.create(scheduleToken, { scheduledActionName: 'up', region: 'us-east-1', autoscalingGroupName: 'web', recurrence: '0 1 * * *', minSize: -1, maxSize: -1, desiredCapacity: 9 })
  clouds.advance(2 * hour)
  update(clouds, groupToken, 'web', groupInputs(), groupInputs({ maxSize: 60 }))
  assert.deepEqual([clouds.group().desired, clouds.group().max], [9, 60])
  update(clouds, groupToken, 'web', groupInputs({ maxSize: 60 }), groupInputs({ maxSize: 60, desiredCapacity: 5 }))
  assert.equal(clouds.group().desired, 5)
})

test('an update by one who saw the moved count sets it back', () => {
  const clouds = withAwsGroup()
  const group = clouds.group()
  group.desired = 9
  update(clouds, groupToken, 'web', groupInputs({ desiredCapacity: 9 }), groupInputs({ desiredCapacity: 3 }))
  assert.equal(clouds.group().desired, 3)
})

test('bounds of AWS that leave the count outside move it', () => {
  const clouds = withAwsGroup(new Clouds(), { desiredCapacity: 10 })
  update(clouds, groupToken, 'web', groupInputs({ desiredCapacity: 10 }), groupInputs({ desiredCapacity: 10, maxSize: 6 }))
  assert.equal(clouds.group().desired, 6)
})

test('a scale set is put as a whole: any update brings the declared capacity back', () => {
  const { clouds, scaleSet } = withAzureGroup()
  clouds.group().desired = 9
  const inputs = { vmScaleSetName: 'web', resourceGroupName: 'sandbox', location: 'eastus', sku: { name: 'Standard_D4s_v4', capacity: 3 } }
  update(clouds, scaleSetToken, scaleSet, inputs, { ...inputs, tags: { a: 'b' } })
  assert.equal(clouds.group().desired, 3)
})

test('reading a group gives the counts it has now among its declared inputs, and no count that was not declared', () => {
  const clouds = withAwsGroup()
  clouds.group().desired = 9
  assert.equal(read(clouds, groupToken, 'web')?.inputs['desiredCapacity'], 9)
  clouds.create(groupToken, Object.fromEntries(Object.entries(groupInputs({ name: 'free' })).filter(([name]) => name !== 'desiredCapacity')))
  assert.equal('desiredCapacity' in (read(clouds, groupToken, 'free')?.inputs ?? {}), false)
  assert.equal(read(clouds, groupToken, 'free')?.outputs['desiredCapacity'], 0)
})

test('an id that two regions share is told apart by the inputs, by the region after an @, or by the region of the provider', () => {
  const clouds = withAwsGroup()
  withAwsGroup(clouds, { region: 'eu-west-1', availabilityZones: ['eu-west-1a'], desiredCapacity: 7 }, { region: 'eu-west-1' })
  assert.equal(read(clouds, groupToken, 'web', groupInputs({ region: 'eu-west-1' }))?.outputs['desiredCapacity'], 7)
  assert.equal(read(clouds, groupToken, 'web@eu-west-1')?.outputs['desiredCapacity'], 7)
  assert.equal(readResource(clouds.state, clouds.world, groupToken, 'web', {}, { ...scope, region: 'us-east-1' })?.outputs['desiredCapacity'], 3)
  assert.equal(read(clouds, groupToken, 'gone'), undefined)
})

test('what is in use is not deleted: templates by groups, groups by autoscalers', () => {
  const clouds = withGcpGroup()
  clouds.create(autoscalerToken, { name: 'web', region: 'us-central1', target: 'web', autoscalingPolicy: { minReplicas: 1, maxReplicas: 5 } })
  const manager = 'projects/sandbox/regions/us-central1/instanceGroupManagers/web'
  assert.throws(() => remove(clouds, instanceTemplateToken, 'projects/sandbox/global/instanceTemplates/web'), /resourceInUseByAnotherResource: .*instanceGroupManagers\/web/)
  assert.throws(() => remove(clouds, managerToken, manager), /resourceInUseByAnotherResource: .*autoscalers\/web/)
  remove(clouds, autoscalerToken, 'projects/sandbox/regions/us-central1/autoscalers/web')
  remove(clouds, managerToken, manager)
  remove(clouds, instanceTemplateToken, 'projects/sandbox/global/instanceTemplates/web')
  assert.deepEqual([Object.keys(clouds.state.resources), Object.keys(clouds.state.groups)], [[], []])
})

test('a managed group is scaled by one autoscaler at most, a scale set by one setting', () => {
  const clouds = withGcpGroup()
  const autoscaler = { region: 'us-central1', target: 'web', autoscalingPolicy: { minReplicas: 1, maxReplicas: 5 } }
  clouds.create(autoscalerToken, { ...autoscaler, name: 'one' })
  assert.throws(() => clouds.create(autoscalerToken, { ...autoscaler, name: 'two' }), /already being scaled/)
  const azure = withAzureGroup(clouds)
  const setting = { resourceGroupName: 'sandbox', enabled: true, targetResourceUri: azure.scaleSet.toUpperCase(), profiles: [] }
  clouds.create(settingToken, { ...setting, autoscaleSettingName: 'one' })
  assert.throws(() => clouds.create(settingToken, { ...setting, autoscaleSettingName: 'two' }), /already exists for the target/)
})

test('a deleted group drains its nodes, and its scheduled actions go with it', () => {
  const clouds = withAwsGroup()
  clouds.create(scheduleToken, { scheduledActionName: 'up', region: 'us-east-1', autoscalingGroupName: 'web', recurrence: '0 1 * * *', minSize: 0, maxSize: 9, desiredCapacity: 9 })
  clouds.advance(300)
  remove(clouds, groupToken, 'web', groupInputs())
  assert.equal(clouds.count('draining'), 3)
  assert.deepEqual(Object.values(clouds.state.resources).map(({ token }) => token), [templateToken])
  clouds.advance(2 * hour)
  assert.deepEqual(clouds.state.nodes, [])
})

test('a deleted resource group takes all that is in it', () => {
  const { clouds, scaleSet } = withAzureGroup()
  clouds.create(settingToken, { autoscaleSettingName: 'web', resourceGroupName: 'sandbox', enabled: true, targetResourceUri: scaleSet, profiles: [] })
  clouds.advance(300)
  remove(clouds, resourceGroupToken, scaleSet.split('/providers')[0] ?? '')
  assert.deepEqual([Object.keys(clouds.state.resources), Object.keys(clouds.state.groups), clouds.count('draining')], [[], [], 3])
})

test('Azure refuses a capacity above the quota as a whole; AWS accepts it and is short', () => {
  const { clouds, scaleSet } = withAzureGroup()
  const inputs = { vmScaleSetName: 'web', resourceGroupName: 'sandbox', location: 'eastus', sku: { name: 'Standard_D4s_v4', capacity: 3 } }
  assert.throws(
    () => update(clouds, scaleSetToken, scaleSet, inputs, { ...inputs, sku: { ...inputs.sku, capacity: 101 } }),
    /OperationNotAllowed: .*Total Regional Cores quota. Location: eastus, Additional Required: 404/,
  )
  clouds.create(templateToken, templateInputs())
  const { short } = clouds.create(groupToken, groupInputs({ maxSize: 200, desiredCapacity: 101, waitForCapacityTimeout: '10m' }))
  assert.deepEqual(short, { nodes: 1, reason: 'quota: 0 of on-demand vCPUs are left in aws/us-east-1, 4 needed' })
})

test('a group that is not waited for is not short, whatever the cloud has', () => {
  const clouds = new Clouds()
  clouds.state.faults = { ...noFaults, scarce: [{ cloud: 'aws', region: 'us-east-1', nodes: 0 }] }
  clouds.create(templateToken, templateInputs())
  assert.equal(clouds.create(groupToken, groupInputs()).short, undefined)
  assert.deepEqual(clouds.create(groupToken, groupInputs({ name: 'waits', waitForCapacityTimeout: '5m' })).short, {
    nodes: 3,
    reason: 'no capacity: aws/us-east-1 has no on-demand m6i.xlarge left',
  })
})

test('target tracking of AWS raises at once and lowers after three low steps: full nodes are doubled, 10 vCPUs at 50 percent need 5 nodes', () => {
  const clouds = withAwsGroup(new Clouds(), { minSize: 1, desiredCapacity: 3 })
  clouds.create('aws:autoscaling/policy:Policy', {
    name: 'cpu',
    region: 'us-east-1',
    autoscalingGroupName: 'web',
    policyType: 'TargetTrackingScaling',
    targetTrackingConfiguration: { targetValue: 50, predefinedMetricSpecification: { predefinedMetricType: 'ASGAverageCPUUtilization' } },
  })
  const counts = Array.from({ length: 7 }, () => {
    clouds.advance(300)
    return clouds.group().desired
  })
  assert.deepEqual(counts, [6, 6, 6, 6, 5, 5, 5])
})

test('an autoscaler of GCP without a signal follows CPU at 60 percent: 10 vCPUs need 5 nodes', () => {
  const clouds = withGcpGroup()
  clouds.create(autoscalerToken, { name: 'web', region: 'us-central1', target: 'web', autoscalingPolicy: { minReplicas: 1, maxReplicas: 30 } })
  clouds.advance(hour)
  assert.equal(clouds.group().desired, 5)
})

test('CPU rules of Azure move the count by one, within the profile and not before the cooldown is over', () => {
  const { clouds, scaleSet } = withAzureGroup(new Clouds(), { sku: { name: 'Standard_D4s_v4', capacity: 3 } })
  const rule = (operator: string, threshold: number, direction: string): Inputs => ({
    metricTrigger: { metricName: 'Percentage CPU', operator, threshold },
    scaleAction: { direction, type: 'ChangeCount', value: '1', cooldown: 'PT10M' },
  })
  clouds.create(settingToken, {
    autoscaleSettingName: 'web',
    resourceGroupName: 'sandbox',
    enabled: true,
    targetResourceUri: scaleSet,
    profiles: [{ name: 'default', capacity: { minimum: '2', maximum: '8', default: '3' }, rules: [rule('GreaterThan', 60, 'Increase'), rule('LessThan', 35, 'Decrease')] }],
  })
  const counts = Array.from({ length: 12 }, () => {
    clouds.advance(300)
    return clouds.group().desired
  })
  // 10 vCPUs of load on 3, 4 and 5 nodes of 4 vCPUs: 83, 62.5 and 50 percent
  assert.deepEqual(counts, [4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5])
})

test('in a lost region every call fails, elsewhere none', () => {
  const clouds = withAwsGroup()
  clouds.state.faults = { ...noFaults, lostRegions: ['aws/us-east-1'] }
  assert.throws(() => read(clouds, groupToken, 'web'), /ServiceUnavailable: aws\/us-east-1 does not answer/)
  withAwsGroup(clouds, { region: 'eu-west-1', availabilityZones: ['eu-west-1a'] }, { region: 'eu-west-1' })
})

test('a region that the scenario does not have is refused', () => {
  const clouds = new Clouds(aWorld())
  clouds.create(templateToken, templateInputs({ region: 'mars-1' }))
  assert.throws(() => clouds.create(groupToken, groupInputs({ region: 'mars-1' })), /no region aws\/mars-1/)
})

test('a scheduled action of AWS is put: under a name that is taken the new one stands, as a run that died left it or not', () => {
  const clouds = withAwsGroup()
  const action = (desiredCapacity: number) => ({ scheduledActionName: 'up', region: 'us-east-1', autoscalingGroupName: 'web', recurrence: '0 1 * * *', minSize: 0, maxSize: 9, desiredCapacity })
  clouds.create(scheduleToken, action(4))
  clouds.create(scheduleToken, action(7))
  const actions = Object.values(clouds.state.resources).filter(({ token }) => token === scheduleToken)
  assert.deepEqual(actions.map(({ inputs, version }) => [inputs['desiredCapacity'], version]), [[7, 2]])
})
