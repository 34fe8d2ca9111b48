import { cellOf } from '../index-problem.ts'
import type { IndexedProblem, Pool } from '../index-problem.ts'
import { billedUsdPerStep, limitsOf, unavoidableNodes } from '../limits.ts'
import type { Limits } from '../limits.ts'
import { add, addWhole, flag, item, real, whole } from '../vector.ts'

/** Steps `from` to `to`, both included. */
export interface Run {
  readonly from: number
  readonly to: number
}

/** Slack within which a limit counts as kept: sums of many vCPUs and prices round. */
const slackForRounding = 1e-7

/**
 * Whole nodes per pool and step, with every sum that a limit is put on kept up to date. Changed in place by `change`; everything else reads.
 */
export interface FleetState {
  readonly indexed: IndexedProblem
  readonly limits: Limits
  /** Shape [pool · steps + step]. */
  readonly counts: Int32Array
  /** Capacity that deferrable work takes. Shape [cells]. */
  readonly deferred: Float64Array
  /** Capacity planned for normal times less what deferrable work takes, and capacity left after a failure elsewhere. Shape [cells]. */
  readonly planned: Float64Array
  readonly surviving: Float64Array
  /** What of `surviving` is left when the region itself loses its fullest zone. Shape [cells]. */
  readonly afterZoneLoss: Float64Array
  /** Nodes of a pool that are left when its region loses the fullest zone: nodes spread evenly, so that one zone holds ⌈nodes / zones⌉. */
  leftAfterZoneLoss(pool: Pool, nodes: number): number
  count(pool: Pool, step: number): number
  /** Adds `delta` nodes in every step of the run, whatever the limits. */
  change(pool: Pool, run: Run, delta: number): void
  /** The shortest run around `run` in which counts may change by `delta` without breaking freezes, lead times, minimum runs or the lowering limit; undefined if none. */
  legalRun(pool: Pool, run: Run, delta: number): Run | undefined
  /** Whether one more node keeps every upper limit in a step. */
  mayAdd(pool: Pool, step: number): boolean
  /** How many more nodes of a pool its own limits leave room for in a step, quotas and what else nodes share aside. */
  nodeRoom(pool: Pool, step: number): number
  /** vCPUs that the quota of a region and option has left in a step, and by how many vCPUs a cell's spot may grow; negative where there is too much. */
  quotaRoom(region: number, option: number, step: number): number
  spotRoom(cell: number): number
  /** Whether one more spot node of a pool would exceed the spot share of its region in a step. */
  isAtSpotShare(pool: Pool, step: number): boolean
  /** Whether one node of each of `outs` may go in a step, with one of each of `intos`, all in one region, in their place. */
  mayExchange(outs: readonly Pool[], intos: readonly Pool[], step: number): boolean
  /** Whether the days' budgets allow that all counts of a run change. */
  affords(changes: readonly { readonly pool: Pool; readonly delta: number }[], run: Run): boolean
  /** By how much the spot share of a cell is exceeded, in vCPUs. */
  spotOver(cell: number): number
  /** The spot pool of a cell that exceeds the share of one pool by most, and by how many vCPUs. */
  spotPoolOver(cell: number): { readonly pool: Pool; readonly vcpus: number } | undefined
  /** Whether every node that is started runs for as long as its workload asks. */
  keepsRuns(pool: Pool): boolean
  /** What starts cost more if counts change by `delta` in the run. */
  startsUsd(pool: Pool, run: Run, delta: number): number
  /** Nodes and starts over all steps, with preferences; without routing. */
  usd(): number
  /** Whether an upper limit that the pool counts against is exceeded in a step; the spot share aside. */
  isOver(pool: Pool, step: number): boolean
  /** Whether the floors and spot shares that a pool counts towards hold in a step. */
  keepsFloors(pool: Pool, step: number): boolean
  nodesIn(cell: number): number
  nodesOf(workload: number, step: number): number
}

