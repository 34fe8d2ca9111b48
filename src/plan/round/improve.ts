import type { Pool } from '../index-problem.ts'
import type { Coverage } from './coverage.ts'
import type { FleetState, Run } from './fleet-state.ts'

/** A pass that saves less than this share of the cost is the last. */
const worthAnotherPass = 1e-4
const maxPasses = 5
/** A node more than this much dearer per unit is not tried in place of another. */
const dearestSwap = 2.5

/**
 * Local search: drops nodes that nothing needs and swaps nodes for cheaper ones in the same region, over the longest run of steps that allows it.
 * Every step that changes is decided by maximal flow.
 */
export function improve(state: FleetState, coverage: Coverage): void {
  const { indexed } = state
  const { steps } = indexed

  /** Makes a change on trial. @returns whether all its steps still carry demand; if not, it is undone */
  const attempt = (changes: readonly { readonly pool: Pool; readonly delta: number }[], step: number, region: number, workload: number): boolean => {
    const run = { from: step, to: step }
    for (const { pool, delta } of changes) coverage.apply(pool, run, delta)
    const carries = coverage.carries(workload, step, region)
    for (const { pool, delta } of changes) coverage.apply(pool, run, -delta)
    return carries
  }

  const longestRun = (first: number, allowed: (step: number) => boolean): number => {
    let last = first
    while (last + 1 < steps && allowed(last + 1)) last++
    return last
  }

  const drop = (pool: Pool): number => {
    let saved = 0
    const { workload, region } = pool
    const allowed = (step: number): boolean => state.count(pool, step) > 0 && state.mayDrop(pool, step)
      && coverage.allows(workload, step, region, pool.planned, pool.surviving) && attempt([{ pool, delta: -1 }], step, region, workload)
    for (let step = 0; step < steps; step++) {
      if (!allowed(step)) continue
      const run = { from: step, to: longestRun(step, allowed) }
      const usd = pool.usdPerStep * (run.to - run.from + 1) - state.startsUsd(pool, run, -1)
      if (usd > 1e-9 && isLegal(state, pool, run, -1)) {
        coverage.apply(pool, run, -1)
        saved += usd
        step--
      } else step = run.to
    }
    return saved
  }

  const swap = (out: Pool, into: Pool): number => {
    let saved = 0
    const { workload, region } = out
    const allowed = (step: number): boolean => state.count(out, step) > 0 && state.maySwap(out, into, step)
      && coverage.allows(workload, step, region, out.planned - into.planned, out.surviving - into.surviving)
      && attempt([{ pool: out, delta: -1 }, { pool: into, delta: 1 }], step, region, workload)
    for (let step = 0; step < steps; step++) {
      if (!allowed(step)) continue
      const run = { from: step, to: longestRun(step, allowed) }
      const usd = (out.usdPerStep - into.usdPerStep) * (run.to - run.from + 1) - state.startsUsd(out, run, -1) - state.startsUsd(into, run, 1)
      if (usd > 1e-9 && isLegal(state, out, run, -1) && isLegal(state, into, run, 1)) {
        coverage.apply(out, run, -1)
        coverage.apply(into, run, 1)
        saved += usd
        step--
      } else step = run.to
    }
    return saved
  }

  for (let pass = 0; pass < maxPasses; pass++) {
    let saved = 0
    for (const pools of indexed.poolsIn) {
      const dearestFirst = [...pools].sort((a, b) => b.usdPerStep - a.usdPerStep || a.index - b.index)
      for (const out of dearestFirst) {
        if (!isUsed(state, out)) continue
        saved += drop(out)
        for (const into of pools) {
          if (into.usdPerStep >= out.usdPerStep || into.planned === 0 || into.usdPerStep / into.planned > (dearestSwap * out.usdPerStep) / out.planned) continue
          saved += swap(out, into)
        }
      }
    }
    if (saved < worthAnotherPass * state.usd()) return
  }
}

function isLegal(state: FleetState, pool: Pool, run: Run, delta: number): boolean {
  const legal = state.legalRun(pool, run, delta)
  return legal !== undefined && legal.from === run.from && legal.to === run.to
}

function isUsed(state: FleetState, pool: Pool): boolean {
  for (let step = 0; step < state.indexed.steps; step++) if (state.count(pool, step) > 0) return true
  return false
}
