import type { Catalogue, Settings, WindowSettings, WorkloadSettings } from '../config/schema.ts'
import { forecastQuantile } from '../domain/forecast.ts'
import type { DemandForecast } from '../domain/forecast.ts'
import { stepStart } from '../domain/grid.ts'
import type { Grid, TimeRange } from '../domain/grid.ts'
import { contentHash } from '../domain/hash.ts'
import { estimatedLatencyMs } from '../domain/latency.ts'
import type { LiveCounts } from '../domain/observation.ts'
import type { Plan } from '../domain/plan.ts'
import { purchaseOptions, regionName } from '../domain/pool.ts'
import type { PoolKey } from '../domain/pool.ts'
import { commitmentsOf, committedPart } from './commitments.ts'
import { deferrableRuns } from './deferrable-runs.ts'
import type { PlanProblem, ProblemWorkload } from './problem.ts'
import { indices } from './vector.ts'

/** What a plan is made from. */
export interface ProblemInputs {
  readonly settings: Settings
  readonly catalogue: Catalogue
  readonly forecasts: readonly DemandForecast[]
  readonly live: LiveCounts
  /** Steps to plan, from the forecasts' origin on. */
  readonly gridFromOrigin: Grid
  /** When a recurring window is open: ascending, apart from each other, cut to the range. */
  readonly openTimes: (window: WindowSettings, range: TimeRange) => readonly TimeRange[]
  /** The plan in force: where demand is served now. */
  readonly inForce?: Plan | undefined
}

/** Stands for a round trip that is neither measured nor estimable; such a region serves nobody. */
const unreachableMs = 1e6

/**
 * What one node of a type serves at full use, by its scarcest resource: the least of what it has of vCPUs, memory, network and disk over what one unit needs.
 * @returns the workload's unit; null when the workload may not use the type, or needs a resource of which the catalogue does not say how much there is
 */
export function throughputPerNode(workload: WorkloadSettings, type: Catalogue['types'][number]): number | null {
  if (workload.types !== undefined && !workload.types.includes(type.type)) return null
  const { serves } = workload
  if ('perNode' in serves) return serves.perNode[type.type] ?? null
  if ('learn' in serves) return type.vcpu / serves.learn.initialVcpuPerUnit
  const { vcpu, memoryGib, networkMbps, diskMbps } = serves.perUnit
  const scarcest = Math.min(...[
    { has: type.vcpu, needs: vcpu }, { has: type.memoryGib, needs: memoryGib }, { has: type.networkMbps, needs: networkMbps }, { has: type.diskMbps, needs: diskMbps },
  ].filter(({ needs }) => needs > 0).map(({ has, needs }) => (has ?? NaN) / needs))
  return Number.isNaN(scarcest) ? null : scarcest
}

/** Price of one GB from a region to a user zone: the settings' for the zone, the settings' for the region, the catalogue's; undefined when none is known. */
function usdPerGb(region: Settings['regions'][number], userZone: string, place: Catalogue['regions'][number] | undefined): number | undefined {
  return region.usdPerGbTo[userZone] ?? region.usdPerGbSent ?? place?.usdPerGbSent
}

/** Traffic shares of the plan in force in the step that holds an instant; undefined where it has none. Shape [w][u][r]. */
function sharesAt(inForce: Plan | undefined, settings: Settings, atSeconds: number): PlanProblem['sharesNow'] {
  const step = inForce === undefined ? -1 : Math.floor((atSeconds - 1 - inForce.grid.startSeconds) / inForce.grid.stepSeconds)
  if (inForce === undefined || step < 0 || step >= inForce.grid.length) return undefined
  const shares = new Map(inForce.traffic.map((route) => [`${route.workload} ${route.userZone} ${regionName(route)}`, route.shares[step] ?? 0]))
  return settings.workloads.map((workload) => settings.userZones.map((zone) => settings.regions.map((region) => shares.get(`${workload.name} ${zone.name} ${regionName(region)}`) ?? 0)))
}

/**
 * Demand of one series on the plan's grid: the highest of the forecast's steps that a plan step overlaps. Beyond the forecast's end its highest
 * value holds: what is not known is not taken to be small.
 */
