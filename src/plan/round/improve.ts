import type { Pool } from '../index-problem.ts'
import { item } from '../vector.ts'
import type { Coverage } from './coverage.ts'
import type { FleetState, Run } from './fleet-state.ts'

/** A pass that saves less than this share of the cost is the last. */
const worthAnotherPass = 5e-5
const maxPasses = 6
/** A node more than this much dearer per unit is not tried in place of another. */
const dearestSwap = 2.5
/** Refusals by maximal flow after which a step is left alone. */
const maxRefusals = 3
/** Savings smaller than this are rounding, USD. */
const negligibleUsd = 1e-9

/** Nodes that go and nodes that come instead, all in one region: nothing comes when nodes are dropped. */
interface Exchange {
  readonly outs: readonly Pool[]
  readonly intos: readonly Pool[]
  /** What it saves in each of its steps, before starts. */
  readonly usdPerStep: number
}

function exchange(outs: readonly Pool[], intos: readonly Pool[]): Exchange {
  let usdPerStep = 0
  for (let i = 0; i < outs.length; i++) usdPerStep += item(outs, i).usdPerStep
  let usdOfIntos = 0
  for (let i = 0; i < intos.length; i++) usdOfIntos += item(intos, i).usdPerStep
  return { outs, intos, usdPerStep: usdPerStep - usdOfIntos }
}

/** How an exchange changes counts. */
type Changes = readonly { readonly pool: Pool; readonly delta: number }[]

/** @returns the changes of an exchange, each pool once */
function changesOf({ outs, intos }: Exchange): Changes {
  const changes: { readonly pool: Pool; delta: number }[] = []
  const change = (pool: Pool, delta: number): void => {
    const same = changes.find((before) => before.pool === pool)
    if (same === undefined) changes.push({ pool, delta })
    else same.delta += delta
  }
  for (const pool of outs) change(pool, -1)
  for (const pool of intos) change(pool, 1)
  return changes
}

/** Of each size and option, the cheapest pools per unit of capacity that are tried in place of others, beside those in use. */
const triedPerSize = 3

/** Pools in use, and the cheapest of each size and option: of a catalogue of hundreds few can ever be worth an exchange. */
function worthTrying(used: readonly Pool[], pools: readonly Pool[]): Pool[] {
  const usdPerUnit = (pool: Pool): number => pool.usdPerStep / pool.planned
  const bySize = Map.groupBy(pools.filter((pool) => pool.maxNodes > 0 && pool.planned > 0), ({ vcpu, option }) => `${vcpu}/${option}`)
  const tried = new Set(used.filter((pool) => pool.maxNodes > 0 && pool.planned > 0))
  for (const like of bySize.values()) for (const pool of like.sort((a, b) => usdPerUnit(a) - usdPerUnit(b) || a.index - b.index).slice(0, triedPerSize)) tried.add(pool)
  return [...tried].sort((a, b) => a.index - b.index)
}

/** One node for one, for two smaller, or two for one: whatever may be cheaper, starts included. */
function exchangesOf(used: readonly Pool[], pools: readonly Pool[]): Exchange[] {
  const exchanges: Exchange[] = []
  const buyable = worthTrying(used, pools)
  for (const out of used) {
    exchanges.push(exchange([out], []))
    for (const into of buyable) {
      if (into === out || into.usdPerStep > out.usdPerStep + out.usdPerStart + into.usdPerStart) continue
      if (into.usdPerStep * out.planned > dearestSwap * out.usdPerStep * into.planned) continue
      exchanges.push(exchange([out], [into]))
    }
    for (const [position, into] of buyable.entries()) {
      if (into.vcpu >= out.vcpu) continue
      for (const other of buyable.slice(position)) {
        if (into !== out && other !== out && into.vcpu + other.vcpu <= out.vcpu && into.usdPerStep + other.usdPerStep < out.usdPerStep) {
          exchanges.push(exchange([out], [into, other]))
        }
      }
    }
  }
  for (const [position, out] of used.entries()) {
    for (const other of used.slice(position)) {
      for (const into of buyable) {
        if (into === out || into === other || into.usdPerStep >= out.usdPerStep + other.usdPerStep || into.vcpu > out.vcpu + other.vcpu) continue
        if (into.vcpu > Math.max(out.vcpu, other.vcpu)) exchanges.push(exchange([out, other], [into]))
      }
    }
  }
  return exchanges.sort((a, b) => b.usdPerStep - a.usdPerStep)
}

