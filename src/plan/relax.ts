import type { Window } from './choose-windows.ts'
import { createDraft } from './draft.ts'
import { cellOf } from './index-problem.ts'
import type { IndexedProblem, Pool } from './index-problem.ts'
import { limitsOf } from './limits.ts'
import { offerName } from './problem.ts'
import { budgetRows } from './rows/budget-rows.ts'
import { deferralColumns } from './rows/deferral-rows.ts'
import { demandRows } from './rows/demand-rows.ts'
import { loadRows } from './rows/load-rows.ts'
import { addNodeColumns } from './rows/node-columns.ts'
import type { NodeColumns } from './rows/node-columns.ts'
import { movesHavePrice, movingRows } from './rows/moving-rows.ts'
import { nodeLimitRows } from './rows/node-limit-rows.ts'
import type { Emit, LimitPrice, NodeRows } from './rows/node-rows.ts'
import { negligibleUsd } from './rows/node-rows.ts'
import { offerRows } from './rows/offer-rows.ts'
import { quotaRows } from './rows/quota-rows.ts'
import { spotPoolRows } from './rows/spot-pool-rows.ts'
import { spotShareRows } from './rows/spot-share-rows.ts'
import { survivingRows } from './rows/surviving-rows.ts'
import type { Basis, LinearSolution, LinearSolver, Scaling, SimplexMethod } from './solver/linear-solver.ts'
import { basisFrom } from './step-layout.ts'
import type { SolvedStep, StepLayout } from './step-layout.ts'
import { createCutPool, demandToSurvive } from './survival-cuts.ts'
import type { CutName, SurvivalCut } from './survival-cuts.ts'
import { createTransport } from './transport.ts'
import { add, flag, item, real, whole } from './vector.ts'

/** The cheapest fractional plan. */
export interface Relaxation {
  /** Nodes per step of every pool that is used. */
  readonly nodes: ReadonlyMap<Pool, Float64Array>
  /** Demand routed to each region, and capacity left there after a failure. Shape [(workload · steps + step) · regions + region]. */
  readonly load: Float64Array
  readonly surviving: Float64Array
  /** What deferrable work takes of planned capacity. Shape as above. */
  readonly deferred: Float64Array
  /** What one unit of planned capacity is worth, USD. Shape as above. */
  readonly loadUsd: Float64Array
  readonly cuts: readonly SurvivalCut[]
  readonly objective: number
  /** No plan can cost less, whatever columns and cuts are not in the model. */
  readonly lowerBound: number
  readonly prices: readonly LimitPrice[]
  /** Where deferrable work is done, in the workload's unit. */
  readonly placed: readonly PlacedAmount[]
  /** Deferrable work that finds no capacity, per job, in the workload's unit times steps. */
  readonly undone: readonly number[]
  /** Demand that is short in fractional nodes, in normal times, and after failures, in the workloads' units, over all regions and steps. */
  readonly short: { readonly normal: number; readonly failure: number }
  /** Whether some demand is short even in fractional nodes, in normal times or after a failure: no plan can carry it. */
  readonly isShort: boolean
  /** Pools in the model. */
  readonly active: readonly Pool[]
}

/** Part of a deferrable work: where and when it is done. */
export interface PlacedAmount {
  readonly work: number
  readonly cell: number
  readonly step: number
  readonly amount: number
}

export interface RelaxOptions {
  /** Pools to begin with; others join when their price is right. */
  readonly pools: Iterable<Pool>
  /** User zones and scenarios of cuts to begin with. */
  readonly cuts: Iterable<CutName>
  /** Routes to begin with in every step, beside those to the nearest regions: (workload · user zones + user zone) · regions + region. */
  readonly routes: Iterable<number>
  /** What a model of a like problem was given after it was made, to be given again in the same order. */
  readonly growth: readonly Growth[]
  /** Relative distance of objective and bound at which the search ends. */
  readonly tolerance: number
  /** New pools per workload, region, option and round; undefined: `usualPoolsPerRound`. */
  readonly poolsPerRound?: number
}

