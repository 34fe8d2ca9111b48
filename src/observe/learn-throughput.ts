import { type Grid, stepStart } from '../domain/grid.ts'

/** Work that the nodes of one workload report from one region, step by step; all arrays have the grid's length. */
export interface RegionWork {
  /** vCPUs kept busy; NaN where no node of a known type reported. */
  readonly busyVcpu: Float64Array
  /** vCPUs that the reporting nodes of known types have. */
  readonly reportingVcpu: Float64Array
  readonly reportingNodes: Uint32Array
  /** Reporting nodes whose type, and so whose work, is not known. */
  readonly untypedNodes: Uint32Array
}

/** What measured CPU use says of the work in one unit of demand. */
export type WorkEstimate =
  | {
      readonly kind: 'measured'
      /** vCPUs that one unit of demand keeps busy at high demand, background work included. */
      readonly vcpuPerUnit: number
      /** vCPUs busy without demand, ≥ 0. */
      readonly backgroundVcpu: number
      /** Middle half of the slopes as a share of the slope: how well demand explains the work. */
      readonly scatter: number
      /** Steps that it was learned from. */
      readonly steps: number
      /** End of the newest of them, Unix seconds. */
      readonly newestSeconds: number
    }
  | {
      readonly kind: 'none'
      readonly reason: NoEstimateReason
      readonly steps: number
      /** vCPUs per unit that saturated nodes prove all the same; 0 where none were saturated. */
      readonly atLeastVcpuPerUnit: number
    }

/** Why measurements say nothing: too few of them, demand too even to tell work from background, or work that does not follow demand. */
export type NoEstimateReason = 'few-steps' | 'even-demand' | 'no-relation'

/** `partial`: nodes are missing from the reports, or reports are old; the work may be more than what was measured. */
export type Evidence = 'whole' | 'partial'

/** Half a day at five minutes: less is one mood of the day. */
const leastSteps = 144
/** The 95th percentile of demand over the 5th: below it the slope is noise. */
const leastSpread = 1.25
/** Middle half of the slopes, as a share of their median: beyond it demand does not explain the work. */
const mostScatter = 1
/** Nodes busier than this cannot show what more demand would have kept busy. */
const saturation = 0.9
/** An hour at five minutes: fewer saturated steps are a passing overload. */
const leastSaturatedSteps = 12
/** Quantile of demand at which the line is read: where capacity counts. */
const highDemand = 0.95
/** Changes below this share are ignored, so that plans stand still. */
const deadBand = 0.05
/** Largest factor in one cycle, up or down. */
const largestFactor = 2
const printedDigits = 4

interface WorkStep {
  readonly demand: number
  readonly busyVcpu: number
}

/**
 * What one unit of demand keeps busy: a line busy = background + work · demand through the steps in which both were measured.
 * The slope is the median over pairs of steps half the ordered steps apart, which bears a quarter of wild steps; the background is the
 * median remainder, and where that would be negative the line goes through the origin and the busier half of the steps. The line is read
 * at high demand, so that background is paid for where capacity counts. Steps with nodes of unknown type are left out, for they would make a unit look
 * lighter than it is; steps with a saturated region are no part of the line, and what they show is the least that a unit needs.
 *
 * @param demand  of the workload from all user zones, in its unit; NaN where any is unknown. Shape [grid.length]
 * @param regions every region that its nodes report from
 * @see H. Theil, A rank-invariant method of linear and polynomial regression analysis (1950): the incomplete method
 */
