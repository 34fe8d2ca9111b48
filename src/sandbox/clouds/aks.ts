import { poolTags } from '../../domain/pool-tags.ts'
import { removeGroup } from '../groups.ts'
import { numberAt, textAt, textsAt, valueAt, type Inputs } from '../inputs.ts'
import { CloudError, type InputRule, type ResourceKind } from './cloud-api.ts'
import { keyOf, refuseAboveQuota, resourceGroupOf } from './azure-rules.ts'
import { declareGroup } from './declared-group.ts'
import { integerRule } from './rules.ts'
import { clusterAutoscaler, trackTarget } from './target-tracking.ts'

/** Most nodes of an agent pool. */
const largestGroup = 1000

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
    const typeName = textAt(inputs, 'vmSize')
    if (typeName === undefined) throw new CloudError('InvalidParameter', 'Required parameter properties.vmSize is missing')
    const option = textAt(inputs, 'scaleSetPriority')?.toLowerCase() === 'spot' ? 'spot' : 'on-demand'
    // Put as a whole: the declared count is the new count, whatever the autoscaler has made of it in between.
    const count = numberAt(inputs, 'count') ?? 1
    refuseAboveQuota(state, world, resource, typeName, option, count)
    declareGroup(
      state,
      world,
      {
        key: resource.key,
        cloud: 'azure',
        region: resource.region,
        name: textAt(inputs, 'agentPoolName') ?? '',
        workload: textAt(valueAt(inputs, 'tags'), poolTags.workload),
        type: typeName,
        option,
        zones: textsAt(inputs, 'availabilityZones'),
      },
      isAutoscaled(inputs)
        ? { min: numberAt(inputs, 'minCount') ?? 0, max: numberAt(inputs, 'maxCount') ?? largestGroup, desired: count }
        : { min: 0, max: largestGroup, desired: count },
    )
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
