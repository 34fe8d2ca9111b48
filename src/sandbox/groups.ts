import type { PurchaseOption } from '../domain/pool.ts'
import { keyedHex, keyedNormal, keyedUniform } from './random.ts'
import type { CloudState, SandboxGroup, SandboxNode } from './state.ts'
import { stepSeconds, worldRegion, worldType, type World, type WorldRegion } from './world.ts'

/** A node that cannot be placed asks again after this long. */
const placementRetrySeconds = 60
/** 95th percentile of the standard normal distribution. */
const normal95 = 1.645

/** @returns nodes of the group that count towards what it wants: all but those on their way out */
export function groupNodes(state: CloudState, key: string): SandboxNode[] {
  return state.nodes.filter((node) => node.group === key && (node.state === 'ordered' || node.state === 'booting' || node.state === 'ready'))
}

/** Orders or drains nodes until as many are there, or on their way, as the group wants. */
export function converge(state: CloudState, world: World, group: SandboxGroup): void {
  const nodes = groupNodes(state, group.key)
  for (let missing = group.desired - nodes.length; missing > 0; missing -= 1) orderNode(state, world, group)
  const leaving = [...nodes].sort(byReadinessToLeave(nodes)).slice(0, Math.max(0, nodes.length - group.desired))
  for (const node of leaving) drain(state, node, world.clouds[node.cloud].drainSeconds)
}

/** Nodes that do not serve yet leave first, then those of the fullest zone, then the youngest. */
function byReadinessToLeave(nodes: readonly SandboxNode[]): (a: SandboxNode, b: SandboxNode) => number {
  const rank = { ordered: 0, booting: 1, ready: 2, draining: 3, gone: 4 } as const
  const perZone = new Map<string, number>()
  const position = new Map<string, number>()
  for (const node of nodes) {
    const count = perZone.get(node.zone) ?? 0
    position.set(node.id, count)
    perZone.set(node.zone, count + 1)
  }
  return (a, b) => rank[a.state] - rank[b.state] || (position.get(b.id) ?? 0) - (position.get(a.id) ?? 0) || (a.id < b.id ? 1 : -1)
}

function orderNode(state: CloudState, world: World, group: SandboxGroup): void {
  const number = (state.nodesOrdered[group.key] ?? 0) + 1
  state.nodesOrdered[group.key] = number
  const type = worldType(world, group.cloud, group.type)
  state.nodes.push({
    id: nodeId(group, number),
    group: group.key,
    cloud: group.cloud,
    region: group.region,
    zone: emptiestZone(state, group),
    workload: group.workload,
    type: group.type,
    option: group.option,
    vcpu: type?.vcpu ?? 0,
    usdPerHour: type?.usdPerHour[group.region]?.[group.option] ?? 0,
    orderedSeconds: state.nowSeconds,
    state: 'ordered',
    untilSeconds: state.nowSeconds + world.clouds[group.cloud].orderSeconds,
    billedFromSeconds: null,
    readySeconds: null,
    servedUntilSeconds: null,
    waitsFor: null,
  })
}

/** An id hangs on its group and number alone, not on what other groups do at the same time: chance, which hangs on ids, does neither. */
function nodeId(group: SandboxGroup, number: number): string {
  return `${group.name}-${keyedHex(group.key, 4)}-${number.toString(16).padStart(4, '0')}`
}

function emptiestZone(state: CloudState, group: SandboxGroup): string {
  const usable = group.zones.filter((zone) => !isLostZone(state, group, zone))
  const zones = usable.length > 0 ? usable : group.zones
  const counts = zones.map((zone) => groupNodes(state, group.key).filter((node) => node.zone === zone).length)
  return zones[counts.indexOf(Math.min(...counts))] ?? group.region
}

function isLostZone(state: CloudState, group: SandboxGroup, zone: string): boolean {
  return state.faults.lostZones.includes(`${group.cloud}/${group.region}/${zone}`)
}

/** Ends a node's service now and its life after `seconds`; one that is not placed yet is gone at once. */
function drain(state: CloudState, node: SandboxNode, seconds: number): void {
  if (node.state === 'ordered') return lose(state, node)
  if (node.state === 'ready') node.servedUntilSeconds = state.nowSeconds
  node.state = 'draining'
  node.untilSeconds = state.nowSeconds + seconds
}

/** Takes a node away at once: it was switched off or its zone is lost. */
function lose(state: CloudState, node: SandboxNode): void {
  if (node.state === 'ready') node.servedUntilSeconds = state.nowSeconds
  if (node.billedFromSeconds !== null) state.usdOfGoneNodes += ((state.nowSeconds - node.billedFromSeconds) / 3600) * node.usdPerHour
  node.state = 'gone'
  node.untilSeconds = null
}

