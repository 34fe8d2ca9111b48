import type { PlanProblem } from './problem.ts'
import { indices } from './vector.ts'

/** A change of a problem that a plan is compared under. */
export interface Variant {
  readonly name: string
  readonly change: (problem: PlanProblem) => PlanProblem
}

function withoutOption(problem: PlanProblem, kind: 'spot'): PlanProblem {
  const kept = indices(problem.options.length).filter((s) => problem.options[s]?.kind !== kind)
  return { ...problem, workloads: problem.workloads.map((workload) => ({ ...workload, options: workload.options.filter((s) => kept.includes(s)) })) }
}

/** Keeps, per workload and region, the type that is cheapest per unit among its options. */
function oneType(problem: PlanProblem): PlanProblem {
  const usdPerHour = problem.usdPerHour.map((types) => {
    const cheapest = (k: number): number => Math.min(...problem.throughput.map((units) => {
      const usd = Math.min(...(types[k] ?? []).map((price) => price ?? Infinity))
      return usd / (units[k] ?? 0)
    }))
    const order = indices(types.length).toSorted((a, b) => cheapest(a) - cheapest(b) || a - b)
    return types.map((prices, k) => (k === order[0] ? prices : prices.map(() => null)))
  })
  return { ...problem, usdPerHour, fleet: withoutFleet(problem) }
}

/** A comparison of what could be is not about what is live. */
function withoutFleet(problem: PlanProblem): PlanProblem['fleet'] {
  return problem.fleet.map((regions) => regions.map((types) => types.map((options) => options.map(() => 0))))
}

/** Every user zone served by its nearest allowed region alone, while all is well. */
function nearestRegionOnly(problem: PlanProblem): PlanProblem {
  const nearest = problem.reach.normal.map((zones) => zones.map((regions, u) => {
    const latency = (r: number): number => problem.latencyMs[u]?.[r] ?? Infinity
    return [...regions].sort((a, b) => latency(a) - latency(b) || a - b).slice(0, 1)
  }))
  return { ...problem, reach: { ...problem.reach, normal: nearest } }
}

/** Counts that never change: the first step may set them, all others are frozen. */
function staticFleet(problem: PlanProblem): PlanProblem {
  return {
    ...problem,
    leadSteps: problem.leadSteps.map((regions) => regions.map((options) => options.map(() => 0))),
    workloads: problem.workloads.map((workload) => ({ ...workload, frozen: indices(problem.steps).map((step) => step > 0) })),
  }
}

/** What each part of the planner is worth: the plan without it. */
export const ablations: readonly Variant[] = [
  { name: 'without spot', change: (problem) => withoutOption(problem, 'spot') },
  { name: 'one type per region', change: oneType },
  { name: 'nearest region only', change: nearestRegionOnly },
  { name: 'counts that never change', change: staticFleet },
  { name: 'without surviving failures', change: (problem) => ({ ...problem, survival: { ...problem.survival, zone: 'none', region: false } }) },
]

function lostRegion(problem: PlanProblem, region: number): PlanProblem {
  const lost = problem.workloads.map((workload) => workload.regions.filter((r) => r !== region))
  const reach = (zones: readonly (readonly (readonly number[])[])[]): number[][][] => zones.map((byZone) => byZone.map((regions) => regions.filter((r) => r !== region)))
  return {
    ...problem,
    workloads: problem.workloads.map((workload, w) => ({ ...workload, regions: lost[w] ?? [] })),
    reach: { normal: reach(problem.reach.normal), failure: reach(problem.reach.failure) },
    fleet: problem.fleet.map((regions) => regions.map((types, r) => (r === region ? types.map((options) => options.map(() => 0)) : types))),
  }
}

/** Factor that a change is written as: `+50%`, `-20%`, `x2`. */
function factorOf(text: string): number | undefined {
  const percent = /^([+-]\d+(?:\.\d+)?) ?%$/.exec(text)
  if (percent?.[1] !== undefined) return 1 + Number(percent[1]) / 100
  const times = /^x(\d+(?:\.\d+)?)$/.exec(text)
  return times?.[1] === undefined ? undefined : Number(times[1])
}

/** What can be asked, one example of each. */
export const whatIfForms: readonly string[] = ['lose aws/us-east-1', 'demand web x2', 'demand +20%', 'spot price +50%', 'price x1.1', 'quota x0.5']

/**
 * Reads a what-if: `lose aws/us-east-1`, `spot price +50%`, `price x1.1`, `demand web x2`, `demand +20%`, `quota x0.5`.
 * @returns undefined for anything else, or for a name that the problem does not know
 */
export function whatIf(text: string, problem: PlanProblem): Variant | undefined {
  const words = text.trim().split(/\s+/)
  const factor = factorOf(words.at(-1) ?? '')
  const [verb, noun] = words
  const variant = (change: (from: PlanProblem) => PlanProblem): Variant => ({ name: text.trim(), change })
  if (verb === 'lose' && words.length === 2) {
    const region = problem.regions.findIndex(({ name }) => name === noun)
    return region < 0 ? undefined : variant((from) => lostRegion(from, region))
  }
  if (factor === undefined || factor < 0) return undefined
  if (verb === 'demand' && words.length <= 3) {
    const only = words.length === 3 ? problem.workloads.findIndex(({ name }) => name === noun) : -1
    if (words.length === 3 && only < 0) return undefined
    return variant((from) => ({ ...from, demand: from.demand.map((zones, w) => (only < 0 || w === only ? zones.map((steps) => steps.map((amount) => amount * factor)) : zones)) }))
  }
  if (verb === 'quota' && words.length === 2) return variant((from) => ({ ...from, quotaVcpu: from.quotaVcpu.map((options) => options.map((vcpus) => vcpus * factor)) }))
  const kind = verb === 'price' ? undefined : verb
  if ((verb === 'price' && words.length === 2) || (noun === 'price' && words.length === 3 && problem.options.some((option) => option.kind === kind))) {
    return variant((from) => ({
      ...from,
      usdPerHour: from.usdPerHour.map((types) => types.map((prices) => prices.map((usd, s) => (usd === null || (kind !== undefined && from.options[s]?.kind !== kind) ? usd : usd * factor)))),
    }))
  }
  return undefined
}
