import type { NodePoolArgs } from '@pulumi/gcp/container/index.js'
import type { DesiredPool, KubernetesPool } from '../../domain/desired-state.ts'
import type { Ownership } from '../../domain/pool.ts'
import { tagsOf } from '../pool-labels.ts'
import { labelsOf } from './inputs.ts'

/** A cluster as GKE's resources name it. */
export interface ClusterPlace {
  /** Left out where it is the provider's own. */
  readonly project?: string
  /** A region, or a zone where the cluster is zonal. */
  readonly location: string
  readonly cluster: string
}

/** @param cluster  its name, or `projects/…/locations/…/clusters/…`; a name alone is that of a regional cluster of `region` */
export function clusterPlace(cluster: string, region: string): ClusterPlace {
  const [, project, location, name] = /^projects\/([^/]+)\/(?:locations|zones|regions)\/([^/]+)\/clusters\/([^/]+)$/.exec(cluster) ?? []
  return project === undefined || location === undefined || name === undefined ? { location: region, cluster } : { project, location, cluster: name }
}

/**
 * GKE counts nodes per zone; `count` makes sure beforehand that they are equally many. Where the count is the cluster's autoscaler's, its bounds are
 * of all zones together, and the pool begins with the desired count.
 */
export function containerNodePoolInputs(pool: KubernetesPool): NodePoolArgs {
  const { launch } = pool
  const perZone = Math.ceil(pool.desired / Math.max(1, launch.zones.length))
  return {
    name: pool.group,
    ...clusterPlace(pool.kubernetes.cluster, pool.region),
    nodeLocations: [...launch.zones],
    ...(pool.owns === 'bounds'
      ? {
          initialNodeCount: perZone,
          autoscaling: { totalMinNodeCount: pool.min, totalMaxNodeCount: Math.max(1, pool.max), locationPolicy: pool.option === 'spot' ? 'ANY' : 'BALANCED' },
        }
      : { nodeCount: perZone }),
    nodeConfig: {
      machineType: pool.type,
      spot: pool.option === 'spot',
      labels: tagsOf(pool),
      resourceLabels: labelsOf(pool),
      oauthScopes: ['https://www.googleapis.com/auth/cloud-platform'],
      ...(launch.securityGroups.length > 0 && { tags: [...launch.securityGroups] }),
      ...(launch.identity !== undefined && { serviceAccount: launch.identity }),
    },
  }
}

/** Properties of the node pool that somebody else moves; another initial count would be another pool. */
export const nodePoolLeavesAlone: Readonly<Record<Ownership, readonly string[]>> = {
  count: ['initialNodeCount'],
  bounds: ['initialNodeCount', 'nodeCount'],
  schedule: ['initialNodeCount', 'nodeCount', 'autoscaling'],
}

/** Properties of a node pool that was there before prescale: all but its counts. The type lets none be forgotten. */
const foundProperties = {
  deletionPolicy: true, ignoreNodeCountChanges: true, initialNodeCount: true, maintenancePolicies: true, management: true, maxPodsPerNode: true,
  namePrefix: true, networkConfig: true, nodeConfig: true, nodeDrainConfigs: true, nodeLocations: true, placementPolicy: true, project: true,
  queuedProvisioning: true, upgradeSettings: true, version: true,
} satisfies Record<Exclude<keyof NodePoolArgs, 'name' | 'cluster' | 'location' | 'nodeCount' | 'autoscaling'>, true>

/** The autoscaler of a pool whose count is prescale's is off, and is left so. */
export function nodePoolStaysAsFound(pool: DesiredPool): readonly string[] {
  return [...Object.keys(foundProperties), ...(pool.owns === 'bounds' ? ['autoscaling.locationPolicy'] : ['autoscaling'])]
}