/** What one round of the search added to a model. Pools by their position in `IndexedProblem.pools`, routes as [workload · steps + step, user zone, region]. */
export interface Growth {
  readonly pools: readonly number[]
  readonly routes: readonly (readonly [number, number, number])[]
  readonly cuts: readonly { readonly cut: CutName; readonly step: number }[]
}

/** The same with cuts of this model. */
interface OwnGrowth extends Growth {
  readonly cuts: readonly { readonly cut: SurvivalCut; readonly step: number }[]
}

/** Nearest regions that a user zone's routes begin with; the rest join when their price is right. */
const firstRoutes = 3
/** New pools per workload, region, option and round, unless said. */
const usualPoolsPerRound = 2
/** Demand from which a shortage of the relaxation is one, in the workload's unit. */
const shortFrom = 1e-4
/** Rounds after which the search gives up proving more; each adds columns or cuts, so that few are needed. */
const maxRounds = 100
/** Parts of deferrable work smaller than this are the solver's rounding, in the workload's unit. */
const negligibleWork = 1e-7

/**
 * What nodes are worth at the edges of steps that are a part of a longer problem: those of a step are paid what those of the step after pay for them.
 * Each price in [0, usdPerStart], so that starts across the edge, which are then free, cost no less in any plan (a Lagrangian relaxation of their rows).
 */
export interface EdgePrices {
  /** `live`: the first step follows the live fleet; `free`: what serves in it may have been there before, so that it costs no start. */
  readonly entry: 'live' | 'free'
  /** USD that a node pays in the first step, and is paid in the last. */
  readonly first: (pool: Pool) => number
  readonly last: (pool: Pool) => number
}

/** Nodes are worth nothing at the edges. */
export const unpaidEdges = { first: () => 0, last: () => 0 } as const satisfies Omit<EdgePrices, 'entry'>

/** A pool's count in all steps of a run. */
export interface FixedCount {
  readonly pool: Pool
  readonly from: number
  readonly to: number
  readonly nodes: number
}

/** A relaxation whose model is kept, so that it can be solved again with other bounds. */
export interface OpenRelaxation {
  /** Adds pools, routes and cuts until none is missing. */
  solve(): Relaxation
  /** Adds cuts only: what was fixed stays as it is, and the lower bound no longer speaks of the whole problem. */
  solveAgain(): Relaxation
  /** Fixes counts in the steps of runs for all solves that follow; the pools must be active. */
  fix(counts: readonly FixedCount[]): void
  /** Lets deferrable work be done in its window only; one per work. Stays in force. */
  confineWork(windows: readonly Window[]): void
  /** Where the rows and columns of every step stand, and the vertex that the last solve ended at. Shape [steps]. */
  solvedSteps(): readonly SolvedStep[]
  /** Lets the first solve begin where other models of the same problem ended: each step where one of theirs did. See `basisFrom`. */
  startFrom(solved: readonly SolvedStep[], together?: number): void
  /** Rows and columns of the model as it is now. */
  size(): { readonly columns: number; readonly rows: number }
  /** The vertex that the last solve ended at, and where the next one begins: rows and columns in the order they joined the model. */
  vertex(): Basis
  startAt(vertex: Basis): void
  /** Pools that the vertex of the last solve may hold nodes of: a price a little different would use them. */
  basicPools(): Iterable<Pool>
  /** Routes in the model beyond those to the nearest regions; positions as in `RelaxOptions`. */
  farRoutes(): Iterable<number>
  /** What the search has added until now, `RelaxOptions.growth` included. */
  growth(): readonly Growth[]
  /**
   * Gives the next solve another demand and other live nodes, as from a problem that differs in nothing else and whose lead times have passed: only bounds of
   * the model change. Stays in force.
   * @param demand  shape [workloads · steps][user zones]
   * @param fleet   of pools in the model; others have no live nodes
   */
  moveTo(demand: readonly Float64Array[], fleet: (pool: Pool) => number): void
  /** What one node more of a pool before a step, the first unless said, would save, as the last result has it, in [0, usdPerStart]. */
  entryUsd(pool: Pool, step?: number): number
  /** Makes the steps a part of a longer problem for the next solve. Stays in force. */
  priceEdges(prices: EdgePrices): void
  scaleBy(scaling: Scaling): void
  iterateBy(method: SimplexMethod): void
  close(): void
}

