import { poolTags } from '../../domain/pool-tags.ts'
import type { PurchaseOption } from '../../domain/pool.ts'
import { nextCronSeconds } from '../cron-times.ts'
import { removeGroup, want } from '../groups.ts'
import { isRecord, listAt, numberAt, textAt, textsAt, valueAt, type Inputs } from '../inputs.ts'
import { keyedHex } from '../random.ts'
import { changed, integerRule } from './rules.ts'
import type { CloudState, SandboxGroup, SandboxResource } from '../state.ts'
import { worldRegion, type World } from '../world.ts'
import { account, identity, regionOf } from './aws-identity.ts'
import { CloudError, type CloudApi, type ResourceKind } from './cloud-api.ts'
import { declareGroup } from './declared-group.ts'
import { nodeGroup } from './eks.ts'
import { trackTarget } from './target-tracking.ts'

const templateToken = 'aws:ec2/launchTemplate:LaunchTemplate'

const nameOf = (inputs: Inputs): string => textAt(inputs, 'name') ?? ''
const groupKey = (region: string, name: string): string => identity('group', region, name).key

function groupOf(state: CloudState, resource: SandboxResource): SandboxGroup {
  const name = textAt(resource.inputs, 'autoscalingGroupName') ?? ''
  const group = state.groups[groupKey(resource.region, name)] ?? Object.values(state.groups).find(({ heldIn, region }) => heldIn === name && region === resource.region)
  if (group === undefined) throw new CloudError('ValidationError', `AutoScalingGroup name not found: ${name}`)
  return group
}

const launchTemplate: ResourceKind = {
  nameInput: 'name',
  replaceOn: ['name', 'region'],
  movingOutputs: ['latestVersion', 'defaultVersion'],
  identify(inputs, scope) {
    const { key, region } = identity('launch-template', regionOf(inputs, scope), nameOf(inputs))
    return { key, region, id: `lt-0${keyedHex(key, 16)}` }
  },
  put(state, world, resource) {
    for (const group of Object.values(state.resources)) {
      if (group.token === groupToken && launchOf(state, group)?.template === resource) declare(state, world, group, undefined)
    }
  },
  outputs: (_state, resource) => ({
    arn: `arn:aws:ec2:${resource.region}:${account}:launch-template/${resource.id}`,
    latestVersion: resource.version,
    defaultVersion: resource.inputs['updateDefaultVersion'] === true ? resource.version : 1,
  }),
}

interface Launch {
  readonly template: SandboxResource
  readonly type: string | undefined
  readonly option: PurchaseOption
}

/** @returns undefined when the launch template cannot be found */
function launchOf(state: CloudState, resource: SandboxResource): Launch | undefined {
  const mixed = isRecord(resource.inputs['mixedInstancesPolicy']) ? resource.inputs['mixedInstancesPolicy'] : undefined
  const specification = mixed === undefined ? resource.inputs['launchTemplate'] : valueAt(mixed, 'launchTemplate.launchTemplateSpecification')
  const id = textAt(specification, mixed === undefined ? 'id' : 'launchTemplateId')
  const name = textAt(specification, mixed === undefined ? 'name' : 'launchTemplateName')
  const template = Object.values(state.resources).find(
    (candidate) =>
      candidate.token === templateToken && candidate.region === resource.region && (candidate.id === id || (name !== undefined && nameOf(candidate.inputs) === name)),
  )
  if (template === undefined) return undefined
  const spotByPolicy = mixed !== undefined && numberAt(mixed, 'instancesDistribution.onDemandPercentageAboveBaseCapacity') === 0
  const spotByTemplate = textAt(template.inputs, 'instanceMarketOptions.marketType') === 'spot'
  return {
    template,
    type: textAt(mixed, 'launchTemplate.overrides.0.instanceType') ?? textAt(template.inputs, 'instanceType'),
    option: spotByPolicy || spotByTemplate ? 'spot' : 'on-demand',
  }
}

function declare(state: CloudState, world: World, resource: SandboxResource, desired: number | undefined): void {
  const { inputs, region } = resource
  const launch = launchOf(state, resource)
  if (launch === undefined) throw new CloudError('ValidationError', 'You must use a valid fully-formed launch template. The specified launch template does not exist')
  if (launch.type === undefined) throw new CloudError('ValidationError', 'You must use a valid fully-formed launch template. It names no instance type')
  const subnets = textsAt(inputs, 'vpcZoneIdentifiers')
  const zones = subnets.length > 0 ? (worldRegion(world, 'aws', region)?.zones ?? []).slice(0, subnets.length) : textsAt(inputs, 'availabilityZones')
  if (zones.length === 0) throw new CloudError('ValidationError', 'At least one Availability Zone or VPC Subnet is required.')
  const tag = listAt(inputs, 'tags').find((item) => textAt(item, 'key') === poolTags.workload)
  declareGroup(
    state,
    world,
    { key: resource.key, cloud: 'aws', region, name: nameOf(inputs), workload: textAt(tag, 'value'), type: launch.type, option: launch.option, zones },
    { min: numberAt(inputs, 'minSize') ?? 0, max: numberAt(inputs, 'maxSize') ?? 0, desired },
  )
}

