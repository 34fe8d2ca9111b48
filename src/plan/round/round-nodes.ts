import { cellOf } from '../index-problem.ts'
import type { IndexedProblem, Pool } from '../index-problem.ts'
import type { Relaxation } from '../relax.ts'
import { capacityAt, routeDemand } from '../route-demand.ts'
import { item, real, whole } from '../vector.ts'
import { addedChurnUsd } from './churn.ts'
import { createCoverage } from './coverage.ts'
import type { Coverage, Violation } from './coverage.ts'
import { createFleetState } from './fleet-state.ts'
import type { FleetState, Run } from './fleet-state.ts'
import { improve } from './improve.ts'
import type { EarlierCounts } from './keep-counts.ts'

/** A fractional count becomes the next whole one from here on: one threshold for all, so that a plateau of the relaxation stays one and starts do not multiply. */
const usualRoundUpFrom = 0.7

/** Exchanges for larger nodes that one step may take: far more than any fleet at its limits needs. */
const mostExchanges = 200

/** Whole nodes, and what they cover. */
export interface RoundedNodes {
  readonly state: FleetState
  readonly coverage: Coverage
}

/** A plan in whole nodes. */
export interface WholeNodes extends RoundedNodes {
  /** Nodes, starts and routing, with preferences, and the penalties on demand that is not carried, in normal times or after a failure. */
  readonly usd: number
}

/** Gives back nodes that rounding added where an upper limit has no room for them. */
function giveBack(state: FleetState, relaxation: Relaxation): void {
  for (const [pool, course] of relaxation.nodes) {
    for (let step = 0; step < course.length; step++) {
      if (!state.isOver(pool, step) || state.count(pool, step) <= Math.floor(real(course, step) + 1e-6)) continue
      const run = state.legalRun(pool, { from: step, to: step }, -1)
      if (run !== undefined) state.change(pool, run, -1)
    }
  }
}

/** Lets every node that rounding starts run for as long as its workload asks: counts are raised, never lowered. */
function lengthenRuns(state: FleetState, pool: Pool): void {
  const { indexed } = state
  const least = item(indexed.problem.workloads, pool.workload).minRunSteps
  const end = item(indexed.spanEnd, pool.workload)
  const started = new Int32Array(indexed.steps)
  for (let step = 0; step < indexed.steps; step = whole(end, step)) {
    const before = step === 0 ? pool.fleet : state.count(pool, step - 1)
    let running = 0
    for (let start = Math.max(0, step - least + 1); start < step; start++) running += whole(started, start)
    const rises = Math.max(0, state.count(pool, step) - before)
    const missing = running + rises - state.count(pool, step)
    if (missing > 0) state.change(pool, { from: step, to: whole(end, step) - 1 }, missing)
    started[step] = Math.max(0, state.count(pool, step) - before)
  }
}

/** What a cell lacks of the relaxation's load and surviving capacity, and of vCPUs that are not spot. */
interface Lack {
  readonly planned: number
  readonly surviving: number
  readonly spotOver: number
  readonly floor: number
}

/**
 * Fills every region back to what the relaxation has there, with the pool and run of steps that give most for their price.
 * Where nothing may be added, the region is left as it is: `repair` looks elsewhere.
 * @param isFilled  whether a workload's step is filled at all; nodes of others may come where a run must be longer
 */
