import { offerName } from './problem.ts'
import type { PlanProblem, ProblemWorkload } from './problem.ts'

/** A limit of a problem that somebody could raise. */
export interface LiftableLimit {
  /** As rows and prices call it. */
  readonly name: string
  readonly unit: string
  /** Undefined for what is no amount, such as a freeze. */
  readonly value: number | undefined
  /** The problem with the limit at another value; at Infinity, or for what is no amount, without it. */
  readonly at: (problem: PlanProblem, value: number) => PlanProblem
}

/** Stands for no limit where a document needs a number. */
const unlimited = 1e9

function changed<T>(list: readonly T[], index: number, change: (one: T) => T): T[] {
  return list.map((one, position) => (position === index ? change(one) : one))
}

function forWorkload(w: number, change: (workload: ProblemWorkload, value: number) => ProblemWorkload): LiftableLimit['at'] {
  return (problem, value) => ({ ...problem, workloads: changed(problem.workloads, w, (workload) => change(workload, value)) })
}

/** @returns every limit of the problem that keeps capacity from where demand is, in the order of the problem; what limits nothing is left out */
export function liftableLimits(problem: PlanProblem): readonly LiftableLimit[] {
  const { regions, types, options, workloads } = problem
  const finite = (value: number): boolean => value < unlimited
  const limits: LiftableLimit[] = []
  for (const [r, region] of regions.entries()) {
    for (const [s, option] of options.entries()) {
      const value = problem.quotaVcpu[r]?.[s] ?? 0
      if (finite(value)) limits.push({ name: `quota/${region.name}/${option.name}`, unit: 'vCPU', value, at: (from, to) => ({ ...from, quotaVcpu: changed(from.quotaVcpu, r, (vcpus) => changed(vcpus, s, () => Math.min(unlimited, to))) }) })
      for (const [k] of types.entries()) {
        const most = problem.maxNodes[r]?.[k]?.[s] ?? 0
        if (finite(most) && (problem.usdPerHour[r]?.[k]?.[s] ?? null) !== null) {
          limits.push({ name: `nodes/${offerName(problem, r, k, s)}`, unit: 'node', value: most, at: (from, to) => ({ ...from, maxNodes: changed(from.maxNodes, r, (byType) => changed(byType, k, (nodes) => changed(nodes, s, () => Math.min(unlimited, to)))) }) })
        }
      }
    }
  }
  for (const [w, workload] of workloads.entries()) {
    const { name, limits: { max, maxPerRegion } } = workload
    if (finite(max)) limits.push({ name: `nodes/${name}`, unit: 'node', value: max, at: forWorkload(w, (one, to) => ({ ...one, limits: { ...one.limits, max: to } })) })
    if (finite(maxPerRegion)) limits.push({ name: `nodes-per-region/${name}`, unit: 'node', value: maxPerRegion, at: forWorkload(w, (one, to) => ({ ...one, limits: { ...one.limits, maxPerRegion: to } })) })
    const spotShare = Math.min(...workload.spotShare)
    if (spotShare < 1 && workload.options.some((s) => options[s]?.kind === 'spot')) {
      limits.push({ name: `spot-share/${name}`, unit: 'share', value: spotShare, at: forWorkload(w, (one, to) => ({ ...one, spotShare: one.spotShare.map((share) => Math.max(share, Math.min(1, to))) })) })
    }
    if (workload.spotPoolShare < 1) limits.push({ name: `spot-pool/${name}`, unit: 'share', value: workload.spotPoolShare, at: forWorkload(w, (one, to) => ({ ...one, spotPoolShare: Math.min(1, to) })) })
    if (workload.frozen.includes(true)) limits.push({ name: `freeze/${name}`, unit: '', value: undefined, at: forWorkload(w, (one) => ({ ...one, frozen: [] })) })
    for (const [r, closed] of workload.closed.entries()) {
      if (closed.includes(true)) limits.push({ name: `maintenance/${regions[r]?.name}/${name}`, unit: '', value: undefined, at: forWorkload(w, (one) => ({ ...one, closed: changed(one.closed, r, () => []) })) })
    }
    if (workload.maxLowering < Infinity) limits.push({ name: `lowering/${name}`, unit: 'node', value: workload.maxLowering, at: forWorkload(w, (one, to) => ({ ...one, maxLowering: to })) })
    if (problem.leadSteps[w]?.some((steps) => steps.some((lead) => lead > 0)) === true) {
      limits.push({ name: `lead-time/${name}`, unit: '', value: undefined, at: (from) => ({ ...from, leadSteps: changed(from.leadSteps, w, (steps) => steps.map((leads) => leads.map(() => 0))) }) })
    }
    const isConfined = problem.reach.normal[w]?.some((reach, u) => reach.length < workload.regions.length && (problem.demand[w]?.[u] ?? []).some((amount) => amount > 0)) === true
    if (isConfined) {
      const everywhere = (reach: PlanProblem['reach']['normal']): PlanProblem['reach']['normal'] => changed(reach, w, (zones) => zones.map(() => workload.regions))
      limits.push({ name: `reach/${name}`, unit: '', value: undefined, at: (from) => ({ ...from, reach: { normal: everywhere(from.reach.normal), failure: everywhere(from.reach.failure) } }) })
    }
  }
  if (problem.maxUsdPerHour !== undefined) limits.push({ name: 'budget', unit: 'USD per hour', value: problem.maxUsdPerHour, at: (from, to) => ({ ...from, maxUsdPerHour: to === Infinity ? undefined : to }) })
  if (problem.maxUsdPerDay !== undefined) limits.push({ name: 'budget/day', unit: 'USD per day', value: problem.maxUsdPerDay, at: (from, to) => ({ ...from, maxUsdPerDay: to === Infinity ? undefined : to }) })
  for (const [j, work] of problem.deferrable.entries()) {
    limits.push({ name: `window/${work.name}`, unit: '', value: undefined, at: (from) => ({ ...from, deferrable: changed(from.deferrable, j, (one) => ({ ...one, earliest: 0, deadline: from.steps - 1, maxPerStep: one.amount, after: [] })) }) })
  }
  if (problem.survival.zone === 'scenario') limits.push({ name: 'survive/zone', unit: '', value: undefined, at: (from) => ({ ...from, survival: { ...from.survival, zone: 'none' } }) })
  if (problem.survival.region) limits.push({ name: 'survive/region', unit: '', value: undefined, at: (from) => ({ ...from, survival: { ...from.survival, region: false } }) })
  return limits
}

/** @returns the problem without some of its limits */
export function without(problem: PlanProblem, limits: Iterable<LiftableLimit>): PlanProblem {
  return [...limits].reduce((from, limit) => limit.at(from, Infinity), problem)
}
