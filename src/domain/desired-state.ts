import type { Ownership, PoolKey, RegionKey } from './pool.ts'

/** A change to come, repeated daily until the desired state is replaced: the cloud makes it by itself. */
export interface ScheduledChange {
  /** Minutes after midnight UTC. */
  readonly minuteOfDay: number
  readonly min: number
  readonly desired: number
  readonly max: number
}

/** One pool as the stack must hold it. */
export interface DesiredPool extends PoolKey {
  /** The group's name in the cloud. */
  readonly group: string
  readonly owns: Ownership
  /** Live count that the plan was made on: apply refuses when the cloud holds neither this nor `desired`. */
  readonly was: number
  /** min ≤ desired ≤ max */
  readonly min: number
  readonly desired: number
  readonly max: number
  /**
   * Ascending by minute; empty when the count stays the same. Otherwise it covers the day, each change staying in force until the next:
   * the one in force when the plan was made holds the pool's own counts, so that a cloud that follows it changes nothing now.
   */
  readonly schedule: readonly ScheduledChange[]
  /** For people: what changes and why. */
  readonly reason: string
  readonly usdPerNodeHour: number
  readonly launch: LaunchSettings
  /** The pool is a node pool of managed Kubernetes; left out where it is a group of the cloud's own. */
  readonly kubernetes?: KubernetesPlace
  /** The group was there before prescale: all of it but its counts stays as it was found. */
  readonly adopted?: true
}

/** A managed Kubernetes cluster that exists already: EKS, GKE or AKS, by the pool's cloud. */
export interface KubernetesPlace {
  /** Its name; of a cluster of GKE that is not regional, `projects/…/locations/…/clusters/…`. */
  readonly cluster: string
  /** ARN of the role of its nodes (AWS). */
  readonly nodeRole?: string
}

/** A pool that is a node pool of managed Kubernetes. */
export type KubernetesPool = DesiredPool & { readonly kubernetes: KubernetesPlace }

export function isKubernetesPool(pool: DesiredPool): pool is KubernetesPool {
  return pool.kubernetes !== undefined
}

/** How a node is launched: things that exist already are referred to, never created. */
export interface LaunchSettings {
  /** An existing launch template (AWS) or instance template (GCP); then image and network below are not used. */
  readonly template?: string | undefined
  /** AMI id, GCP image, or Azure image reference. */
  readonly image?: string | undefined
  /** Subnets (AWS: one per zone; GCP, Azure: one). */
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  /** Zones to spread over, the cloud's own names. */
  readonly zones: readonly string[]
  /** AWS instance profile, GCP service account, Azure identity. */
  readonly identity?: string | undefined
  /** Azure resource group that holds the scale set. */
  readonly resourceGroup?: string | undefined
  readonly tags: Readonly<Record<string, string>>
}

/** Weights of one workload's user zones in this region at the first step. */
export interface DesiredTraffic {
  readonly workload: string
  readonly userZone: string
  /** 0 to 1 */
  readonly share: number
}

/** A weighted Route 53 record that sends a part of one user zone's requests for a workload to this region. */
export interface Route53Record {
  readonly workload: string
  readonly userZone: string
  /** Hosted zone that holds the record. */
  readonly zoneId: string
  /** `web.shop.example`, or `us-east.web.shop.example` where the workload has several user zones. */
  readonly name: string
  /** DNS name of what answers in the region: a load balancer. */
  readonly endpoint: string
  readonly ttlSeconds: number
  /** 0 to 100: the region's share in percent. */
  readonly weight: number
}

/** Where a name of several regions leads. */
export interface DesiredTarget {
  /** `aws/us-east-1` */
  readonly region: string
  /** DNS name of what answers in the region. */
  readonly endpoint: string
  /** 0 to 100: the region's share in percent; not 0 for all targets of a name. */
  readonly weight: number
}

/** A Cloud DNS record set of one user zone, which holds the weights of all regions. */
export interface CloudDnsRecordSet {
  readonly dns: 'cloud-dns'
  readonly workload: string
  readonly userZone: string
  readonly managedZone: string
  readonly name: string
  readonly ttlSeconds: number
  /** Sorted by region. */
  readonly targets: readonly DesiredTarget[]
}

/** How Traffic Manager asks whether an endpoint is well. */
export interface EndpointMonitor {
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP'
  readonly port: number
  /** Left out for TCP. */
  readonly path?: string | undefined
}

/** A Traffic Manager profile of one user zone, which holds the weights of all regions. */
export interface TrafficManagerProfile {
  readonly dns: 'traffic-manager'
  readonly workload: string
  readonly userZone: string
  readonly resourceGroup: string
  /** Of the profile; it answers at `<name>.trafficmanager.net`. */
  readonly name: string
  readonly ttlSeconds: number
  readonly monitor: EndpointMonitor
  /** Sorted by region. */
  readonly targets: readonly DesiredTarget[]
}

/** What sends one user zone's requests for a workload to regions: in Route 53 one record in each region's stack, elsewhere one set in one stack. */
export type DesiredRecord = Route53Record | CloudDnsRecordSet | TrafficManagerProfile

/** All that the Pulumi program reads of a stack: same file, same resources. */
export interface DesiredState extends RegionKey {
  /** Sorted by group name. */
  readonly pools: readonly DesiredPool[]
  readonly traffic: readonly DesiredTraffic[]
  /** Left out where no workload's traffic is prescale's. */
  readonly records?: readonly DesiredRecord[]
  /** Identity of the plan it was cut from. */
  readonly planId: string
  /** After this instant it may not be applied any more, Unix seconds. */
  readonly expiresSeconds: number
}
