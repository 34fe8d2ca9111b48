import type { Grid } from './grid.ts'
import type { PoolKey, RegionKey } from './pool.ts'

/** Why a pool has the count it has. */
export type PlanDriver = 'demand' | 'event' | 'price' | 'quota' | 'survival' | 'floor' | 'ceiling' | 'freeze' | 'maintenance' | 'commitment' | 'deferrable' | 'budget' | 'lead-time' | 'minimum-run' | 'none'

/** Planned nodes of one pool. */
export interface PoolPlan extends PoolKey {
  /** Nodes live when the plan was made. */
  readonly live: number
  /** Nodes per step, integers ≥ 0. Shape [grid.length]. */
  readonly counts: readonly number[]
  readonly usdPerNodeHour: number
  /** Throughput of one node, in the workload's unit. */
  readonly throughputPerNode: number
  readonly driver: PlanDriver
  /** One sentence for people: what changes and why. */
  readonly reason: string
}

/** Which share of a user zone's demand a region serves. */
export interface TrafficShare extends RegionKey {
  readonly workload: string
  readonly userZone: string
  /** 0 to 1 per step; over the regions of one zone they add up to 1 wherever there is demand. Shape [grid.length]. */
  readonly shares: readonly number[]
}

/** Demand that no allowed pool can carry. */
export interface Shortage {
  readonly workload: string
  readonly step: number
  /** In the workload's unit. */
  readonly amount: number
  /** The loss after which alone it is short, such as `zone aws/us-east-1`; left out where it is short while all is well. */
  readonly onlyAfter?: string
  /** Which limits stand in the way. */
  readonly reason: string
}

/** A limit that keeps demand from being carried, together with others. */
export interface ConflictingLimit {
  /** Name of the limit, for example `quota/aws/us-east-1/spot`. */
  readonly limit: string
  readonly unit: string
  /** Undefined for what is no amount, such as a freeze. */
  readonly value: number | undefined
  /** Demand that would no longer be short without this limit, all others staying. */
  readonly buys: number
  /** Whether that is all of it. */
  readonly isEnough: boolean
  /** Least value at which nothing is short, all others staying; undefined where there is none. */
  readonly enough: number | undefined
}

/** A smallest set of limits that together let demand be short: without any one of them, the others would not. */
export interface Conflict {
  readonly workload: string
  readonly step: number
  /** Demand that even fractional nodes leave short, in the workload's unit; of all workloads that share the limits. */
  readonly amount: number
  readonly isOnlyAfterFailure: boolean
  readonly limits: readonly ConflictingLimit[]
}

/** A limit that costs money: relaxing it by one unit saves this much. */
export interface BindingLimit {
  /** Name of the row, for example `quota/aws/us-east-1/spot`. */
  readonly limit: string
  readonly usdPerHourPerUnit: number
  readonly unit: string
}

export interface PlanCost {
  /** Over the whole horizon, USD. */
  readonly nodesUsd: number
  readonly startsUsd: number
  /** Price put on latency, which is not billed, and what data and moves cost. */
  readonly routingUsd: number
  /** Of that: data sent to users, which is billed, and moves of demand between regions. */
  readonly sentUsd: number
  readonly movedUsd: number
  /** Of `nodesUsd`: what is paid whatever is planned, such as commitments. */
  readonly sunkUsd: number
  readonly totalUsd: number
  /** No plan can cost less than this, USD; undefined when no bound was proven. */
  readonly lowerBoundUsd: number | undefined
  /** Nodes alone in the first step, USD per hour, of what is live and of what is planned. */
  readonly usdPerHourNow: number
  readonly usdPerHourPlanned: number
}

/** Where deferrable work is done. */
export interface PlacedWork extends RegionKey {
  readonly name: string
  readonly workload: string
  /** In the workload's unit, per step. Shape [grid.length]. */
  readonly amounts: readonly number[]
}

/** Desired counts over the horizon, with reasons and cost. */
export interface Plan {
  readonly originSeconds: number
  readonly grid: Grid
  readonly pools: readonly PoolPlan[]
  readonly traffic: readonly TrafficShare[]
  /** Left out where there is no deferrable work. */
  readonly work?: readonly PlacedWork[]
  readonly shortages: readonly Shortage[]
  /** Why demand is short, of the worst steps; left out where nothing is. */
  readonly conflicts?: readonly Conflict[]
  readonly binding: readonly BindingLimit[]
  readonly cost: PlanCost
  /** Quantile of demand that was planned for. */
  readonly quantile: number
  readonly inputs: PlanInputs
  /** Hash of all of the above: the plan's identity. */
  readonly id: string
}

/** Hashes of what a plan was made from. */
export interface PlanInputs {
  readonly settings: string
  readonly catalogue: string
  readonly forecasts: string
  readonly live: string
}
