import { lastCronSeconds, nextCronSeconds } from '../cron-times.ts'
import { removeGroup, want } from '../groups.ts'
import { listAt, numberAt, textAt, textsAt, valueAt, withValueAt, type Inputs } from '../inputs.ts'
import type { CloudState, SandboxResource } from '../state.ts'
import { utilisationOf } from '../utilisation.ts'
import { worldRegion } from '../world.ts'
import { agentPool } from './aks.ts'
import { groupId, keyOf, place, putMachines, resourceGroupOf } from './azure-rules.ts'
import { CloudError, type CloudApi, type InputRule, type ResourceKind } from './cloud-api.ts'
import { integerRule } from './rules.ts'
import { trafficProfile } from './traffic-manager.ts'

/** Most nodes of a scale set of marketplace images. */
const largestGroup = 1000
const weekSeconds = 7 * 86400

const resourceGroupToken = 'azure-native:resources:ResourceGroup'
const scaleSetToken = 'azure-native:compute:VirtualMachineScaleSet'
const autoscaleToken = 'azure-native:monitor:AutoscaleSetting'

const resourceGroup: ResourceKind = {
  nameInput: 'resourceGroupName',
  replaceOn: ['resourceGroupName', 'location'],
  identify(inputs) {
    const id = groupId(textAt(inputs, 'resourceGroupName') ?? '')
    return { key: keyOf(id), id, region: place(textAt(inputs, 'location') ?? '') }
  },
  put(_state, world, resource) {
    if (worldRegion(world, 'azure', resource.region) === undefined) {
      throw new CloudError('LocationNotAvailableForResourceGroup', `The provided location '${resource.region}' is not available`)
    }
  },
  remove(state, world, resource) {
    for (const other of Object.values(state.resources)) {
      if (other.key === resource.key || !other.key.startsWith(`${resource.key}/`)) continue
      removeGroup(state, world, other.key)
      delete state.timers[other.key]
      delete state.resources[other.key]
    }
  },
  outputs: (_state, resource) => ({
    name: textAt(resource.inputs, 'resourceGroupName'),
    type: 'Microsoft.Resources/resourceGroups',
    azureApiVersion: '2024-11-01',
    properties: { provisioningState: 'Succeeded' },
  }),
}

const scaleSetPaths = { type: 'sku.name', priority: 'virtualMachineProfile.priority', name: 'vmScaleSetName', zones: 'zones', required: 'sku.name' }

const scaleSet: ResourceKind = {
  nameInput: 'vmScaleSetName',
  replaceOn: ['resourceGroupName', 'vmScaleSetName', 'location', 'zones', 'orchestrationMode'],
  rules: (inputs) => integerRule(inputs, 'sku.capacity', 0, largestGroup),
  identify(inputs, _scope, state) {
    const holder = resourceGroupOf(state, inputs)
    const id = `${holder.id}/providers/Microsoft.Compute/virtualMachineScaleSets/${textAt(inputs, 'vmScaleSetName') ?? ''}`
    return { key: keyOf(id), id, region: place(textAt(inputs, 'location') ?? holder.region) }
  },
  put(state, world, resource) {
    const { inputs } = resource
    putMachines(state, world, resource, scaleSetPaths, { ...bounds(settingOf(state, resource), state.nowSeconds), desired: numberAt(inputs, 'sku.capacity') ?? 0 })
  },
  remove: (state, world, resource) => removeGroup(state, world, resource.key),
  liveInputs(state, resource) {
    const live = state.groups[resource.key]
    return live !== undefined && numberAt(resource.inputs, 'sku.capacity') !== undefined ? withValueAt(resource.inputs, 'sku.capacity', live.desired) : resource.inputs
  },
  outputs: (state, resource) => ({
    name: textAt(resource.inputs, 'vmScaleSetName'),
    location: resource.region,
    type: 'Microsoft.Compute/virtualMachineScaleSets',
    azureApiVersion: '2024-11-01',
    provisioningState: 'Succeeded',
    uniqueId: `sandbox-${resource.version}`,
    ...(valueAt(resource.inputs, 'sku') === undefined ? {} : { sku: valueAt(scaleSet.liveInputs?.(state, resource), 'sku') }),
  }),
  waitsForNodes: () => true,
}

