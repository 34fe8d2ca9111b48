import type { PlanInForce } from '../plan-in-force.ts'
import type { DeferrableWork, PlanProblem, ProblemWorkload } from '../problem.ts'

/** A part of a problem in a document that may have been written before it had some of its fields. */
type AsWritten<Whole, Newer extends keyof Whole> = Omit<Whole, Newer> & Partial<Pick<Whole, Newer>>

/** The document `prescale.instance/1`: arrays by index (p program, r region, k type, s option, u user zone, t step). */
export interface InstanceDocument {
  readonly schema: 'prescale.instance/1'
  readonly name?: string
  readonly stepMinutes: number
  readonly steps: number
  readonly programs: readonly string[]
  readonly regions: readonly { readonly id: string; readonly lat: number; readonly lon: number; readonly zones: number }[]
  readonly userZones: readonly { readonly id: string; readonly lat: number; readonly lon: number }[]
  readonly types: readonly { readonly id: string; readonly family: string; readonly vcpu: number }[]
  readonly options: readonly { readonly id: string; readonly kind: 'spot' | 'ondemand' | 'committed' }[]
  readonly throughput: readonly (readonly (number | null)[])[]
  readonly price: readonly (readonly (readonly (number | null)[])[])[]
  readonly startCost: readonly (readonly (readonly number[])[])[]
  readonly maxNodes: readonly (readonly (readonly number[])[])[]
  readonly quotaVcpu: readonly (readonly number[])[]
  readonly spotShareCap: readonly number[]
  readonly utilisation: { readonly normal: number; readonly regionLoss: number }
  readonly availability: { readonly normal: readonly (readonly number[])[]; readonly regionLoss: readonly (readonly number[])[] }
  readonly survive: { readonly zone: boolean; readonly region: boolean }
  readonly latencyMs: readonly (readonly number[])[]
  readonly reach: { readonly normal: readonly (readonly (readonly number[])[])[]; readonly regionLoss: readonly (readonly (readonly number[])[])[] }
  readonly routeCostPerUnitMs: number
  readonly demand: readonly (readonly (readonly number[])[])[]
  readonly fleet: readonly (readonly (readonly (readonly number[])[])[])[]
  readonly leadSteps: readonly (readonly number[])[]
  readonly budgetPerStep?: number | null
  readonly sunkCostPerStep?: number
  /** What the first form of the document cannot say; written only where it is needed. */
  readonly prescale?: Pick<PlanProblem, 'startSeconds' | 'regions' | 'leadSteps' | 'survival' | 'quantile' | 'inputs' | 'heldBecause'>
    & { readonly workloads: readonly AsWritten<ProblemWorkload, 'minRunSteps' | 'spotPoolShare' | 'usdPerUnitMoved'>[] }
    & { readonly deferrable: readonly AsWritten<DeferrableWork, 'longestSteps' | 'after'>[] }
    & Partial<Pick<PlanProblem, 'events' | 'changeCostHours' | 'maxUsdPerDay' | 'usdPerUnitSent' | 'sharesNow'>>
    /** What the problem was planned from, so that planning the document gives the same counts; left out where there was none. */
    & { readonly inForce?: PlanInForce | undefined }
}

const unlimited = { min: 0, max: Infinity, minPerRegion: 0, maxPerRegion: Infinity } as const

/** Infinity has no JSON form; a limit that is left out is infinite. */
const numberOrInfinity = (value: number | null | undefined): number => value ?? Infinity

/**
 * Prices and penalties of the document are per step; those of a problem are per hour.
 * @returns the problem that the document states
 */
