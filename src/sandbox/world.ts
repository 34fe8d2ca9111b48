import type { Cloud, PurchaseOption } from '../domain/pool.ts'

/** Length of a step of demand, service and metrics. */
export const stepSeconds = 300

/** How one cloud's nodes come and go. */
export interface CloudPhysics {
  /** From order to the start of billing. */
  readonly orderSeconds: number
  /** From the start of billing to serving: log-normal with this median and 95th percentile. */
  readonly bootSecondsMedian: number
  readonly bootSeconds95: number
  /** From the end of serving to the end of billing. */
  readonly drainSeconds: number
  readonly spotInterruptionsPerNodeHour: number
  /** From the notice of an interruption to its end. */
  readonly spotNoticeSeconds: number
}

export interface WorldRegion {
  readonly cloud: Cloud
  readonly region: string
  /** The cloud's own names. */
  readonly zones: readonly string[]
  readonly quotaVcpu: Readonly<Record<PurchaseOption, number>>
}

export interface WorldType {
  readonly cloud: Cloud
  readonly type: string
  readonly vcpu: number
  /** By region and purchase option; what is left out cannot be bought. */
  readonly usdPerHour: Readonly<Record<string, Readonly<Partial<Record<PurchaseOption, number>>>>>
}

export interface WorldUserZone {
  readonly name: string
  /** Of the recorded demand, 0 to 1. */
  readonly share: number
  /** Whole hours by which this zone lives the recorded day later (negative: earlier). */
  readonly laterHours: number
}

export interface WorldWorkload {
  readonly name: string
  readonly measurement: string
  readonly field: string
  readonly trace: string
  /** Instant of the trace that is played at the start, Unix seconds: a whole number of weeks before the start. */
  readonly recordedAtSeconds: number
  /** Events served for one that was recorded. */
  readonly scale: number
  readonly userZones: readonly WorldUserZone[]
  /** vCPUs that one event per second keeps busy. */
  readonly vcpuPerUnit: number
}

/** By which name the users of one zone ask for a workload, and where what answers stands. */
export interface WorldName {
  readonly workload: string
  readonly userZone: string
  /** Lower case, without a dot at its end. */
  readonly name: string
  /** Region by endpoint: `aws/us-east-1`. */
  readonly regions: Readonly<Record<string, string>>
}

/** What a world was made from, to see when that has changed. */
export interface WorldHashes {
  /** Of the scenario's content. */
  readonly scenario: string
  /** Of its text: while it is the same, the content need not be read. */
  readonly scenarioText: string
  readonly catalogue: string
  /** Left out where there are no names. */
  readonly names?: string
}

/** All that does not change while a sandbox lives. Plain JSON. */
export interface World {
  readonly seed: number
  /** A multiple of `stepSeconds`. */
  readonly startSeconds: number
  readonly historySeconds: number
  readonly clouds: Readonly<Record<Cloud, CloudPhysics>>
  readonly regions: readonly WorldRegion[]
  readonly types: readonly WorldType[]
  readonly workloads: readonly WorldWorkload[]
  /** Left out where users reach nodes wherever they are. */
  readonly names?: readonly WorldName[]
  readonly hashes: WorldHashes
}

/** @returns undefined when the world has no such region */
export function worldRegion(world: World, cloud: Cloud, region: string): WorldRegion | undefined {
  return world.regions.find((candidate) => candidate.cloud === cloud && candidate.region === region)
}

/** @returns undefined when the catalogue has no such type */
export function worldType(world: World, cloud: Cloud, type: string): WorldType | undefined {
  return world.types.find((candidate) => candidate.cloud === cloud && candidate.type === type)
}