const groupToken = 'aws:autoscaling/group:Group'

const group: ResourceKind = {
  nameInput: 'name',
  replaceOn: ['name', 'namePrefix', 'region'],
  rules(inputs) {
    const faults = ['minSize', 'maxSize', 'desiredCapacity'].flatMap((path) => integerRule(inputs, path, 0, 5000))
    const [min, max, desired] = ['minSize', 'maxSize', 'desiredCapacity'].map((path) => numberAt(inputs, path))
    if (min !== undefined && max !== undefined && min > max) faults.push({ path: 'minSize', message: `is ${min}, above maxSize ${max}` })
    if (desired !== undefined && min !== undefined && max !== undefined && (desired < min || desired > max)) {
      faults.push({ path: 'desiredCapacity', message: `is ${desired}, outside minSize ${min} to maxSize ${max}` })
    }
    if (listAt(inputs, 'availabilityZones').length > 0 && listAt(inputs, 'vpcZoneIdentifiers').length > 0) {
      faults.push({ path: 'availabilityZones', message: 'conflicts with vpcZoneIdentifiers' })
    }
    const launches = ['launchTemplate', 'mixedInstancesPolicy', 'launchConfiguration'].filter((name) => inputs[name] !== undefined)
    if (launches.length !== 1) {
      faults.push({ path: 'launchTemplate', message: `exactly one of launchTemplate, mixedInstancesPolicy and launchConfiguration is needed, ${launches.length} are given` })
    }
    return faults
  },
  identify: (inputs, scope) => identity('group', regionOf(inputs, scope), nameOf(inputs)),
  put(state, world, resource, before) {
    const desired = numberAt(resource.inputs, 'desiredCapacity')
    // A count that did not change is not sent: what a schedule or an autoscaler has made of it stays.
    declare(state, world, resource, before === undefined || changed(before, resource.inputs, 'desiredCapacity') ? desired : undefined)
  },
  remove(state, world, resource) {
    removeGroup(state, world, resource.key)
    removeActions(state, resource.region, resource.id)
  },
  liveInputs(state, resource) {
    const live = state.groups[resource.key]
    if (live === undefined) return resource.inputs
    const counts = { minSize: live.min, maxSize: live.max }
    return { ...resource.inputs, ...counts, ...('desiredCapacity' in resource.inputs ? { desiredCapacity: live.desired } : {}) }
  },
  outputs: (state, resource) => ({
    arn: `arn:aws:autoscaling:${resource.region}:${account}:autoScalingGroup:${keyedHex(resource.key, 8)}:autoScalingGroupName/${resource.id}`,
    desiredCapacity: state.groups[resource.key]?.desired,
    healthCheckType: textAt(resource.inputs, 'healthCheckType') ?? 'EC2',
    region: resource.region,
  }),
  waitsForNodes: (inputs) => !['0', '0s', '0m'].includes(textAt(inputs, 'waitForCapacityTimeout') ?? '10m'),
}

/** Scheduled actions and policies end with their group. */
function removeActions(state: CloudState, region: string, groupName: string): void {
  for (const other of Object.values(state.resources)) {
    const isAction = other.token === scheduleToken || other.token === policyToken
    if (!isAction || other.region !== region || textAt(other.inputs, 'autoscalingGroupName') !== groupName) continue
    delete state.resources[other.key]
    delete state.timers[other.key]
  }
}

const scheduleToken = 'aws:autoscaling/schedule:Schedule'

function nextAction(inputs: Inputs, afterSeconds: number): number | undefined {
  const start = instantAt(inputs, 'startTime')
  const end = instantAt(inputs, 'endTime') ?? Infinity
  const recurrence = textAt(inputs, 'recurrence')
  const next =
    recurrence === undefined
      ? start !== undefined && start > afterSeconds
        ? start
        : undefined
      : nextCronSeconds(recurrence, textAt(inputs, 'timeZone') ?? 'UTC', Math.max(afterSeconds, (start ?? 0) - 1))
  return next !== undefined && next <= end ? next : undefined
}

function instantAt(inputs: Inputs, path: string): number | undefined {
  const text = textAt(inputs, path)
  return text === undefined ? undefined : Date.parse(text) / 1000
}

function setTimer(state: CloudState, key: string, at: number | undefined): void {
  if (at === undefined) delete state.timers[key]
  else state.timers[key] = at
}