/** Moves a node whose time has come to its next state. */
export function passOn(state: CloudState, world: World, node: SandboxNode): void {
  switch (node.state) {
    case 'ordered': {
      const group = state.groups[node.group]
      if (group !== undefined && isLostZone(state, group, node.zone)) node.zone = emptiestZone(state, group)
      const obstacle = placementObstacle(state, world, node)
      node.waitsFor = obstacle ?? null
      if (obstacle !== undefined) {
        node.untilSeconds = state.nowSeconds + placementRetrySeconds
        return
      }
      node.state = 'booting'
      node.billedFromSeconds = state.nowSeconds
      node.untilSeconds = state.nowSeconds + bootSeconds(world, node)
      state.faults = { ...state.faults, scarce: state.faults.scarce.map((rule) => (isScarce(rule, node) ? { ...rule, nodes: rule.nodes - 1 } : rule)) }
      return
    }
    case 'booting':
      node.state = 'ready'
      node.readySeconds = state.nowSeconds
      node.untilSeconds = null
      return
    case 'draining':
      return lose(state, node)
    case 'ready':
    case 'gone':
      node.untilSeconds = null
  }
}

function bootSeconds(world: World, node: SandboxNode): number {
  const { bootSecondsMedian, bootSeconds95 } = world.clouds[node.cloud]
  const spread = Math.log(bootSeconds95 / bootSecondsMedian) / normal95
  return Math.max(1, Math.round(bootSecondsMedian * Math.exp(spread * keyedNormal(world.seed, `boot/${node.id}`))))
}

function isScarce(rule: CloudState['faults']['scarce'][number], node: Placeable): boolean {
  return (
    rule.cloud === node.cloud &&
    rule.region === node.region &&
    (rule.type === undefined || rule.type === node.type) &&
    (rule.option === undefined || rule.option === node.option)
  )
}

type Placeable = Pick<SandboxNode, 'cloud' | 'region' | 'zone' | 'type' | 'option' | 'vcpu'>

/** @returns why the node cannot be placed now; undefined when it can */
function placementObstacle(state: CloudState, world: World, node: Placeable): string | undefined {
  const place = `${node.cloud}/${node.region}`
  if (state.faults.lostRegions.includes(place)) return `no capacity: ${place} is down`
  if (state.faults.lostZones.includes(`${place}/${node.zone}`)) return `no capacity: zone ${node.zone} is down`
  const room = quotaRoom(state, worldRegion(world, node.cloud, node.region), node.option)
  if (room < node.vcpu) return `quota: ${room} of ${node.option} vCPUs are left in ${place}, ${node.vcpu} needed`
  const scarce = state.faults.scarce.find((rule) => isScarce(rule, node) && rule.nodes <= 0)
  return scarce === undefined ? undefined : `no capacity: ${place} has no ${node.option} ${node.type} left`
}

/** @returns vCPUs of the purchase option that can still be placed in the region */
export function quotaRoom(state: CloudState, region: WorldRegion | undefined, option: PurchaseOption): number {
  if (region === undefined) return 0
  const used = state.nodes
    .filter((node) => node.cloud === region.cloud && node.region === region.region && node.option === option)
    .filter((node) => node.state === 'booting' || node.state === 'ready' || node.state === 'draining')
    .reduce((sum, node) => sum + node.vcpu, 0)
  return Math.max(0, region.quotaVcpu[option] - used)
}

/** Nodes that a group has ordered and the cloud could not place if it tried now. */
export interface Shortfall {
  readonly nodes: number
  readonly reason: string
}

/** @returns undefined when all that the group has ordered can be placed */
export function shortfall(state: CloudState, world: World, group: SandboxGroup): Shortfall | undefined {
  const waiting = groupNodes(state, group.key).filter((node) => node.state === 'ordered')
  const trial: CloudState = { ...state, nodes: structuredClone(state.nodes) }
  const reasons = waiting.flatMap((node) => {
    const twin = trial.nodes.find((candidate) => candidate.id === node.id)
    if (twin === undefined) return []
    passOn(trial, world, twin)
    return twin.waitsFor === null ? [] : [twin.waitsFor]
  })
  const [first] = reasons
  return first === undefined ? undefined : { nodes: reasons.length, reason: first }
}

/** Sets what a group wants, within its bounds. */
export function want(group: SandboxGroup, desired: number): void {
  group.desired = Math.min(group.max, Math.max(group.min, desired))
}

/** Ends the life of everything in lost zones and regions; the groups order anew where they can. */
export function applyLosses(state: CloudState): void {
  for (const node of state.nodes) {
    const place = `${node.cloud}/${node.region}`
    const lost = state.faults.lostRegions.includes(place) || state.faults.lostZones.includes(`${place}/${node.zone}`)
    if (lost && node.state !== 'gone' && node.state !== 'ordered') lose(state, node)
  }
}

/** Takes spot nodes back, each with the same small chance in each step; chance depends on the node and the step alone. */
export function interruptSpot(state: CloudState, world: World): void {
  for (const node of state.nodes) {
    if (node.option !== 'spot' || (node.state !== 'ready' && node.state !== 'booting')) continue
    const { spotInterruptionsPerNodeHour, spotNoticeSeconds } = world.clouds[node.cloud]
    const chance = 1 - Math.exp((-spotInterruptionsPerNodeHour * stepSeconds) / 3600)
    if (keyedUniform(world.seed, `spot/${node.id}/${state.nowSeconds}`) < chance) drain(state, node, spotNoticeSeconds)
  }
}

/** Removes a group; its nodes drain. */
export function removeGroup(state: CloudState, world: World, key: string): void {
  const group = state.groups[key]
  if (group === undefined) return
  group.min = 0
  group.desired = 0
  converge(state, world, group)
  delete state.groups[key]
}
