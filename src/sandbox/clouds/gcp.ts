import { poolTags } from '../../domain/pool-tags.ts'
import { lastCronSeconds, nextCronSeconds } from '../cron-times.ts'
import { removeGroup, want } from '../groups.ts'
import { listAt, numberAt, textAt, textsAt, valueAt, type Inputs } from '../inputs.ts'
import type { CloudState, SandboxGroup, SandboxResource } from '../state.ts'
import { CloudError, type CallScope, type CloudApi, type InputRule, type ResourceKind } from './cloud-api.ts'
import { declareGroup } from './declared-group.ts'
import { recordSet } from './cloud-dns.ts'
import { nodePool } from './gke.ts'
import { changed, integerRule } from './rules.ts'
import { trackTarget } from './target-tracking.ts'

const api = 'https://www.googleapis.com/compute/v1/'
/** Most nodes of a regional managed group. */
const largestGroup = 2000
/** The autoscaler waits this long before it gives nodes back. */
const stabilisationSteps = 2
const defaultCpuTarget = 0.6

const templateToken = 'gcp:compute/instanceTemplate:InstanceTemplate'
const managerToken = 'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager'
const autoscalerToken = 'gcp:compute/regionAutoscaler:RegionAutoscaler'

const nameOf = (inputs: Inputs): string => textAt(inputs, 'name') ?? ''

