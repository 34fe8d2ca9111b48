import type { AgentPoolArgs } from '@pulumi/azure-native/containerservice/index.js'
import type { DesiredPool, KubernetesPool } from '../../domain/desired-state.ts'
import type { Ownership } from '../../domain/pool.ts'
import { tagsOf } from '../pool-labels.ts'

/**
 * A user pool, which unlike a system pool may have no nodes. `spotMaxPrice: -1` bids up to the on-demand price. Azure itself adds the label and the
 * taint of spot nodes.
 */
export function agentPoolInputs(pool: KubernetesPool): AgentPoolArgs {
  const { launch } = pool
  const [subnet] = launch.subnets
  return {
    agentPoolName: pool.group,
    resourceName: pool.kubernetes.cluster,
    resourceGroupName: launch.resourceGroup ?? '',
    mode: 'User',
    type: 'VirtualMachineScaleSets',
    osType: 'Linux',
    vmSize: pool.type,
    availabilityZones: [...launch.zones],
    count: pool.desired,
    enableAutoScaling: pool.owns === 'bounds',
    ...(pool.owns === 'bounds' && { minCount: pool.min, maxCount: Math.max(1, pool.max) }),
    ...(pool.option === 'spot' ? { scaleSetPriority: 'Spot', scaleSetEvictionPolicy: 'Delete', spotMaxPrice: -1 } : { scaleSetPriority: 'Regular' }),
    ...(subnet !== undefined && { vnetSubnetID: subnet }),
    nodeLabels: tagsOf(pool),
    tags: tagsOf(pool),
  }
}

/** Properties of the agent pool that somebody else moves. */
export const agentPoolLeavesAlone: Readonly<Record<Ownership, readonly string[]>> = {
  count: [],
  bounds: ['count'],
  schedule: ['count', 'enableAutoScaling', 'minCount', 'maxCount'],
}

/** Properties of an agent pool that was there before prescale: all but its counts. The type lets none be forgotten. */
const foundProperties = {
  availabilityZones: true, capacityReservationGroupID: true, creationData: true, enableEncryptionAtHost: true, enableFIPS: true,
  enableNodePublicIP: true, enableUltraSSD: true, gatewayProfile: true, gpuInstanceProfile: true, gpuProfile: true, hostGroupID: true,
  kubeletConfig: true, kubeletDiskType: true, linuxOSConfig: true, localDNSProfile: true, maxPods: true, messageOfTheDay: true, mode: true,
  networkProfile: true, nodeLabels: true, nodePublicIPPrefixID: true, nodeTaints: true, orchestratorVersion: true, osDiskSizeGB: true,
  osDiskType: true, osSKU: true, osType: true, podIPAllocationMode: true, podSubnetID: true, powerState: true, proximityPlacementGroupID: true,
  scaleDownMode: true, scaleSetEvictionPolicy: true, scaleSetPriority: true, securityProfile: true, spotMaxPrice: true, tags: true, type: true,
  upgradeSettings: true, virtualMachineNodesStatus: true, virtualMachinesProfile: true, vmSize: true, vnetSubnetID: true, windowsProfile: true,
  workloadRuntime: true,
} satisfies Record<
  Exclude<keyof AgentPoolArgs, 'agentPoolName' | 'resourceName' | 'resourceGroupName' | 'count' | 'enableAutoScaling' | 'minCount' | 'maxCount'>,
  true
>

/** The autoscaler of a pool whose count is prescale's is off, and is left so. */
export function agentPoolStaysAsFound(pool: DesiredPool): readonly string[] {
  return [...Object.keys(foundProperties), ...(pool.owns === 'bounds' ? [] : ['enableAutoScaling', 'minCount', 'maxCount'])]
}