export function problemFromInstance(document: InstanceDocument): PlanProblem {
  const hours = document.stepMinutes / 60
  const options = document.options.map(({ id, kind }) => ({ name: id, kind: kind === 'ondemand' ? 'on-demand' as const : kind }))
  const more = document.prescale
  return {
    name: document.name ?? '',
    startSeconds: more?.startSeconds ?? 0,
    stepSeconds: document.stepMinutes * 60,
    steps: document.steps,
    workloads: more?.workloads.map((workload) => ({
      ...workload,
      maxLowering: numberOrInfinity(workload.maxLowering),
      minRunSteps: workload.minRunSteps ?? 1,
      spotPoolShare: workload.spotPoolShare ?? 1,
      usdPerUnitMoved: workload.usdPerUnitMoved ?? 0,
      limits: { ...workload.limits, max: numberOrInfinity(workload.limits.max), maxPerRegion: numberOrInfinity(workload.limits.maxPerRegion) },
    })) ?? document.programs.map((name) => ({
      name, unit: 'units/s', limits: unlimited,
      regions: [...document.regions.keys()], options: [...options.keys()],
      spotShare: document.spotShareCap, preference: document.regions.map(() => 1),
      frozen: [], closed: [], maxLowering: Infinity, minRunSteps: 1, spotPoolShare: 1, usdPerUnitMoved: 0,
    })),
    regions: more?.regions ?? document.regions.map(({ id, lat, lon, zones }) => ({ name: id, key: undefined, latitude: lat, longitude: lon, zones })),
    userZones: document.userZones.map(({ id, lat, lon }) => ({ name: id, latitude: lat, longitude: lon })),
    types: document.types.map(({ id, family, vcpu }) => ({ name: id, family, vcpu })),
    options,
    throughput: document.throughput,
    usdPerHour: document.price.map((types) => types.map((prices) => prices.map((price) => (price === null ? null : price / hours)))),
    usdPerStart: document.startCost,
    maxNodes: document.maxNodes,
    quotaVcpu: document.quotaVcpu,
    utilisation: { normal: document.utilisation.normal, failure: document.utilisation.regionLoss },
    availability: { normal: document.availability.normal, failure: document.availability.regionLoss },
    survival: more?.survival ?? { zone: document.survive.zone ? 'derate' : 'none', region: document.survive.region },
    latencyMs: document.latencyMs,
    reach: { normal: document.reach.normal, failure: document.reach.regionLoss },
    usdPerUnitMs: document.routeCostPerUnitMs / hours,
    demand: document.demand,
    fleet: document.fleet,
    leadSteps: more?.leadSteps ?? document.programs.map(() => document.leadSteps),
    maxUsdPerHour: document.budgetPerStep === null || document.budgetPerStep === undefined ? undefined : document.budgetPerStep / hours,
    changeCostHours: more?.changeCostHours ?? 0,
    maxUsdPerDay: more?.maxUsdPerDay,
    usdPerUnitSent: more?.usdPerUnitSent,
    sharesNow: more?.sharesNow,
    sunkUsdPerHour: (document.sunkCostPerStep ?? 0) / hours,
    deferrable: (more?.deferrable ?? []).map((work) => ({ ...work, longestSteps: numberOrInfinity(work.longestSteps), after: work.after ?? [] })),
    events: more?.events ?? [],
    quantile: more?.quantile,
    inputs: more?.inputs ?? { settings: '', catalogue: '', forecasts: '', live: '' },
    heldBecause: more?.heldBecause ?? document.programs.map(() => undefined),
  }
}

/** @returns the document that states the problem and what it is planned from; `problemFromInstance` gives the problem back */
export function instanceFromProblem(problem: PlanProblem, inForce?: PlanInForce): InstanceDocument {
  const hours = problem.stepSeconds / 3600
  return {
    schema: 'prescale.instance/1',
    name: problem.name,
    stepMinutes: problem.stepSeconds / 60,
    steps: problem.steps,
    programs: problem.workloads.map(({ name }) => name),
    regions: problem.regions.map(({ name, latitude, longitude, zones }) => ({ id: name, lat: latitude, lon: longitude, zones })),
    userZones: problem.userZones.map(({ name, latitude, longitude }) => ({ id: name, lat: latitude, lon: longitude })),
    types: problem.types.map(({ name, family, vcpu }) => ({ id: name, family, vcpu })),
    options: problem.options.map(({ name, kind }) => ({ id: name, kind: kind === 'on-demand' ? 'ondemand' : kind })),
    throughput: problem.throughput,
    price: problem.usdPerHour.map((types) => types.map((prices) => prices.map((price) => (price === null ? null : price * hours)))),
    startCost: problem.usdPerStart,
    maxNodes: problem.maxNodes,
    quotaVcpu: problem.quotaVcpu,
    spotShareCap: problem.regions.map((_, r) => Math.min(...problem.workloads.map((workload) => workload.spotShare[r] ?? 1))),
    utilisation: { normal: problem.utilisation.normal, regionLoss: problem.utilisation.failure },
    availability: { normal: problem.availability.normal, regionLoss: problem.availability.failure },
    survive: { zone: problem.survival.zone !== 'none', region: problem.survival.region },
    latencyMs: problem.latencyMs,
    reach: { normal: problem.reach.normal, regionLoss: problem.reach.failure },
    routeCostPerUnitMs: problem.usdPerUnitMs * hours,
    demand: problem.demand,
    fleet: problem.fleet,
    leadSteps: problem.regions.map((_, r) => problem.options.map((_option, s) => Math.max(...problem.leadSteps.map((regions) => regions[r]?.[s] ?? 0)))),
    budgetPerStep: problem.maxUsdPerHour === undefined ? null : problem.maxUsdPerHour * hours,
    sunkCostPerStep: problem.sunkUsdPerHour * hours,
    prescale: {
      startSeconds: problem.startSeconds, workloads: problem.workloads, regions: problem.regions, leadSteps: problem.leadSteps,
      survival: problem.survival, deferrable: problem.deferrable, events: problem.events, quantile: problem.quantile, inputs: problem.inputs,
      heldBecause: problem.heldBecause, changeCostHours: problem.changeCostHours, maxUsdPerDay: problem.maxUsdPerDay, usdPerUnitSent: problem.usdPerUnitSent, sharesNow: problem.sharesNow,
      inForce: inForce === undefined ? undefined : {
        headStart: inForce.headStart,
        plan: { grid: inForce.plan.grid, pools: inForce.plan.pools.map(({ cloud, region, workload, type, option, counts }) => ({ cloud, region, workload, type, option, counts })) },
      },
    },
  }
}
