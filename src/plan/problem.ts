import type { PlanInputs } from '../domain/plan.ts'
import type { RegionKey } from '../domain/pool.ts'

/** How an option is bought. A committed option has price 0: what was committed to is paid for anyway. */
export type OptionKind = 'on-demand' | 'spot' | 'committed'

export interface ProblemOption {
  readonly name: string
  readonly kind: OptionKind
}

export interface ProblemType {
  readonly name: string
  readonly family: string
  readonly vcpu: number
}

export interface ProblemRegion {
  readonly name: string
  /** Undefined in problems that are not about real clouds. */
  readonly key: RegionKey | undefined
  readonly latitude: number
  readonly longitude: number
  /** Zones that nodes are spread over. */
  readonly zones: number
}

export interface ProblemUserZone {
  readonly name: string
  readonly latitude: number
  readonly longitude: number
}

/** Fewest and most nodes of a workload; `maxPerRegion` and `max` are Infinity where nothing limits. */
export interface NodeLimits {
  readonly min: number
  readonly max: number
  readonly minPerRegion: number
  readonly maxPerRegion: number
}

export interface ProblemWorkload {
  readonly name: string
  readonly unit: string
  readonly limits: NodeLimits
  /** Regions (indices) that may hold its nodes. */
  readonly regions: readonly number[]
  /** Options (indices) that may be bought for it. */
  readonly options: readonly number[]
  /** Largest share of its vCPUs in each region that may be spot, 0 to 1. Shape [regions]. */
  readonly spotShare: readonly number[]
  /** Factor on prices per region that expresses a preference, ≥ 1; money is reported without it. Shape [regions]. */
  readonly preference: readonly number[]
  /** Steps in which counts stay as they were in the step before. Shape [steps]. */
  readonly frozen: readonly boolean[]
  /** Steps in which a region's nodes carry no load. Shape [regions][steps]; an empty row means never. */
  readonly closed: readonly (readonly boolean[])[]
  /** Most nodes that one pool may lower from one step to the next; Infinity where nothing limits. */
  readonly maxLowering: number
  /** Steps that a started node serves at least; 1 where nothing asks for more. */
  readonly minRunSteps: number
  /** Largest share of its vCPUs in a region that may stand in one spot pool, 0 to 1. */
  readonly spotPoolShare: number
  /** Price of moving one unit of a user zone's demand from one region to another. */
  readonly usdPerUnitMoved: number
}

/** Work that must be done in a window but not at one moment. */
export interface DeferrableWork {
  readonly name: string
  /** Index of the workload whose nodes do it. */
  readonly workload: number
  /** In the workload's unit times steps: how much capacity it takes in all. */
  readonly amount: number
  /** First step in which it may run. */
  readonly earliest: number
  /** Last step in which it may run. */
  readonly deadline: number
  /** Most of it per step, in the workload's unit. */
  readonly maxPerStep: number
  /** Regions (indices) where it may run. */
  readonly regions: readonly number[]
  /** Most steps from its first to its last; Infinity where nothing limits. */
  readonly longestSteps: number
  /** Work (indices) that must have ended before it begins. */
  readonly after: readonly number[]
}

/** An event that raises the demand of a user zone. */
export interface ProblemEvent {
  readonly name: string
  readonly workload: number
  readonly userZone: number
  /** More demand than without it: 0.38 is 38 % more. */
  readonly share: number
  /** Steps that it touches: `from` to before `to`. */
  readonly from: number
  readonly to: number
}

/** How failures are planned for. */
export interface Survival {
  /**
   * `scenario`: after the loss of any one zone, what is left carries all demand at failure utilisation.
   * `derate`: a zone's share is already taken off every region's availability.
   */
  readonly zone: 'none' | 'scenario' | 'derate'
  /** After the loss of any one region, what is left carries all demand at failure utilisation. */
  readonly region: boolean
}

/**
 * A planning problem: names and arrays by index (w workload, r region, k type, s option, u user zone, t step). Everything that a plan depends
 * on is in it, so that any plan can be made again from it. A superset of the document `prescale.instance/1`.
 */
