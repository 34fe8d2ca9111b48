import { cellOf } from '../index-problem.ts'
import type { Pool } from '../index-problem.ts'
import { capacityAt, routeDemand } from '../route-demand.ts'
import { flag, item, real, whole } from '../vector.ts'
import type { Coverage } from './coverage.ts'
import type { FleetState, Run } from './fleet-state.ts'
import { seededChoice } from './seeded-choice.ts'

/** How long a search goes on; counted, not timed, so that it ends alike on every machine. */
export interface RebuildEffort {
  /** Parts of the fleet that are taken away and built again. */
  readonly trials: number
}

/** Lengths of the windows that are rebuilt, in steps; short ones are cheap and most often enough. */
const windowSteps = [1, 2, 3, 4, 6, 8, 12, 24] as const
/** Share of the trials that clear a whole workload in a window of few steps, and of those that clear one of those or a region. */
const clearAllShare = 0.04
const longestClearedAll = 3
const clearRegionShare = 0.14
/** Most nodes taken away at once otherwise. */
const mostTaken = 3
/** Changes smaller than this are rounding, USD. */
const negligibleUsd = 1e-7

interface Change {
  readonly pool: Pool
  readonly run: Run
  readonly delta: number
}

/**
 * Takes nodes away in a window of steps and builds the window again greedily, with chance in the choice; keeps what is cheaper, routing included.
 * @param pools  pools that may be used
 * @see Schrimpf et al., Record breaking optimization results using the ruin and recreate principle, Journal of Computational Physics 159 (2000)
 */
