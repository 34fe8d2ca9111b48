import { cellOf } from '../index-problem.ts'
import type { IndexedProblem, Pool } from '../index-problem.ts'
import { pricedRoutes } from '../route-demand.ts'
import type { PricedRoutes } from '../route-demand.ts'
import { solveSmall } from '../solver/small-integer-program.ts'
import type { SmallProgram } from '../solver/small-integer-program.ts'
import { add, flag, indices, item, real } from '../vector.ts'
import type { Coverage, Requirement } from './coverage.ts'
import type { FleetState, Run } from './fleet-state.ts'

/** How much is decided, and how long it is searched; counted, not timed, so that it ends alike on every machine. */
export interface DecideEffort {
  /** Lengths of the runs of steps that are decided, in steps, in this order. */
  readonly runSteps: readonly number[]
  /** Vertices of one search. */
  readonly nodes: number
}

/** Searches of one run: each that ends with a fleet whose routes are dearer than was thought leaves a row that says so. */
const mostSearches = 4
/** Less than this is not worth a change, USD. */
const negligibleUsd = 1e-4
/** Shortage below which a requirement of a program counts as kept, as `Coverage` has it. */
const roundingUnits = 1e-6

/** One workload's program for a run, and how to read its solution. */
interface RunProgram {
  readonly program: SmallProgram
  readonly columns: readonly Pool[]
  /** By how much the count of each pool falls where all its columns are 0. */
  readonly least: ReadonlyMap<Pool, number>
  /** What the solution costs more than the present fleet when its cost is 0. */
  readonly usd: number
}

/** Whether a workload's nodes may come and go with every step, at the same price whatever happens in others. */
export function mayDecide(indexed: IndexedProblem, workload: number): boolean {
  const { minRunSteps, usdPerUnitMoved } = item(indexed.problem.workloads, workload)
  return minRunSteps === 1 && usdPerUnitMoved === 0 && item(indexed.spanStart, workload).every((start, step) => start === step)
}

/**
 * Decides, run after run of steps, how many nodes of every pool are added or removed in all of its steps: the least cost of nodes, starts and routes that keeps
 * what is known to be required, quotas and spot shares, with everything outside the run as it is. A program of some hundred columns and a few dozen rows:
 *   min Σ_j (n[j] · usdPerStep · steps + starts(n[j])) + θ   with   slack[q] + Σ_j counts[q, j] · n[j] ≥ 0   and   θ ≥ usd[b] − Σ_r prices[b, r] · Δplanned[r]
 * n[j] whole. Costs of routes are convex in capacities: θ grows to them by Benders' cuts. Fleets found are kept only when flow carries them and they are cheaper.
 * Workloads of which this cannot be said (`mayDecide`) are left as they are.
 * @param pools  pools that may be used
 * @see Benders, Partitioning procedures for solving mixed-variables programming problems (1962)
 */
