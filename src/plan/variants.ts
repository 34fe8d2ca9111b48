import type { PlanProblem } from './problem.ts'
import { indices } from './vector.ts'

/** A change of a problem that a plan is compared under. */
export interface Variant {
  readonly name: string
  readonly change: (problem: PlanProblem) => PlanProblem
}

/** A comparison of what could be is not about what can be had in time. */
function withoutLeadTimes(problem: PlanProblem): PlanProblem['leadSteps'] {
  return problem.leadSteps.map((regions) => regions.map((options) => options.map(() => 0)))
}

function withoutSpot(problem: PlanProblem): PlanProblem {
  return {
    ...problem,
    leadSteps: withoutLeadTimes(problem),
    workloads: problem.workloads.map((workload) => ({ ...workload, options: workload.options.filter((s) => problem.options[s]?.kind !== 'spot') })),
  }
}

/** Keeps, per workload and region, the type that is cheapest per unit among its options. */
function oneType(problem: PlanProblem): PlanProblem {
  const usdPerHour = problem.usdPerHour.map((types, r) => {
    const kept = new Set(problem.workloads.flatMap((workload, w) => {
      const usdPerUnit = (k: number): number => Math.min(...workload.options.map((s) => ((problem.maxNodes[r]?.[k]?.[s] ?? 0) > 0 ? types[k]?.[s] ?? Infinity : Infinity))) / (problem.throughput[w]?.[k] ?? 0)
      const cheapest = indices(types.length).filter((k) => usdPerUnit(k) < Infinity).toSorted((a, b) => usdPerUnit(a) - usdPerUnit(b) || a - b)[0]
      return cheapest === undefined ? [] : [cheapest]
    }))
    return types.map((prices, k) => (kept.has(k) ? prices : prices.map(() => null)))
  })
  return { ...problem, usdPerHour, leadSteps: withoutLeadTimes(problem) }
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
    leadSteps: withoutLeadTimes(problem),
    workloads: problem.workloads.map((workload) => ({ ...workload, frozen: indices(problem.steps).map((step) => step > 0) })),
  }
}

/** Availability while all is well when one zone of every region counts as lost (`taken`), or no longer does. */
function blanket(problem: PlanProblem, taken: 'taken' | 'given back'): PlanProblem['availability'] {
  const normal = problem.availability.normal.map((options, r) => {
    const zones = problem.regions[r]?.zones ?? 1
    const left = (zones - 1) / zones
    return options.map((share) => (taken === 'taken' ? share * left : left > 0 ? Math.min(1, share / left) : share))
  })
  return { ...problem.availability, normal }
}

function withoutZoneLoss(problem: PlanProblem): PlanProblem {
  const { survival } = problem
  return { ...problem, survival: { ...survival, zone: 'none' }, availability: survival.zone === 'derate' ? blanket(problem, 'given back') : problem.availability }
}

/**
 * What each part of the planner is worth: the plan without it; and what each failure that it survives costs. The difference of a row to the plan is the
 * price of what the row leaves out.
 */
export function ablationsOf(problem: PlanProblem): readonly Variant[] {
  const { survival } = problem
  const survivesZone: readonly Variant[] = survival.zone === 'none' ? [] : [
    { name: 'without surviving the loss of a zone', change: withoutZoneLoss },
    ...(survival.zone === 'scenario' ? [{ name: 'with a zone of every region lost at once', change: (from: PlanProblem): PlanProblem => ({ ...from, survival: { ...from.survival, zone: 'derate' }, availability: blanket(from, 'taken') }) }] : []),
  ]
  const survivesRegion: readonly Variant[] = survival.region ? [{ name: 'without surviving the loss of a region', change: (from) => ({ ...from, survival: { ...from.survival, region: false } }) }] : []
  return [
    { name: 'without spot', change: withoutSpot },
    { name: 'one type per region', change: oneType },
    { name: 'nearest region only', change: nearestRegionOnly },
    { name: 'counts that never change', change: staticFleet },
    ...survivesZone, ...survivesRegion,
    ...(survivesZone.length > 0 || survivesRegion.length > 0 ? [{ name: 'without surviving failures', change: (from: PlanProblem): PlanProblem => ({ ...withoutZoneLoss(from), survival: { zone: 'none', region: false } }) }] : []),
  ]
}

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

/** One zone of a region gone for good: its share of the live nodes, and one zone fewer to spread over. */
function lostZone(problem: PlanProblem, region: number): PlanProblem {
  const zones = problem.regions[region]?.zones ?? 1
  if (zones === 1) return lostRegion(problem, region)
  return {
    ...problem,
    regions: problem.regions.map((one, r) => (r === region ? { ...one, zones: zones - 1 } : one)),
    fleet: problem.fleet.map((regions) => regions.map((types, r) => (r === region ? types.map((options) => options.map((nodes) => nodes - Math.ceil(nodes / zones))) : types))),
  }
}