export function rebuild(state: FleetState, coverage: Coverage, pools: readonly Pool[], effort: RebuildEffort): void {
  const { indexed, limits } = state
  const { steps, regionCount, workloadCount } = indexed
  const choice = seededChoice(1)
  const poolsIn: Pool[][] = Array.from({ length: workloadCount * regionCount }, () => [])
  for (const pool of pools) if (pool.maxNodes > 0 && pool.planned > 0) item(poolsIn, pool.workload * regionCount + pool.region).push(pool)
  const poolsOf = Array.from({ length: workloadCount }, (_, w) => poolsIn.slice(w * regionCount, (w + 1) * regionCount).flat())
  const routingUsd = new Float64Array(workloadCount * steps).fill(NaN)
  const routingOf = (workload: number, step: number): number => routeDemand(indexed, workload, step, capacityAt(indexed, state.planned, workload, step)).usd
  const knownRouting = (workload: number, step: number): number => {
    const slot = workload * steps + step
    if (Number.isNaN(real(routingUsd, slot))) routingUsd[slot] = routingOf(workload, step)
    return real(routingUsd, slot)
  }

  let log: Change[] = []
  const change = (pool: Pool, run: Run, delta: number): number => {
    const usd = delta * pool.usdPerStep * (run.to - run.from + 1) + state.startsUsd(pool, run, delta)
    coverage.apply(pool, run, delta)
    log.push({ pool, run, delta })
    return usd
  }
  const undo = (): void => {
    for (let i = log.length - 1; i >= 0; i--) {
      const { pool, run, delta } = item(log, i)
      coverage.apply(pool, run, -delta)
    }
    log = []
  }
  const isLegal = (pool: Pool, run: Run, delta: number): boolean => {
    const legal = state.legalRun(pool, run, delta)
    return legal !== undefined && legal.from === run.from && legal.to === run.to
  }

  /** Whether a step lacks something that a node could give. */
  const lacks = (workload: number, step: number): boolean => {
    const requirements = coverage.requirementsOf(workload)
    for (let i = 0; i < requirements.length; i++) {
      const requirement = item(requirements, i)
      if (real(requirement.slack, step) < -coverage.tolerance(requirement, step)) return true
    }
    return false
  }
  const gainOf = (pool: Pool, step: number): number => {
    if (flag(indexed.open, cellOf(indexed, pool.workload, step, pool.region)) === 0) return 0
    const parts = coverage.partsOf(pool.workload, pool.region)
    let gain = 0
    for (let i = 0; i < parts.length; i++) {
      const { requirement, counting } = item(parts, i)
      const slack = real(requirement.slack, step)
      if (slack < -coverage.tolerance(requirement, step)) gain += Math.min(-slack, coverage.promise(pool, step, counting))
    }
    return gain
  }

  /** Adds nodes until no known requirement of the window lacks anything. @returns USD, or undefined where nothing may be added */
  const recreate = (workload: number, window: Run): number | undefined => {
    let usd = 0
    for (let step = window.from; step <= window.to; step++) {
      while (lacks(workload, step)) {
        let best: { pool: Pool; run: Run; score: number } | undefined
        for (const pool of item(poolsOf, workload)) {
          if (!state.mayAdd(pool, step) || gainOf(pool, step) === 0) continue
          const legal = state.legalRun(pool, { from: step, to: step }, 1)
          if (legal === undefined || legal.from !== step || legal.to > window.to) continue
          const noise = 0.7 + 0.6 * choice.unit()
          let gain = 0
          for (let to = step; to <= window.to; to++) {
            const here = gainOf(pool, to)
            if (to > legal.to && (here === 0 || !state.mayAdd(pool, to))) break
            gain += here
            if (to < legal.to) continue
            const run = { from: step, to }
            if (!state.affords([{ pool, delta: 1 }], run)) break
            const score = (noise * gain) / (pool.usdPerStep * (to - step + 1) + state.startsUsd(pool, run, 1) + 1e-9)
            if (best === undefined || score > best.score) best = { pool, run, score }
          }
        }
        if (best === undefined || !isLegal(best.pool, best.run, 1)) return undefined
        usd += change(best.pool, best.run, 1)
      }
    }
    return usd
  }

  /** Drops nodes of the window that nothing needs any more. */
  const trim = (workload: number, window: Run): number => {
    let usd = 0
    const used = item(poolsOf, workload).filter((pool) => state.count(pool, window.from) > 0 || state.count(pool, window.to) > 0)
    for (const pool of used.sort((a, b) => b.usdPerStep - a.usdPerStep || a.index - b.index)) {
      for (let from = window.from; from <= window.to; from++) {
        const mayGo = (step: number): boolean => state.count(pool, step) > 0 && state.mayExchange([pool], [], step) && coverage.allows([pool], [], step)
        if (!mayGo(from)) continue
        let to = from
        while (to < window.to && mayGo(to + 1)) to++
        const run = { from, to }
        const saved = pool.usdPerStep * (to - from + 1) - state.startsUsd(pool, run, -1)
        if (saved > negligibleUsd && isLegal(pool, run, -1)) {
          usd += change(pool, run, -1)
          from--
        } else from = to
      }
    }
    return usd
  }

  /** Takes a few nodes away, or all of a region or workload. */
  const ruin = (workload: number, window: Run): number => {
    let usd = 0
    const take = (pool: Pool, nodes: number): void => {
      for (let step = window.from; step <= window.to; step++) {
        const count = Math.min(nodes, state.count(pool, step))
        if (count === 0) continue
        let to = step
        while (to < window.to && Math.min(nodes, state.count(pool, to + 1)) === count) to++
        const run = { from: step, to }
        if (isLegal(pool, run, -count)) usd += change(pool, run, -count)
        step = to
      }
    }
    const used = item(poolsOf, workload).filter((pool) => state.count(pool, window.from) > 0)
    if (used.length === 0) return 0
    const kind = choice.unit()
    if (kind < clearAllShare && window.to - window.from < longestClearedAll) {
      for (const pool of used) take(pool, Infinity)
      return usd
    }
    if (kind < clearRegionShare) {
      const { region } = item(used, choice.below(used.length))
      for (const pool of used) if (pool.region === region) take(pool, Infinity)
      return usd
    }
    const first = item(used, choice.below(used.length))
    const nearby = choice.unit() < 0.5 ? used.filter((pool) => pool.region === first.region) : used
    take(first, 1)
    for (let taken = choice.below(mostTaken); taken > 0; taken--) take(item(nearby, choice.below(nearby.length)), 1)
    return usd
  }

  /** Whether floors and spot shares hold in the regions that were changed. */
  const keepsFloors = (): boolean => log.every(({ pool, run }) => {
    for (let step = run.from; step <= run.to; step++) {
      const cell = cellOf(indexed, pool.workload, step, pool.region)
      if (state.nodesIn(cell) < real(limits.fewestInRegion, cell) || state.spotOver(cell) > 0 || state.spotPoolOver(cell) !== undefined) return false
      if (state.nodesOf(pool.workload, step) < real(limits.fewest, pool.workload * steps + step)) return false
    }
    return true
  })

  for (let trial = 0; trial < effort.trials; trial++) {
    const workload = choice.below(workloadCount)
    const start = item(indexed.spanStart, workload)
    const end = item(indexed.spanEnd, workload)
    const first = whole(start, choice.below(steps))
    if (first < item(indexed.heldSteps, workload)) continue
    const window = { from: first, to: whole(end, Math.min(steps, first + item(windowSteps, choice.below(windowSteps.length))) - 1) - 1 }
    log = []
    let usd = ruin(workload, window)
    if (log.length === 0) continue
    const added = recreate(workload, window)
    if (added === undefined) {
      undo()
      continue
    }
    usd += added
    usd += trim(workload, window)
    if (usd > -negligibleUsd || !keepsFloors()) {
      undo()
      continue
    }
    const routed: number[] = []
    let carries = true
    for (let step = window.from; step <= window.to && carries; step++) {
      carries = coverage.carries(workload, step)
      const routing = carries ? routingOf(workload, step) : 0
      routed.push(routing)
    }
    const changed = [...log]
    if (carries) {
      undo()
      const before = routed.reduce((sum, _value, position) => sum + knownRouting(workload, window.from + position), 0)
      const after = routed.reduce((sum, value) => sum + value, 0)
      if (usd + after - before < -negligibleUsd) {
        for (const { pool, run, delta } of changed) coverage.apply(pool, run, delta)
        for (const [position, value] of routed.entries()) routingUsd[workload * steps + window.from + position] = value
      }
      log = []
    } else undo()
  }
}
