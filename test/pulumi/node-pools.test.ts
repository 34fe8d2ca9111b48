import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DesiredPool, KubernetesPool } from '../../src/domain/desired-state.ts'
import { idInCloud } from '../../src/pulumi/id-in-cloud.ts'
import { liveGroups } from '../../src/pulumi/live-groups.ts'
import { nodeGroupInputs, nodeGroupLeavesAlone, nodeGroupScheduleInputs, missingNodeGroupSettings } from '../../src/pulumi/aws/node-group-inputs.ts'
import { agentPoolInputs, agentPoolLeavesAlone, agentPoolStaysAsFound } from '../../src/pulumi/azure/agent-pool-inputs.ts'
import { clusterPlace, containerNodePoolInputs, nodePoolLeavesAlone, nodePoolStaysAsFound } from '../../src/pulumi/gcp/container-node-pool-inputs.ts'
import { aDesiredPool, aLaunch, midnight } from '../support/a-desired-state.ts'

const zones = ['a', 'b', 'c']
function aNodePool(change: Partial<DesiredPool> = {}): KubernetesPool {
  const kubernetes = change.kubernetes ?? { cluster: 'shop', nodeRole: 'arn:aws:iam::1:role/nodes' }
  return { ...aDesiredPool({ launch: aLaunch({ zones, subnets: ['subnet-a', 'subnet-b'], resourceGroup: 'shop' }), ...change }), kubernetes }
}
const day = [
  { minuteOfDay: 480, min: 2, desired: 12, max: 14 },
  { minuteOfDay: 1200, min: 1, desired: 3, max: 14 },
]

test('a node group of EKS has the counts, type and purchase option of its pool, and no fewer than one node at most', () => {
  const { scalingConfig, instanceTypes, capacityType, amiType, clusterName, nodeGroupName, subnetIds, labels, tags } = nodeGroupInputs(aNodePool({ min: 0, desired: 0, max: 0, option: 'spot' }))
  assert.deepEqual({ scalingConfig, instanceTypes, capacityType, amiType, clusterName, nodeGroupName, subnetIds }, {
    scalingConfig: { minSize: 0, desiredSize: 0, maxSize: 1 }, instanceTypes: ['m7g.large'], capacityType: 'SPOT', amiType: 'AL2023_ARM_64_STANDARD',
    clusterName: 'shop', nodeGroupName: 'web-m7g-large-spot', subnetIds: ['subnet-a', 'subnet-b'],
  })
  assert.deepEqual([labels, tags], [tags, { 'prescale-workload': 'web', 'prescale-type': 'm7g.large', 'prescale-option': 'spot' }])
  assert.deepEqual([nodeGroupInputs(aNodePool({ type: 'm6i.large' })).amiType, nodeGroupInputs(aNodePool()).capacityType], ['AL2023_x86_64_STANDARD', 'ON_DEMAND'])
  assert.deepEqual(missingNodeGroupSettings(aNodePool({ launch: aLaunch(), kubernetes: { cluster: 'shop' } })), ['launch.subnets', 'clusters.nodeRole'])
})

test('where the count of a node group is prescale’s, its actions move the count within bounds of the whole day; else they move what is owned', () => {
  const pool = aNodePool({ min: 5, desired: 5, max: 9, schedule: day })
  assert.deepEqual(nodeGroupInputs(pool).scalingConfig, { minSize: 1, desiredSize: 5, maxSize: 14 })
  const moved = (owns: DesiredPool['owns']): unknown => {
    const { minSize, desiredCapacity, maxSize } = nodeGroupScheduleInputs(aNodePool({ owns, schedule: day }), day[0] ?? { minuteOfDay: 0, min: 0, desired: 0, max: 0 })
    return [minSize, desiredCapacity, maxSize]
  }
  assert.deepEqual([moved('count'), moved('bounds'), moved('schedule')], [[-1, 12, -1], [2, -1, 14], [2, 12, 14]])
})

test('a node pool of GKE has a count per zone, or the bounds of all zones for its autoscaler', () => {
  const gke = (change: Partial<DesiredPool>): ReturnType<typeof containerNodePoolInputs> => containerNodePoolInputs(aNodePool({ cloud: 'gcp', region: 'us-central1', type: 'n2d-standard-4', ...change }))
  const counted = gke({ desired: 6, option: 'spot' })
  assert.deepEqual([counted.nodeCount, counted.initialNodeCount, counted.autoscaling, counted.nodeLocations, counted.cluster, counted.location], [2, undefined, undefined, zones, 'shop', 'us-central1'])
  assert.deepEqual(gke({ desired: 4 }).nodeCount, 2)
  const node = counted.nodeConfig as { machineType: string; spot: boolean; labels: unknown; resourceLabels: unknown }
  assert.deepEqual([node.machineType, node.spot], ['n2d-standard-4', true])
  assert.deepEqual(node.labels, { 'prescale-workload': 'web', 'prescale-type': 'n2d-standard-4', 'prescale-option': 'spot' })
  const bounded = gke({ owns: 'bounds', min: 2, desired: 3, max: 9 })
  assert.deepEqual([bounded.nodeCount, bounded.initialNodeCount, bounded.autoscaling], [undefined, 1, { totalMinNodeCount: 2, totalMaxNodeCount: 9, locationPolicy: 'BALANCED' }])
  assert.deepEqual(clusterPlace('projects/p/locations/us-central1-b/clusters/c', 'us-central1'), { project: 'p', location: 'us-central1-b', cluster: 'c' })
})

