import { type DesiredPool, isKubernetesPool } from '../domain/desired-state.ts'
import type { Cloud } from '../domain/pool.ts'
import type { LiveGroup } from '../pulumi/found-resource.ts'
import { clusterPlace } from '../pulumi/gcp/container-node-pool-inputs.ts'
import { idInCloud } from '../pulumi/id-in-cloud.ts'
import { liveGroups } from '../pulumi/live-groups.ts'
import type { StackRun } from './engine.ts'

/** A pool's resource: its type, and the input that holds its name. */
interface PoolResource {
  readonly type: string
  readonly nameInput: string
}

const resources: Readonly<Record<Cloud, { readonly group: PoolResource; readonly kubernetes: PoolResource }>> = {
  aws: { group: { type: 'aws:autoscaling/group:Group', nameInput: 'name' }, kubernetes: { type: 'aws:eks/nodeGroup:NodeGroup', nameInput: 'nodeGroupName' } },
  gcp: {
    group: { type: 'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager', nameInput: 'name' },
    kubernetes: { type: 'gcp:container/nodePool:NodePool', nameInput: 'name' },
  },
  azure: {
    group: { type: 'azure-native:compute:VirtualMachineScaleSet', nameInput: 'vmScaleSetName' },
    kubernetes: { type: 'azure-native:containerservice:AgentPool', nameInput: 'agentPoolName' },
  },
}

function resourceOf(pool: DesiredPool): PoolResource {
  return resources[pool.cloud][isKubernetesPool(pool) ? 'kubernetes' : 'group']
}

/** Project and subscription of the simulated clouds. */
const simulatedAccounts: Readonly<Record<Cloud, string>> = { aws: '', gcp: 'projects/sandbox/', azure: '/subscriptions/00000000-0000-0000-0000-000000000000' }

/**
 * The id under which the cloud knows a group that is there already.
 * @param env     names the project (`GOOGLE_PROJECT`, `GOOGLE_CLOUD_PROJECT`, `CLOUDSDK_CORE_PROJECT`) or subscription (`ARM_SUBSCRIPTION_ID`)
 * @returns the name alone where the environment does not tell more; the provider then completes it from its own settings
 */
export function idOfGroup(pool: DesiredPool, env: Readonly<Record<string, string | undefined>>, clouds: 'real' | 'simulated'): string {
  const { type, nameInput } = resourceOf(pool)
  const inputs = { [nameInput]: pool.group, region: pool.region, resourceGroupName: pool.launch.resourceGroup, ...clusterInputs(pool) }
  const account = clouds === 'simulated' ? simulatedAccounts[pool.cloud] : accountOf(pool.cloud, env)
  return idInCloud(pool.cloud, type, inputs, [account]) ?? pool.group
}

function clusterInputs(pool: DesiredPool): Readonly<Record<string, string>> {
  if (!isKubernetesPool(pool)) return {}
  const { cluster } = pool.kubernetes
  return { clusterName: cluster, resourceName: cluster, ...clusterPlace(cluster, pool.region) }
}

function accountOf(cloud: Cloud, env: Readonly<Record<string, string | undefined>>): string {
  const project = env['GOOGLE_PROJECT'] ?? env['GOOGLE_CLOUD_PROJECT'] ?? env['CLOUDSDK_CORE_PROJECT'] ?? ''
  return { aws: '', gcp: `projects/${project}/`, azure: `/subscriptions/${env['ARM_SUBSCRIPTION_ID'] ?? ''}` }[cloud]
}

/** @returns the group that a run found in the cloud, with its counts; undefined where it is not there */
export function foundGroup(run: StackRun, pool: DesiredPool, atSeconds: number): LiveGroup | undefined {
  const named = run.found.filter(({ type, properties }) => type !== resourceOf(pool).type || [properties['name'], properties[resourceOf(pool).nameInput]].includes(pool.group))
  return liveGroups(pool.cloud, named, atSeconds).find(({ group }) => group === pool.group)
}
