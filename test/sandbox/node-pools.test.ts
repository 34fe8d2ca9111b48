import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteResource, updateResource } from '../../src/sandbox/cloud-calls.ts'
import { foreignAutoscaler } from '../../src/sandbox/foreign-autoscaler.ts'
import type { Inputs } from '../../src/sandbox/inputs.ts'
import { Clouds, hour, resourceGroupToken, scheduleToken, scope } from './a-world.ts'

const eksToken = 'aws:eks/nodeGroup:NodeGroup'
const gkeToken = 'gcp:container/nodePool:NodePool'
const aksToken = 'azure-native:containerservice:AgentPool'
const tags = { 'prescale-workload': 'web' }
const eks = {
  nodeGroupName: 'web', clusterName: 'shop', region: 'us-east-1', nodeRoleArn: 'arn', subnetIds: ['a', 'b', 'c'], instanceTypes: ['m6i.xlarge'],
  scalingConfig: { minSize: 1, desiredSize: 3, maxSize: 9 }, tags,
}
const gke = { name: 'web', cluster: 'shop', location: 'us-central1', nodeCount: 2, nodeConfig: { machineType: 'e2-standard-4', resourceLabels: tags } }
const aks = { agentPoolName: 'web', resourceName: 'shop', resourceGroupName: 'sandbox', vmSize: 'Standard_D4s_v4', count: 3, tags }
const kinds = [[eksToken, eks, 3], [gkeToken, gke, 6], [aksToken, aks, 3]] as const

function withNodePool(token: string, inputs: Inputs): Clouds {
  const clouds = new Clouds()
  if (token === aksToken) clouds.create(resourceGroupToken, { resourceGroupName: 'sandbox', location: 'eastus' })
  clouds.create(token, inputs)
  return clouds
}
const update = (clouds: Clouds, token: string, before: Inputs, inputs: Inputs) => {
  const id = Object.values(clouds.state.resources).find((resource) => resource.token === token)?.id ?? ''
  return updateResource(clouds.state, clouds.world, token, id, before, inputs, scope)
}

test('nodes of a node pool live as those of a group do, over all zones, until it is deleted', () => {
  for (const [token, inputs, count] of kinds) {
    const clouds = withNodePool(token, inputs)
    clouds.advance(hour)
    assert.equal(clouds.count('ready'), count, token)
    assert.equal(new Set(clouds.state.nodes.map(({ zone }) => zone)).size, 3, token)
    assert.equal(clouds.group().workload, 'web')
    const made = Object.values(clouds.state.resources).find((resource) => resource.token === token)
    deleteResource(clouds.state, clouds.world, token, made?.id ?? '', inputs, scope)
    assert.equal(clouds.count('draining'), count)
    assert.deepEqual(clouds.state.groups, {})
  }
})

test('an update sets the count as its cloud does: GKE what changed, EKS its scaling configuration whole, AKS everything', () => {
  const raised = (token: string, inputs: Inputs, after: Inputs): number => {
    const clouds = withNodePool(token, inputs)
    clouds.group().desired = 8
    update(clouds, token, inputs, after)
    return clouds.group().desired
  }
  const label = { ...tags, team: 'shop' }
  assert.equal(raised(eksToken, eks, { ...eks, tags: label }), 8)
  assert.equal(raised(eksToken, eks, { ...eks, scalingConfig: { ...eks.scalingConfig, maxSize: 20 } }), 3)
  assert.equal(raised(gkeToken, gke, { ...gke, autoscaling: { totalMinNodeCount: 1, totalMaxNodeCount: 20 } }), 8)
  assert.equal(raised(gkeToken, gke, { ...gke, nodeCount: 3 }), 9)
  assert.equal(raised(aksToken, aks, { ...aks, tags: label }), 3)
})

test('the auto scaling group that holds a node group takes scheduled actions, which end with it', () => {
  const clouds = new Clouds()
  const { id, outputs } = clouds.create(eksToken, eks)
  const [{ autoscalingGroups: [holder] }] = outputs['resources'] as [{ autoscalingGroups: [{ name: string }] }]
  clouds.create(scheduleToken, { scheduledActionName: 'raise', autoscalingGroupName: holder.name, region: 'us-east-1', recurrence: '0 1 * * *', timeZone: 'Etc/UTC', minSize: -1, maxSize: -1, desiredCapacity: 7 })
  clouds.advance(2 * hour)
  assert.deepEqual([clouds.group().min, clouds.group().desired, clouds.group().max], [1, 7, 9])
  deleteResource(clouds.state, clouds.world, eksToken, id, eks, scope)
  assert.deepEqual([clouds.state.resources, clouds.state.timers], [{}, {}])
})

test('a policy on the auto scaling group that holds a node group is an autoscaler beside prescale', () => {
  const clouds = new Clouds()
  const { outputs } = clouds.create(eksToken, eks)
  const [{ autoscalingGroups: [holder] }] = outputs['resources'] as [{ autoscalingGroups: [{ name: string }] }]
  assert.equal(foreignAutoscaler(clouds.state, clouds.group()), undefined)
  clouds.create('aws:autoscaling/policy:Policy', { name: 'cpu', autoscalingGroupName: holder.name, region: 'us-east-1', policyType: 'TargetTrackingScaling' })
  assert.equal(foreignAutoscaler(clouds.state, clouds.group()), 'cpu')
})

test('a cluster’s autoscaler moves a pool between its bounds, where the pool has one', () => {
  const scaled = { ...gke, autoscaling: { totalMinNodeCount: 1, totalMaxNodeCount: 5 } }
  const moved = withNodePool(gkeToken, scaled)
  const still = withNodePool(gkeToken, gke)
  for (const clouds of [moved, still]) clouds.advance(6 * hour)
  // ten busy vCPUs at 60 % of use: 5 nodes of 4
  assert.deepEqual([moved.group().desired, still.group().desired], [5, 6])
  const agents = withNodePool(aksToken, { ...aks, count: 2, enableAutoScaling: true, minCount: 2, maxCount: 20 })
  agents.advance(6 * hour)
  assert.equal(agents.group().desired, 5)
})

test('inputs that a cloud refuses are refused', () => {
  const faults = (token: string, inputs: Inputs): unknown => {
    try {
      withNodePool(token, inputs)
      return undefined
    } catch (error) {
      return (error as { code?: string }).code
    }
  }
  assert.equal(faults(eksToken, { ...eks, subnetIds: [] }), 'InvalidParameterException')
  assert.equal(faults(gkeToken, { ...gke, nodeConfig: { machineType: 'no-such-type' } }), 'UnsupportedInstanceType')
  assert.equal(faults(aksToken, { ...aks, count: 200 }), 'OperationNotAllowed')
  assert.equal(faults(aksToken, { ...aks, resourceGroupName: 'nowhere' }), 'ResourceGroupNotFound')
})