function demandOnGrid(forecast: DemandForecast, quantile: number, grid: Grid): number[] {
  const path = forecastQuantile(forecast, quantile)
  const highest = path.reduce((most, value) => Math.max(most, value), 0)
  const { startSeconds, stepSeconds, length } = forecast.grid
  return indices(grid.length).map((step) => {
    const from = Math.floor((stepStart(grid, step) - startSeconds) / stepSeconds)
    const to = Math.ceil((stepStart(grid, step) + grid.stepSeconds - startSeconds) / stepSeconds)
    if (to > length || to <= 0) return highest
    return path.subarray(Math.max(0, from), to).reduce((most, value) => Math.max(most, value), 0)
  })
}

/** A step is frozen when its counts would change within a window, or be ordered within it. */
function frozenSteps(workload: WorkloadSettings, grid: Grid, openTimes: ProblemInputs['openTimes']): boolean[] {
  const range = { fromSeconds: grid.startSeconds - workload.leadTime, toSeconds: stepStart(grid, grid.length) }
  const windows = workload.freezes.flatMap((window) => openTimes(window, range))
  return indices(grid.length).map((step) => {
    const start = stepStart(grid, step)
    return windows.some(({ fromSeconds, toSeconds }) => fromSeconds <= start && toSeconds > start - (step === 0 ? 0 : workload.leadTime))
  })
}

function closedSteps(workload: WorkloadSettings, region: string, grid: Grid, openTimes: ProblemInputs['openTimes']): boolean[] {
  const range = { fromSeconds: grid.startSeconds, toSeconds: stepStart(grid, grid.length) }
  const windows = workload.maintenance.filter(({ regions }) => regions.includes(region)).flatMap((window) => openTimes(window, range))
  if (windows.length === 0) return []
  return indices(grid.length).map((step) => windows.some(({ fromSeconds, toSeconds }) => fromSeconds < stepStart(grid, step) + grid.stepSeconds && toSeconds > stepStart(grid, step)))
}

/**
 * States the planning problem. Demand is the settings' quantile of the forecasts. A workload with a user zone whose forecast is missing keeps its
 * counts: what is not known never lowers capacity. Round trips are measured values where settings give them, else estimated from distance.
 */