function settingOf(state: CloudState, target: SandboxResource): SandboxResource | undefined {
  return Object.values(state.resources).find(
    (resource) => resource.token === autoscaleToken && keyOf(textAt(resource.inputs, 'targetResourceUri') ?? '') === target.key,
  )
}

/** Azure names time zones as Windows does; those of its regions' main users, and IANA's own names beside them. */
const windowsTimeZones: Readonly<Record<string, string>> = {
  UTC: 'UTC',
  'GMT Standard Time': 'Europe/London',
  'W. Europe Standard Time': 'Europe/Berlin',
  'Romance Standard Time': 'Europe/Paris',
  'Central Europe Standard Time': 'Europe/Budapest',
  'Eastern Standard Time': 'America/New_York',
  'Central Standard Time': 'America/Chicago',
  'Mountain Standard Time': 'America/Denver',
  'Pacific Standard Time': 'America/Los_Angeles',
  'Tokyo Standard Time': 'Asia/Tokyo',
  'Singapore Standard Time': 'Asia/Singapore',
  'India Standard Time': 'Asia/Kolkata',
  'AUS Eastern Standard Time': 'Australia/Sydney',
  'E. South America Standard Time': 'America/Sao_Paulo',
}

function timeZoneOf(inputs: unknown): string {
  const name = textAt(inputs, 'timeZone') ?? 'UTC'
  const known = windowsTimeZones[name]
  if (known === undefined) throw new CloudError('UnsupportedTimeZone', `the time zone '${name}' is not one of ${Object.keys(windowsTimeZones).join(', ')}`)
  return known
}

/** Moves the count by a step when CPU use passes a threshold. */
interface CpuRule {
  readonly raises: boolean
  /** Whether a CPU use, in percent, asks for the move. */
  readonly asks: (percent: number) => boolean
  readonly move: (nodes: number) => number
  readonly cooldownSeconds: number
}

interface Profile {
  readonly rules: readonly CpuRule[]
  readonly min: number
  readonly max: number
  /** Cron expression and zone of its weekly starts; undefined for the profile that holds otherwise. */
  readonly weekly: { readonly cron: string; readonly timeZone: string } | undefined
  readonly fixed: { readonly fromSeconds: number; readonly toSeconds: number } | undefined
}

function profiles(inputs: Inputs): Profile[] {
  return listAt(inputs, 'profiles').map((profile) => {
    const schedule = valueAt(profile, 'recurrence.schedule')
    const fixed = valueAt(profile, 'fixedDate')
    const part = (name: string): string => listAt(schedule, name).join(',')
    const days = textsAt(schedule, 'days').map((day) => day.slice(0, 3).toUpperCase())
    return {
      rules: listAt(profile, 'rules').flatMap(cpuRule),
      min: numberAt(profile, 'capacity.minimum') ?? 0,
      max: numberAt(profile, 'capacity.maximum') ?? largestGroup,
      weekly: schedule === undefined ? undefined : { cron: `${part('minutes')} ${part('hours')} * * ${days.join(',')}`, timeZone: timeZoneOf(schedule) },
      fixed: fixed === undefined ? undefined : { fromSeconds: Date.parse(textAt(fixed, 'start') ?? '') / 1000, toSeconds: Date.parse(textAt(fixed, 'end') ?? '') / 1000 },
    }
  })
}

const comparisons: Readonly<Record<string, (percent: number, threshold: number) => boolean>> = {
  GreaterThan: (percent, threshold) => percent > threshold,
  GreaterThanOrEqual: (percent, threshold) => percent >= threshold,
  LessThan: (percent, threshold) => percent < threshold,
  LessThanOrEqual: (percent, threshold) => percent <= threshold,
}