export function fill(state: FleetState, relaxation: Relaxation, isFilled: (workload: number, step: number) => boolean = () => true): void {
  const { indexed, limits } = state
  const { steps, regionCount } = indexed
  const lackOf = (cell: number): Lack | undefined => {
    const slot = Math.floor(cell / regionCount)
    if (!isFilled(Math.floor(slot / steps), slot % steps)) return undefined
    const load = real(relaxation.load, cell)
    const surviving = real(relaxation.surviving, cell)
    const planned = load - real(state.planned, cell)
    const left = surviving - real(state.surviving, cell)
    const floor = real(limits.fewestInRegion, cell) - state.nodesIn(cell)
    const lack = {
      planned: planned > 1e-6 * (1 + load) ? planned : 0,
      surviving: left > 1e-6 * (1 + surviving) ? left : 0,
      spotOver: Math.max(state.spotOver(cell), state.spotPoolOver(cell)?.vcpus ?? 0),
      floor: Math.max(0, floor),
    }
    return lack.planned > 0 || lack.surviving > 0 || lack.spotOver > 0 || lack.floor > 0 ? lack : undefined
  }
  const gain = (pool: Pool, lack: Lack, usdPerUnit: number): number =>
    Math.max(Math.min(lack.planned, pool.planned), Math.min(lack.surviving, pool.surviving))
    + (pool.isSpot ? 0 : 0.3 * usdPerUnit * Math.min(lack.spotOver, pool.vcpu)) + (lack.floor > 0 ? usdPerUnit : 0)

  const best = (pools: readonly Pool[], cell: number, step: number, lack: Lack): { pool: Pool; run: Run; shortest: Run } | undefined => {
    let found: { pool: Pool; run: Run; shortest: Run; score: number } | undefined
    /** From `step` on, as far as any pool has asked: the same for all. */
    const lacks: (Lack | undefined)[] = [lack]
    for (const pool of pools) {
      if (!state.mayAdd(pool, step) || (pool.isSpot && lack.planned === 0 && lack.surviving === 0 && lack.floor === 0)) continue
      if (pool.planned === 0) continue
      const legal = state.legalRun(pool, { from: step, to: step }, 1)
      if (legal === undefined || legal.from !== step) continue
      let total = 0
      for (let to = step; to < steps; to++) {
        if (to - step === lacks.length) lacks.push(lackOf(cell + (to - step) * regionCount))
        const here = lacks[to - step]
        if (!state.mayAdd(pool, to) || (to > legal.to && here === undefined)) break
        if (here !== undefined) total += gain(pool, here, pool.planned / pool.vcpu)
        if (to < legal.to) continue
        const run = { from: step, to }
        if (!state.affords([{ pool, delta: 1 }], run)) break
        const score = total / (pool.usdPerStep * (to - step + 1) + state.startsUsd(pool, run, 1) + 1e-9)
        if (found === undefined || score > found.score) found = { pool, run, shortest: legal, score }
      }
    }
    return found
  }
  /** The run as it may be, or the shortest one where that reaches into steps without room. */
  const legalForm = ({ pool, run, shortest }: { pool: Pool; run: Run; shortest: Run }): Run => {
    const legal = state.legalRun(pool, run, 1)
    return legal !== undefined && legal.from === run.from && mayAddRun(state, pool, legal) ? legal : shortest
  }

  for (const [position, pools] of indexed.poolsIn.entries()) {
    const [workload, region] = [Math.floor(position / regionCount), position % regionCount]
    for (let step = 0; step < steps; step++) {
      const cell = cellOf(indexed, workload, step, region)
      for (let lack = lackOf(cell); lack !== undefined; lack = lackOf(cell)) {
        const chosen = best(pools, cell, step, lack)
        if (chosen !== undefined) {
          state.change(chosen.pool, legalForm(chosen), 1)
          continue
        }
        const spot = lack.spotOver > 0 ? state.spotPoolOver(cell)?.pool ?? pools.filter((pool) => pool.isSpot && state.count(pool, step) > 0).sort((a, b) => a.vcpu - b.vcpu)[0] : undefined
        const run = spot === undefined ? undefined : state.legalRun(spot, { from: step, to: step }, -1)
        if (spot === undefined || run === undefined) break
        state.change(spot, run, -1)
      }
    }
  }
}

