import { rfc3339 } from '../domain/grid.ts'
import type { PlanDriver } from '../domain/plan.ts'
import { cellOf } from './index-problem.ts'
import type { IndexedProblem, Pool } from './index-problem.ts'
import type { Relaxation } from './relax.ts'
import type { FleetState } from './round/fleet-state.ts'
import { indices, item, real } from './vector.ts'

/** Why a pool has the counts it has. */
export interface PoolReason {
  readonly driver: PlanDriver
  readonly reason: string
}

/** Steps that a pool's explanation looks ahead over: a day. */
const dayAheadSeconds = 86400

/** Share of a region's load from which on deferrable work is what a count follows. */
const leadingShare = 0.3

const percent = (share: number): string => `${Math.abs(Math.round(share * 100))} %`
const clock = (seconds: number): string => rfc3339(seconds).slice(11, 16)

function sumOfDemand(indexed: IndexedProblem, workload: number, step: number): number {
  return item(indexed.demand, workload * indexed.steps + step).reduce((sum, amount) => sum + amount, 0)
}

/** Whether demand of the first step is above what is planned for it. */
function isShortNow(indexed: IndexedProblem, state: FleetState, workload: number): boolean {
  const first = cellOf(indexed, workload, 0, 0)
  const planned = state.planned.subarray(first, first + indexed.regionCount).reduce((sum, amount) => sum + amount, 0)
  return sumOfDemand(indexed, workload, 0) > planned * (1 + 1e-6)
}

/** Share of a rise of demand from which on it is an event's. */
const eventShare = 0.5

/**
 * @returns names of the events that make up most of how much more demand the user zones that a region may serve have in a step than now:
 *   Σ_events (demand[step] · share / (1 + share))  ≥  eventShare · Σ_u (demand[u, step] − demand[u, 0])
 */
function eventsBehind(indexed: IndexedProblem, { workload, region }: Pool, step: number): readonly string[] {
  const reach = item(indexed.reachNormal, workload)
  const demandAt = (zone: number, at: number): number => real(item(indexed.demand, workload * indexed.steps + at), zone)
  const rise = indices(indexed.userZoneCount).reduce((sum, zone) => sum + (item(reach, zone).includes(region) ? demandAt(zone, step) - demandAt(zone, 0) : 0), 0)
  const acting = indexed.problem.events.filter((event) => event.workload === workload && event.from > 0 && event.from <= step && step < event.to && item(reach, event.userZone).includes(region))
  const theirs = acting.reduce((sum, { userZone, share }) => sum + (demandAt(userZone, step) * share) / (1 + share), 0)
  return rise > 0 && theirs >= eventShare * rise ? [...new Set(acting.map(({ name }) => name))] : []
}

/**
 * Names what a pool's count follows. Compared are now and the highest count of the coming day (the lowest, when the pool only shrinks).
 * A freeze or maintenance explains a count before anything else, then a commitment, a lead time, a floor or a ceiling it stands at, then deferrable work,
 * then an event that raises demand, then whether surviving a failure asks for more than demand does, then demand, then price.
 */