/** Names of resources: RFC 1035, at most 63 characters. */
function nameRule(inputs: Inputs): InputRule[] {
  const name = textAt(inputs, 'name')
  if (name === undefined || /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return []
  return [{ path: 'name', message: `'${name}' must start with a lower-case letter, end with a letter or digit, hold only those and hyphens, at most 63 characters` }]
}

function regional(collection: string): (inputs: Inputs, scope: CallScope) => { key: string; id: string; region: string } {
  return (inputs, scope) => {
    const region = textAt(inputs, 'region') ?? scope.region
    if (region === undefined) throw new CloudError('required', 'neither the resource nor the provider names a region (gcp:region)')
    const id = `projects/${textAt(inputs, 'project') ?? scope.project}/regions/${region}/${collection}/${nameOf(inputs)}`
    return { key: `gcp/${id}`, id, region }
  }
}

/** A reference may be an id, a self link with or without its unique part, or a bare name. */
function refersTo(reference: string | undefined, resource: SandboxResource): boolean {
  const path = reference?.replace(/^https:\/\/[^/]+\/compute\/[^/]+\//, '').replace(/\?.*$/, '')
  return path === resource.id || path === nameOf(resource.inputs)
}

function referred(state: CloudState, token: string, reference: string | undefined): SandboxResource {
  const found = Object.values(state.resources).find((resource) => resource.token === token && refersTo(reference, resource))
  if (found === undefined) throw new CloudError('notFound', `The resource '${reference ?? ''}' was not found`)
  return found
}

function refuseWhileUsed(state: CloudState, resource: SandboxResource, byToken: string, referenceOf: (inputs: Inputs) => string | undefined): void {
  const user = Object.values(state.resources).find((other) => other.token === byToken && refersTo(referenceOf(other.inputs), resource))
  if (user !== undefined) throw new CloudError('resourceInUseByAnotherResource', `The resource '${resource.id}' is already being used by '${user.id}'`)
}

const templateReference = (inputs: Inputs): string | undefined => textAt(inputs, 'versions.0.instanceTemplate')
const targetReference = (inputs: Inputs): string | undefined => textAt(inputs, 'target')

const instanceTemplate: ResourceKind = {
  nameInput: 'name',
  // A template cannot be changed: every input but the labels' default handling needs a new one.
  replaceOn: ['*'],
  rules: nameRule,
  identify(inputs, scope) {
    const id = `projects/${textAt(inputs, 'project') ?? scope.project}/global/instanceTemplates/${nameOf(inputs)}`
    return { key: `gcp/${id}`, id, region: 'global' }
  },
  remove: (state, _world, resource) => refuseWhileUsed(state, resource, managerToken, templateReference),
  outputs: (_state, resource) => ({
    selfLink: `${api}${resource.id}`,
    selfLinkUnique: `${api}${resource.id}?uniqueId=1`,
    metadataFingerprint: 'sandbox',
    project: resource.id.split('/')[1],
  }),
}

/** @returns the autoscaler of a managed group, when it has one that is on */
function autoscalerOf(state: CloudState, manager: SandboxResource): SandboxResource | undefined {
  return Object.values(state.resources).find((resource) => resource.token === autoscalerToken && refersTo(targetReference(resource.inputs), manager))
}

/** What an autoscaler holds a group to now: its lower bound is the largest that its policy or an open schedule asks for. */
function bounds(autoscaler: SandboxResource | undefined, at: number): { readonly min: number; readonly max: number } {
  if (autoscaler === undefined || textAt(autoscaler.inputs, 'autoscalingPolicy.mode') === 'OFF') return { min: 0, max: largestGroup }
  const max = numberAt(autoscaler.inputs, 'autoscalingPolicy.maxReplicas') ?? largestGroup
  const min = numberAt(autoscaler.inputs, 'autoscalingPolicy.minReplicas') ?? 0
  return { min: Math.min(max, Math.max(min, scheduledReplicas(schedules(autoscaler.inputs), at))), max }
}

const groupManager: ResourceKind = {
  nameInput: 'name',
  replaceOn: ['name', 'region', 'project', 'baseInstanceName', 'description', 'distributionPolicyZones', 'params'],
  rules: (inputs) => [
    ...nameRule(inputs),
    ...integerRule(inputs, 'targetSize', 0, largestGroup),
    ...(listAt(inputs, 'versions').length === 0 ? [{ path: 'versions', message: 'holds no version, at least 1 is needed' }] : []),
  ],
  identify: regional('instanceGroupManagers'),
  put(state, world, resource, before) {
    const { inputs } = resource
    const template = referred(state, templateToken, templateReference(inputs))
    const workload = textAt(valueAt(inputs, 'allInstancesConfig.labels'), poolTags.workload) ?? textAt(valueAt(template.inputs, 'labels'), poolTags.workload)
    const spot = textAt(template.inputs, 'scheduling.provisioningModel') === 'SPOT' || valueAt(template.inputs, 'scheduling.preemptible') === true
    const size = numberAt(inputs, 'targetSize')
    declareGroup(
      state,
      world,
      {
        key: resource.key,
        cloud: 'gcp',
        region: resource.region,
        name: nameOf(inputs),
        workload,
        type: textAt(inputs, 'instanceFlexibilityPolicy.instanceSelections.0.machineTypes.0') ?? textAt(template.inputs, 'machineType') ?? '',
        option: spot ? 'spot' : 'on-demand',
        zones: textsAt(inputs, 'distributionPolicyZones'),
      },
      {
        ...bounds(autoscalerOf(state, resource), state.nowSeconds),
        desired: before === undefined || changed(before, inputs, 'targetSize') ? size : undefined,
      },
    )
  },
  remove(state, world, resource) {
    refuseWhileUsed(state, resource, autoscalerToken, targetReference)
    removeGroup(state, world, resource.key)
  },
  liveInputs(state, resource) {
    const live = state.groups[resource.key]
    return live !== undefined && 'targetSize' in resource.inputs ? { ...resource.inputs, targetSize: live.desired } : resource.inputs
  },
  outputs: (state, resource) => ({
    instanceGroup: `${api}${resource.id.replace('instanceGroupManagers', 'instanceGroups')}`,
    selfLink: `${api}${resource.id}`,
    targetSize: state.groups[resource.key]?.desired,
    fingerprint: 'sandbox',
    project: resource.id.split('/')[1],
    region: resource.region,
  }),
  waitsForNodes: (inputs) => inputs['waitForInstances'] === true,
}

interface ScalingSchedule {
  readonly cron: string
  readonly timeZone: string
  readonly durationSeconds: number
  readonly replicas: number
}

function schedules(inputs: Inputs): ScalingSchedule[] {
  return listAt(inputs, 'autoscalingPolicy.scalingSchedules')
    .filter((schedule) => valueAt(schedule, 'disabled') !== true)
    .map((schedule) => ({
      cron: textAt(schedule, 'schedule') ?? '',
      timeZone: textAt(schedule, 'timeZone') ?? 'UTC',
      durationSeconds: numberAt(schedule, 'durationSec') ?? 0,
      replicas: numberAt(schedule, 'minRequiredReplicas') ?? 0,
    }))
}

/** Nodes that the schedules which are open at `at` ask for. */
function scheduledReplicas(all: readonly ScalingSchedule[], at: number): number {
  const open = all.filter((schedule) => {
    const opened = lastCronSeconds(schedule.cron, schedule.timeZone, at, schedule.durationSeconds)
    return opened !== undefined && at < opened + schedule.durationSeconds
  })
  return Math.max(0, ...open.map((schedule) => schedule.replicas))
}

/** The next instant at which a schedule opens or closes. */
function nextBoundary(all: readonly ScalingSchedule[], at: number): number | undefined {
  const instants = all.flatMap((schedule) => {
    const opened = lastCronSeconds(schedule.cron, schedule.timeZone, at, schedule.durationSeconds)
    const closes = opened === undefined ? undefined : opened + schedule.durationSeconds
    return [nextCronSeconds(schedule.cron, schedule.timeZone, at), closes].filter((instant) => instant !== undefined && instant > at)
  })
  return instants.length === 0 ? undefined : Math.min(...instants.filter((instant) => instant !== undefined))
}

function policyRules(inputs: Inputs): InputRule[] {
  const faults = [
    ...nameRule(inputs),
    ...integerRule(inputs, 'autoscalingPolicy.minReplicas', 0, largestGroup),
    ...integerRule(inputs, 'autoscalingPolicy.maxReplicas', 0, largestGroup),
  ]
  const [min, max] = ['minReplicas', 'maxReplicas'].map((name) => numberAt(inputs, `autoscalingPolicy.${name}`))
  if (min !== undefined && max !== undefined && min > max) faults.push({ path: 'autoscalingPolicy.minReplicas', message: `is ${min}, above maxReplicas ${max}` })
  for (const [index, schedule] of listAt(inputs, 'autoscalingPolicy.scalingSchedules').entries()) {
    const duration = numberAt(schedule, 'durationSec')
    if (duration !== undefined && duration < 300) {
      faults.push({ path: `autoscalingPolicy.scalingSchedules[${index}].durationSec`, message: `is ${duration}, expected at least 300` })
    }
  }
  return faults
}

/** Brings the group into the autoscaler's bounds of now; what lies between them is lowered later, when the step has shown it is not needed. */
function evaluate(state: CloudState, resource: SandboxResource): void {
  const group = groupOf(state, resource)
  const next = nextBoundary(schedules(resource.inputs), state.nowSeconds)
  if (next === undefined) delete state.timers[resource.key]
  else state.timers[resource.key] = next
  if (group === undefined) return
  Object.assign(group, bounds(resource, state.nowSeconds))
  want(group, group.desired)
}

function groupOf(state: CloudState, autoscaler: SandboxResource): SandboxGroup | undefined {
  const reference = targetReference(autoscaler.inputs)
  const manager = Object.values(state.resources).find((other) => other.token === managerToken && refersTo(reference, other))
  return manager === undefined ? undefined : state.groups[manager.key]
}

function cpuTarget(inputs: Inputs): number | undefined {
  const target = numberAt(inputs, 'autoscalingPolicy.cpuUtilization.target')
  if (target !== undefined) return target
  // Without any signal of its own the real autoscaler follows CPU at 60 percent.
  return schedules(inputs).length === 0 ? defaultCpuTarget : undefined
}

const regionAutoscaler: ResourceKind = {
  nameInput: 'name',
  replaceOn: ['name', 'region', 'project'],
  rules: policyRules,
  identify: regional('autoscalers'),
  put(state, _world, resource) {
    const manager = referred(state, managerToken, targetReference(resource.inputs))
    const rival = Object.values(state.resources).find(
      (other) => other.token === autoscalerToken && other.key !== resource.key && refersTo(targetReference(other.inputs), manager),
    )
    if (rival !== undefined) throw new CloudError('invalid', `The resource '${manager.id}' is already being scaled by '${rival.id}'`)
    try {
      evaluate(state, resource)
    } catch (cause) {
      throw new CloudError('invalid', `Invalid value for field 'autoscalingPolicy.scalingSchedules': ${cause instanceof Error ? cause.message : String(cause)}`)
    }
  },
  remove(state, _world, resource) {
    delete state.timers[resource.key]
    const group = groupOf(state, resource)
    if (group !== undefined) Object.assign(group, bounds(undefined, state.nowSeconds))
  },
  outputs: (_state, resource) => ({ selfLink: `${api}${resource.id}`, project: resource.id.split('/')[1], region: resource.region }),
  act: evaluate,
  followLoad(state, resource) {
    const group = groupOf(state, resource)
    const mode = textAt(resource.inputs, 'autoscalingPolicy.mode') ?? 'ON'
    if (group === undefined || mode === 'OFF') return
    const target = cpuTarget(resource.inputs)
    if (target !== undefined) {
      trackTarget(state, group, { utilisation: target, lowerBelow: 1, lowerAfterSteps: stabilisationSteps, mayLower: mode !== 'ONLY_UP' })
    } else if (group.desired > group.min && mode === 'ON') {
      group.lowSteps += 1
      if (group.lowSteps >= stabilisationSteps) want(group, group.min)
    } else {
      group.lowSteps = 0
    }
  },
}

/** GCP as far as prescale uses it. */
export const gcp: CloudApi = {
  kinds: {
    [templateToken]: instanceTemplate,
    [managerToken]: groupManager,
    [autoscalerToken]: regionAutoscaler,
    'gcp:container/nodePool:NodePool': nodePool,
    'gcp:dns/recordSet:RecordSet': recordSet,
  },
}

