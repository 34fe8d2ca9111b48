import type { Cloud, PurchaseOption } from '../domain/pool.ts'

/** ordered: accepted, not yet placed in a zone. booting: placed and billed. ready: serving. draining: billed, no longer serving. */
export type NodeState = 'ordered' | 'booting' | 'ready' | 'draining' | 'gone'

/** One machine. Instants in Unix seconds. */
export interface SandboxNode {
  readonly id: string
  /** Key of the group that ordered it; the group may be deleted before the node is gone. */
  readonly group: string
  readonly cloud: Cloud
  readonly region: string
  zone: string
  readonly workload: string | undefined
  readonly type: string
  readonly option: PurchaseOption
  readonly vcpu: number
  readonly usdPerHour: number
  readonly orderedSeconds: number
  state: NodeState
  /** When the state changes by itself; null when it does not. */
  untilSeconds: number | null
  billedFromSeconds: number | null
  readySeconds: number | null
  servedUntilSeconds: number | null
  /** Work done so far, vCPU-seconds; left out while it has done none. */
  workVcpuSeconds?: number
  /** Why it is still ordered. */
  waitsFor: string | null
}

/** A group as the cloud works with it: the counts may have been moved by a schedule, an autoscaler or a hand since they were declared. */
export interface SandboxGroup {
  readonly key: string
  readonly cloud: Cloud
  readonly region: string
  readonly name: string
  /** Name of the auto scaling group that AWS keeps a node group's nodes in; left out for other groups. */
  heldIn?: string
  workload: string | undefined
  type: string
  option: PurchaseOption
  zones: readonly string[]
  min: number
  desired: number
  max: number
  /** Successive steps in which the group's autoscaler wanted fewer nodes. */
  lowSteps: number
  /** When a rule of the group's autoscaler last moved the count. */
  movedSeconds: number | null
}

/** Anything that an API call made: its declared inputs as they were sent. */
export interface SandboxResource {
  readonly key: string
  /** The engine's type token. */
  readonly token: string
  readonly id: string
  readonly cloud: Cloud
  readonly region: string
  inputs: Readonly<Record<string, unknown>>
  /** Grows with each change of the inputs, from 1. */
  version: number
}

/** What goes wrong on purpose. Places are `aws/us-east-1`, zones `aws/us-east-1/us-east-1a`. */
export interface Faults {
  /** Every n-th call of an API is refused as too frequent; 0 for none. */
  readonly throttleEvery: number
  /** Calls for resources whose name contains one of these do not return until they are cancelled or `hangSeconds` have passed. */
  readonly hang: readonly string[]
  readonly hangSeconds: number
  /** Real seconds that each API call takes. */
  readonly latencySeconds: number
  readonly lostZones: readonly string[]
  readonly lostRegions: readonly string[]
  /** Capacity the cloud has left for nodes yet to be placed. */
  readonly scarce: readonly Scarcity[]
}

/** At most `nodes` of what matches are placed; a field that is left out matches everything. */
export interface Scarcity {
  readonly cloud: Cloud
  readonly region: string
  readonly type?: string | undefined
  readonly option?: PurchaseOption | undefined
  readonly nodes: number
}

export const noFaults: Faults = {
  throttleEvery: 0,
  hang: [],
  hangSeconds: 60,
  latencySeconds: 0,
  lostZones: [],
  lostRegions: [],
  scarce: [],
}

/** Events since the start, whole numbers. */
export interface ServiceTotals {
  demand: number
  served: number
  dropped: number
}

/** Where a name leads, from one instant on. */
export interface Answer {
  readonly fromSeconds: number
  /** How long those who asked keep it. */
  readonly ttlSeconds: number
  /** Share of the answers by region, 0 to 1; what is missing to 1 leads nowhere. */
  readonly shares: Readonly<Record<string, number>>
}

/** The simulated clouds at one instant. Plain JSON; the functions of this folder change the value they are given. */
export interface CloudState {
  nowSeconds: number
  /** Sandbox seconds per real second since `wallSeconds`; 0 stands still. */
  rate: number
  /** Real and sandbox instants that the rate counts from. */
  anchorWallSeconds: number
  anchorNowSeconds: number
  /** Nodes ever ordered, by group key; goes on when a group is deleted and made again, so that no id comes twice. */
  nodesOrdered: Record<string, number>
  apiCalls: number
  resources: Record<string, SandboxResource>
  groups: Record<string, SandboxGroup>
  nodes: SandboxNode[]
  /** When a schedule or autoscaler acts next, by its resource key. */
  timers: Record<string, number>
  faults: Faults
  /** Of nodes that are gone. */
  usdOfGoneNodes: number
  totals: Record<string, ServiceTotals>
  /** Load over capacity of the newest step, by workload; by workload and region too where names send users to regions: `web aws/us-east-1`. */
  utilisation: Record<string, number>
  /** By name, ascending in time, as far back as somebody may keep one; left out where the world has no names. */
  answers?: Record<string, readonly Answer[]>
}

/** @returns clouds with nothing in them */
export function emptyState(startSeconds: number): CloudState {
  return {
    nowSeconds: startSeconds,
    rate: 0,
    anchorWallSeconds: 0,
    anchorNowSeconds: startSeconds,
    nodesOrdered: {},
    apiCalls: 0,
    resources: {},
    groups: {},
    nodes: [],
    timers: {},
    faults: noFaults,
    usdOfGoneNodes: 0,
    totals: {},
    utilisation: {},
  }
}