/**
 * Solves the linear relaxation by adding what is missing: pools and routes of negative reduced cost (a pool's best on/off course over time under
 * the current prices is found by dynamic programming, exact with start costs), and cuts of scenarios that are violated (by maximal flow).
 * The values of what was not added bound what adding it could still save: that is the lower bound.
 * @throws Error when the solver fails: the model always has a solution, since demand may be short at a price
 * @see Dantzig and Wolfe (1960) for pricing, Gale (1957) and Hoffman (1960) for the cuts
 */
export function openRelaxation(problem: IndexedProblem, solver: LinearSolver, options: RelaxOptions): OpenRelaxation {
  const indexed = { ...problem, demand: problem.demand.map((slot) => slot.slice()) }
  const { steps, regionCount, userZoneCount, workloadCount, optionCount, pools, open } = indexed
  const { poolsPerRound = usualPoolsPerRound } = options
  const limits = limitsOf(indexed)
  const draft = createDraft()
  const cells = open.length
  const demandRow = demandRows(draft, indexed)
  const load = loadRows(draft, indexed)
  const left = survivingRows(draft, indexed)
  const missingUsd = indexed.shortUsd.normal * Math.max(1, ...pools.map((pool) => pool.planned))
  const floors = nodeLimitRows(draft, indexed, limits, missingUsd)
  const spotPools = spotPoolRows(draft, indexed, limits)
  const offers = offerRows(draft, indexed, limits)
  const families: readonly NodeRows[] = [
    load, left, spotShareRows(draft, indexed, limits), spotPools, quotaRows(draft, indexed, limits), offers, floors,
    budgetRows(draft, indexed, limits),
  ]
  const terms = (pool: Pool, step: number, emit: Emit): void => {
    for (let f = 0; f < families.length; f++) item(families, f).terms(pool, step, emit)
  }

  const survivingColumn = new Int32Array(cells).fill(-1)
  const cutRowsToAdd: { readonly cut: SurvivalCut; readonly step: number }[] = []
  const rowsOfCut = new Map<SurvivalCut, Int32Array>()
  const cutPools = Array.from({ length: workloadCount }, (_, w) => createCutPool(indexed, w))
  const hasScenarios = indexed.scenarios.length > 0
  if (hasScenarios) {
    for (let cell = 0; cell < cells; cell++) {
      survivingColumn[cell] = draft.addColumn(0, 0, Infinity)
      draft.entry(whole(left.row, cell), 1)
    }
    const everybody = new Uint8Array(userZoneCount).fill(1)
    for (const pool of cutPools) for (const scenario of indexed.scenarios.keys()) pool.add(everybody, scenario)
    for (const { workload, scenario, userZones } of options.cuts) {
      const members = new Uint8Array(userZoneCount)
      for (const zone of userZones) members[zone] = 1
      item(cutPools, workload).add(members, scenario)
    }
  }
  const cutRow = (cut: SurvivalCut): Int32Array => {
    const known = rowsOfCut.get(cut)
    if (known !== undefined) return known
    const rows = new Int32Array(steps).fill(-1)
    rowsOfCut.set(cut, rows)
    return rows
  }
  const addCutRow = (cut: SurvivalCut, step: number): void => {
    const keep = item(indexed.scenarios, cut.scenario).keep
    const columns = cut.regions.map((region) => whole(survivingColumn, cellOf(indexed, cut.workload, step, region)))
    cutRow(cut)[step] = draft.addRowOver(real(cut.need, step), Infinity, columns, Float64Array.from(cut.regions, (region) => real(keep, region)))
  }

  const active = new Map<Pool, Int32Array>()
  const startsOf = new Map<Pool, NodeColumns['starts']>()
  let edges: EdgePrices = { entry: 'live', ...unpaidEdges }
  const edgeUsd = (pool: Pool, step: number): number => (step === 0 ? edges.first(pool) : 0) - (step === steps - 1 ? edges.last(pool) : 0)
  const activate = (pool: Pool): void => {
    if (active.has(pool)) return
    offers.begin(pool)
    const { nodes, starts } = addNodeColumns(draft, indexed, pool, terms)
    active.set(pool, nodes)
    startsOf.set(pool, starts)
  }
  for (const pool of options.pools) activate(pool)
  const joining = new Set(options.growth.flatMap((growth) => growth.pools))
  for (const pool of pools) if (pool.fleet > 0 && !joining.has(pool.index)) activate(pool)
  const shortColumn = Int32Array.from({ length: cells }, (_, cell) => {
    const column = draft.addColumn(indexed.shortUsd.normal, 0, Infinity)
    draft.entry(whole(load.row, cell), -1)
    return column
  })
  const leftShortColumn = Int32Array.from({ length: hasScenarios ? cells : 0 }, (_, cell) => {
    const column = draft.addColumn(indexed.shortUsd.failure, 0, Infinity)
    draft.entry(whole(left.row, cell), -1)
    return column
  })
  floors.addMissing()
  spotPools.addTotals()
  const deferral = deferralColumns(draft, indexed, load.row)
  const moving = movingRows(draft, indexed)

  const routeUsd = (workload: number, zone: number, region: number): number =>
    real(item(indexed.routeUsd.latency, workload), zone * regionCount + region) + real(item(indexed.routeUsd.sent, workload), zone * regionCount + region)
  const routed = new Uint8Array(workloadCount * steps * userZoneCount * regionCount)
  const isRouted = (slot: number, zone: number, region: number): boolean => routed[(slot * userZoneCount + zone) * regionCount + region] === 1
  const routes: { readonly slot: number; readonly zone: number; readonly region: number; readonly column: number }[] = []
  const addRoute = (slot: number, zone: number, region: number): void => {
    routed[(slot * userZoneCount + zone) * regionCount + region] = 1
    const column = draft.addColumn(routeUsd(Math.floor(slot / steps), zone, region), 0, Infinity)
    draft.entry(whole(demandRow, slot * userZoneCount + zone), 1)
    draft.entry(whole(load.row, slot * regionCount + region), 1)
    moving.terms(Math.floor(slot / steps), zone, region, slot % steps, draft.entry)
    routes.push({ slot, zone, region, column })
  }
  for (let slot = 0; slot < workloadCount * steps; slot++) {
    const reach = item(indexed.reachNormal, Math.floor(slot / steps))
    for (const [zone, regions] of reach.entries()) for (const region of movesHavePrice(indexed, Math.floor(slot / steps), zone) ? regions : regions.subarray(0, firstRoutes)) addRoute(slot, zone, region)
  }
  moving.addMoved()
  for (const route of options.routes) {
    const [reach, region] = [Math.floor(route / regionCount), route % regionCount]
    const [workload, zone] = [Math.floor(reach / userZoneCount), reach % userZoneCount]
    for (let step = 0; step < steps; step++) if (!isRouted(workload * steps + step, zone, region)) addRoute(workload * steps + step, zone, region)
  }

  const model = solver.createModel()
  const transports = indexed.reachFailure.map((reach) => createTransport(reach, regionCount))

  /** Finds violated cuts and queues their rows. @returns how many rows are queued */
  const separate = (values: Float64Array): number => {
    const capacity = new Float64Array(regionCount)
    for (let w = 0; hasScenarios && w < workloadCount; w++) {
      const transport = item(transports, w)
      for (let step = 0; step < steps; step++) {
        for (const [f, { keep }] of indexed.scenarios.entries()) {
          for (let region = 0; region < regionCount; region++) {
            const column = whole(survivingColumn, cellOf(indexed, w, step, region))
            capacity[region] = (real(values, column) * (1 + 1e-9) + 1e-6) * real(keep, region)
          }
          const demand = demandToSurvive(indexed, w, f, step)
          if (transport.route(demand, capacity) > 1e-3) item(cutPools, w).add(transport.cutUserZones, f)
        }
      }
      for (const cut of item(cutPools, w).cuts) {
        const keep = item(indexed.scenarios, cut.scenario).keep
        const rows = cutRow(cut)
        for (let step = 0; step < steps; step++) {
          if (whole(rows, step) >= 0) continue
          let has = 0
          for (const region of cut.regions) has += real(keep, region) * real(values, whole(survivingColumn, cellOf(indexed, w, step, region)))
          const need = real(cut.need, step)
          if (need - has > 1e-3 * (1 + 1e-3 * need)) cutRowsToAdd.push({ cut, step })
        }
      }
    }
    return cutRowsToAdd.length
  }

  const changeEdgeCosts = (): void => {
    const costs = new Map<number, number>()
    for (const [pool, { columns }] of startsOf) if (whole(columns, 0) >= 0) costs.set(whole(columns, 0), edges.entry === 'free' ? 0 : pool.usdPerStart)
    for (const [pool, nodes] of active) for (const step of [0, steps - 1]) costs.set(whole(nodes, step), pool.usdPerStep + edgeUsd(pool, step))
    const columns = Int32Array.from(costs.keys()).sort()
    model.changeCosts(columns, Float64Array.from(columns, (column) => costs.get(column) ?? 0))
  }
  let hasEdges = false

  /** Prices pools and routes that are not in the model. @returns what they could save at most, ≤ 0, and those worth adding */
  const price = (duals: Float64Array): { saving: number; pools: readonly Pool[]; routes: readonly (readonly [number, number, number])[] } => {
    let saving = 0
    const wanted: Pool[] = []
    let reduced = 0
    const emit: Emit = (row, coefficient) => {
      reduced -= coefficient * real(duals, row)
    }
    for (const candidates of indexed.poolsIn) {
      const best: { readonly pool: Pool; readonly value: number }[][] = Array.from({ length: optionCount }, () => [])
      for (const pool of candidates) {
        if (pool.maxNodes === 0 || active.has(pool)) continue
        const start = item(indexed.spanStart, pool.workload)
        const first = Math.max(pool.leadSteps, item(indexed.heldSteps, pool.workload))
        let off = 0
        let on = edges.entry === 'free' ? 0 : Infinity
        for (let step = 0; step < steps; step++) {
          if (step < first) continue
          reduced = pool.usdPerStep + edgeUsd(pool, step)
          terms(pool, step, emit)
          const starts = whole(start, step) === step
          const stay = on + reduced
          off = starts ? Math.min(off, on) : off
          on = starts ? Math.min(stay, off + pool.usdPerStart + reduced) : stay
        }
        const value = Math.min(on, off) * pool.maxNodes
        if (value >= -1e-7) continue
        saving += value
        item(best, pool.option).push({ pool, value })
      }
      for (const found of best) {
        found.sort((a, b) => a.value - b.value || a.pool.index - b.pool.index)
        wanted.push(...found.slice(0, poolsPerRound).map(({ pool }) => pool))
      }
    }
    const newRoutes: (readonly [number, number, number])[] = []
    for (let slot = 0; slot < workloadCount * steps; slot++) {
      const reach = item(indexed.reachNormal, Math.floor(slot / steps))
      for (let zone = 0; zone < userZoneCount; zone++) {
        const regions = item(reach, zone)
        if (regions.length <= firstRoutes) continue
        const dual = real(duals, whole(demandRow, slot * userZoneCount + zone))
        for (const region of regions) {
          if (isRouted(slot, zone, region)) continue
          const value = routeUsd(Math.floor(slot / steps), zone, region) - dual - real(duals, whole(load.row, slot * regionCount + region))
          if (value >= -1e-8) continue
          saving += value * real(item(indexed.demand, slot), zone)
          newRoutes.push([slot, zone, region])
        }
      }
    }
    return { saving, pools: wanted, routes: newRoutes }
  }

  /** Of the last result. */
  let reducedCosts: Float64Array = new Float64Array()
  const result = (solution: LinearSolution, saving: number): Relaxation => {
    const { values, duals } = solution
    reducedCosts = solution.reducedCosts
    const nodes = new Map<Pool, Float64Array>()
    const prices: LimitPrice[] = families.flatMap((family) => [...family.prices(duals)])
    for (const [pool, columns] of active) {
      const course = new Float64Array(steps)
      const spanStart = item(indexed.spanStart, pool.workload)
      let most = 0
      let usd = 0
      for (let step = 0; step < steps; step++) {
        const column = whole(columns, step)
        const count = Math.max(0, real(values, column))
        course[step] = count
        most = Math.max(most, count)
        if (step >= pool.leadSteps && whole(spanStart, step) === step) usd += Math.max(0, -real(reducedCosts, column))
      }
      if (most > 1e-9) nodes.set(pool, course)
      if (usd > negligibleUsd) prices.push({ limit: `nodes/${offerName(indexed.problem, pool.region, pool.type, pool.option)}`, unit: 'node', usd })
    }
    const loads = new Float64Array(cells)
    for (const { slot, region, column } of routes) add(loads, slot * regionCount + region, real(values, column))
    for (let cell = 0; cell < cells; cell++) add(loads, cell, -real(values, whole(shortColumn, cell)))
    const deferred = new Float64Array(cells)
    const placed = deferral.places.flatMap(({ work, cell, step, column }) => (real(values, column) > negligibleWork ? [{ work, cell, step, amount: real(values, column) }] : []))
    for (const { cell, amount } of placed) add(deferred, cell, amount)
    return {
      nodes, load: loads, deferred, placed, prices,
      surviving: Float64Array.from(survivingColumn, (column) => (column < 0 ? 0 : real(values, column))),
      loadUsd: Float64Array.from(load.row, (row) => Math.max(0, -real(duals, row))),
      cuts: cutPools.flatMap((pool) => pool.cuts),
      objective: solution.objective,
      lowerBound: solution.objective + saving,
      short: { normal: sumOver(values, shortColumn), failure: sumOver(values, leftShortColumn) },
      isShort: shortColumn.some((column) => real(values, column) > shortFrom) || leftShortColumn.some((column) => real(values, column) > shortFrom),
      undone: Array.from(deferral.undone, (column) => real(values, column)),
      active: [...active.keys()],
    }
  }

  draft.flush(model)
  for (const pool of cutPools) for (const cut of pool.cuts) for (let step = 0; step < steps; step++) addCutRow(cut, step)
  draft.flush(model)

  /** Where the last solve ended. */
  let basisNow: Basis | undefined
  const vertex = (): Basis => basisNow ??= model.basis()
  const optimum = (): LinearSolution => {
    basisNow = undefined
    const outcome = model.solve()
    if (outcome.kind !== 'optimal') throw new Error(`the linear solver ended ${outcome.kind === 'stopped' ? outcome.reason : outcome.kind}`)
    return outcome.solution
  }
  /** Of the model as it is. */
  let layoutsNow: readonly StepLayout[] | undefined
  const grown: Growth[] = []
  const grow = (growth: OwnGrowth): void => {
    layoutsNow = undefined
    for (const index of growth.pools) activate(item(pools, index))
    for (const [slot, zone, region] of growth.routes) addRoute(slot, zone, region)
    draft.flush(model)
    for (const { cut, step } of growth.cuts) addCutRow(cut, step)
    draft.flush(model)
    if (hasEdges && growth.pools.length > 0) changeEdgeCosts()
    grown.push(growth)
  }
  const ownCut = ({ workload, scenario, userZones }: CutName): SurvivalCut | undefined => {
    const members = new Uint8Array(userZoneCount)
    for (const zone of userZones) members[zone] = 1
    return item(cutPools, workload).add(members, scenario)
  }
  for (const growth of options.growth) {
    grow({ ...growth, cuts: growth.cuts.flatMap(({ cut, step }) => {
      const own = ownCut(cut)
      return own === undefined ? [] : [{ cut: own, step }]
    }) })
  }

  const routePosition = (workload: number, zone: number, region: number): number => (workload * userZoneCount + zone) * regionCount + region
  /** Of the pools that enter a limit's row the first, with the family of rows: all steps have the same limits. */
  const limitedBy = (): readonly { readonly family: NodeRows; readonly pool: Pool }[] => {
    const limiting = families.filter((family) => family !== load && family !== left && family !== offers)
    const limited = new Set<number>()
    const first: { readonly family: NodeRows; readonly pool: Pool }[] = []
    for (const pool of pools) {
      for (const family of limiting) {
        const before = limited.size
        family.terms(pool, 0, (row) => limited.add(row))
        if (limited.size > before) first.push({ family, pool })
      }
    }
    return first
  }
  const layouts = (): readonly StepLayout[] => layoutsNow ??= madeLayouts()
  const madeLayouts = (): readonly StepLayout[] => {
    const limited = limitedBy()
    const cuts = cutPools.flatMap((pool) => pool.cuts.map((cut) => ({ name: `cut/${cut.workload}:${cut.scenario}:${cut.regions.join(',')}`, rows: cutRow(cut) })))
    const firstRoute = 3 * workloadCount * regionCount + pools.length
    const made = Array.from({ length: steps }, (_, step): StepLayout => {
      const rows: number[] = []
      const columns = new Int32Array(firstRoute + workloadCount * userZoneCount * regionCount).fill(-1)
      let position = 0
      let open = 0
      for (let w = 0; w < workloadCount; w++) {
        for (let zone = 0; zone < userZoneCount; zone++) rows.push(whole(demandRow, (w * steps + step) * userZoneCount + zone))
        for (let region = 0; region < regionCount; region++) {
          const cell = cellOf(indexed, w, step, region)
          rows.push(whole(load.row, cell), whole(left.row, cell))
          open += flag(indexed.open, cell)
          columns[position++] = whole(survivingColumn, cell)
          columns[position++] = whole(shortColumn, cell)
          columns[position++] = leftShortColumn[cell] ?? -1
        }
      }
      for (const [pool, nodes] of active) columns[position + pool.index] = whole(nodes, step)
      for (const { family, pool } of limited) family.terms(pool, step, (row) => rows.push(row))
      const named = new Map<string, number>()
      for (const [offer, byStep] of offers.rows) named.set(`offer/${offer}`, whole(byStep, step))
      for (const { name, rows: ofCut } of cuts) if (whole(ofCut, step) >= 0) named.set(name, whole(ofCut, step))
      const starts = new Map<number, { row: number; column: number }>()
      for (const [pool, own] of startsOf) starts.set(pool.index, { row: whole(own.rows, step), column: whole(own.columns, step) })
      return { open, rows: Int32Array.from(rows), columns, named, starts }
    })
    for (const { slot, zone, region, column } of routes) {
      item(made, slot % steps).columns[firstRoute + routePosition(Math.floor(slot / steps), zone, region)] = column
    }
    return made
  }

  return {
    solvedSteps() {
      const basis = vertex()
      return layouts().map((layout) => ({ layout, basis }))
    },
    startFrom(solved, together) {
      const basis = basisFrom(solved, layouts(), { columns: draft.columnCount(), rows: draft.rowCount() }, together)
      if (basis !== undefined) model.startFrom(basis)
    },
    size: () => ({ columns: draft.columnCount(), rows: draft.rowCount() }),
    vertex,
    startAt: (vertex) => {
      model.startFrom(vertex)
    },
    basicPools() {
      const { columns } = vertex()
      return [...active].filter(([, nodes]) => nodes.some((column) => columns[column] !== 0)).map(([pool]) => pool)
    },
    farRoutes() {
      const far = new Set<number>()
      for (const { slot, zone, region } of routes) {
        const workload = Math.floor(slot / steps)
        if (!item(item(indexed.reachNormal, workload), zone).subarray(0, firstRoutes).includes(region)) far.add(routePosition(workload, zone, region))
      }
      return far
    },
    solve() {
      for (let round = 1; ; round++) {
        const solution = optimum()
        const missing = separate(solution.values)
        const priced = price(solution.duals)
        const complete = priced.pools.length === 0 && priced.routes.length === 0
        const close = -priced.saving < options.tolerance * Math.abs(solution.objective)
        if ((missing === 0 && (complete || close)) || round === maxRounds) return result(solution, priced.saving)
        grow({ pools: priced.pools.map(({ index }) => index), routes: priced.routes, cuts: cutRowsToAdd.splice(0) })
      }
    },
    solveAgain() {
      for (let round = 1; ; round++) {
        const solution = optimum()
        if (separate(solution.values) === 0 || round === maxRounds) return result(solution, 0)
        grow({ pools: [], routes: [], cuts: cutRowsToAdd.splice(0) })
      }
    },
    fix(counts) {
      const fixed = new Map<number, number>()
      for (const { pool, from, to, nodes } of counts) {
        const columns = active.get(pool)
        if (columns === undefined) throw new RangeError(`pool ${pool.index} is not in the model`)
        for (let step = from; step <= to; step++) fixed.set(whole(columns, step), nodes)
      }
      const columns = Int32Array.from(fixed.keys()).sort()
      const bounds = Float64Array.from(columns, (column) => fixed.get(column) ?? 0)
      model.changeColumnBounds(columns, bounds, bounds)
    },
    confineWork(windows) {
      const columns = Int32Array.from(deferral.places, ({ column }) => column)
      const upper = Float64Array.from(deferral.places, ({ work, step }) => (step >= item(windows, work).from && step <= item(windows, work).to ? Infinity : 0))
      model.changeColumnBounds(columns, new Float64Array(columns.length), upper)
    },
    growth: () => grown,
    entryUsd(pool, step = 0) {
      const column = startsOf.get(pool)?.columns[step] ?? -1
      return column < 0 ? 0 : Math.min(pool.usdPerStart, Math.max(0, pool.usdPerStart - real(reducedCosts, column)))
    },
    moveTo(demand, fleet) {
      for (const [slot, amounts] of demand.entries()) item(indexed.demand, slot).set(amounts)
      const bounds = new Map<number, { readonly lower: number; readonly upper: number }>()
      for (const [position, row] of demandRow.entries()) {
        const amount = real(item(indexed.demand, Math.floor(position / userZoneCount)), position % userZoneCount)
        if (row >= 0) bounds.set(row, { lower: amount, upper: amount })
      }
      for (const pool of cutPools) {
        pool.followDemand()
        for (const cut of pool.cuts) for (const [step, row] of cutRow(cut).entries()) if (row >= 0) bounds.set(row, { lower: real(cut.need, step), upper: Infinity })
      }
      for (const [pool, { rows: [first = -1] }] of startsOf) if (first >= 0) bounds.set(first, { lower: -Infinity, upper: fleet(pool) })
      const sorted = [...bounds].sort(([a], [b]) => a - b)
      model.changeRowBounds(Int32Array.from(sorted, ([row]) => row), Float64Array.from(sorted, ([, { lower }]) => lower), Float64Array.from(sorted, ([, { upper }]) => upper))
    },
    priceEdges(prices) {
      edges = prices
      hasEdges = true
      changeEdgeCosts()
    },
    scaleBy: (scaling) => model.scaleBy(scaling),
    iterateBy: (method) => model.iterateBy(method),
    close() {
      model.dispose()
    },
  }
}

function sumOver(values: Float64Array, columns: Int32Array): number {
  return columns.reduce((sum, column) => sum + Math.max(0, real(values, column)), 0)
}
