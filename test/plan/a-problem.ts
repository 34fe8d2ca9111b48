import type { DeferrableWork, PlanProblem, ProblemWorkload } from '../../src/plan/problem.ts'

/** One workload, one region, one type of 10 units at USD 1 per hour, bought on demand: tests change what they are about. */
export interface SmallProblem {
  readonly steps?: number
  /** Shape [w][u][t]. */
  readonly demand?: readonly (readonly (readonly number[])[])[]
  readonly regions?: readonly string[]
  readonly zones?: number
  /** Throughput per type. */
  readonly types?: readonly number[]
  /** USD per hour. Shape [r][k][s]. */
  readonly price?: readonly (readonly (readonly (number | null)[])[])[]
  readonly options?: readonly ('on-demand' | 'spot')[]
  readonly startUsd?: number
  readonly maxNodes?: number
  /** vCPUs per region and option. */
  readonly quota?: number
  readonly survival?: PlanProblem['survival']
  readonly utilisation?: PlanProblem['utilisation']
  readonly workload?: Partial<ProblemWorkload>
  /** Shape [u][r]. */
  readonly latencyMs?: readonly (readonly number[])[]
  readonly usdPerUnitMs?: number
  /** Shape [u], regions each. */
  readonly reach?: readonly (readonly number[])[]
  /** Live nodes. Shape [r][k][s]. */
  readonly fleet?: readonly (readonly (readonly number[])[])[]
  readonly leadSteps?: number
  readonly changeCostHours?: number
  readonly maxUsdPerHour?: number
  readonly maxUsdPerDay?: number
  readonly usdPerUnitSent?: PlanProblem['usdPerUnitSent']
  readonly sharesNow?: PlanProblem['sharesNow']
  readonly events?: PlanProblem['events']
  readonly deferrable?: readonly (Omit<DeferrableWork, 'longestSteps' | 'after'> & Partial<DeferrableWork>)[]
}

/** @returns a complete problem; every type has as many vCPUs as a tenth of its throughput */
export function aProblem(small: SmallProblem = {}): PlanProblem {
  const demand = small.demand ?? [[[10]]]
  const steps = small.steps ?? demand[0]?.[0]?.length ?? 1
  const regions = small.regions ?? ['north']
  const types = small.types ?? [10]
  const options = small.options ?? ['on-demand']
  const userZones = demand[0]?.length ?? 1
  const perOffer = <T>(value: (r: number, k: number, s: number) => T): T[][][] => regions.map((_, r) => types.map((_type, k) => options.map((_option, s) => value(r, k, s))))
  const reach = demand.map(() => Array.from({ length: userZones }, (_, u) => small.reach?.[u] ?? [...regions.keys()]))
  return {
    name: 'small',
    startSeconds: Date.UTC(2026, 0, 26) / 1000,
    stepSeconds: 3600,
    steps,
    workloads: demand.map((_, w) => ({
      name: `w${w}`, unit: 'requests/s',
      limits: { min: 0, max: Infinity, minPerRegion: 0, maxPerRegion: Infinity },
      regions: [...regions.keys()], options: [...options.keys()],
      spotShare: regions.map(() => 1), preference: regions.map(() => 1),
      frozen: [], closed: [], maxLowering: Infinity, minRunSteps: 1, spotPoolShare: 1, usdPerUnitMoved: 0,
      ...small.workload,
    })),
    regions: regions.map((name) => ({ name: `aws/${name}`, key: { cloud: 'aws' as const, region: name }, latitude: 0, longitude: 0, zones: small.zones ?? 3 })),
    userZones: Array.from({ length: userZones }, (_, u) => ({ name: `u${u}`, latitude: 0, longitude: 0 })),
    types: types.map((throughput, k) => ({ name: `t${k}`, family: 't', vcpu: throughput / 10 })),
    options: options.map((name) => ({ name, kind: name })),
    throughput: demand.map(() => types),
    usdPerHour: small.price ?? perOffer((_r, k) => (types[k] ?? 0) / 10),
    usdPerStart: perOffer(() => small.startUsd ?? 0),
    maxNodes: perOffer(() => small.maxNodes ?? 100),
    quotaVcpu: regions.map(() => options.map(() => small.quota ?? 1000)),
    utilisation: small.utilisation ?? { normal: 1, failure: 1 },
    availability: { normal: regions.map(() => options.map(() => 1)), failure: regions.map(() => options.map(() => 1)) },
    survival: small.survival ?? { zone: 'none', region: false },
    latencyMs: small.latencyMs ?? Array.from({ length: userZones }, () => regions.map(() => 10)),
    reach: { normal: reach, failure: reach },
    usdPerUnitMs: small.usdPerUnitMs ?? 0,
    demand,
    fleet: demand.map(() => small.fleet ?? perOffer(() => 0)),
    leadSteps: demand.map(() => regions.map(() => options.map(() => small.leadSteps ?? 0))),
    changeCostHours: small.changeCostHours ?? 0.5,
    maxUsdPerHour: small.maxUsdPerHour,
    maxUsdPerDay: small.maxUsdPerDay,
    usdPerUnitSent: small.usdPerUnitSent,
    sharesNow: small.sharesNow,
    sunkUsdPerHour: 0,
    deferrable: (small.deferrable ?? []).map((work) => ({ longestSteps: Infinity, after: [], ...work })),
    events: small.events ?? [],
    quantile: 0.95,
    inputs: { settings: 's', catalogue: 'c', forecasts: 'f', live: 'l' },
    heldBecause: demand.map(() => undefined),
  }
}
