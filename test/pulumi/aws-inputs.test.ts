import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clockDigits, groupInputs, groupLeavesAlone, launchTemplateInputs, scheduleInputs, templateReference } from '../../src/pulumi/aws/inputs.ts'
import { aDesiredPool, aLaunch } from '../support/a-desired-state.ts'

const template = { launchTemplateName: 'ours', version: '$Latest' }

test('a group has the counts, the name and the region of its pool', () => {
  const { name, region, minSize, desiredCapacity, maxSize } = groupInputs(aDesiredPool({ min: 2, desired: 5, max: 9 }), template)
  assert.deepEqual({ name, region, minSize, desiredCapacity, maxSize }, { name: 'web-m7g-large-on-demand', region: 'us-east-1', minSize: 2, desiredCapacity: 5, maxSize: 9 })
})

test('a group never waits for its nodes, so that a region out of capacity does not block the stack', () => {
  assert.equal(groupInputs(aDesiredPool(), template).waitForCapacityTimeout, '0')
})

test('spot and on-demand stand in the group, with the type, so that one template of the user serves all pools', () => {
  const percent = (option: 'spot' | 'on-demand'): unknown =>
    (groupInputs(aDesiredPool({ option }), template).mixedInstancesPolicy as { instancesDistribution: { onDemandPercentageAboveBaseCapacity: number } }).instancesDistribution
      .onDemandPercentageAboveBaseCapacity
  assert.deepEqual([percent('spot'), percent('on-demand')], [0, 100])
  assert.deepEqual((groupInputs(aDesiredPool({ type: 'c7g.xlarge' }), template).mixedInstancesPolicy as { launchTemplate: unknown }).launchTemplate, {
    launchTemplateSpecification: template,
    overrides: [{ instanceType: 'c7g.xlarge' }],
  })
})

test('nodes spread over the given subnets, and over zones only where there are none', () => {
  const inSubnets = groupInputs(aDesiredPool({ launch: aLaunch({ subnets: ['subnet-1', 'subnet-2'] }) }), template)
  assert.deepEqual([inSubnets.vpcZoneIdentifiers, inSubnets.availabilityZones], [['subnet-1', 'subnet-2'], undefined])
  const inZones = groupInputs(aDesiredPool(), template)
  assert.deepEqual([inZones.vpcZoneIdentifiers, inZones.availabilityZones], [undefined, ['a', 'b']])
})

test('tags of the user and of the pool are on the group and on its nodes', () => {
  assert.deepEqual(groupInputs(aDesiredPool({ launch: aLaunch({ tags: { team: 'shop' } }) }), template).tags, [
    { key: 'team', value: 'shop', propagateAtLaunch: true },
    { key: 'prescale-workload', value: 'web', propagateAtLaunch: true },
    { key: 'prescale-type', value: 'm7g.large', propagateAtLaunch: true },
    { key: 'prescale-option', value: 'on-demand', propagateAtLaunch: true },
  ])
})

test('a template of the user is known by id or name, at its default version unless one is given', () => {
  assert.deepEqual(templateReference('lt-0abc'), { launchTemplateId: 'lt-0abc', version: '$Default' })
  assert.deepEqual(templateReference('web'), { launchTemplateName: 'web', version: '$Default' })
  assert.deepEqual(templateReference('web:7'), { launchTemplateName: 'web', version: '7' })
})

test('the default image is of the architecture of the type: Graviton is arm64, a graphics card is not', () => {
  const image = (type: string): unknown => launchTemplateInputs(aDesiredPool({ type })).imageId
  assert.match(String(image('m7g.large')), /arm64$/)
  assert.match(String(image('c6gn.large')), /arm64$/)
  assert.match(String(image('g4dn.xlarge')), /x86_64$/)
  assert.match(String(image('m6i.large')), /x86_64$/)
})

test('a launch template takes image, security groups and profile of the user', () => {
  const launch = aLaunch({ image: 'ami-1', securityGroups: ['sg-1'], identity: 'nodes' })
  const { imageId, vpcSecurityGroupIds, iamInstanceProfile } = launchTemplateInputs(aDesiredPool({ launch }))
  assert.deepEqual({ imageId, vpcSecurityGroupIds, iamInstanceProfile }, { imageId: 'ami-1', vpcSecurityGroupIds: ['sg-1'], iamInstanceProfile: { name: 'nodes' } })
  const arn = 'arn:aws:iam::1:instance-profile/nodes'
  assert.deepEqual(launchTemplateInputs(aDesiredPool({ launch: aLaunch({ identity: arn }) })).iamInstanceProfile, { arn })
})

test('what the pool does not own is left to others', () => {
  assert.deepEqual(groupLeavesAlone, { count: [], bounds: ['desiredCapacity'], schedule: ['desiredCapacity', 'minSize', 'maxSize'] })
})

test('a scheduled action repeats daily at its UTC minute, with all three counts', () => {
  const change = { minuteOfDay: 845, min: 2, desired: 7, max: 12 }
  assert.deepEqual(scheduleInputs(aDesiredPool(), change), {
    scheduledActionName: 'web-m7g-large-on-demand-1405',
    region: 'us-east-1',
    recurrence: '5 14 * * *',
    timeZone: 'Etc/UTC',
    minSize: 2,
    desiredCapacity: 7,
    maxSize: 12,
  })
  assert.equal(clockDigits(5), '0005')
})

test('a scheduled action leaves the count alone where only bounds are owned; left out, AWS would take it as 0', () => {
  assert.equal(scheduleInputs(aDesiredPool({ owns: 'bounds' }), { minuteOfDay: 0, min: 2, desired: 7, max: 12 }).desiredCapacity, -1)
})