test('an agent pool of AKS has a count, or bounds for its autoscaler', () => {
  const aks = (change: Partial<DesiredPool>): ReturnType<typeof agentPoolInputs> => agentPoolInputs(aNodePool({ cloud: 'azure', region: 'eastus', type: 'Standard_D4as_v4', group: 'web1', ...change }))
  const counted = aks({ option: 'spot' })
  assert.deepEqual([counted.count, counted.enableAutoScaling, counted.minCount, counted.scaleSetPriority, counted.spotMaxPrice, counted.availabilityZones], [3, false, undefined, 'Spot', -1, zones])
  const bounded = aks({ owns: 'bounds', min: 2, max: 9 })
  assert.deepEqual([bounded.enableAutoScaling, bounded.minCount, bounded.maxCount, bounded.scaleSetPriority, bounded.mode], [true, 2, 9, 'Regular', 'User'])
})

test('what a node pool does not own is left to others, and of an adopted one all but what it owns', () => {
  assert.deepEqual(nodeGroupLeavesAlone, { count: [], bounds: ['scalingConfig.desiredSize'], schedule: ['scalingConfig'] })
  assert.deepEqual([nodePoolLeavesAlone.bounds, agentPoolLeavesAlone.bounds], [['initialNodeCount', 'nodeCount'], ['count']])
  for (const found of [nodePoolStaysAsFound, agentPoolStaysAsFound]) {
    const [counted, bounded] = [found(aNodePool()), found(aNodePool({ owns: 'bounds' }))]
    assert.ok(['autoscaling', 'enableAutoScaling'].some((name) => counted.includes(name) && !bounded.includes(name)))
    assert.ok(!counted.includes('nodeCount') && !counted.includes('count'))
  }
})

test('live counts are read of each kind, and a count that is not there is a fault, never 0', () => {
  const eks = { type: 'aws:eks/nodeGroup:NodeGroup', properties: { nodeGroupName: 'web', scalingConfig: { minSize: 1, desiredSize: 4, maxSize: 9 } } }
  assert.deepEqual(liveGroups('aws', [eks], midnight), [{ group: 'web', min: 1, desired: 4, max: 9 }])
  const gke = (properties: object): ReturnType<typeof liveGroups> => liveGroups('gcp', [{ type: 'gcp:container/nodePool:NodePool', properties: { name: 'web', nodeCount: 2, nodeLocations: zones, ...properties } }], midnight)
  assert.deepEqual(gke({}), [{ group: 'web', desired: 6, zones, min: 0, max: 3000 }])
  assert.deepEqual(gke({ autoscaling: { totalMinNodeCount: 2, totalMaxNodeCount: 9, minNodeCount: 0, maxNodeCount: 0 } }), [{ group: 'web', desired: 6, zones, min: 2, max: 9, autoscaled: true }])
  assert.deepEqual(gke({ autoscaling: { minNodeCount: 1, maxNodeCount: 4 } }), [{ group: 'web', desired: 6, zones, min: 3, max: 12, autoscaled: true }])
  const aks = (properties: object): ReturnType<typeof liveGroups> => liveGroups('azure', [{ type: 'azure-native:containerservice:AgentPool', properties: { name: 'web', count: 4, ...properties } }], midnight)
  assert.deepEqual(aks({ enableAutoScaling: false }), [{ group: 'web', desired: 4, min: 0, max: 1000 }])
  assert.deepEqual(aks({ enableAutoScaling: true, minCount: 1, maxCount: 7 }), [{ group: 'web', desired: 4, min: 1, max: 7, autoscaled: true }])
  assert.throws(() => gke({ nodeCount: undefined }), TypeError)
  assert.throws(() => aks({ count: null }), TypeError)
  assert.throws(() => liveGroups('aws', [{ ...eks, properties: { nodeGroupName: 'web' } }], midnight), TypeError)
})

test('each kind has the id under which its cloud imports it', () => {
  assert.equal(idInCloud('aws', 'aws:eks/nodeGroup:NodeGroup', { clusterName: 'shop', nodeGroupName: 'web' }, []), 'shop:web')
  const gke = { location: 'us-central1', cluster: 'shop', name: 'web' }
  assert.equal(idInCloud('gcp', 'gcp:container/nodePool:NodePool', gke, ['projects/p/x']), 'projects/p/locations/us-central1/clusters/shop/nodePools/web')
  assert.equal(idInCloud('gcp', 'gcp:container/nodePool:NodePool', { ...gke, project: 'q' }, ['projects/p/x']), 'projects/q/locations/us-central1/clusters/shop/nodePools/web')
  assert.equal(
    idInCloud('azure', 'azure-native:containerservice:AgentPool', { resourceGroupName: 'g', resourceName: 'shop', agentPoolName: 'web' }, ['/subscriptions/s/x']),
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/shop/agentPools/web',
  )
})
