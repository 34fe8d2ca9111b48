export const clouds = ['aws', 'gcp', 'azure'] as const
export type Cloud = (typeof clouds)[number]

export const purchaseOptions = ['on-demand', 'spot'] as const
export type PurchaseOption = (typeof purchaseOptions)[number]

/** What prescale owns of a pool: its count, only its bounds (the cloud's autoscaler moves the count), or only its schedule. */
export const ownerships = ['count', 'bounds', 'schedule'] as const
export type Ownership = (typeof ownerships)[number]

/** Where nodes run: the cloud and the cloud's own name of the region. */
export interface RegionKey {
  readonly cloud: Cloud
  readonly region: string
}

/** Identical nodes of one workload, type and purchase option in one region. */
export interface PoolKey extends RegionKey {
  readonly workload: string
  readonly type: string
  readonly option: PurchaseOption
}

/** @returns `aws/us-east-1` */
export function regionName(key: RegionKey): string {
  return `${key.cloud}/${key.region}`
}

/** @returns `aws-us-east-1`: the name of the stack and of its desired-state file */
export function stackName(key: RegionKey): string {
  return `${key.cloud}-${key.region}`
}

/** @returns `aws/us-east-1/web/m7g.large/spot`: the pool as it is printed and typed */
export function poolName(key: PoolKey): string {
  return `${regionName(key)}/${key.workload}/${key.type}/${key.option}`
}

/**
 * The pool's name inside its stack and in the cloud: lower-case letters, digits and hyphens, as all three clouds allow,
 * for example `web-m7g-large-spot`.
 */
export function groupName(key: PoolKey): string {
  return `${key.workload}-${key.type}-${key.option}`.toLowerCase().replace(/[^a-z0-9]+/g, '-')
}