/**
 * Local search within regions: drops and exchanges nodes over runs of steps wherever that is cheaper. Known requirements choose the run; maximal flow
 * decides every step that changes.
 * @param churnUsd  what a change of a pool's count by `delta` over a run must save beside what it costs
 * @param passes    over all regions at most, without those where the one before saved nothing: the first finds nearly all
 */
export function improve(state: FleetState, coverage: Coverage, churnUsd: (pool: Pool, run: Run, delta: number) => number = () => 0, passes = maxPasses): void {
  const { indexed } = state
  const { steps } = indexed

  const startsUsd = (changes: Changes, run: Run): number => {
    let usd = 0
    for (let i = 0; i < changes.length; i++) {
      const { pool, delta } = item(changes, i)
      usd += state.startsUsd(pool, run, delta) + churnUsd(pool, run, delta)
    }
    return usd
  }
  const apply = (changes: Changes, run: Run, direction: 1 | -1): void => {
    for (const { pool, delta } of changes) coverage.apply(pool, run, direction * delta)
  }
  const isLegal = (changes: Changes, run: Run): boolean => changes.every(({ pool, delta }) => isLegalChange(state, pool, run, delta))

  /** The run with as much around it as minimum runs ask for, if the exchange is allowed and pays in all of it. */
  const lengthened = (tried: Exchange, changes: Changes, run: Run): { run: Run; usd: number } | undefined => {
    const first = item(changes, 0)
    if (item(indexed.problem.workloads, first.pool.workload).minRunSteps === 1) return undefined
    let longer = run
    for (const { pool, delta } of [...changes, first]) {
      const legal = state.legalRun(pool, longer, delta)
      if (legal === undefined) return undefined
      longer = legal
    }
    for (let step = longer.from; step <= longer.to; step++) if (!state.mayExchange(tried.outs, tried.intos, step) || !coverage.allows(tried.outs, tried.intos, step)) return undefined
    const usd = tried.usdPerStep * (longer.to - longer.from + 1) - startsUsd(changes, longer)
    return usd > negligibleUsd ? { run: longer, usd } : undefined
  }

  const tryExchange = (tried: Exchange): number => {
    const { outs, intos, usdPerStep } = tried
    const { workload, region } = item(outs, 0)
    let changes: Changes | undefined
    const allowed = (step: number): boolean => coverage.allows(outs, intos, step) && state.mayExchange(outs, intos, step)
    let saved = 0
    let refusals = 0
    for (let from = 0; from < steps; from++) {
      if (!allowed(from)) continue
      changes ??= changesOf(tried)
      let best: { run: Run; usd: number } | undefined
      let last = from
      for (let to = from; to < steps && (to === from || allowed(to)); to++) {
        last = to
        const run = { from, to }
        const usd = usdPerStep * (to - from + 1) - startsUsd(changes, run)
        if (usd > (best?.usd ?? negligibleUsd)) best = { run, usd }
        if (usdPerStep <= 0 && to - from > 3) break
      }
      const longer = best === undefined ? undefined : lengthened(tried, changes, best.run)
      if (longer !== undefined) best = longer
      if (best === undefined || !isLegal(changes, best.run) || !state.affords(changes, best.run)) {
        if (usdPerStep > 0) from = last
        continue
      }
      apply(changes, best.run, 1)
      let carries = true
      for (let step = best.run.from; step <= best.run.to && carries; step++) carries = coverage.carries(workload, step, region)
      if (carries) {
        saved += best.usd
        refusals = 0
      } else {
        apply(changes, best.run, -1)
        refusals++
      }
      // The same step again: another node may go, or the requirement just learned leaves a shorter run.
      if (refusals < maxRefusals) from--
      else refusals = 0
    }
    return saved
  }

  let left = indexed.poolsIn
  for (let pass = 0; pass < passes; pass++) {
    let saved = 0
    left = left.filter((pools) => {
      const before = saved
      for (const tried of exchangesOf(pools.filter((pool) => isUsed(state, pool)), pools)) saved += tryExchange(tried)
      return saved > before
    })
    if (saved < worthAnotherPass * state.usd()) return
  }
}

function isLegalChange(state: FleetState, pool: Pool, run: Run, delta: number): boolean {
  const legal = state.legalRun(pool, run, delta)
  return legal !== undefined && legal.from === run.from && legal.to === run.to
}

/** Whether any step has nodes of a pool. */
export function isUsed(state: FleetState, pool: Pool): boolean {
  for (let step = 0; step < state.indexed.steps; step++) if (state.count(pool, step) > 0) return true
  return false
}