/** Adds the node that covers most of a violated requirement for its price, in any of the requirement's regions; accepts a shortage where none may be added. */
export function repair(state: FleetState, coverage: Coverage): void {
  const { indexed } = state
  const { steps, regionCount } = indexed
  for (let workload = 0; workload < indexed.workloadCount; workload++) {
    for (let step = 0; step < steps; step++) {
      let exchanges = 0
      for (let violation = coverage.violation(workload, step); violation !== undefined; violation = coverage.violation(workload, step)) {
        let best: { pool: Pool; run: Run; score: number } | undefined
        for (const { region, counting } of violation.parts) {
          if (indexed.open[cellOf(indexed, workload, step, region)] === 0) continue
          for (const pool of item(indexed.poolsIn, workload * regionCount + region)) {
            if (pool.planned === 0 || !state.mayAdd(pool, step)) continue
            const run = state.legalRun(pool, { from: step, to: step }, 1)
            if (run === undefined || !mayAddRun(state, pool, run)) continue
            const worth = Math.min(coverage.promise(pool, step, counting), violation.missing)
            const score = worth / (pool.usdPerStep * (run.to - run.from + 1) + state.startsUsd(pool, run, 1) + 1e-9)
            if (best === undefined || score > best.score) best = { pool, run, score }
          }
        }
        if (best !== undefined) coverage.apply(best.pool, best.run, 1)
        else if (++exchanges > mostExchanges || !exchangeForLarger(state, coverage, violation, workload, step)) {
          coverage.accept(workload, step)
          break
        }
      }
      fillFloor(state, coverage, workload, step)
    }
  }
}

/**
 * Where limits leave no room for one more node, puts one in place of another that carries less, in a region of the violated requirement.
 * @returns whether an exchange was found; each brings the requirement nearer to what it needs and takes no other below
 */
function exchangeForLarger(state: FleetState, coverage: Coverage, violation: Violation, workload: number, step: number): boolean {
  const { indexed } = state
  let best: { out: Pool; into: Pool; outRun: Run; intoRun: Run; score: number } | undefined
  for (const { region, counting } of violation.parts) {
    if (indexed.open[cellOf(indexed, workload, step, region)] === 0) continue
    const pools = item(indexed.poolsIn, workload * indexed.regionCount + region)
    for (const out of pools) {
      if (state.count(out, step) === 0) continue
      const outRun = state.legalRun(out, { from: step, to: step }, -1)
      if (outRun === undefined) continue
      for (const into of pools) {
        const gain = coverage.worth(into, step, counting, 1) - coverage.worth(out, step, counting, -1)
        if (into === out || into.planned === 0 || gain <= 1e-9) continue
        const intoRun = state.legalRun(into, { from: step, to: step }, 1)
        if (intoRun === undefined || intoRun.from !== outRun.from || intoRun.to !== outRun.to) continue
        let allowed = true
        if (!state.affords([{ pool: out, delta: -1 }, { pool: into, delta: 1 }], intoRun)) continue
        for (let at = outRun.from; at <= outRun.to && allowed; at++) allowed = state.mayExchange([out], [into], at) && coverage.allows([out], [into], at)
        if (!allowed) continue
        const score = Math.min(gain, violation.missing) / Math.max(1e-9, into.usdPerStep - out.usdPerStep)
        if (best === undefined || score > best.score) best = { out, into, outRun, intoRun, score }
      }
    }
  }
  if (best === undefined) return false
  coverage.apply(best.out, best.outRun, -1)
  coverage.apply(best.into, best.intoRun, 1)
  return true
}

/** Adds the cheapest nodes until a workload's floor over all regions is met. */
function fillFloor(state: FleetState, coverage: Coverage, workload: number, step: number): void {
  const { indexed, limits } = state
  while (state.nodesOf(workload, step) < real(limits.fewest, workload * indexed.steps + step)) {
    let best: { pool: Pool; run: Run; usd: number } | undefined
    for (const pool of indexed.pools) {
      if (pool.workload !== workload || !state.mayAdd(pool, step)) continue
      const run = state.legalRun(pool, { from: step, to: step }, 1)
      if (run === undefined || !mayAddRun(state, pool, run)) continue
      const usd = pool.usdPerStep * (run.to - run.from + 1) + state.startsUsd(pool, run, 1)
      if (best === undefined || usd < best.usd) best = { pool, run, usd }
    }
    if (best === undefined) return
    coverage.apply(best.pool, best.run, 1)
  }
}

