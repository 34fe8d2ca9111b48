import type { Shortage } from '../domain/plan.ts'
import { cellOf } from './index-problem.ts'
import type { IndexedProblem } from './index-problem.ts'
import type { Relaxation } from './relax.ts'
import type { FleetState } from './round/fleet-state.ts'
import { capacityAt } from './route-demand.ts'
import { demandToSurvive } from './survival-cuts.ts'
import { createTransport } from './transport.ts'
import { indices, item, real } from './vector.ts'

/** Limits named in a shortage's reason. */
const namedLimits = 2
/** Amounts below this share of demand are rounding. */
const negligibleShare = 1e-5

function limitsInTheWay(relaxation: Relaxation): string {
  const dearest = [...relaxation.prices].sort((a, b) => b.usd - a.usd).slice(0, namedLimits)
  return dearest.length === 0 ? 'no pool can be added in the regions that may serve it' : `in the way: ${dearest.map(({ limit }) => limit).join(', ')}`
}

/**
 * Demand that the plan does not carry: from user zones that no region may serve, for lack of capacity while all is well, and, where that is
 * enough, for lack of capacity after a failure.
 */
export function findShortages(indexed: IndexedProblem, relaxation: Relaxation, state: FleetState): readonly Shortage[] {
  const { problem, steps, regionCount } = indexed
  const shortages: Shortage[] = []
  for (const [w, workload] of problem.workloads.entries()) {
    const normally = createTransport(item(indexed.reachNormal, w), regionCount)
    const afterFailure = createTransport(item(indexed.reachFailure, w), regionCount)
    for (const [u, zone] of problem.userZones.entries()) {
      if ((problem.reach.normal[w]?.[u] ?? []).length > 0) continue
      for (const [step, amount] of (problem.demand[w]?.[u] ?? []).entries()) {
        if (amount > 0) shortages.push({ workload: workload.name, step, amount, reason: `no allowed region is near enough to ${zone.name}` })
      }
    }
    for (let step = 0; step < steps; step++) {
      const total = item(indexed.demand, w * steps + step).reduce((sum, amount) => sum + amount, 0)
      const overload = indices(regionCount).reduce((sum, region) => sum + Math.max(0, -real(state.planned, cellOf(indexed, w, step, region))), 0)
      const short = overload + normally.route(item(indexed.demand, w * steps + step), capacityAt(indexed, state.planned, w, step))
      if (short > negligibleShare * total) {
        shortages.push({ workload: workload.name, step, amount: short, reason: limitsInTheWay(relaxation) })
        continue
      }
      let worst = { amount: 0, name: '' }
      for (const [f, scenario] of indexed.scenarios.entries()) {
        const first = cellOf(indexed, w, step, 0)
        const capacity = scenario.keep.map((_keep, region) => (region !== scenario.region
          ? real(state.surviving, first + region)
          : scenario.isZone ? real(state.afterZoneLoss, first + region) : 0))
        const amount = afterFailure.route(demandToSurvive(indexed, w, f, step), capacity)
        if (amount > worst.amount) worst = { amount, name: scenario.name }
      }
      if (worst.amount > negligibleShare * total) {
        shortages.push({ workload: workload.name, step, amount: worst.amount, onlyAfter: worst.name.replace('/', ' '), reason: `only after the loss of ${worst.name.replace('/', ' ')}; ${limitsInTheWay(relaxation)}` })
      }
    }
  }
  for (const [w, workload] of problem.workloads.entries()) {
    for (let step = 0; step < steps; step++) {
      const fewest = real(state.limits.fewest, w * steps + step)
      const missing = fewest - state.nodesOf(w, step)
      if (missing > 0) shortages.push({ workload: workload.name, step, amount: missing, reason: `${missing} nodes fewer than its fewest, ${fewest}; ${limitsInTheWay(relaxation)}` })
    }
  }
  for (const [position, undone] of relaxation.undone.entries()) {
    const work = item(problem.deferrable, position)
    if (undone <= negligibleShare * work.amount) continue
    shortages.push({ workload: item(problem.workloads, work.workload).name, step: work.deadline, amount: undone, reason: `${work.name} is not done by then; ${limitsInTheWay(relaxation)}` })
  }
  return shortages
}

/** @returns steps in which some demand has no capacity, each counted once per workload */
export function countShortSteps(shortages: readonly Shortage[]): number {
  return new Set(shortages.map(({ workload, step }) => `${workload}/${step}`)).size
}
