import type { ScheduleArgs } from '@pulumi/aws/autoscaling/index.js'
import type { NodeGroupArgs } from '@pulumi/aws/eks/index.js'
import type { DesiredPool, KubernetesPool, ScheduledChange } from '../../domain/desired-state.ts'
import type { Ownership } from '../../domain/pool.ts'
import { tagsOf } from '../pool-labels.ts'
import { asItIs, isArm, scheduleInputs } from './inputs.ts'

/** @returns settings that a node group cannot do without and the pool's region does not give */
export function missingNodeGroupSettings(pool: DesiredPool): readonly string[] {
  return [...(pool.launch.subnets.length === 0 ? ['launch.subnets'] : []), ...(pool.kubernetes?.nodeRole === undefined ? ['clusters.nodeRole'] : [])]
}

/** Amazon Linux, built for the cluster's version by Amazon. */
const amiType = (type: string): string => (isArm(type) ? 'AL2023_ARM_64_STANDARD' : 'AL2023_x86_64_STANDARD')

/**
 * Nodes carry the pool's tags as labels, by which pods choose them. Where the count is prescale's, the bounds are those of the whole day: its
 * scheduled actions move the count between them.
 */
export function nodeGroupInputs(pool: KubernetesPool): NodeGroupArgs {
  const day = pool.owns === 'count' ? [pool, ...pool.schedule] : [pool]
  return {
    nodeGroupName: pool.group,
    clusterName: pool.kubernetes.cluster,
    region: pool.region,
    nodeRoleArn: pool.kubernetes.nodeRole ?? '',
    subnetIds: [...pool.launch.subnets],
    instanceTypes: [pool.type],
    amiType: amiType(pool.type),
    capacityType: pool.option === 'spot' ? 'SPOT' : 'ON_DEMAND',
    scalingConfig: { minSize: Math.min(...day.map(({ min }) => min)), desiredSize: pool.desired, maxSize: Math.max(1, ...day.map(({ max }) => max)) },
    labels: tagsOf(pool),
    tags: tagsOf(pool),
  }
}

/** Properties of the node group that somebody else moves. */
export const nodeGroupLeavesAlone: Readonly<Record<Ownership, readonly string[]>> = {
  count: [],
  bounds: ['scalingConfig.desiredSize'],
  schedule: ['scalingConfig'],
}

/** Properties of a node group that was there before prescale: all but its counts. The type lets none be forgotten. */
const foundProperties = {
  amiType: true, capacityType: true, diskSize: true, forceUpdateVersion: true, instanceTypes: true, labels: true, launchTemplate: true,
  nodeGroupNamePrefix: true, nodeRepairConfig: true, nodeRoleArn: true, releaseVersion: true, remoteAccess: true, subnetIds: true, tags: true,
  taints: true, updateConfig: true, version: true, warmPoolConfig: true,
} satisfies Record<Exclude<keyof NodeGroupArgs, 'nodeGroupName' | 'clusterName' | 'region' | 'scalingConfig'>, true>
export const nodeGroupStaysAsFound: readonly string[] = Object.keys(foundProperties)

/** A count that is moved stays within the node group's own bounds: EKS keeps those itself, and an action that changed them would part the two. */
export function nodeGroupScheduleInputs(pool: KubernetesPool, change: ScheduledChange): Omit<ScheduleArgs, 'autoscalingGroupName'> {
  return { ...scheduleInputs(pool, change), ...(pool.owns === 'count' && { minSize: asItIs, maxSize: asItIs }) }
}
