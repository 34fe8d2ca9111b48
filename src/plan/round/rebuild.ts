import { cellOf } from '../index-problem.ts'
import type { IndexedProblem, Pool } from '../index-problem.ts'
import { pricedRoutes } from '../route-demand.ts'
import type { PricedRoutes } from '../route-demand.ts'
import { add, flag, item, real, whole } from '../vector.ts'
import type { Coverage, Requirement } from './coverage.ts'
import type { FleetState, Run } from './fleet-state.ts'
import { seededChoice } from './seeded-choice.ts'

/** How a search goes on and how long; counted, not timed, so that it ends alike on every machine. */
export interface RebuildEffort {
  /** Parts of the fleet that are taken away and built again. */
  readonly trials: number
  /** Lengths of the windows that are rebuilt, in steps; one listed twice is chosen twice as often. */
  readonly windowSteps: readonly number[]
  /** Most pools that lose a node at once. */
  readonly mostTaken: number
  /** Share of the trials that clear a whole workload in a window of few steps, and of those that clear one of those or a region. */
  readonly clearAllShare: number
  readonly clearRegionShare: number
  /** Share of the fleet's cost that a trial must save, by prices of capacity, before its routes and failures are tested, which takes far longer. */
  readonly worthTesting: number
  /** A trial whose new nodes cost more than the old ones by this share ends there and then, before it is seen what else may go. */
  readonly hopelessFrom: number
}

/** Factors between which chance puts what a node seems worth. */
const leastNoise = 0.8
const mostNoise = 1.2
/** Steps of the longest window that is cleared of all nodes of a workload. */
const longestClearedAll = 3
/** Changes smaller than this are rounding, USD. */
const negligibleUsd = 1e-7

/** Trials that a large fleet affords: by the fourth power of how many regions user zones may use, both trials and all before them take longer, and less is left to gain. */
export interface TrialBudget {
  /** Where user zones may use one region. */
  readonly atReachOne: number
  /** Fewer are none: they would take longer to begin than to end. */
  readonly least: number
  readonly most: number
}

/** @returns in how many parts a fleet is built again */
export function trialsFor({ reachNormal }: IndexedProblem, { atReachOne, least, most }: TrialBudget): number {
  const reaches = reachNormal.flat()
  const mean = reaches.reduce((sum, regions) => sum + regions.length, 0) / Math.max(1, reaches.length)
  const trials = Math.round(Math.min(most, atReachOne / Math.max(1, mean) ** 4))
  return trials < least ? 0 : trials
}

interface Change {
  readonly pool: Pool
  readonly run: Run
  readonly delta: number
}

/** The pools of one workload, the dearest first, and what a node of each gives to each known requirement. */
interface Own {
  readonly pools: readonly Pool[]
  /** Each pool by itself, as `allows` takes them. */
  readonly alone: readonly (readonly Pool[])[]
  /** Region of each pool, and where its counts stand in the state. Shape [pools]. */
  readonly regionOf: Int32Array
  readonly countsAt: Int32Array
  /** What a node costs in one step at least: it may spare another start. Shape [pools]. */
  readonly leastUsd: Float64Array
  /** What a node gives at most to one requirement. Shape [pools]. */
  readonly mostGiven: Float64Array
  /** Positions, those that may give most for their price first. Shape [pools]. */
  readonly byPrice: Int32Array
  requirements: readonly Requirement[]
  /** NaN where it depends on how many nodes there are. Shape [requirements × pools]: a search reads few requirements and many pools. */
  gives: Float64Array
  /** Whether counts may rise and fall from step to step as they like. */
  readonly isFree: boolean
}

/**
 * Takes nodes away in a window of steps and builds the window again greedily, with chance in the choice; keeps what is cheaper, routing included. Workloads whose
 * moves between regions have a price are left as they are: routes of one step then hang on those of others.
 * @param pools  pools that may be used
 * @see Schrimpf et al., Record breaking optimization results using the ruin and recreate principle, Journal of Computational Physics 159 (2000)
 */