export function estimateWork(demand: Float64Array, regions: readonly RegionWork[], grid: Grid): WorkEstimate {
  const measured = Array.from(demand.keys()).filter((step) => isMeasured(step, demand, regions))
  const workOf = (step: number): WorkStep => ({
    demand: demand[step] ?? 0,
    busyVcpu: sumAt(
      step,
      regions.map((region) => region.busyVcpu),
    ),
  })
  const [full, free] = [measured.filter((step) => isSaturated(step, regions)), measured.filter((step) => !isSaturated(step, regions))]
  const atLeast = full.length < leastSaturatedSteps ? 0 : median(full.map(workOf).map(perUnit))
  const steps = free.map(workOf).sort((a, b) => a.demand - b.demand || a.busyVcpu - b.busyVcpu)
  const none = (reason: NoEstimateReason): WorkEstimate => ({ kind: 'none', reason, steps: steps.length, atLeastVcpuPerUnit: atLeast })
  if (steps.length < leastSteps) return none('few-steps')
  const demands = steps.map((step) => step.demand)
  const high = quantileOf(demands, highDemand)
  if (high < leastSpread * quantileOf(demands, 1 - highDemand)) return none('even-demand')
  const slopes = pairSlopes(steps)
  const slope = quantileOf(slopes, 0.5)
  const scatter = (quantileOf(slopes, 0.75) - quantileOf(slopes, 0.25)) / slope
  if (!(slope > 0 && scatter <= mostScatter)) return none('no-relation')
  const background = median(steps.map((step) => step.busyVcpu - slope * step.demand))
  const busier = steps.slice(Math.floor(steps.length / 2))
  return {
    kind: 'measured',
    vcpuPerUnit: Math.max(atLeast, background >= 0 ? slope + background / high : median(busier.map(perUnit))),
    backgroundVcpu: Math.max(0, background),
    scatter,
    steps: steps.length,
    newestSeconds: stepStart(grid, (free.at(-1) ?? 0) + 1),
  }
}

/**
 * The value to plan with from now on. It moves by a factor of two at most, not at all for less than 5 %, and where the evidence is partial
 * only to the safe side: more vCPU per unit is more nodes.
 * @param last  vCPUs per unit planned with so far, > 0
 */
export function learnedVcpuPerUnit(last: number, estimate: WorkEstimate, evidence: Evidence): number {
  const found = estimate.kind === 'measured' ? estimate.vcpuPerUnit : Math.max(last, estimate.atLeastVcpuPerUnit)
  const next = Math.min(last * largestFactor, Math.max(last / largestFactor, found))
  if (Math.abs(next - last) < deadBand * last || (evidence === 'partial' && next < last)) return last
  return Number(next.toPrecision(printedDigits))
}

/** Whether demand is known and all nodes that report have known work. */
function isMeasured(step: number, demand: Float64Array, regions: readonly RegionWork[]): boolean {
  const asked = demand[step] ?? Number.NaN
  const reporting = regions.filter((region) => (region.reportingNodes[step] ?? 0) > 0)
  return (
    asked > 0 &&
    asked < Infinity &&
    reporting.length > 0 &&
    reporting.every((region) => region.untypedNodes[step] === 0 && (region.busyVcpu[step] ?? -1) >= 0)
  )
}

function isSaturated(step: number, regions: readonly RegionWork[]): boolean {
  return regions.some((region) => (region.busyVcpu[step] ?? 0) > saturation * (region.reportingVcpu[step] ?? 0))
}

/** @returns the sum of what is known in a step */
function sumAt(step: number, series: readonly Float64Array[]): number {
  return series.reduce((sum, values) => sum + (Number.isNaN(values[step]) ? 0 : (values[step] ?? 0)), 0)
}

function perUnit({ demand, busyVcpu }: WorkStep): number {
  return busyVcpu / demand
}

/** @param steps  ascending by demand @returns slopes from each step of the lower half to its partner in the upper half, ascending */
function pairSlopes(steps: readonly WorkStep[]): number[] {
  const apart = Math.ceil(steps.length / 2)
  return steps
    .slice(apart)
    .flatMap((upper, index) => {
      const lower = steps[index]
      return lower === undefined || upper.demand === lower.demand ? [] : [(upper.busyVcpu - lower.busyVcpu) / (upper.demand - lower.demand)]
    })
    .sort((a, b) => a - b)
}

function median(values: readonly number[]): number {
  return quantileOf(
    values.toSorted((a, b) => a - b),
    0.5,
  )
}

/** @param ascending  sorted, not empty @returns the value below which a share of them lies; NaN for none */
function quantileOf(ascending: readonly number[], share: number): number {
  const at = share * (ascending.length - 1)
  const [below, above] = [ascending[Math.floor(at)] ?? Number.NaN, ascending[Math.ceil(at)] ?? Number.NaN]
  return below + (at - Math.floor(at)) * (above - below)
}
