import type { Conflict, ConflictingLimit, Shortage } from '../domain/plan.ts'
import { indexProblem } from './index-problem.ts'
import { liftableLimits, without } from './liftable-limits.ts'
import type { LiftableLimit } from './liftable-limits.ts'
import type { PlanProblem } from './problem.ts'
import { openRelaxation } from './relax.ts'
import type { Relaxation } from './relax.ts'
import { sliceStep } from './slice-step.ts'
import type { LinearSolver } from './solver/linear-solver.ts'
import { cheapestPools } from './opening.ts'

/** Steps that are looked into, the shortest of each workload first. */
const mostConflicts = 3
/** Columns up to which a problem is looked into as a whole where no single step is short by itself. */
const wholeUpTo = 6000
/** Share of demand below which a shortage is rounding. */
const negligibleShare = 1e-5
/** Halvings in the search for the value of a limit that would be enough: to a thousandth. */
const halvings = 12
/** How far a limit is raised at most in that search, as a factor. */
const farthest = 64

/** Solves a problem's relaxation; shortage in the workload's unit, normal times and failures together. */
function shortageOf(problem: PlanProblem, solver: LinearSolver): Relaxation {
  const indexed = indexProblem(problem)
  const opened = openRelaxation(indexed, solver, { pools: cheapestPools(indexed, 4), cuts: [], routes: [], growth: [], tolerance: 1e-6 })
  try {
    return opened.solve()
  } finally {
    opened.close()
  }
}
const whileAllIsWell = ({ short, undone }: Relaxation): number => short.normal + undone.reduce((sum, amount) => sum + amount, 0)
const amountOf = (relaxation: Relaxation): number => whileAllIsWell(relaxation) + relaxation.short.failure

/**
 * Why demand is short: for the worst steps, a smallest set of limits that together do not let it be carried. Found by the deletion filter: every limit is
 * taken away in turn, and stays away if the rest is still too little; what remains is irreducible, so that without any one of it nothing would be short.
 * @returns one conflict per workload and kind, the worst first; empty when nothing is short
 * @see Chinneck and Dravnieks, Locating minimal infeasible constraint sets in linear programs, ORSA Journal on Computing 3 (1991)
 */
export function findConflicts(problem: PlanProblem, shortages: readonly Shortage[], solver: LinearSolver): readonly Conflict[] {
  const worst = new Map<string, Shortage>()
  for (const shortage of shortages) {
    const before = worst.get(shortage.workload)
    if (before === undefined || shortage.amount > before.amount) worst.set(shortage.workload, shortage)
  }
  const chosen = [...worst.values()].sort((a, b) => b.amount - a.amount || (a.workload < b.workload ? -1 : 1)).slice(0, mostConflicts)
  return chosen.flatMap((shortage) => conflictOf(problem, shortage, solver) ?? [])
}

function conflictOf(problem: PlanProblem, { workload, step }: Shortage, solver: LinearSolver): Conflict | undefined {
  const own = examined(sliceStep(problem, step), solver)
  if (own !== undefined) return { workload, step, ...own }
  const size = problem.types.length * problem.options.length * problem.regions.length * problem.steps * problem.workloads.length
  const whole = size > wholeUpTo ? undefined : examined(problem, solver)
  return whole === undefined ? undefined : { workload, step, ...whole }
}

function examined(problem: PlanProblem, solver: LinearSolver): Omit<Conflict, 'workload' | 'step'> | undefined {
  const demand = problem.demand.flat(2).reduce((sum, amount) => sum + amount, 0) + problem.deferrable.reduce((sum, { amount }) => sum + amount, 0)
  const isShort = (amount: number): boolean => amount > negligibleShare * demand
  const relaxation = shortageOf(problem, solver)
  if (!isShort(amountOf(relaxation))) return undefined
  const survives = problem.survival.region || problem.survival.zone === 'scenario'
  // What is short while all is well has nothing to do with failures: they would only hide the limits that have.
  if (survives && isShort(whileAllIsWell(relaxation))) return examined({ ...problem, survival: { zone: problem.survival.zone === 'derate' ? 'derate' : 'none', region: false } }, solver)
  const amount = amountOf(relaxation)
  const conflicting = irreducible(problem, relaxation, (tried) => isShort(amountOf(shortageOf(tried, solver))))
  const limits = conflicting.map((limit): ConflictingLimit => {
    const left = amountOf(shortageOf(limit.at(problem, Infinity), solver))
    const enough = isShort(left) || limit.value === undefined ? undefined : leastEnough(limit, (value) => !isShort(amountOf(shortageOf(limit.at(problem, value), solver))))
    return { limit: limit.name, unit: limit.unit, value: limit.value, buys: Math.max(0, amount - left), isEnough: !isShort(left), enough }
  })
  return { amount, isOnlyAfterFailure: !isShort(whileAllIsWell(relaxation)), limits }
}

/** The deletion filter; limits without a price in the short relaxation go first, all at once if that leaves it short. */
function irreducible(problem: PlanProblem, relaxation: Relaxation, isShort: (tried: PlanProblem) => boolean): readonly LiftableLimit[] {
  const all = liftableLimits(problem)
  const priced = new Set(relaxation.prices.map(({ limit }) => limit))
  const hasPrice = ({ name, value }: LiftableLimit): boolean => value === undefined || priced.has(name) || !/^(quota|nodes)\//.test(name)
  const cheap = new Set(all.filter((limit) => !hasPrice(limit)))
  const lifted = isShort(without(problem, cheap)) ? cheap : new Set<LiftableLimit>()
  for (const limit of all) {
    if (lifted.has(limit)) continue
    lifted.add(limit)
    if (!isShort(without(problem, lifted))) lifted.delete(limit)
  }
  return all.filter((limit) => !lifted.has(limit))
}

/** @returns the least value of a limit at which nothing is short, to a thousandth; undefined where even many times the value is not enough */
function leastEnough({ value = 0, unit }: LiftableLimit, isEnough: (value: number) => boolean): number | undefined {
  let low = value
  let high = unit === 'share' ? 1 : Math.max(1, value) * 2
  while (!isEnough(high)) {
    if (unit === 'share' || high > farthest * Math.max(1, value)) return undefined
    low = high
    high *= 2
  }
  for (let halving = 0; halving < halvings; halving++) {
    const middle = (low + high) / 2
    if (isEnough(middle)) high = middle
    else low = middle
  }
  return unit === 'share' ? Math.ceil(high * 1000) / 1000 : Math.ceil(high - 1e-3 * high)
}