/** Rules on other metrics than CPU never ask for anything here: nothing else is measured. */
function cpuRule(rule: unknown): CpuRule[] {
  const compare = comparisons[textAt(rule, 'metricTrigger.operator') ?? '']
  const threshold = numberAt(rule, 'metricTrigger.threshold')
  if (textAt(rule, 'metricTrigger.metricName') !== 'Percentage CPU' || compare === undefined || threshold === undefined) return []
  const raises = textAt(rule, 'scaleAction.direction') === 'Increase'
  const amount = numberAt(rule, 'scaleAction.value') ?? 1
  const sign = raises ? 1 : -1
  const moves: Readonly<Record<string, (nodes: number) => number>> = {
    ChangeCount: (nodes) => nodes + sign * amount,
    PercentChangeCount: (nodes) => nodes + sign * Math.max(1, Math.round((nodes * amount) / 100)),
    ExactCount: () => amount,
  }
  return [
    {
      raises,
      asks: (percent) => compare(percent, threshold),
      move: moves[textAt(rule, 'scaleAction.type') ?? ''] ?? ((nodes) => nodes),
      cooldownSeconds: isoDurationSeconds(textAt(rule, 'scaleAction.cooldown') ?? 'PT5M'),
    },
  ]
}

/** Hours, minutes and seconds of an ISO 8601 duration such as `PT1H30M`. */
function isoDurationSeconds(text: string): number {
  const [, hours = '0', minutes = '0', seconds = '0'] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(text) ?? []
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

/** A fixed date goes before a recurrence, the recurrence that started last before the others, and any of them before the default. */
function activeProfile(all: readonly Profile[], at: number): Profile | undefined {
  const fixed = all.find((profile) => profile.fixed !== undefined && at >= profile.fixed.fromSeconds && at < profile.fixed.toSeconds)
  if (fixed !== undefined) return fixed
  let latest: { readonly profile: Profile; readonly since: number } | undefined
  for (const profile of all) {
    const since = profile.weekly === undefined ? undefined : lastCronSeconds(profile.weekly.cron, profile.weekly.timeZone, at, weekSeconds)
    if (since !== undefined && (latest === undefined || since > latest.since)) latest = { profile, since }
  }
  return latest?.profile ?? all.find((profile) => profile.weekly === undefined && profile.fixed === undefined)
}

function nextSwitch(all: readonly Profile[], at: number): number | undefined {
  const instants = all
    .flatMap((profile) => [
      profile.weekly === undefined ? undefined : nextCronSeconds(profile.weekly.cron, profile.weekly.timeZone, at),
      profile.fixed?.fromSeconds,
      profile.fixed?.toSeconds,
    ])
    .filter((instant): instant is number => instant !== undefined && instant > at)
  return instants.length === 0 ? undefined : Math.min(...instants)
}

function evaluate(state: CloudState, resource: SandboxResource): void {
  const all = profiles(resource.inputs)
  const next = nextSwitch(all, state.nowSeconds)
  if (next === undefined) delete state.timers[resource.key]
  else state.timers[resource.key] = next
  const group = state.groups[keyOf(textAt(resource.inputs, 'targetResourceUri') ?? '')]
  if (group === undefined) return
  Object.assign(group, bounds(resource, state.nowSeconds))
  want(group, group.desired)
}

/** What a setting holds its scale set to now; settings that are not enabled hold nothing. */
function bounds(setting: SandboxResource | undefined, at: number): { readonly min: number; readonly max: number } {
  const active = setting?.inputs['enabled'] === true ? activeProfile(profiles(setting.inputs), at) : undefined
  return { min: active?.min ?? 0, max: active?.max ?? largestGroup }
}

function profileRules(inputs: Inputs): InputRule[] {
  const all = listAt(inputs, 'profiles')
  const faults: InputRule[] = all.length > 20 ? [{ path: 'profiles', message: `holds ${all.length} profiles, at most 20 are allowed` }] : []
  for (const [index, profile] of all.entries()) {
    const [min, standard, max] = ['minimum', 'default', 'maximum'].map((name) => numberAt(profile, `capacity.${name}`))
    if (min !== undefined && max !== undefined && min > max) faults.push({ path: `profiles[${index}].capacity.minimum`, message: `is ${min}, above maximum ${max}` })
    if (standard !== undefined && min !== undefined && max !== undefined && (standard < min || standard > max)) {
      faults.push({ path: `profiles[${index}].capacity.default`, message: `is ${standard}, outside ${min} to ${max}` })
    }
  }
  return faults
}

const autoscaleSetting: ResourceKind = {
  nameInput: 'autoscaleSettingName',
  replaceOn: ['resourceGroupName', 'autoscaleSettingName', 'location'],
  rules: profileRules,
  identify(inputs, _scope, state) {
    const holder = resourceGroupOf(state, inputs)
    const id = `${holder.id}/providers/Microsoft.Insights/autoscalesettings/${textAt(inputs, 'autoscaleSettingName') ?? ''}`
    return { key: keyOf(id), id, region: place(textAt(inputs, 'location') ?? holder.region) }
  },
  put(state, _world, resource) {
    const target = keyOf(textAt(resource.inputs, 'targetResourceUri') ?? '')
    if (state.resources[target]?.token !== scaleSetToken) {
      throw new CloudError('ResourceNotFound', `The target resource '${textAt(resource.inputs, 'targetResourceUri') ?? ''}' was not found.`)
    }
    const rival = Object.values(state.resources).find(
      (other) => other.token === autoscaleToken && other.key !== resource.key && keyOf(textAt(other.inputs, 'targetResourceUri') ?? '') === target,
    )
    if (rival !== undefined) throw new CloudError('Conflict', `Another autoscale setting '${rival.id}' already exists for the target`)
    evaluate(state, resource)
  },
  remove(state, _world, resource) {
    delete state.timers[resource.key]
    const group = state.groups[keyOf(textAt(resource.inputs, 'targetResourceUri') ?? '')]
    if (group !== undefined) Object.assign(group, { min: 0, max: largestGroup })
  },
  outputs: (_state, resource) => ({
    name: textAt(resource.inputs, 'autoscaleSettingName'),
    location: resource.region,
    type: 'Microsoft.Insights/autoscaleSettings',
    azureApiVersion: '2022-10-01',
  }),
  act: evaluate,
  followLoad(state, resource) {
    const group = state.groups[keyOf(textAt(resource.inputs, 'targetResourceUri') ?? '')]
    const measured = group && utilisationOf(state, group)
    const hasRules = listAt(resource.inputs, 'profiles').some((profile) => listAt(profile, 'rules').length > 0)
    if (group === undefined || measured === undefined || resource.inputs['enabled'] !== true || !hasRules) return
    const percent = 100 * Math.min(1, measured)
    const rules = activeProfile(profiles(resource.inputs), state.nowSeconds)?.rules ?? []
    const lowers = rules.filter((rule) => !rule.raises)
    // Any rule may raise; lowering needs all that lower to agree.
    const rule = rules.find((candidate) => candidate.raises && candidate.asks(percent)) ?? (lowers.every((lower) => lower.asks(percent)) ? lowers[0] : undefined)
    if (rule === undefined || state.nowSeconds - (group.movedSeconds ?? -Infinity) < rule.cooldownSeconds) return
    want(group, rule.move(group.desired))
    group.movedSeconds = state.nowSeconds
  },
}

/** Azure as far as prescale uses it. */
export const azure: CloudApi = {
  kinds: {
    [resourceGroupToken]: resourceGroup,
    [scaleSetToken]: scaleSet,
    [autoscaleToken]: autoscaleSetting,
    'azure-native:containerservice:AgentPool': agentPool,
    'azure-native:trafficmanager:Profile': trafficProfile,
  },
}
