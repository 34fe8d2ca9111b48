import type { Catalogue, Settings, WindowSettings, WorkloadSettings } from '../config/schema.ts'
import { forecastQuantile } from '../domain/forecast.ts'
import type { DemandForecast } from '../domain/forecast.ts'
import { stepStart } from '../domain/grid.ts'
import type { Grid, TimeRange } from '../domain/grid.ts'
import { contentHash } from '../domain/hash.ts'
import { estimatedLatencyMs } from '../domain/latency.ts'
import type { LiveCounts } from '../domain/observation.ts'
import { purchaseOptions, regionName } from '../domain/pool.ts'
import type { PoolKey } from '../domain/pool.ts'
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
}

/**
 * Share of spot nodes that can be counted on: spot is taken back at short notice, more of it when a region fails and everybody moves.
 * An assumption: no open source of interruption rates is known.
 */
const spotAvailability = { normal: 0.9, failure: 0.75 } as const

/** Stands for a round trip that is neither measured nor estimable; such a region serves nobody. */
const unreachableMs = 1e6

/**
 * What one node of a type serves at full use, by its scarcest resource: min(vcpu / vcpu per unit, memory / memory per unit, network / network per unit).
 * @returns the workload's unit; null when the workload may not use the type, or needs a resource of which the catalogue does not say how much there is
 */
export function throughputPerNode(workload: WorkloadSettings, type: Catalogue['types'][number]): number | null {
  if (workload.types !== undefined && !workload.types.includes(type.type)) return null
  const { serves } = workload
  if ('perNode' in serves) return serves.perNode[type.type] ?? null
  if ('learn' in serves) return type.vcpu / serves.learn.initialVcpuPerUnit
  const { vcpu, memoryGib, networkMbps } = serves.perUnit
  if (networkMbps > 0 && type.networkMbps === undefined) return null
  return Math.min(
    type.vcpu / vcpu,
    memoryGib > 0 ? type.memoryGib / memoryGib : Infinity,
    networkMbps > 0 ? (type.networkMbps ?? 0) / networkMbps : Infinity,
  )
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
  const { settings, catalogue, forecasts, live, gridFromOrigin: grid, openTimes } = inputs
  const clouds = new Set(settings.regions.map(({ cloud }) => cloud))
  const types = catalogue.types.filter(({ cloud }) => clouds.has(cloud))
  const places = settings.regions.map((region) => catalogue.regions.find((one) => one.cloud === region.cloud && one.region === region.region))
  const options = purchaseOptions.map((name) => ({ name, kind: name }))
  const names = settings.regions.map((region) => regionName(region))
  const latencyMs = settings.userZones.map((zone) => settings.regions.map((region, r) => {
    const place = places[r]
    return zone.latencyMs[regionName(region)] ?? (place === undefined ? Infinity : estimatedLatencyMs(zone, place))
  }))
  const allowed = (workload: WorkloadSettings): number[] => indices(names.length).filter((r) => {
    const name = names[r] ?? ''
    return (workload.regions.allow?.includes(name) ?? true) && !workload.regions.deny.includes(name)
  })
  const reach = settings.workloads.map((workload) => settings.userZones.map((zone, u) => (workload.userZones.includes(zone.name)
    ? allowed(workload).filter((r) => (latencyMs[u]?.[r] ?? Infinity) <= (workload.latencyLimitMs ?? Number.MAX_VALUE))
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
    limits: workload.nodes,
    regions: allowed(workload),
    options: indices(options.length).filter((s) => options[s] !== undefined && workload.options.includes(options[s].name)),
    spotShare: names.map(() => workload.spotShare),
    preference: names.map((name) => (workload.regions.prefer.length === 0 || workload.regions.prefer.includes(name) ? 1 : 1 + workload.preferencePercent / 100)),
    frozen: heldBecause[w] === undefined ? frozenSteps(workload, grid, openTimes) : indices(grid.length).map(() => true),
    closed: names.map((name) => closedSteps(workload, name, grid, openTimes)),
    maxLowering: Infinity,
  }))
  const liveNodes = (key: PoolKey): number =>
    live.pools.find((pool) => pool.cloud === key.cloud && pool.region === key.region && pool.workload === key.workload && pool.type === key.type && pool.option === key.option)?.desired ?? 0
  const perOffer = <T>(value: (region: Settings['regions'][number], type: Catalogue['types'][number], option: (typeof options)[number]['name']) => T): T[][][] =>
    settings.regions.map((region) => types.map((type) => options.map(({ name }) => value(region, type, name))))
  const usdPerHour = perOffer((region, type, option) => (type.cloud === region.cloud ? type.usdPerHour[region.region]?.[option] ?? null : null))
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
    usdPerStart: usdPerHour.map((byType) => byType.map((byOption) => byOption.map((usd) => (usd ?? 0) * settings.plan.startCostHours))),
    maxNodes: perOffer((_region, type) => type.maxNodes),
    quotaVcpu: settings.regions.map(({ quotaVcpu }) => options.map(({ name }) => quotaVcpu[name])),
    utilisation: settings.plan.utilisation,
    availability: {
      normal: names.map(() => options.map(({ kind }) => (kind === 'spot' ? spotAvailability.normal : 1))),
      failure: names.map(() => options.map(({ kind }) => (kind === 'spot' ? spotAvailability.failure : 1))),
    },
    survival: { zone: settings.plan.survive.zone ? 'scenario' : 'none', region: settings.plan.survive.region },
    latencyMs: latencyMs.map((byRegion) => byRegion.map((ms) => Math.min(ms, unreachableMs))),
    reach: { normal: reach, failure: reach },
    usdPerUnitMs: settings.plan.usdPerUnitMs,
    demand: settings.workloads.map((workload) => settings.userZones.map(({ name }) => {
      const forecast = forecastOf(workload.name, name)
      return workload.userZones.includes(name) && forecast !== undefined ? demandOnGrid(forecast, settings.plan.quantile, grid) : indices(grid.length).map(() => 0)
    })),
    fleet: settings.workloads.map((workload) => perOffer((region, type, option) => (type.cloud === region.cloud
      ? liveNodes({ cloud: region.cloud, region: region.region, workload: workload.name, type: type.type, option })
      : 0))),
    leadSteps: settings.workloads.map((workload) => names.map(() => options.map(() => Math.floor(workload.leadTime / grid.stepSeconds)))),
    maxUsdPerHour: settings.limits.usdPerHour,
    sunkUsdPerHour: 0,
    deferrable: [],
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