export function explainPool(indexed: IndexedProblem, relaxation: Relaxation, state: FleetState, pool: Pool): PoolReason {
  const { problem, steps } = indexed
  const workload = item(problem.workloads, pool.workload)
  const ahead = Math.min(steps, Math.max(1, Math.round(dayAheadSeconds / problem.stepSeconds)))
  const live = pool.fleet
  let highest = 0
  let lowest = 0
  for (let step = 1; step < ahead; step++) {
    if (state.count(pool, step) > state.count(pool, highest)) highest = step
    if (state.count(pool, step) < state.count(pool, lowest)) lowest = step
  }
  const turn = state.count(pool, highest) > live ? highest : lowest
  const count = state.count(pool, turn)
  const when = turn === 0 ? 'now' : `by ${clock(problem.startSeconds + turn * problem.stepSeconds)}`
  const change = count === live ? `stays at ${live}` : `${live} -> ${count} ${when}`
  const held = problem.heldBecause[pool.workload]
  if (held !== undefined) return { driver: 'freeze', reason: `stays at ${live}: ${held}` }
  if (item(indexed.heldSteps, pool.workload) >= ahead) return { driver: 'freeze', reason: `stays at ${live}: frozen` }
  const cell = cellOf(indexed, pool.workload, turn, pool.region)
  const now = sumOfDemand(indexed, pool.workload, 0)
  const then = sumOfDemand(indexed, pool.workload, turn)
  const quantile = problem.quantile === undefined ? '' : ` p${Math.round(problem.quantile * 100)}`
  const grows = now > 0 ? (then - now) / now : 0
  const closed = indexed.open[cell] === 0 || Array.from({ length: ahead }, (_, step) => cellOf(indexed, pool.workload, step, pool.region)).some((other) => indexed.open[other] === 0)
  if (closed && count < live) return { driver: 'maintenance', reason: `${change}: the region carries no load in a maintenance window` }
  if (problem.options[pool.option]?.kind === 'committed') {
    return { driver: 'commitment', reason: count < pool.maxNodes ? `${change}: of ${pool.maxNodes} nodes paid for by a commitment, no more are needed` : `${change}: paid for by a commitment, so used before any other` }
  }
  if (pool.leadSteps > 0 && count === live && live > 0 && isShortNow(indexed, state, pool.workload)) {
    return { driver: 'lead-time', reason: `${change}: a raise ordered now serves from ${clock(problem.startSeconds + pool.leadSteps * problem.stepSeconds)} on` }
  }
  if (count === live && state.count(pool, highest) === live && state.count(pool, lowest) === live) {
    return { driver: 'none', reason: `stays at ${live}: enough for demand${quantile} of the coming day` }
  }
  if (count > 0 && state.nodesIn(cell) <= real(state.limits.fewestInRegion, cell)) return { driver: 'floor', reason: `${change}: the fewest nodes this region may hold` }
  if (count > 0 && state.nodesOf(pool.workload, turn) <= real(state.limits.fewest, pool.workload * steps + turn)) {
    return { driver: 'floor', reason: `${change}: the fewest nodes ${workload.name} may hold` }
  }
  const name = problem.regions[pool.region]?.name
  const option = problem.options[pool.option]?.name
  const quota = relaxation.prices.find(({ limit }) => limit === `quota/${name}/${option}`)
  if (count > live && pool.isSpot && state.isAtSpotShare(pool, turn)) {
    return { driver: 'ceiling', reason: `${change}: as much spot as its share beside on-demand nodes allows` }
  }
  if (count > live && !state.mayAdd(pool, turn)) {
    const budget = relaxation.prices.find(({ limit }) => limit.startsWith('budget'))
    if (quota === undefined && budget !== undefined) return { driver: 'budget', reason: `${change}: as many as the ${budget.limit === 'budget' ? 'budget of an hour' : 'budget of the day'} allows` }
    return quota === undefined
      ? { driver: 'ceiling', reason: `${change}: as many as its limits allow` }
      : { driver: 'quota', reason: `${change}: as many as the ${option} quota allows` }
  }
  if (count < live && (grows >= 0 || count === 0)) return { driver: 'price', reason: `${change}: the same load is cheaper in other pools` }
  const waiting = relaxation.placed.filter((part) => part.cell === cell && part.amount > 0)
  const share = waiting.reduce((sum, part) => sum + part.amount, 0) / Math.max(1e-9, waiting.reduce((sum, part) => sum + part.amount, 0) + real(relaxation.load, cell))
  if (count > live && share > leadingShare) {
    const names = [...new Set(waiting.map(({ work }) => item(problem.deferrable, work).name))]
    return { driver: 'deferrable', reason: `${change}: ${names.join(', ')} is done here then, ${percent(share)} of the load` }
  }
  if (count > 0 && count >= live && workload.minRunSteps > 1 && turn > 0 && state.count(pool, turn - 1) === count && grows < 0) {
    return { driver: 'minimum-run', reason: `${change}: a started node serves for ${workload.minRunSteps} steps at least` }
  }
  const events = count > live ? eventsBehind(indexed, pool, turn) : []
  if (events.length > 0) {
    return { driver: 'event', reason: `${change}: ${events.map((event) => `event '${event}'`).join(', ')} raises demand${quantile} of ${workload.name} ${percent(grows)}` }
  }
  const first = cellOf(indexed, pool.workload, turn, 0)
  const spare = state.planned.subarray(first, first + indexed.regionCount).reduce((sum, amount) => sum + amount, 0) - then
  const needsMore = real(relaxation.surviving, cell) > 0 && (real(relaxation.load, cell) < 0.98 * real(state.planned, cell) || spare >= pool.planned)
  if (count > live && needsMore) {
    return { driver: 'survival', reason: `${change}: demand${quantile} must be carried after the loss of a ${problem.survival.region ? 'region' : 'zone'}` }
  }
  if (count > live && turn > 0 && grows < 0) return { driver: 'price', reason: `${change}: load moves here, where it then costs least` }
  if (turn > 0 && Math.abs(grows) >= 0.005) {
    return { driver: 'demand', reason: `${change}: demand${quantile} of ${workload.name} ${grows > 0 ? 'rises' : 'falls'} ${percent(grows)}` }
  }
  if (count > live) return { driver: 'demand', reason: `${change}: demand${quantile} of ${workload.name} is ${Math.round(then)} ${workload.unit}` }
  return { driver: 'demand', reason: `${change}: demand${quantile} of ${workload.name} needs no more` }
}
