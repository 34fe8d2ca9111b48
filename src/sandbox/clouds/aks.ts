import { removeGroup } from '../groups.ts'
import { numberAt, textAt, type Inputs } from '../inputs.ts'
import type { InputRule, ResourceKind } from './cloud-api.ts'
import { keyOf, putMachines, resourceGroupOf } from './azure-rules.ts'
import { integerRule } from './rules.ts'
import { clusterAutoscaler, trackTarget } from './target-tracking.ts'

/** Most nodes of an agent pool. */
const largestGroup = 1000

const machinePaths = { type: 'vmSize', priority: 'scaleSetPriority', name: 'agentPoolName', zones: 'availabilityZones', required: 'properties.vmSize' }

const isAutoscaled = (inputs: Inputs): boolean => inputs['enableAutoScaling'] === true

function countRules(inputs: Inputs): InputRule[] {
  const faults = ['count', 'minCount'].flatMap((path) => integerRule(inputs, path, 0, largestGroup))
  faults.push(...integerRule(inputs, 'maxCount', 1, largestGroup))
  const [min, count, max] = ['minCount', 'count', 'maxCount'].map((path) => numberAt(inputs, path))
  if (!isAutoscaled(inputs)) return faults
  if (min === undefined || max === undefined) return [...faults, { path: 'minCount', message: 'minCount and maxCount are needed with enableAutoScaling' }]
  if (min > max) faults.push({ path: 'minCount', message: `is ${min}, above maxCount ${max}` })
  if (count !== undefined && (count < min || count > max)) faults.push({ path: 'count', message: `is ${count}, outside minCount ${min} to maxCount ${max}` })
  return faults
}

function nameRule(inputs: Inputs): InputRule[] {
  const name = textAt(inputs, 'agentPoolName')
  return name === undefined || /^[a-z][a-z0-9]{0,11}$/.test(name) ? [] : [{ path: 'agentPoolName', message: `'${name}' must be lower-case letters and digits, a letter first, at most 12` }]
}

/** An agent pool of AKS. The cluster is taken to be there, its resource group has to be. */
export const agentPool: ResourceKind = {
  nameInput: 'agentPoolName',
  replaceOn: ['resourceGroupName', 'resourceName', 'agentPoolName', 'vmSize', 'availabilityZones', 'scaleSetPriority', 'vnetSubnetID', 'osType', 'type'],
  rules: (inputs) => [...nameRule(inputs), ...countRules(inputs)],
  identify(inputs, _scope, state) {
    const holder = resourceGroupOf(state, inputs)
    const id = `${holder.id}/providers/Microsoft.ContainerService/managedClusters/${textAt(inputs, 'resourceName') ?? ''}/agentPools/${textAt(inputs, 'agentPoolName') ?? ''}`
    return { key: keyOf(id), id, region: holder.region }
  },
  put(state, world, resource) {
    const { inputs } = resource
    const [min, max] = isAutoscaled(inputs) ? [numberAt(inputs, 'minCount'), numberAt(inputs, 'maxCount')] : [undefined, undefined]
    putMachines(state, world, resource, machinePaths, { min: min ?? 0, max: max ?? largestGroup, desired: numberAt(inputs, 'count') ?? 1 })
  },
  remove: (state, world, resource) => removeGroup(state, world, resource.key),
  liveInputs(state, resource) {
    const live = state.groups[resource.key]
    return live !== undefined && 'count' in resource.inputs ? { ...resource.inputs, count: live.desired } : resource.inputs
  },
  outputs: (state, resource) => ({
    name: textAt(resource.inputs, 'agentPoolName'),
    count: state.groups[resource.key]?.desired,
    provisioningState: 'Succeeded',
    azureApiVersion: '2025-08-01',
  }),
  waitsForNodes: () => true,
  followLoad(state, resource) {
    const group = state.groups[resource.key]
    if (group !== undefined && isAutoscaled(resource.inputs)) trackTarget(state, group, clusterAutoscaler)
  },
}