const schedule: ResourceKind = {
  isPut: true,
  nameInput: 'scheduledActionName',
  replaceOn: ['autoscalingGroupName', 'scheduledActionName', 'region'],
  rules: (inputs) => [
    ...['minSize', 'maxSize', 'desiredCapacity'].flatMap((path) => integerRule(inputs, path, -1, 5000)),
    ...(inputs['recurrence'] === undefined && inputs['startTime'] === undefined ? [{ path: 'recurrence', message: 'recurrence or startTime is needed' }] : []),
  ],
  identify: (inputs, scope) => identity('schedule', regionOf(inputs, scope), textAt(inputs, 'scheduledActionName') ?? '', textAt(inputs, 'autoscalingGroupName')),
  put(state, _world, resource) {
    const { inputs } = resource
    groupOf(state, resource)
    const counts = ['minSize', 'desiredCapacity', 'maxSize'].map((path) => numberAt(inputs, path) ?? 0).filter((count) => count >= 0)
    if (counts.some((count, index) => index > 0 && count < (counts[index - 1] ?? 0))) {
      throw new CloudError('ValidationError', `min, desired and max of the action must not fall: ${counts.join(', ')}`)
    }
    let next: number | undefined
    try {
      next = nextAction(inputs, state.nowSeconds)
    } catch (cause) {
      throw new CloudError('ValidationError', `Given recurrence string: ${textAt(inputs, 'recurrence') ?? ''} is invalid (${cause instanceof Error ? cause.message : String(cause)})`)
    }
    if (next === undefined && inputs['recurrence'] === undefined) throw new CloudError('ValidationError', 'Given start time is in the past')
    setTimer(state, resource.key, next)
  },
  remove: (state, _world, resource) => setTimer(state, resource.key, undefined),
  outputs: (_state, resource) => ({
    arn: `arn:aws:autoscaling:${resource.region}:${account}:scheduledUpdateGroupAction:${keyedHex(resource.key, 8)}:scheduledActionName/${resource.id}`,
  }),
  act(state, resource) {
    const target = groupOf(state, resource)
    const asked = (path: string, now: number): number => {
      const count = numberAt(resource.inputs, path) ?? 0
      return count < 0 ? now : count
    }
    target.min = asked('minSize', target.min)
    target.max = asked('maxSize', target.max)
    want(target, asked('desiredCapacity', target.desired))
    setTimer(state, resource.key, nextAction(resource.inputs, state.nowSeconds))
  },
}

const policyToken = 'aws:autoscaling/policy:Policy'

const policy: ResourceKind = {
  isPut: true,
  nameInput: 'name',
  replaceOn: ['autoscalingGroupName', 'name', 'region'],
  identify: (inputs, scope) => identity('policy', regionOf(inputs, scope), nameOf(inputs), textAt(inputs, 'autoscalingGroupName')),
  put(state, _world, resource) {
    groupOf(state, resource)
  },
  outputs: (_state, resource) => ({
    arn: `arn:aws:autoscaling:${resource.region}:${account}:scalingPolicy:${keyedHex(resource.key, 8)}:policyName/${resource.id}`,
  }),
  followLoad(state, resource) {
    const target = numberAt(resource.inputs, 'targetTrackingConfiguration.targetValue')
    const metric = textAt(resource.inputs, 'targetTrackingConfiguration.predefinedMetricSpecification.predefinedMetricType')
    if (target === undefined || metric !== 'ASGAverageCPUUtilization' || resource.inputs['enabled'] === false) return
    const followed = groupOf(state, resource)
    const lowers = resource.inputs['targetTrackingConfiguration']
    // AWS lowers after 15 minutes below nine tenths of the target.
    trackTarget(state, followed, { utilisation: target / 100, lowerBelow: 0.9, lowerAfterSteps: 3, mayLower: !(isRecord(lowers) && lowers['disableScaleIn'] === true) })
  },
}

const record: ResourceKind = {
  replaceOn: ['zoneId', 'name', 'type', 'setIdentifier'],
  identify(inputs) {
    const set = textAt(inputs, 'setIdentifier')
    const id = [textAt(inputs, 'zoneId'), nameOf(inputs), textAt(inputs, 'type'), ...(set === undefined ? [] : [set])].join('_')
    return { key: `aws/global/record/${id}`, id, region: 'global' }
  },
  outputs: (_state, resource) => ({ fqdn: nameOf(resource.inputs) }),
}

/** AWS as far as prescale uses it. */
export const aws: CloudApi = {
  kinds: {
    [templateToken]: launchTemplate,
    [groupToken]: group,
    [scheduleToken]: schedule,
    [policyToken]: policy,
    'aws:eks/nodeGroup:NodeGroup': nodeGroup(removeActions),
    'aws:route53/record:Record': record,
  },
}