export function buildProblem(inputs: ProblemInputs): PlanProblem {
  const { settings, catalogue, forecasts, live, gridFromOrigin: grid, openTimes, inForce } = inputs
  const { blanket } = settings.plan.survive
  const clouds = new Set(settings.regions.map(({ cloud }) => cloud))
  const types = catalogue.types.filter(({ cloud }) => clouds.has(cloud))
  const places = settings.regions.map((region) => catalogue.regions.find((one) => one.cloud === region.cloud && one.region === region.region))
  const commitments = commitmentsOf(settings.commitments)
  const options = [...purchaseOptions, ...(settings.commitments.length > 0 ? ['committed' as const] : [])].map((name) => ({ name, kind: name }))
  const names = settings.regions.map((region) => regionName(region))
  const latencyMs = settings.userZones.map((zone) => settings.regions.map((region, r) => {
    const place = places[r]
    return zone.latencyMs[regionName(region)] ?? (place === undefined ? Infinity : estimatedLatencyMs(zone, place))
  }))
  const gbPrices = settings.userZones.map((zone) => settings.regions.map((region, r) => usdPerGb(region, zone.name, places[r])))
  const allowed = (workload: WorkloadSettings): number[] => indices(names.length).filter((r) => {
    const name = names[r] ?? ''
    return (workload.regions.allow?.includes(name) ?? true) && !workload.regions.deny.includes(name)
  })
  const reach = settings.workloads.map((workload) => settings.userZones.map((zone, u) => (workload.userZones.includes(zone.name)
    ? allowed(workload).filter((r) => (latencyMs[u]?.[r] ?? Infinity) <= (workload.latencyLimitMs ?? Number.MAX_VALUE)
      && (workload.gbPerUnitHour === 0 || gbPrices[u]?.[r] !== undefined))
    : [])))
  const forecastOf = (workload: string, userZone: string): DemandForecast | undefined =>
    forecasts.find((forecast) => forecast.workload === workload && forecast.userZone === userZone)
  const heldBecause = settings.workloads.map((workload) => {
    const missing = workload.userZones.filter((zone) => forecastOf(workload.name, zone) === undefined)
    return missing.length === 0 ? undefined : `no forecast of ${missing.map((zone) => `${workload.name}/${zone}`).join(', ')}`
  })
  const workloads = settings.workloads.map((workload, w): ProblemWorkload => ({
    name: workload.name,
    unit: workload.unit,
    limits: { min: workload.nodes.min, max: workload.nodes.max, minPerRegion: workload.nodes.minPerRegion, maxPerRegion: workload.nodes.maxPerRegion },
    regions: allowed(workload),
    options: indices(options.length).filter((s) => workload.options.some((option) => option === (options[s]?.name === 'committed' ? 'on-demand' : options[s]?.name))),
    spotShare: names.map(() => workload.spotShare),
    preference: names.map((name) => (workload.regions.prefer.length === 0 || workload.regions.prefer.includes(name) ? 1 : 1 + workload.preferencePercent / 100)),
    frozen: heldBecause[w] === undefined ? frozenSteps(workload, grid, openTimes) : indices(grid.length).map(() => true),
    closed: names.map((name) => closedSteps(workload, name, grid, openTimes)),
    maxLowering: workload.nodes.maxLowered ?? Infinity,
    minRunSteps: Math.max(1, Math.ceil((workload.minRun ?? 0) / grid.stepSeconds)),
    spotPoolShare: workload.spotPoolShare,
    usdPerUnitMoved: workload.usdPerUnitMoved,
  }))
  const liveNodes = (key: PoolKey): number =>
    live.pools.find((pool) => pool.cloud === key.cloud && pool.region === key.region && pool.workload === key.workload && pool.type === key.type && pool.option === key.option)?.desired ?? 0
  const perOffer = <T>(value: (region: Settings['regions'][number], type: Catalogue['types'][number], option: (typeof options)[number]['name']) => T): T[][][] =>
    settings.regions.map((region) => types.map((type) => options.map(({ name }) => value(region, type, name))))
  const committed = perOffer((region, type) => (type.cloud === region.cloud ? commitments.nodes(regionName(region), type.type) : 0))
  const committedVcpu = committed.map((byType) => byType.reduce((sum, [nodes], k) => sum + (nodes ?? 0) * (types[k]?.vcpu ?? 0), 0))
  const listed = perOffer((region, type, option) => (type.cloud === region.cloud ? type.usdPerHour[region.region]?.[option === 'committed' ? 'on-demand' : option] ?? null : null))
  const usdPerHour = listed.map((byType, r) => byType.map((byOption, k) => byOption.map((usd, s) => (options[s]?.kind === 'committed' ? ((committed[r]?.[k]?.[s] ?? 0) > 0 ? 0 : null) : usd))))
  const liveOf = settings.workloads.map((workload) => perOffer((region, type, option) => (type.cloud === region.cloud && option !== 'committed'
    ? liveNodes({ cloud: region.cloud, region: region.region, workload: workload.name, type: type.type, option })
    : 0)))
  const committedLive = settings.regions.map((_, r) => types.map((_type, k) => committedPart(liveOf.map((byRegion) => byRegion[r]?.[k]?.[0] ?? 0), committed[r]?.[k]?.[0] ?? 0)))
  return {
    name: settings.name,
    startSeconds: grid.startSeconds,
    stepSeconds: grid.stepSeconds,
    steps: grid.length,
    workloads,
    regions: settings.regions.map((region, r) => ({
      name: regionName(region),
      key: { cloud: region.cloud, region: region.region },
      latitude: places[r]?.latitude ?? 0, longitude: places[r]?.longitude ?? 0,
      zones: region.zones.length,
    })),
    userZones: settings.userZones.map(({ name, latitude, longitude }) => ({ name, latitude, longitude })),
    types: types.map(({ type, vcpu }) => ({ name: type, family: type.split(/[.-]/)[0] ?? type, vcpu })),
    options,
    throughput: settings.workloads.map((workload) => types.map((type) => throughputPerNode(workload, type))),
    usdPerHour,
    usdPerStart: listed.map((byType) => byType.map((byOption) => byOption.map((usd) => (usd ?? 0) * settings.plan.startCostHours))),
    maxNodes: settings.regions.map((_, r) => types.map((type, k) => options.map(({ kind }, s) => (kind === 'committed' ? committed[r]?.[k]?.[s] ?? 0 : type.maxNodes)))),
    // A committed node counts against the on-demand quota; as it costs nothing more, it is there before any other.
    quotaVcpu: settings.regions.map(({ quotaVcpu }, r) => options.map(({ name }) => {
      const ahead = Math.min(quotaVcpu['on-demand'], committedVcpu[r] ?? 0)
      return name === 'committed' ? ahead : name === 'on-demand' ? quotaVcpu['on-demand'] - ahead : quotaVcpu[name]
    })),
    utilisation: settings.plan.utilisation,
    availability: {
      normal: settings.regions.map(({ zones }) => options.map(({ kind }) => (kind === 'spot' ? settings.plan.spotAvailability.normal : 1) * (blanket ? (zones.length - 1) / zones.length : 1))),
      failure: names.map(() => options.map(({ kind }) => (kind === 'spot' ? settings.plan.spotAvailability.failure : 1))),
    },
    survival: { zone: blanket ? 'derate' : settings.plan.survive.zone ? 'scenario' : 'none', region: settings.plan.survive.region },
    latencyMs: latencyMs.map((byRegion) => byRegion.map((ms) => Math.min(ms, unreachableMs))),
    reach: { normal: reach, failure: reach },
    usdPerUnitMs: settings.plan.usdPerUnitMs,
    demand: settings.workloads.map((workload) => settings.userZones.map(({ name }) => {
      const forecast = forecastOf(workload.name, name)
      return workload.userZones.includes(name) && forecast !== undefined ? demandOnGrid(forecast, settings.plan.quantile, grid) : indices(grid.length).map(() => 0)
    })),
    fleet: liveOf.map((byRegion, w) => byRegion.map((byType, r) => byType.map((byOption, k) => byOption.map((count, s) => {
      const part = committedLive[r]?.[k]?.[w] ?? 0
      return options[s]?.kind === 'committed' ? part : options[s]?.kind === 'on-demand' ? count - part : count
    })))),
    leadSteps: settings.workloads.map((workload) => names.map(() => options.map(() => Math.floor(workload.leadTime / grid.stepSeconds)))),
    changeCostHours: settings.plan.changeCostHours,
    // What was committed to is paid from the same budget.
    maxUsdPerHour: settings.limits.usdPerHour === undefined ? undefined : Math.max(0, settings.limits.usdPerHour - commitments.usdPerHour),
    maxUsdPerDay: settings.limits.usdPerDay === undefined ? undefined : Math.max(0, settings.limits.usdPerDay - 24 * commitments.usdPerHour),
    usdPerUnitSent: settings.workloads.some(({ gbPerUnitHour }) => gbPerUnitHour > 0)
      ? settings.workloads.map(({ gbPerUnitHour }) => gbPrices.map((byRegion) => byRegion.map((usd) => (usd ?? 0) * gbPerUnitHour)))
      : undefined,
    sharesNow: settings.workloads.some(({ usdPerUnitMoved }) => usdPerUnitMoved > 0) ? sharesAt(inForce, settings, grid.startSeconds) : undefined,
    sunkUsdPerHour: commitments.usdPerHour,
    deferrable: deferrableRuns(settings.deferrable, {
      grid, openTimes,
      workloadOf: (name) => settings.workloads.findIndex((workload) => workload.name === name),
      regionsOf: (w, named) => (workloads[w]?.regions ?? []).filter((r) => named?.includes(names[r] ?? '') ?? true),
    }),
    events: settings.workloads.flatMap((workload, w) => settings.userZones.flatMap(({ name }, u) =>
      (forecastOf(workload.name, name)?.events ?? []).map(({ name: event, share, startSeconds, endSeconds }) => ({
        name: event, workload: w, userZone: u, share,
        from: Math.max(0, Math.floor((startSeconds - grid.startSeconds) / grid.stepSeconds)), to: Math.ceil((endSeconds - grid.startSeconds) / grid.stepSeconds),
      })))),
    quantile: settings.plan.quantile,
    inputs: {
      settings: contentHash(settings),
      catalogue: contentHash(catalogue),
      forecasts: contentHash(forecasts),
      live: contentHash(live.pools),
    },
    heldBecause,
  }
}