export function rebuild(state: FleetState, coverage: Coverage, pools: readonly Pool[], effort: RebuildEffort): void {
  if (effort.trials === 0) return
  const { indexed } = state
  const { steps, workloadCount } = indexed
  const choice = seededChoice(1)
  const owns = Array.from({ length: workloadCount }, (_, w): Own => {
    const own = pools.filter((pool) => pool.workload === w && pool.maxNodes > 0 && pool.planned > 0).sort((a, b) => b.usdPerStep - a.usdPerStep || a.index - b.index)
    const { maxLowering, minRunSteps } = item(indexed.problem.workloads, w)
    const leastUsd = Float64Array.from(own, (pool) => pool.usdPerStep - pool.usdPerStart)
    const mostGiven = Float64Array.from(own, (pool) => Math.max(pool.planned, pool.surviving))
    const mostPerUsd = mostGiven.map((given, p) => (real(leastUsd, p) > 0 ? given / real(leastUsd, p) : Infinity))
    return {
      leastUsd, mostGiven, byPrice: Int32Array.from(own.keys()).sort((a, b) => real(mostPerUsd, b) - real(mostPerUsd, a) || a - b),
      pools: own, alone: own.map((pool) => [pool]), regionOf: Int32Array.from(own, (pool) => pool.region), countsAt: Int32Array.from(own, (pool) => pool.index * steps), requirements: [], gives: new Float64Array(),
      isFree: maxLowering === Infinity && minRunSteps === 1 && item(indexed.spanStart, w).every((start, step) => start === step),
    }
  })
  const refresh = (own: Own, workload: number): void => {
    own.requirements = [...coverage.requirementsOf(workload)]
    own.gives = new Float64Array(own.pools.length * own.requirements.length)
    for (const [p, pool] of own.pools.entries()) {
      for (const { requirement, counting } of coverage.partsOf(workload, pool.region)) {
        own.gives[own.requirements.indexOf(requirement) * own.pools.length + p] = counting === 'after-zone-loss' ? NaN : counting === 'planned' ? pool.planned : counting === 'surviving' ? pool.surviving : 0
      }
    }
  }

  const known: (PricedRoutes | undefined)[] = []
  const routesOf = (workload: number, step: number): PricedRoutes => {
    const before = known[workload * steps + step]
    if (before !== undefined) return before
    return known[workload * steps + step] = pricedRoutes(indexed, state.planned, workload, step)
  }

  /** 1 where a user zone may use both of two regions. Shape [workloads × regions][regions]. */
  const neighbours = Array.from({ length: workloadCount * indexed.regionCount }, () => new Uint8Array(indexed.regionCount))
  for (const [position, near] of neighbours.entries()) near[position % indexed.regionCount] = 1
  for (const reach of [indexed.reachNormal, indexed.reachFailure]) {
    for (const [workload, zones] of reach.entries()) {
      for (const regions of zones) for (const region of regions) for (const other of regions) item(neighbours, workload * indexed.regionCount + region)[other] = 1
    }
  }
  /** 1 for regions that may serve in place of one that the present trial took nodes from. Shape [regions]. */
  const isNear = new Uint8Array(indexed.regionCount)

  const hasClosed = indexed.open.includes(0)
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
  }
  const isLegal = (own: Own, pool: Pool, run: Run, delta: number): boolean => {
    if (own.isFree && run.from >= pool.leadSteps && run.from >= item(indexed.heldSteps, pool.workload)) return true
    const legal = state.legalRun(pool, run, delta)
    return legal !== undefined && legal.from === run.from && legal.to === run.to
  }

  /** Requirements that each step of a window lacks something of, and what. Shape [steps of the window × requirements], of which `lackCount` per step. */
  let lackOf = new Int32Array(0)
  let lackBy = new Float64Array(0)
  let lackCount = new Int32Array(0)
  const makeRoom = (size: number): void => {
    if (lackOf.length >= size) return
    lackOf = new Int32Array(size)
    lackBy = new Float64Array(size)
    lackCount = new Int32Array(size)
  }
  const mostPools = owns.reduce((most, own) => Math.max(most, own.pools.length), 0)
  /** Positions of the workload's pools in regions near what was taken, `nearCount` of them: only there nodes are added. */
  const near = new Int32Array(mostPools)
  let nearCount = 0
  const findNear = ({ regionOf, byPrice }: Own): void => {
    nearCount = 0
    for (let i = 0; i < byPrice.length; i++) if (flag(isNear, whole(regionOf, whole(byPrice, i))) === 1) near[nearCount++] = whole(byPrice, i)
  }
  /** 1 for pools that no node may be added to in the present step, as long as their region stays as it is. Shape [pools]. */
  const isFull = new Uint8Array(mostPools)
  const hasRoomAgain = ({ regionOf }: Own, region: number): void => {
    for (let i = 0; i < nearCount; i++) if (whole(regionOf, whole(near, i)) === region) isFull[whole(near, i)] = 0
  }
  /** Of those near, the ones in regions that count towards what a step lacks, `helpfulCount` of them. */
  const helpful = new Int32Array(mostPools)
  let helpfulCount = 0
  /** How many requirements that lack something a region counts towards, and what they lack together. Shape [regions]. */
  const lacksIn = new Int32Array(indexed.regionCount)
  const lackIn = new Float64Array(indexed.regionCount)
  const findHelpful = ({ requirements, regionOf }: Own, window: Run, step: number): void => {
    const first = (step - window.from) * requirements.length
    lacksIn.fill(0)
    lackIn.fill(0)
    for (let i = first; i < first + whole(lackCount, step - window.from); i++) {
      const { regions } = item(requirements, whole(lackOf, i))
      for (let r = 0; r < regions.length; r++) {
        lacksIn[whole(regions, r)] = whole(lacksIn, whole(regions, r)) + 1
        add(lackIn, whole(regions, r), real(lackBy, i))
      }
    }
    helpfulCount = 0
    for (let i = 0; i < nearCount; i++) {
      const p = whole(near, i)
      if (flag(isFull, p) === 0 && whole(lacksIn, whole(regionOf, p)) > 0) helpful[helpfulCount++] = p
    }
  }
  /** @returns whether a step lacks something that a node could give */
  const findLack = ({ requirements }: Own, window: Run, step: number): boolean => {
    const size = requirements.length
    const first = (step - window.from) * size
    let count = 0
    for (let q = 0; q < size; q++) {
      const requirement = item(requirements, q)
      const slack = real(requirement.slack, step)
      if (slack >= 0 || slack >= -coverage.tolerance(requirement, step)) continue
      lackOf[first + count] = q
      lackBy[first + count] = -slack
      count++
    }
    lackCount[step - window.from] = count
    return count > 0
  }
  /** What a node gives of that, over all requirements. */
  const gainOf = (own: Own, p: number, window: Run, step: number): number => {
    if (hasClosed && flag(indexed.open, cellOf(indexed, item(own.pools, p).workload, step, whole(own.regionOf, p))) === 0) return 0
    const { gives } = own
    const size = own.requirements.length
    const first = (step - window.from) * size
    const end = first + whole(lackCount, step - window.from)
    let gain = 0
    for (let i = first; i < end; i++) {
      const given = real(gives, whole(lackOf, i) * own.pools.length + p)
      const short = real(lackBy, i)
      // a comparison with NaN is false
      if (given < short) gain += given
      else if (given >= short) gain += short
      else gain += Math.min(short, coverage.promise(item(own.pools, p), step, 'after-zone-loss'))
    }
    return gain
  }

  /** One for all runs that are tried, since most are only looked at. */
  const tried = { from: 0, to: 0 }
  /** Adds nodes until no known requirement of the window lacks anything. @returns USD, or undefined where nothing may be added or that costs more than `mostUsd` */
  const recreate = (own: Own, window: Run, mostUsd: number): number | undefined => {
    let usd = 0
    for (let step = window.from; step <= window.to; step++) {
      isFull.fill(0)
      while (findLack(own, window, step)) {
        for (let later = step + 1; later <= window.to; later++) findLack(own, window, later)
        let best: Pool | undefined
        let bestTo = step
        let bestScore = 0
        findHelpful(own, window, step)
        for (let i = 0; i < helpfulCount; i++) {
          const p = whole(helpful, i)
          const region = whole(own.regionOf, p)
          if (window.to === step && mostNoise * Math.min(whole(lacksIn, region) * real(own.mostGiven, p), real(lackIn, region)) <= bestScore * real(own.leastUsd, p)) continue
          let gain = gainOf(own, p, window, step)
          if (gain === 0 || (window.to === step && mostNoise * gain <= bestScore * real(own.leastUsd, p))) continue
          const pool = item(own.pools, p)
          if (!state.mayAdd(pool, step)) {
            isFull[p] = 1
            continue
          }
          const noise = leastNoise + (mostNoise - leastNoise) * choice.unit()
          if (window.to === step && noise * gain <= bestScore * real(own.leastUsd, p)) continue
          let shortest = step
          if (!own.isFree || step < pool.leadSteps) {
            const legal = state.legalRun(pool, { from: step, to: step }, 1)
            if (legal === undefined || legal.from !== step || legal.to > window.to) continue
            shortest = legal.to
          }
          let mayUntil = step
          for (let to = step; to <= window.to; to++) {
            const here = to === step ? 0 : gainOf(own, p, window, to)
            if (to > shortest && here === 0) break
            gain += here
            if (to < shortest) continue
            tried.from = step
            tried.to = to
            const score = (noise * gain) / (pool.usdPerStep * (to - step + 1) + state.startsUsd(pool, tried, 1) + 1e-9)
            if (score <= bestScore) continue
            while (mayUntil < to && state.mayAdd(pool, mayUntil + 1)) mayUntil++
            if (mayUntil < to || !state.affords([{ pool, delta: 1 }], tried)) break
            best = pool
            bestTo = to
            bestScore = score
          }
        }
        const run = { from: step, to: bestTo }
        if (best === undefined || !isLegal(own, best, run, 1)) return undefined
        usd += change(best, run, 1)
        if (usd > mostUsd) return undefined
        hasRoomAgain(own, best.region)
      }
    }
    return usd
  }

  /** Whether the window has nodes of a pool. */
  const isUsed = ({ countsAt }: Own, p: number, window: Run): boolean => {
    for (let step = window.from; step <= window.to; step++) if (whole(state.counts, whole(countsAt, p) + step) > 0) return true
    return false
  }

  /** Drops nodes of the window that nothing needs any more, where something was taken or added. */
  const trim = (own: Own, window: Run): number => {
    let usd = 0
    for (let p = 0; p < own.pools.length; p++) {
      if (flag(isNear, whole(own.regionOf, p)) === 0 || !isUsed(own, p, window)) continue
      const pool = item(own.pools, p)
      const alone = item(own.alone, p)
      const mayGo = (step: number): boolean => state.count(pool, step) > 0 && coverage.allows(alone, [], step) && state.mayExchange(alone, [], step)
      for (let from = window.from; from <= window.to; from++) {
        if (!mayGo(from)) continue
        let to = from
        while (to < window.to && mayGo(to + 1)) to++
        const run = { from, to }
        const saved = pool.usdPerStep * (to - from + 1) - state.startsUsd(pool, run, -1)
        if (saved > negligibleUsd && isLegal(own, pool, run, -1)) {
          usd += change(pool, run, -1)
          from--
        } else from = to
      }
    }
    return usd
  }

  /** Takes a few nodes away, or all of a region or workload. */
  const ruin = (own: Own, window: Run): number => {
    let usd = 0
    const take = (pool: Pool, nodes: number): void => {
      for (let step = window.from; step <= window.to; step++) {
        const count = Math.min(nodes, state.count(pool, step))
        if (count === 0) continue
        let to = step
        while (to < window.to && Math.min(nodes, state.count(pool, to + 1)) === count) to++
        const run = { from: step, to }
        if (isLegal(own, pool, run, -count)) usd += change(pool, run, -count)
        step = to
      }
    }
    const { pools: all, countsAt } = own
    const used: Pool[] = []
    for (let p = 0; p < countsAt.length; p++) if (whole(state.counts, whole(countsAt, p) + window.from) > 0) used.push(item(all, p))
    if (used.length === 0) return 0
    const kind = choice.unit()
    isNear.fill(1)
    if (kind < effort.clearAllShare && window.to - window.from < longestClearedAll) {
      for (const pool of used) take(pool, Infinity)
      return usd
    }
    if (kind < effort.clearRegionShare) {
      const { region } = item(used, choice.below(used.length))
      for (const pool of used) if (pool.region === region) take(pool, Infinity)
      return usd
    }
    const first = item(used, choice.below(used.length))
    isNear.set(item(neighbours, first.workload * indexed.regionCount + first.region))
    const nearby = choice.unit() < 0.5 ? used.filter((pool) => pool.region === first.region) : used.filter((pool) => flag(isNear, pool.region) === 1)
    take(first, 1)
    for (let taken = choice.below(effort.mostTaken); taken > 0; taken--) take(item(nearby, choice.below(nearby.length)), 1)
    return usd
  }

  /** Whether floors and spot shares hold in the regions that were changed. */
  const keepsFloors = (): boolean => log.every(({ pool, run }) => {
    for (let step = run.from; step <= run.to; step++) if (!state.keepsFloors(pool, step)) return false
    return true
  })
  /** The least by which routes can cost more after all changes of the log. */
  const leastRoutingUsd = (window: Run, before: readonly PricedRoutes[]): number => {
    let usd = 0
    for (let i = 0; i < log.length; i++) {
      const { pool, run, delta } = item(log, i)
      for (let step = run.from; step <= run.to; step++) usd -= delta * pool.planned * real(item(before, step - window.from).prices, pool.region)
    }
    return usd
  }

  const worthTestingUsd = negligibleUsd + effort.worthTesting * state.usd()
  const tryOne = (workload: number, window: Run): void => {
    const own = item(owns, workload)
    if (coverage.requirementsOf(workload).length !== own.requirements.length) refresh(own, workload)
    makeRoom((window.to - window.from + 1) * own.requirements.length)
    const before = Array.from({ length: window.to - window.from + 1 }, (_, position) => routesOf(workload, window.from + position))
    log = []
    let usd = ruin(own, window)
    if (log.length === 0) return
    findNear(own)
    const added = recreate(own, window, -(1 + effort.hopelessFrom) * usd)
    if (added === undefined) return undo()
    usd += added + trim(own, window)
    if (usd + leastRoutingUsd(window, before) > -worthTestingUsd || !keepsFloors()) return undo()
    const after: PricedRoutes[] = []
    for (const [position, { usd: usdBefore }] of before.entries()) {
      known[workload * steps + window.from + position] = undefined
      const routes = routesOf(workload, window.from + position)
      after.push(routes)
      usd += routes.usd - usdBefore
    }
    let holds = usd < -negligibleUsd
    for (let step = window.from; step <= window.to && holds; step++) holds = coverage.carries(workload, step)
    if (holds) return
    undo()
    for (const [position, routes] of before.entries()) known[workload * steps + window.from + position] = routes
  }

  for (let trial = 0; trial < effort.trials; trial++) {
    const workload = choice.below(workloadCount)
    if (item(indexed.problem.workloads, workload).usdPerUnitMoved > 0) continue
    const start = item(indexed.spanStart, workload)
    const end = item(indexed.spanEnd, workload)
    const first = whole(start, choice.below(steps))
    if (first < item(indexed.heldSteps, workload)) continue
    tryOne(workload, { from: first, to: whole(end, Math.min(steps, first + item(effort.windowSteps, choice.below(effort.windowSteps.length))) - 1) - 1 })
  }
}
