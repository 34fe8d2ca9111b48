import { forgetAnswers, noteAnswers } from './answers.ts'
import { actOnTimer, followLoad } from './autoscaling.ts'
import type { DemandAt } from './demand.ts'
import { converge, interruptSpot, passOn } from './groups.ts'
import { serveByRegion, type RegionStep } from './serve-by-region.ts'
import type { CloudState, SandboxNode } from './state.ts'
import { utilisationOf } from './utilisation.ts'
import { stepSeconds, type World, type WorldWorkload } from './world.ts'

/** What one workload was asked for and did in one step; whole events. */
export interface WorkloadStep {
  readonly workload: string
  readonly demand: number
  /** Demand by user zone, in the order of the world. */
  readonly byUserZone: readonly { readonly userZone: string; readonly count: number }[]
  readonly served: number
  readonly dropped: number
  /** Nodes that were serving at the step's end. */
  readonly readyNodes: number
  /** Load over capacity, ≥ 0; Infinity when there was load and no capacity. */
  readonly utilisation: number
  /** By region, where names send users to regions; left out where they reach nodes wherever they are. */
  readonly byRegion?: readonly RegionStep[]
}

/** A node that served for at least a part of the step. */
export interface NodeStep {
  readonly node: SandboxNode
  /** Share of its vCPUs that was busy, 0 to 1. */
  readonly utilisation: number
  /** Work that it had done before the step, vCPU-seconds. */
  readonly workBeforeVcpuSeconds: number
}

/** One step of the clouds' life, closed. */
export interface StepReport {
  readonly startSeconds: number
  readonly workloads: readonly WorkloadStep[]
  readonly nodes: readonly NodeStep[]
}

/**
 * Lets the clouds live until `untilSeconds`. Everything that happens has its instant, so any way of cutting the time into calls gives the same.
 * @param until  whole Unix seconds; an instant in the past changes nothing
 * @returns the steps that ended, in order
 */
export function live(state: CloudState, world: World, demandAt: DemandAt, until: number): StepReport[] {
  const steps: StepReport[] = []
  for (let next = nextInstant(state); next <= until; next = nextInstant(state)) {
    state.nowSeconds = next
    for (const node of state.nodes) if (node.untilSeconds !== null && node.untilSeconds <= next) passOn(state, world, node)
    for (const [key, at] of Object.entries(state.timers)) if (at <= next) actOnTimer(state, key)
    if (next % stepSeconds === 0) {
      steps.push(closeStep(state, world, demandAt, next - stepSeconds))
      followLoad(state)
      interruptSpot(state, world)
    }
    for (const group of Object.values(state.groups)) converge(state, world, group)
  }
  state.nowSeconds = Math.max(state.nowSeconds, until)
  return steps
}

/** The first instant after now at which anything happens: at the latest, the end of the step. */
function nextInstant(state: CloudState): number {
  let next = (Math.floor(state.nowSeconds / stepSeconds) + 1) * stepSeconds
  for (const node of state.nodes) if (node.untilSeconds !== null && node.untilSeconds < next) next = node.untilSeconds
  for (const at of Object.values(state.timers)) if (at < next) next = at
  return Math.max(next, state.nowSeconds + 1)
}

/** Serves the step's demand with the capacity that was there, books both, and forgets the nodes that are gone. */
function closeStep(state: CloudState, world: World, demandAt: DemandAt, startSeconds: number): StepReport {
  noteAnswers(state, world)
  const workloads = world.workloads.map((workload) => serve(state, world, workload, demandAt, startSeconds))
  state.utilisation = {}
  for (const step of workloads) {
    const before = state.totals[step.workload] ?? { demand: 0, served: 0, dropped: 0 }
    state.totals[step.workload] = {
      demand: before.demand + step.demand,
      served: before.served + step.served,
      dropped: before.dropped + step.dropped,
    }
    state.utilisation[step.workload] = Math.min(step.utilisation, mostOverload)
    for (const { region, utilisation } of step.byRegion ?? []) state.utilisation[`${step.workload} ${region}`] = Math.min(utilisation, mostOverload)
  }
  const nodes = state.nodes
    .filter((node) => servingSeconds(node, startSeconds) > 0)
    .map((node) => work(node, Math.min(1, utilisationOf(state, node) ?? 0), startSeconds))
  state.nodes = state.nodes.filter((node) => node.state !== 'gone')
  forgetAnswers(state)
  return { startSeconds, workloads, nodes }
}

/** Books a node's work in the step that starts at `startSeconds`. */
function work(node: SandboxNode, utilisation: number, startSeconds: number): NodeStep {
  const workBeforeVcpuSeconds = node.workVcpuSeconds ?? 0
  node.workVcpuSeconds = workBeforeVcpuSeconds + utilisation * node.vcpu * servingSeconds(node, startSeconds)
  return { node: { ...node }, utilisation, workBeforeVcpuSeconds }
}

/** JSON has no Infinity: load without capacity is written as this many times the capacity. */
const mostOverload = 1000

function serve(state: CloudState, world: World, workload: WorldWorkload, demandAt: DemandAt, startSeconds: number): WorkloadStep {
  const byUserZone = workload.userZones.map((zone) => ({ userZone: zone.name, count: demandAt(workload, zone, startSeconds) }))
  const demand = byUserZone.reduce((sum, zone) => sum + zone.count, 0)
  const nodes = state.nodes.filter((node) => node.workload === workload.name)
  const capacityOf = (some: readonly SandboxNode[], from = startSeconds, length = stepSeconds): number =>
    some.reduce((sum, node) => sum + (servingSeconds(node, from, length) * node.vcpu) / workload.vcpuPerUnit, 0)
  const capacity = capacityOf(nodes)
  const names = world.names?.filter((name) => name.workload === workload.name) ?? []
  const byRegion = names.length === 0 ? undefined : serveByRegion({ names, answers: state.answers ?? {}, regions: world.regions, nodes, capacityOf }, byUserZone, startSeconds)
  const served = byRegion?.reduce((sum, region) => sum + region.served, 0) ?? Math.min(demand, Math.floor(capacity))
  return {
    workload: workload.name,
    demand,
    byUserZone,
    served,
    dropped: demand - served,
    readyNodes: nodes.filter((node) => node.state === 'ready').length,
    utilisation: demand === 0 ? 0 : demand / capacity,
    ...(byRegion !== undefined && { byRegion }),
  }
}

/** @returns seconds of the time from `startSeconds` on, a step if nothing else is said, in which the node was serving */
function servingSeconds(node: SandboxNode, startSeconds: number, lengthSeconds = stepSeconds): number {
  if (node.readySeconds === null) return 0
  const end = Math.min(startSeconds + lengthSeconds, node.servedUntilSeconds ?? Infinity)
  return Math.max(0, end - Math.max(startSeconds, node.readySeconds))
}

/** @returns USD for all nodes since the start, those still running counted until now */
export function usdSpent(state: CloudState): number {
  return state.nodes
    .filter((node) => node.state !== 'gone' && node.billedFromSeconds !== null)
    .reduce((sum, node) => sum + ((state.nowSeconds - (node.billedFromSeconds ?? 0)) / 3600) * node.usdPerHour, state.usdOfGoneNodes)
}