export function decideRuns(state: FleetState, coverage: Coverage, pools: readonly Pool[], { runSteps, nodes }: DecideEffort): void {
  const { indexed } = state
  const { steps, regionCount, optionCount, workloadCount } = indexed

  const stepsOf = ({ from, to }: Run): readonly number[] => indices(to - from + 1).map((position) => from + position)
  const leastOver = (run: Run, of: (step: number) => number): number => stepsOf(run).reduce((least, step) => Math.min(least, of(step)), Infinity)

  /** Routes of all steps of a run together, as the fleet is now. */
  const routesOf = (workload: number, run: Run): PricedRoutes => {
    let usd = 0
    const prices = new Float64Array(regionCount)
    for (const step of stepsOf(run)) {
      const routes = pricedRoutes(indexed, state.planned, workload, step)
      usd += routes.usd
      for (const [region, price] of routes.prices.entries()) add(prices, region, price)
    }
    return { usd, prices }
  }

  /** What one node more of a pool gives to a requirement; of zones that may be lost their share, which whole nodes reach only together. */
  const givesTo = ({ scenario, regions }: Requirement): ((pool: Pool) => number) => {
    const counts = new Uint8Array(regionCount)
    for (const region of regions) counts[region] = 1
    const lost = scenario === undefined ? undefined : item(indexed.scenarios, scenario)
    return (pool) => {
      if (flag(counts, pool.region) === 0) return 0
      return lost === undefined ? pool.planned : pool.surviving * real(lost.keep, pool.region)
    }
  }

  const programOf = (workload: number, own: readonly Pool[], run: Run, bounds: readonly PricedRoutes[]): RunProgram => {
    const length = run.to - run.from + 1
    const { maxLowering } = item(indexed.problem.workloads, workload)
    const columns: Pool[] = []
    const usd: number[] = []
    const most: number[] = []
    const group: number[] = []
    const least = new Map<Pool, number>()
    let leastUsd = 0
    for (const pool of own) {
      const before = (run.from === 0 ? pool.fleet : state.count(pool, run.from - 1)) - state.count(pool, run.from)
      const after = run.to + 1 < steps ? state.count(pool, run.to + 1) - state.count(pool, run.to) : undefined
      const fewest = Math.max(-leastOver(run, (step) => state.count(pool, step)), before - maxLowering)
      const highest = Math.min(leastOver(run, (step) => state.nodeRoom(pool, step)), (after ?? Infinity) + maxLowering)
      const isOpen = run.from >= pool.leadSteps && stepsOf(run).every((step) => flag(indexed.open, cellOf(indexed, workload, step, pool.region)) === 1)
      if (!isOpen || highest <= fewest) continue
      const costOf = (nodes: number): number => nodes * pool.usdPerStep * length + state.startsUsd(pool, run, nodes)
      // the cost of starts bends where the run is level with the step before or after it
      const bends = [before, after ?? highest].filter((bend) => bend > fewest && bend < highest).sort((a, b) => a - b)
      const ends = [fewest, ...new Set(bends), highest]
      for (const [piece, to] of ends.slice(1).entries()) {
        const from = item(ends, piece)
        columns.push(pool)
        usd.push((costOf(to) - costOf(from)) / (to - from))
        most.push(to - from)
        group.push(pool.index)
      }
      least.set(pool, fewest)
      leastUsd += costOf(fewest)
    }
    const rows: Float64Array[] = []
    const rowLeast: number[] = []
    /** Adds Σ gives · nodes + routes · θ ≥ −room, unless nothing can break it. What is short already may not become shorter: there the room is 0. */
    const addRow = (gives: (pool: Pool) => number, room: number, routes = 0): void => {
      const row = Float64Array.from([...columns.map(gives), routes])
      let atLeast = room
      for (const [pool, nodes] of least) atLeast += gives(pool) * nodes
      let worst = atLeast
      for (const [column, factor] of row.entries()) if (factor < 0) worst += factor * item(most, column)
      if (worst >= 0) return
      const scale = row.reduce((largest, factor) => Math.max(largest, Math.abs(factor)), 0)
      rows.push(row.map((factor) => factor / scale))
      rowLeast.push(-atLeast / scale)
    }
    const now = item(bounds, 0).usd
    // routes cost between nothing and what no plan would pay
    usd.push(1)
    most.push(1e3 * (1 + now))
    group.push(-1)
    for (const requirement of coverage.requirementsOf(workload)) addRow(givesTo(requirement), roundingUnits + leastOver(run, (step) => Math.max(0, real(requirement.slack, step))))
    for (let region = 0; region < regionCount; region++) {
      const share = item(indexed.problem.workloads, workload).spotShare[region] ?? 1
      addRow((pool) => (pool.region === region ? pool.vcpu * (share - (pool.isSpot ? 1 : 0)) : 0), leastOver(run, (step) => Math.max(0, state.spotRoom(cellOf(indexed, workload, step, region)))))
      for (let option = 0; option < optionCount; option++) {
        addRow((pool) => (pool.region === region && pool.option === option ? -pool.vcpu : 0), leastOver(run, (step) => Math.max(0, state.quotaRoom(region, option, step))))
      }
    }
    for (const { usd: atPresent, prices } of bounds) addRow((pool) => real(prices, pool.region) * pool.planned, -atPresent, 1)
    return {
      columns, least, usd: leastUsd - now,
      program: {
        usd: Float64Array.from(usd), most: Float64Array.from(most), group: Int32Array.from(group), isWhole: Uint8Array.from(usd, (_, column) => (column < columns.length ? 1 : 0)),
        coefficients: Float64Array.from(rows.flatMap((row) => [...row])), least: Float64Array.from(rowLeast),
      },
    }
  }

  /** Whether all limits that a program does not know hold where pools changed. */
  const keepsLimits = (changes: ReadonlyMap<Pool, number>, run: Run): boolean =>
    stepsOf(run).every((step) => [...changes.keys()].every((pool) => !state.isOver(pool, step) && state.keepsFloors(pool, step)))

  const decide = (workload: number, own: readonly Pool[], run: Run): void => {
    const before = routesOf(workload, run)
    const bounds = [before]
    for (let searches = 0; searches < mostSearches; searches++) {
      const { program, columns, least, usd } = programOf(workload, own, run, bounds)
      const found = solveSmall(program, -usd - negligibleUsd, nodes)
      if (found === undefined) return
      const changes = new Map(least)
      for (const [column, pool] of columns.entries()) changes.set(pool, (changes.get(pool) ?? 0) + Math.round(real(found.values, column)))
      for (const [pool, delta] of changes) if (delta === 0) changes.delete(pool)
      let saved = 0
      for (const [pool, delta] of changes) {
        saved -= delta * pool.usdPerStep * (run.to - run.from + 1) + state.startsUsd(pool, run, delta)
        coverage.apply(pool, run, delta)
      }
      const after = routesOf(workload, run)
      const isCheaper = saved + before.usd - after.usd > negligibleUsd
      if (isCheaper && keepsLimits(changes, run) && stepsOf(run).every((step) => coverage.carries(workload, step))) return
      // of capacities as they are without the changes
      let atPresent = after.usd
      for (const [pool, delta] of changes) {
        atPresent += real(after.prices, pool.region) * pool.planned * delta
        coverage.apply(pool, run, -delta)
      }
      bounds.push({ usd: atPresent, prices: after.prices })
    }
  }

  for (let workload = 0; workload < workloadCount; workload++) {
    if (!mayDecide(indexed, workload)) continue
    const own = pools.filter((pool) => pool.workload === workload && pool.maxNodes > 0 && pool.planned > 0)
    for (const length of runSteps) {
      for (let from = item(indexed.heldSteps, workload); from + length <= steps; from++) decide(workload, own, { from, to: from + length - 1 })
    }
  }
}
