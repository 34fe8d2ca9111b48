import type { Pool } from '../index-problem.ts'
import type { LinearSolver } from '../solver/linear-solver.ts'
import { item, whole } from '../vector.ts'
import type { Coverage } from './coverage.ts'
import type { FleetState, Run } from './fleet-state.ts'
import { improve } from './improve.ts'
import { judged, repair } from './round-nodes.ts'
import type { RoundedNodes } from './round-nodes.ts'
import { wholeWindow } from './whole-window.ts'

/** Counts that a search decides at once at most; a longer window is cut. */
const mostCounts = 2500
/** Routes that it may have at most, all failures together: beyond, the shortage stands. */
const mostRoutes = 30000
/** Windows that are searched in one plan. */
const mostWindows = 12

/** Windows of steps around accepted shortages: whole spans, and steps before and after where counts of neighbours hold each other. */
function windowsOf(state: FleetState, coverage: Coverage): Run[] {
  const { indexed } = state
  const { steps } = indexed
  const perStep = indexed.pools.length
  const longest = Math.max(1, Math.floor(mostCounts / Math.max(1, perStep)))
  if (steps <= longest) return [{ from: 0, to: steps - 1 }]
  const windows: Run[] = []
  for (const slot of coverage.acceptedSlots()) {
    const workload = Math.floor(slot / steps)
    const { minRunSteps, maxLowering } = item(indexed.problem.workloads, workload)
    const around = Math.max(minRunSteps - 1, maxLowering < Infinity ? 2 : 0)
    const step = slot % steps
    let from = whole(item(indexed.spanStart, workload), Math.max(0, step - around))
    let to = whole(item(indexed.spanEnd, workload), Math.min(steps - 1, step + around)) - 1
    for (const other of indexed.spanStart) from = Math.min(from, whole(other, from))
    for (const other of indexed.spanEnd) to = Math.max(to, whole(other, to) - 1)
    const last = windows.at(-1)
    if (last !== undefined && from <= last.to + 1 && Math.max(to, last.to) - last.from < longest) windows[windows.length - 1] = { from: last.from, to: Math.max(to, last.to) }
    else windows.push({ from, to })
  }
  return windows
}

function routesIn(state: FleetState, window: Run): number {
  const { indexed } = state
  const perStep = indexed.reachFailure.reduce((sum, zones) => sum + zones.reduce((all, reach) => all + reach.length, 0), 0)
  return perStep * (indexed.scenarios.length + 1) * (window.to - window.from + 1)
}

/**
 * Where rounding left a step short that the relaxation carries, limits were too tight for one node after another: the counts of its window are then
 * decided together, exactly. Kept only if the fleet is better by it.
 */
export function relieve({ state, coverage }: RoundedNodes, solver: LinearSolver): void {
  const { indexed } = state
  let { usd } = judged({ state, coverage })
  let isBetter = false
  const windows = windowsOf(state, coverage)
  for (const window of windows.slice(0, mostWindows)) {
    if (routesIn(state, window) > mostRoutes) continue
    const counts = wholeWindow(state, window, solver)
    if (counts === undefined) continue
    const before = state.counts.slice()
    const accepted = new Set(coverage.acceptedSlots())
    take(state, coverage, window, counts)
    repair(state, coverage)
    const after = judged({ state, coverage })
    if (after.usd < usd - 1e-9) {
      ({ usd } = after)
      isBetter = true
      continue
    }
    take(state, coverage, { from: 0, to: indexed.steps - 1 }, (pool, step) => whole(before, pool.index * indexed.steps + step))
    for (const slot of accepted) coverage.accept(Math.floor(slot / indexed.steps), slot % indexed.steps)
  }
  if (isBetter) improve(state, coverage)
}

/** Puts other counts in place of those of a window, whose steps must then carry all demand again. */
function take(state: FleetState, coverage: Coverage, window: Run, counts: (pool: Pool, step: number) => number): void {
  const { indexed } = state
  for (let step = window.from; step <= window.to; step++) {
    for (const pool of indexed.pools) {
      const delta = counts(pool, step) - state.count(pool, step)
      if (delta !== 0) coverage.apply(pool, { from: step, to: step }, delta)
    }
    for (let workload = 0; workload < indexed.workloadCount; workload++) coverage.reconsider(workload, step)
  }
}