/**
 * @param deferred  capacity that deferrable work takes; shape [cells]
 * @returns a state without any nodes
 */
export function createFleetState(indexed: IndexedProblem, deferred: Float64Array): FleetState {
  const { steps, regionCount, optionCount, pools, problem } = indexed
  const limits = limitsOf(indexed)
  const counts = new Int32Array(pools.length * steps)
  const planned = deferred.map((amount) => -amount)
  const surviving = new Float64Array(indexed.open.length)
  const afterZoneLoss = new Float64Array(indexed.open.length)
  const leftAfterZoneLoss = (pool: Pool, nodes: number): number => nodes - Math.ceil(nodes / (problem.regions[pool.region]?.zones ?? 1))
  const vcpus = new Float64Array(indexed.open.length)
  const spotVcpus = new Float64Array(indexed.open.length)
  const inRegion = new Int32Array(indexed.open.length)
  const inAll = new Int32Array(indexed.workloadCount * steps)
  const quotaUse = new Float64Array(limits.quotaVcpu.length)
  const offerUse = new Int32Array(limits.offerNodes.length)
  const spent = new Float64Array(steps)
  const spentOfDay = new Float64Array(limits.budgetOfDayUsd.length)
  const hasDayBudget = problem.maxUsdPerDay !== undefined
  const unavoidable = new Map<Pool, Float64Array>()
  for (const pool of pools) if (pool.fleet > 0) unavoidable.set(pool, unavoidableNodes(indexed, pool))
  const billed = Float64Array.from(pools, (pool) => billedUsdPerStep(indexed, pool))
  const share = Float64Array.from(pools, (pool) => item(problem.workloads, pool.workload).spotShare[pool.region] ?? 1)
  const lowering = Float64Array.from(problem.workloads, (workload) => workload.maxLowering)
  const minRun = Int32Array.from(problem.workloads, (workload) => workload.minRunSteps)
  const poolShare = Float64Array.from(problem.workloads, (workload) => workload.spotPoolShare)
  const spotPoolsIn = indexed.poolsIn.map((here, position) => (real(poolShare, Math.floor(position / regionCount)) < 1 ? here.filter((pool) => pool.isSpot) : []))
  const none = new Float64Array(steps)
  const count = (pool: Pool, step: number): number => whole(counts, pool.index * steps + step)
  const before = (pool: Pool, step: number): number => (step === 0 ? pool.fleet : count(pool, step - 1))

  const change = (pool: Pool, run: Run, delta: number): void => {
    const quota = (pool.region * optionCount + pool.option) * steps
    for (let step = run.from; step <= run.to; step++) {
      const cell = cellOf(indexed, pool.workload, step, pool.region)
      if (flag(indexed.open, cell) === 1) {
        const nodes = count(pool, step)
        add(afterZoneLoss, cell, (leftAfterZoneLoss(pool, nodes + delta) - leftAfterZoneLoss(pool, nodes)) * pool.surviving)
        add(planned, cell, delta * pool.planned)
        add(surviving, cell, delta * pool.surviving)
      }
      addWhole(counts, pool.index * steps + step, delta)
      add(vcpus, cell, delta * pool.vcpu)
      if (pool.isSpot) add(spotVcpus, cell, delta * pool.vcpu)
      addWhole(inRegion, cell, delta)
      addWhole(inAll, pool.workload * steps + step, delta)
      add(quotaUse, quota + step, delta * pool.vcpu)
      addWhole(offerUse, pool.offer * steps + step, delta)
      add(spent, step, delta * real(billed, pool.index))
      if (hasDayBudget) add(spentOfDay, whole(indexed.dayOf, step), delta * real(billed, pool.index))
    }
  }

  /** First step whose count would be below the nodes started in the last `minRun` steps, if counts changed by `delta` in the run; −1 if none. */
  const runBrokenAt = (pool: Pool, from: number, to: number, delta: number): number => {
    const least = whole(minRun, pool.workload)
    const changed = (step: number): number => (step < 0 ? pool.fleet : count(pool, step) + (step >= from && step <= to ? delta : 0))
    for (let step = from; step < Math.min(steps, to + 1 + least); step++) {
      let started = 0
      for (let start = Math.max(0, step - least + 1); start <= step; start++) started += Math.max(0, changed(start) - changed(start - 1))
      if (changed(step) < started) return step
    }
    return -1
  }

  const legalRun = (pool: Pool, run: Run, delta: number): Run | undefined => {
    const start = item(indexed.spanStart, pool.workload)
    const end = item(indexed.spanEnd, pool.workload)
    const most = real(lowering, pool.workload)
    let from = whole(start, run.from)
    let to = whole(end, run.to) - 1
    if (from < item(indexed.heldSteps, pool.workload)) return undefined
    for (;;) {
      const rises = count(pool, from) + delta - before(pool, from)
      if (delta > 0 && from < pool.leadSteps && rises > 0) {
        if (from === 0) return undefined
        from = whole(start, from - 1)
        if (from < item(indexed.heldSteps, pool.workload)) return undefined
        continue
      }
      if (delta < 0 && -rises > most) {
        if (from === 0) return undefined
        from = whole(start, from - 1)
        if (from < item(indexed.heldSteps, pool.workload)) return undefined
        continue
      }
      if (to + 1 < steps) {
        const next = count(pool, to + 1) - count(pool, to) - delta
        if ((delta < 0 && to + 1 < pool.leadSteps && next > 0) || (delta > 0 && -next > most)) {
          to = whole(end, to + 1) - 1
          continue
        }
      }
      if (whole(minRun, pool.workload) > 1) {
        const broken = runBrokenAt(pool, from, to, delta)
        if (broken >= 0 && broken <= to && delta < 0) {
          if (from === 0) return undefined
          from = whole(start, from - 1)
          if (from < item(indexed.heldSteps, pool.workload)) return undefined
          continue
        }
        if (broken >= 0) {
          if (to + 1 >= steps) return undefined
          to = whole(end, to + 1) - 1
          continue
        }
      }
      break
    }
    if (delta < 0) for (let step = from; step <= to; step++) if (count(pool, step) + delta < real(unavoidable.get(pool) ?? none, step)) return undefined
    return { from, to }
  }
  /** Whether a spot pool stays within the share of one pool when its count and the cell's vCPUs change. */
  const poolShareKept = (pool: Pool, step: number, nodes: number, all: number): boolean => {
    const limit = real(poolShare, pool.workload)
    return limit >= 1 || (count(pool, step) + nodes) * pool.vcpu - limit * (real(vcpus, cellOf(indexed, pool.workload, step, pool.region)) + all)
      <= real(limits.spotPoolExcess, pool.index * steps + step) + slackForRounding
  }
  const spotShareOf = (cell: number): number => item(problem.workloads, Math.floor(cell / regionCount / steps)).spotShare[cell % regionCount] ?? 1
  const shareKept = (cell: number, limit: number, spot: number, all: number): boolean =>
    (real(spotVcpus, cell) + spot) - limit * (real(vcpus, cell) + all) <= real(limits.spotExcess, cell) + slackForRounding

  const state: FleetState = {
    indexed, limits, counts, deferred, planned, surviving, afterZoneLoss, leftAfterZoneLoss, count, change, legalRun,
    mayAdd(pool, step) {
      if (count(pool, step) + 1 > pool.maxNodes) return false
      const cell = cellOf(indexed, pool.workload, step, pool.region)
      const quota = (pool.region * optionCount + pool.option) * steps + step
      return whole(offerUse, pool.offer * steps + step) + 1 <= real(limits.offerNodes, pool.offer * steps + step)
        && real(quotaUse, quota) + pool.vcpu <= real(limits.quotaVcpu, quota) + slackForRounding
        && whole(inRegion, cell) + 1 <= real(limits.mostInRegion, cell)
        && whole(inAll, pool.workload * steps + step) + 1 <= real(limits.most, pool.workload * steps + step)
        && real(spent, step) + real(billed, pool.index) <= real(limits.budgetUsd, step) + slackForRounding
        && (!hasDayBudget || real(spentOfDay, whole(indexed.dayOf, step)) + real(billed, pool.index) <= real(limits.budgetOfDayUsd, whole(indexed.dayOf, step)) + slackForRounding)
        && (!pool.isSpot || (shareKept(cell, real(share, pool.index), pool.vcpu, pool.vcpu) && poolShareKept(pool, step, 1, pool.vcpu)))
    },
    nodeRoom: (pool, step) => Math.min(pool.maxNodes - count(pool, step), Math.floor(real(limits.offerNodes, pool.offer * steps + step)) - whole(offerUse, pool.offer * steps + step)),
    quotaRoom(region, option, step) {
      const quota = (region * optionCount + option) * steps + step
      return real(limits.quotaVcpu, quota) - real(quotaUse, quota)
    },
    spotRoom: (cell) => real(limits.spotExcess, cell) - real(spotVcpus, cell) + spotShareOf(cell) * real(vcpus, cell),
    isAtSpotShare: (pool, step) => !poolShareKept(pool, step, 1, pool.vcpu) || !shareKept(cellOf(indexed, pool.workload, step, pool.region), real(share, pool.index), pool.vcpu, pool.vcpu),
    mayExchange(outs, intos, step) {
      const first = outs[0]
      if (first === undefined) return false
      const cell = cellOf(indexed, first.workload, step, first.region)
      let all = 0
      let spot = 0
      let usd = 0
      for (let i = 0; i < outs.length; i++) {
        const out = item(outs, i)
        if (count(out, step) <= (i > 0 && outs[0] === out ? 1 : 0)) return false
        all -= out.vcpu
        if (out.isSpot) spot -= out.vcpu
        usd -= real(billed, out.index)
      }
      for (let i = 0; i < intos.length; i++) {
        const into = item(intos, i)
        if (count(into, step) + (i > 0 && intos[0] === into ? 2 : 1) > into.maxNodes) return false
        if (whole(offerUse, into.offer * steps + step) + (i > 0 && intos[0] === into ? 2 : 1) > real(limits.offerNodes, into.offer * steps + step)) return false
        all += into.vcpu
        if (into.isSpot) spot += into.vcpu
        usd += real(billed, into.index)
      }
      if (usd > 0 && real(spent, step) + usd > real(limits.budgetUsd, step) + slackForRounding) return false
      for (let i = 0; i < intos.length; i++) {
        const { option } = item(intos, i)
        let more = 0
        for (let j = 0; j < intos.length; j++) if (item(intos, j).option === option) more += item(intos, j).vcpu
        for (let j = 0; j < outs.length; j++) if (item(outs, j).option === option) more -= item(outs, j).vcpu
        const quota = (first.region * optionCount + option) * steps + step
        if (more > 0 && real(quotaUse, quota) + more > real(limits.quotaVcpu, quota) + slackForRounding) return false
      }
      const nodes = intos.length - outs.length
      const slot = first.workload * steps + step
      if (nodes < 0 && (whole(inRegion, cell) + nodes < real(limits.fewestInRegion, cell) || whole(inAll, slot) + nodes < real(limits.fewest, slot))) return false
      if (nodes > 0 && (whole(inRegion, cell) + nodes > real(limits.mostInRegion, cell) || whole(inAll, slot) + nodes > real(limits.most, slot))) return false
      const shared = item(spotPoolsIn, first.workload * regionCount + first.region)
      for (let i = 0; i < shared.length; i++) {
        const pool = item(shared, i)
        let change = 0
        for (let j = 0; j < intos.length; j++) if (intos[j] === pool) change++
        for (let j = 0; j < outs.length; j++) if (outs[j] === pool) change--
        if (count(pool, step) + change > 0 && !poolShareKept(pool, step, change, all)) return false
      }
      const left = real(spotVcpus, cell) + spot
      return left <= 0 || shareKept(cell, real(share, first.index), spot, all)
    },
    affords(changes, run) {
      if (!hasDayBudget) return true
      let usd = 0
      for (let i = 0; i < changes.length; i++) usd += item(changes, i).delta * real(billed, item(changes, i).pool.index)
      if (usd <= 0) return true
      let more = 0
      for (let step = run.from; step <= run.to; step++) {
        const day = whole(indexed.dayOf, step)
        more = step > run.from && whole(indexed.dayOf, step - 1) === day ? more + usd : usd
        if (real(spentOfDay, day) + more > real(limits.budgetOfDayUsd, day) + slackForRounding) return false
      }
      return true
    },
    spotPoolOver(cell) {
      const step = Math.floor(cell / regionCount) % steps
      const shared = item(spotPoolsIn, Math.floor(cell / regionCount / steps) * regionCount + (cell % regionCount))
      let most: { pool: Pool; vcpus: number } | undefined
      for (const pool of shared) {
        const over = count(pool, step) * pool.vcpu - real(poolShare, pool.workload) * real(vcpus, cell) - real(limits.spotPoolExcess, pool.index * steps + step)
        if (over > slackForRounding && over > (most?.vcpus ?? 0)) most = { pool, vcpus: over }
      }
      return most
    },
    keepsRuns: (pool) => whole(minRun, pool.workload) <= 1 || runBrokenAt(pool, 0, steps - 1, 0) < 0,
    spotOver(cell) {
      const over = real(spotVcpus, cell) - spotShareOf(cell) * real(vcpus, cell) - real(limits.spotExcess, cell)
      return over > slackForRounding ? over : 0
    },
    startsUsd(pool, run, delta) {
      if (pool.usdPerStart === 0) return 0
      const first = count(pool, run.from) - before(pool, run.from)
      let starts = Math.max(0, first + delta) - Math.max(0, first)
      if (run.to + 1 < steps) {
        const next = count(pool, run.to + 1) - count(pool, run.to)
        starts += Math.max(0, next - delta) - Math.max(0, next)
      }
      return starts * pool.usdPerStart
    },
    usd() {
      let total = 0
      for (const pool of pools) {
        for (let step = 0; step < steps; step++) {
          const nodes = count(pool, step)
          total += nodes * pool.usdPerStep + Math.max(0, nodes - before(pool, step)) * pool.usdPerStart
        }
      }
      return total
    },
    isOver(pool, step) {
      const quota = (pool.region * optionCount + pool.option) * steps + step
      const cell = cellOf(indexed, pool.workload, step, pool.region)
      return whole(offerUse, pool.offer * steps + step) > real(limits.offerNodes, pool.offer * steps + step)
        || real(quotaUse, quota) > real(limits.quotaVcpu, quota) + slackForRounding
        || whole(inRegion, cell) > real(limits.mostInRegion, cell)
        || whole(inAll, pool.workload * steps + step) > real(limits.most, pool.workload * steps + step)
        || real(spent, step) > real(limits.budgetUsd, step) + slackForRounding
        || (hasDayBudget && real(spentOfDay, whole(indexed.dayOf, step)) > real(limits.budgetOfDayUsd, whole(indexed.dayOf, step)) + slackForRounding)
    },
    keepsFloors(pool, step) {
      const cell = cellOf(indexed, pool.workload, step, pool.region)
      return whole(inRegion, cell) >= real(limits.fewestInRegion, cell) && state.spotOver(cell) === 0 && state.spotPoolOver(cell) === undefined
        && whole(inAll, pool.workload * steps + step) >= real(limits.fewest, pool.workload * steps + step)
    },
    nodesIn: (cell) => whole(inRegion, cell),
    nodesOf: (workload, step) => whole(inAll, workload * steps + step),
  }
  return state
}