function mayAddRun(state: FleetState, pool: Pool, run: Run): boolean {
  for (let step = run.from; step <= run.to; step++) if (!state.mayAdd(pool, step)) return false
  return state.affords([{ pool, delta: 1 }], run)
}

/**
 * Whole nodes that carry demand and keep all limits, before they are improved.
 * @param wholeFrom  the whole count that takes the place of a fractional one, at most the next above it
 */
function filled(indexed: IndexedProblem, relaxation: Relaxation, wholeFrom: (pool: Pool, step: number, count: number) => number): RoundedNodes {
  const state = createFleetState(indexed, relaxation.deferred)
  for (const [pool, course] of relaxation.nodes) {
    for (const [step, count] of course.entries()) {
      const nodes = wholeFrom(pool, step, count)
      if (nodes > 0) state.change(pool, { from: step, to: step }, nodes)
    }
  }
  for (const pool of relaxation.nodes.keys()) if (item(indexed.problem.workloads, pool.workload).minRunSteps > 1) lengthenRuns(state, pool)
  giveBack(state, relaxation)
  fill(state, relaxation)
  const coverage = createCoverage(state, relaxation.cuts)
  repair(state, coverage)
  return { state, coverage }
}

const thresholded = (count: number, roundUpFrom: number): number => Math.floor(count + 1 - roundUpFrom + 1e-9)

/**
 * Turns the relaxation into whole nodes: threshold, fill, repair, improve. The same relaxation gives the same nodes.
 */
export function roundNodes(indexed: IndexedProblem, relaxation: Relaxation, roundUpFrom = usualRoundUpFrom): RoundedNodes {
  const rounded = filled(indexed, relaxation, (_pool, _step, count) => thresholded(count, roundUpFrom))
  improve(rounded.state, rounded.coverage)
  return rounded
}

/** A count of the plan in force that is nearer than this to that of the relaxation stays in its place. */
const nearInForce = 0.7

/**
 * The same near the plan in force: of two whole counts next to a fractional one that which is in force already, and only those exchanges that save more than
 * their churn. Steps must be coupled by starts and lead times alone.
 */
export function roundNearInForce(indexed: IndexedProblem, relaxation: Relaxation, earlier: EarlierCounts): RoundedNodes {
  const rounded = filled(indexed, relaxation, (pool, step, count) => {
    const inForce = earlier(pool, step)
    return Math.abs(inForce - count) < nearInForce ? inForce : thresholded(count, usualRoundUpFrom)
  })
  improve(rounded.state, rounded.coverage, (pool, run, delta) => addedChurnUsd(rounded.state, earlier, pool, run, delta), 1)
  return rounded
}

/** @returns the nodes with what a search judges them by: a step that is short at all is as bad as one that lacks the largest node */
export function judged({ state, coverage }: RoundedNodes): WholeNodes {
  const { shortUsd, pools } = state.indexed
  const aNodeShort = shortUsd.failure * pools.reduce((most, pool) => Math.max(most, pool.planned), 0)
  return { state, coverage, usd: totalUsd(state) + coverage.acceptedAfterFailure() * shortUsd.failure + coverage.acceptedSlots().length * aNodeShort }
}

/** @returns what a search judges a fleet by */
export function totalUsd(state: FleetState): number {
  const { indexed } = state
  let usd = state.usd()
  for (let workload = 0; workload < indexed.workloadCount; workload++) {
    for (let step = 0; step < indexed.steps; step++) {
      const routes = routeDemand(indexed, workload, step, capacityAt(indexed, state.planned, workload, step))
      usd += routes.usd + routes.left.reduce((sum, amount) => sum + amount, 0) * indexed.shortUsd.normal
    }
  }
  return usd
}
