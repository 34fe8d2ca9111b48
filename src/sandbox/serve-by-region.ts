import { sharesIn } from './answers.ts'
import type { Answer, SandboxNode } from './state.ts'
import { stepSeconds, type WorldName, type WorldRegion } from './world.ts'

/** What one region was asked for in a step and did; whole events. */
export interface RegionStep {
  /** `aws/us-east-1` */
  readonly region: string
  readonly demand: number
  readonly served: number
  /** Load over capacity, ≥ 0; Infinity when there was load and no capacity. */
  readonly utilisation: number
}

/** One workload's names and nodes. */
export interface RoutedWorkload {
  readonly names: readonly WorldName[]
  readonly answers: Readonly<Record<string, readonly Answer[]>>
  readonly regions: readonly WorldRegion[]
  readonly nodes: readonly SandboxNode[]
  /** Events that some of the nodes can serve within the seconds that begin at `from`. */
  readonly capacityOf: (nodes: readonly SandboxNode[], from: number, lengthSeconds: number) => number
}

/** Load and capacity are compared in slices: nodes that left early in a step do not serve its end. */
const sliceSeconds = 30
/** Below this, a load was carried whole. */
const tolerance = 1e-6

/**
 * Serves a step's demand where names send it; what a region cannot carry no other serves. Users of a zone that asks for no name reach nodes
 * wherever they are.
 * @param byUserZone  events of the step
 * @returns one entry per region of the world; what led nowhere is in none
 */
export function serveByRegion(
  { names, answers, regions, nodes, capacityOf }: RoutedWorkload,
  byUserZone: readonly { readonly userZone: string; readonly count: number }[],
  startSeconds: number,
): readonly RegionStep[] {
  const places = regions.map(({ cloud, region }) => ({ region: `${cloud}/${region}`, nodes: nodes.filter((node) => node.cloud === cloud && node.region === region) }))
  const slices = Array.from({ length: stepSeconds / sliceSeconds }, (_, index) => {
    const from = startSeconds + index * sliceSeconds
    const capacities = new Map(places.map((place): [string, number] => [place.region, capacityOf(place.nodes, from, sliceSeconds)]))
    const sum = [...capacities.values()].reduce((total, capacity) => total + capacity, 0)
    const nearby = new Map([...capacities].map(([region, capacity]) => [region, sum > 0 ? capacity / sum : 0]))
    const loads = byUserZone.map(({ userZone, count }) => {
      const name = names.find((one) => one.userZone === userZone)?.name
      return { events: (count * sliceSeconds) / stepSeconds, shares: name === undefined ? nearby : sharesIn(answers[name] ?? [], from, sliceSeconds) }
    })
    return { capacities, loadOf: (region: string): number => loads.reduce((total, { events, shares }) => total + events * (shares.get(region) ?? 0), 0) }
  })
  const sums = places.map((place) => ({
    ...place,
    load: slices.reduce((total, { loadOf }) => total + loadOf(place.region), 0),
    carried: slices.reduce((total, { capacities, loadOf }) => total + Math.min(loadOf(place.region), capacities.get(place.region) ?? 0), 0),
  }))
  const asked = wholeParts(sums.map(({ load }) => load))
  return sums.map(({ region, nodes: own, load, carried }, index) => {
    const demand = asked[index] ?? 0
    const served = load - carried < tolerance ? demand : Math.min(demand, Math.floor(carried))
    return { region, demand, served, utilisation: demand === 0 ? 0 : demand / capacityOf(own, startSeconds, stepSeconds) }
  })
}

/** @returns whole events, together as many as the loads */
function wholeParts(loads: readonly number[]): readonly number[] {
  let exact = 0
  let given = 0
  return loads.map((load) => {
    exact += load
    const whole = Math.round(exact) - given
    given += whole
    return whole
  })
}
