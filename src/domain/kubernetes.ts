import type { DesiredPool, KubernetesPlace } from './desired-state.ts'
import { contentHash } from './hash.ts'
import { type Cloud, groupName, type PoolKey } from './pool.ts'

/** What one cloud's node pools of managed Kubernetes are. */
export interface NodePoolKind {
  /** As documents and exports name it. */
  readonly kind: 'eks-node-group' | 'gke-node-pool' | 'aks-agent-pool'
  /** As people say it, more than one. */
  readonly title: string
  /** Whether the cloud itself can change counts by the clock. */
  readonly schedules: 'in-cloud' | 'none'
  /** Characters, the most that the cloud allows in a name. */
  readonly longestName: number
  /** Whether a name may hold hyphens. */
  readonly hyphens: 'allowed' | 'none'
}

/** By cloud. EKS keeps its nodes in an auto scaling group, which takes scheduled actions; Google's and Azure's clusters have none. */
export const nodePoolKinds: Readonly<Record<Cloud, NodePoolKind>> = {
  aws: { kind: 'eks-node-group', title: 'EKS node groups', schedules: 'in-cloud', longestName: 63, hyphens: 'allowed' },
  gcp: { kind: 'gke-node-pool', title: 'GKE node pools', schedules: 'none', longestName: 40, hyphens: 'allowed' },
  azure: { kind: 'aks-agent-pool', title: 'AKS agent pools', schedules: 'none', longestName: 12, hyphens: 'none' },
}

/** A cluster of a region's settings. */
interface ClusterSettings {
  readonly name: string
  readonly workloads?: readonly string[] | undefined
  readonly nodeRole?: string | undefined
}

/** @returns the cluster whose node pools a workload's pools in the region are; undefined where they are groups of the cloud's own */
export function kubernetesPlace(clusters: readonly ClusterSettings[] | undefined, workload: string): KubernetesPlace | undefined {
  const cluster = clusters?.find(({ workloads }) => workloads?.includes(workload) ?? true)
  return cluster && { cluster: cluster.name, ...(cluster.nodeRole !== undefined && { nodeRole: cluster.nodeRole }) }
}

/** Hexadecimal digits that keep shortened names apart: 24 bits. */
const markLength = 6

/** The pool's name in its stack and its cluster: that of its group where the cloud allows it, else its beginning and a hash of it. */
export function nodePoolName(key: PoolKey): string {
  const { longestName, hyphens } = nodePoolKinds[key.cloud]
  const name = groupName(key)
  if (hyphens === 'allowed' && name.length <= longestName) return name
  const mark = contentHash(name).slice(0, markLength)
  const ending = hyphens === 'allowed' ? `-${mark}` : mark
  const legal = hyphens === 'allowed' ? name : name.replaceAll('-', '')
  return `${legal.slice(0, longestName - ending.length)}${ending}`
}

/** @returns the name that a pool gets where it is made, as a group or as a node pool */
export function madeName(key: PoolKey, kubernetes: KubernetesPlace | undefined): string {
  return kubernetes === undefined ? groupName(key) : nodePoolName(key)
}

/** Zones that hold the same number of nodes each: GKE knows counts per zone only, every other pool any count. */
function equalZones(pool: Pick<DesiredPool, 'cloud' | 'kubernetes' | 'owns' | 'launch'>): number {
  return pool.kubernetes !== undefined && pool.cloud === 'gcp' && pool.owns === 'count' ? Math.max(1, pool.launch.zones.length) : 1
}

/** Rounds a pool's counts up to what its cloud can hold, and says so in its reason. */
export function inWholeZones(pool: DesiredPool): DesiredPool {
  const zones = equalZones(pool)
  const up = (count: number): number => Math.ceil(count / zones) * zones
  if ([pool.min, pool.desired, pool.max].every((count) => up(count) === count)) return pool
  const why = up(pool.desired) === pool.desired ? '' : `; ${up(pool.desired)} nodes, as GKE holds equally many in each of ${zones} zones`
  return { ...pool, min: up(pool.min), desired: up(pool.desired), max: up(pool.max), reason: `${pool.reason}${why}` }
}