/** Prices times a factor, of the offers that are meant. */
function repriced(problem: PlanProblem, factor: number, isMeant: (region: number, type: number, option: number) => boolean): PlanProblem {
  const scaled = <T extends number | null>(prices: readonly (readonly (readonly T[])[])[]): (number | T)[][][] =>
    prices.map((types, r) => types.map((options, k) => options.map((usd, s) => (usd === null || !isMeant(r, k, s) ? usd : usd * factor))))
  return { ...problem, usdPerHour: scaled(problem.usdPerHour), usdPerStart: scaled(problem.usdPerStart) }
}

/** Reads `spot price x2`, `price x2`, `price aws x2`, `price aws/us-east-1 x2`, `price m7g.xlarge x2`. */
function priceChange(words: readonly string[], factor: number, problem: PlanProblem): Variant['change'] | undefined {
  const kind = words[1] === 'price' ? problem.options.find((option) => option.kind === words[0])?.kind : undefined
  if (words[0] !== 'price' && kind === undefined) return undefined
  const [subject, ...more] = words.slice(kind === undefined ? 1 : 2)
  if (more.length > 0) return undefined
  const isMeant = (from: PlanProblem, r: number, k: number, s: number): boolean => (kind === undefined || from.options[s]?.kind === kind)
    && (subject === undefined || from.regions[r]?.name === subject || from.regions[r]?.key?.cloud === subject || from.types[k]?.name === subject)
  const isKnown = problem.regions.some((_, r) => problem.types.some((_type, k) => problem.options.some((_option, s) => isMeant(problem, r, k, s))))
  return isKnown ? (from) => repriced(from, factor, (r, k, s) => isMeant(from, r, k, s)) : undefined
}

/** Reads `quota x2`, `quota spot x2`, `quota aws/us-east-1 x2`, `quota aws/us-east-1 spot x2`. */
function quotaChange(words: readonly string[], factor: number, problem: PlanProblem): Variant['change'] | undefined {
  const region = problem.regions.findIndex(({ name }) => name === words[1])
  const kind = problem.options.find((option) => option.kind === words[region < 0 ? 1 : 2])?.kind
  if (words.length !== 1 + (region < 0 ? 0 : 1) + (kind === undefined ? 0 : 1)) return undefined
  return (from) => ({
    ...from,
    quotaVcpu: from.quotaVcpu.map((options, r) => options.map((vcpus, s) => ((region < 0 || r === region) && (kind === undefined || from.options[s]?.kind === kind) ? vcpus * factor : vcpus))),
  })
}

/** Reads `budget 50`, `budget x0.8`, `daily budget 1000`, `daily budget x0.8`; a factor needs a budget that is there. */
function budgetChange(words: readonly string[], factor: number | undefined, problem: PlanProblem): Variant['change'] | undefined {
  const isDaily = words[0] === 'daily'
  const rest = isDaily ? words.slice(1) : words
  if (rest[0] !== 'budget' || rest.length !== 2) return undefined
  const before = isDaily ? problem.maxUsdPerDay : problem.maxUsdPerHour
  const usd = factor === undefined ? Number(rest[1]) : before === undefined ? NaN : before * factor
  if (!(usd > 0 && usd < Infinity)) return undefined
  return (from) => ({ ...from, ...(isDaily ? { maxUsdPerDay: usd } : { maxUsdPerHour: usd }) })
}

/** What can be asked, one example of each. */
export const whatIfForms: readonly string[] = [
  'lose aws/us-east-1', 'lose zone aws/us-east-1', 'demand web x2', 'demand +20%', 'spot price +50%', 'price aws/us-east-1 x1.1', 'quota x0.5', 'quota aws/us-east-1 spot x2',
  'budget 50', 'daily budget x0.8', 'without spot',
]

/**
 * Reads a what-if: one of `whatIfForms`, with other names and figures, or the name of an ablation.
 * @returns undefined for anything else, or for a name that the problem does not know
 */
export function whatIf(text: string, problem: PlanProblem): Variant | undefined {
  const name = text.trim()
  const ablation = ablationsOf(problem).find((one) => one.name === name)
  if (ablation !== undefined) return ablation
  const change = changeOf(name.split(/\s+/), problem)
  return change === undefined ? undefined : { name, change }
}

function changeOf(words: readonly string[], problem: PlanProblem): Variant['change'] | undefined {
  if (words[0] === 'lose') {
    const region = problem.regions.findIndex((one) => one.name === words.at(-1))
    if (region < 0) return undefined
    if (words.length === 2) return (from) => lostRegion(from, region)
    return words.length === 3 && words[1] === 'zone' ? (from) => lostZone(from, region) : undefined
  }
  const factor = factorOf(words.at(-1) ?? '')
  if (words[0] === 'budget' || words[0] === 'daily') return budgetChange(words, factor, problem)
  if (factor === undefined || factor < 0) return undefined
  const asked = words.slice(0, -1)
  if (asked[0] === 'demand') {
    const only = problem.workloads.findIndex((workload) => workload.name === asked[1])
    if (asked.length > 2 || (asked.length === 2 && only < 0)) return undefined
    return (from) => ({ ...from, demand: from.demand.map((zones, w) => (only < 0 || w === only ? zones.map((steps) => steps.map((amount) => amount * factor)) : zones)) })
  }
  return asked[0] === 'quota' ? quotaChange(asked, factor, problem) : priceChange(asked, factor, problem)
}