export interface PlanProblem {
  readonly name: string
  /** Start of step 0, Unix seconds UTC. */
  readonly startSeconds: number
  readonly stepSeconds: number
  readonly steps: number
  readonly workloads: readonly ProblemWorkload[]
  readonly regions: readonly ProblemRegion[]
  readonly userZones: readonly ProblemUserZone[]
  readonly types: readonly ProblemType[]
  readonly options: readonly ProblemOption[]
  /** What one node serves at full use, in the workload's unit; null where the type may not be used. Shape [w][k]. */
  readonly throughput: readonly (readonly (number | null)[])[]
  /** Per node; null where it cannot be bought. Shape [r][k][s]. */
  readonly usdPerHour: readonly (readonly (readonly (number | null)[])[])[]
  /** Shape [r][k][s]. */
  readonly usdPerStart: readonly (readonly (readonly number[])[])[]
  /** Most nodes, all workloads together. Shape [r][k][s]. */
  readonly maxNodes: readonly (readonly (readonly number[])[])[]
  /** vCPUs, all workloads together. Shape [r][s]. */
  readonly quotaVcpu: readonly (readonly number[])[]
  /** Share of a node's throughput that may be planned, in (0, 1]. */
  readonly utilisation: { readonly normal: number; readonly failure: number }
  /** Share of nodes that can be counted on, in (0, 1]. Shape [r][s]. */
  readonly availability: { readonly normal: readonly (readonly number[])[]; readonly failure: readonly (readonly number[])[] }
  readonly survival: Survival
  /** Round trip. Shape [u][r]. */
  readonly latencyMs: readonly (readonly number[])[]
  /** Regions that may serve a user zone. Shape [w][u], each a list of regions. */
  readonly reach: {
    readonly normal: readonly (readonly (readonly number[])[])[]
    readonly failure: readonly (readonly (readonly number[])[])[]
  }
  /** Price put on one unit of demand travelling one millisecond for one hour. */
  readonly usdPerUnitMs: number
  /** In the workload's unit, ≥ 0. Shape [w][u][t]. */
  readonly demand: readonly (readonly (readonly number[])[])[]
  /** Nodes live now. Shape [w][r][k][s]. */
  readonly fleet: readonly (readonly (readonly (readonly number[])[])[])[]
  /** Steps before a raise that is ordered now can serve: no count rises in a step below this. Shape [w][r][s]. */
  readonly leadSteps: readonly (readonly (readonly number[])[])[]
  /** What a change of the plan in force must save, in hours of the changed node's price. */
  readonly changeCostHours: number
  readonly maxUsdPerHour: number | undefined
  /** Budget of a UTC day; a day that the plan covers in part has that part of it. */
  readonly maxUsdPerDay: number | undefined
  /** Price of the data that one unit of demand sends from a region to a user zone in one hour. Shape [w][u][r]; undefined where none is billed. */
  readonly usdPerUnitSent: readonly (readonly (readonly number[])[])[] | undefined
  /** Share of each user zone's demand that each region serves before step 0. Shape [w][u][r]; undefined where it is not known. */
  readonly sharesNow: readonly (readonly (readonly number[])[])[] | undefined
  /** Paid whatever is planned, for example commitments. */
  readonly sunkUsdPerHour: number
  readonly deferrable: readonly DeferrableWork[]
  /** What demand holds already of events: changes are explained by them. */
  readonly events: readonly ProblemEvent[]
  /** Quantile of demand that is planned for; undefined where demand is not a forecast. */
  readonly quantile: number | undefined
  /** Hashes of what the problem was made from. */
  readonly inputs: PlanInputs
  /** Why counts of a workload are held over the whole plan; undefined where they are not. Shape [w]. */
  readonly heldBecause: readonly (string | undefined)[]
}

/** @returns `aws/us-east-1/m7g.xlarge/spot`-like name of what a limit is about */
export function offerName(problem: PlanProblem, region: number, type: number, option: number): string {
  return [problem.regions[region]?.name, problem.types[type]?.name, problem.options[option]?.name].join('/')
}

