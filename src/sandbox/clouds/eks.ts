import { poolTags } from '../../domain/pool-tags.ts'
import { removeGroup } from '../groups.ts'
import { numberAt, textAt, textsAt, withValueAt } from '../inputs.ts'
import { keyedHex } from '../random.ts'
import type { CloudState, SandboxResource } from '../state.ts'
import { worldRegion } from '../world.ts'
import { account, identity, regionOf } from './aws-identity.ts'
import { CloudError, type ResourceKind } from './cloud-api.ts'
import { declareGroup } from './declared-group.ts'
import { changed, integerRule } from './rules.ts'

/** Most nodes of a managed node group. */
const largestGroup = 450

/** EKS keeps a node group's nodes in an auto scaling group of this name, which takes scheduled actions and policies. */
const holderName = (resource: SandboxResource): string => `eks-${textAt(resource.inputs, 'nodeGroupName') ?? ''}-${keyedHex(resource.key, 12)}`

/**
 * A node group of EKS. The cluster, like a subnet, is taken to be there.
 * @param removeActions  ends the actions and policies of an auto scaling group that goes
 */
export function nodeGroup(removeActions: (state: CloudState, region: string, groupName: string) => void): ResourceKind {
  const kind: ResourceKind = {
    nameInput: 'nodeGroupName',
    replaceOn: ['nodeGroupName', 'clusterName', 'region', 'nodeRoleArn', 'subnetIds', 'instanceTypes', 'amiType', 'capacityType', 'diskSize', 'remoteAccess'],
    rules(inputs) {
      const [min, desired, max] = ['minSize', 'desiredSize', 'maxSize'].map((name) => numberAt(inputs, `scalingConfig.${name}`))
      const faults = ['minSize', 'desiredSize'].flatMap((name) => integerRule(inputs, `scalingConfig.${name}`, 0, largestGroup))
      faults.push(...integerRule(inputs, 'scalingConfig.maxSize', 1, largestGroup))
      if (min !== undefined && max !== undefined && min > max) faults.push({ path: 'scalingConfig.minSize', message: `is ${min}, above maxSize ${max}` })
      if (desired !== undefined && min !== undefined && max !== undefined && (desired < min || desired > max)) {
        faults.push({ path: 'scalingConfig.desiredSize', message: `is ${desired}, outside minSize ${min} to maxSize ${max}` })
      }
      return faults
    },
    identify: (inputs, scope) => {
      const region = regionOf(inputs, scope)
      const [cluster, name] = [textAt(inputs, 'clusterName') ?? '', textAt(inputs, 'nodeGroupName') ?? '']
      return { ...identity('node-group', region, name, cluster), id: `${cluster}:${name}` }
    },
    put(state, world, resource, before) {
      const { inputs, region } = resource
      const subnets = textsAt(inputs, 'subnetIds')
      if (subnets.length === 0) throw new CloudError('InvalidParameterException', 'Subnets are required')
      // The whole scaling configuration is sent when any of it changed.
      const sent = before === undefined || changed(before, inputs, 'scalingConfig')
      const live = state.groups[resource.key]
      const group = declareGroup(
        state,
        world,
        {
          key: resource.key,
          cloud: 'aws',
          region,
          name: textAt(inputs, 'nodeGroupName') ?? '',
          workload: textAt(inputs['tags'], poolTags.workload),
          type: textAt(inputs, 'instanceTypes.0') ?? 't3.medium',
          option: textAt(inputs, 'capacityType') === 'SPOT' ? 'spot' : 'on-demand',
          zones: (worldRegion(world, 'aws', region)?.zones ?? []).slice(0, subnets.length),
        },
        {
          min: sent || live === undefined ? (numberAt(inputs, 'scalingConfig.minSize') ?? 0) : live.min,
          max: sent || live === undefined ? (numberAt(inputs, 'scalingConfig.maxSize') ?? 1) : live.max,
          desired: sent ? numberAt(inputs, 'scalingConfig.desiredSize') : undefined,
        },
      )
      group.heldIn = holderName(resource)
    },
    remove(state, world, resource) {
      removeGroup(state, world, resource.key)
      removeActions(state, resource.region, holderName(resource))
    },
    liveInputs(state, resource) {
      const live = state.groups[resource.key]
      return live === undefined ? resource.inputs : withValueAt(resource.inputs, 'scalingConfig', { minSize: live.min, desiredSize: live.desired, maxSize: live.max })
    },
    outputs: (state, resource) => ({
      arn: `arn:aws:eks:${resource.region}:${account}:nodegroup/${resource.id.replace(':', '/')}/${keyedHex(resource.key, 8)}`,
      resources: [{ autoscalingGroups: [{ name: holderName(resource) }], remoteAccessSecurityGroupId: '' }],
      scalingConfig: kind.liveInputs?.(state, resource)['scalingConfig'],
      status: 'ACTIVE',
    }),
    waitsForNodes: () => true,
  }
  return kind
}
