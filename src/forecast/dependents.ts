import { withEffects, type StepEffect } from './effects/uncertain-effect.ts'
import type { QuantilePaths } from './quantiles.ts'
import type { ModelSeries } from './step-series.ts'

/** A driver of a workload: what was measured of it, and a forecast from some origin. */
export interface DriverForecast {
  readonly name: string
  readonly series: ModelSeries
  /** Number of the series' values before the origin. */
  readonly origin: number
  /** Shape [quantiles × horizon]. */
  readonly paths: QuantilePaths
}

/** How one driver leads. */
export interface Lead {
  readonly name: string
  readonly lagSteps: number
  readonly elasticity: number
  readonly ratio: number
  readonly correlation: number
  /** Lower bound of the correlation at 97.5 %, errors of neighbouring steps being alike. */
  readonly correlationAtLeast: number
}

/** Longest delay that is looked for, hours; weeks and days that the usual demand of a moment is read from. */
const longestLagHours = 24
const usual = { weeks: 4, days: 7 }
const floorShare = 0.05
/** Correlations that may be less than this are not followed. */
const leastCorrelation = 0.15
/** Penalty on elasticities, as a share of the driver's variance; a shorter delay is preferred while it correlates almost as well. */
const ridge = 0.05
const almost = 0.98
const mostElastic = 1.5

/** @returns whether it is sure enough that the driver leads */
export function leadsSurely({ correlationAtLeast }: Lead): boolean {
  return correlationAtLeast > leastCorrelation
}

/**
 * How drivers lead a workload: departures of both from the usual demand of the hour and weekday are correlated at delays of up to a day.
 * @param origin  number of values of `series` that may be seen
 * @returns one per driver, in order; undefined for one that cannot be compared
 * @see Bartlett, Some Aspects of the Time-Correlation Problem (1935), for the effective number of observations
 */
export function learnLeads(series: ModelSeries, origin: number, drivers: readonly DriverForecast[]): readonly (Lead | undefined)[] {
  const own = departures(series, origin)
  const found = drivers.map(({ name, series: driver, origin: driverOrigin }): Lead | undefined => {
    const other = departures(driver, driverOrigin)
    const offset = driverOrigin - origin
    const most = Math.round((longestLagHours / 24) * series.perDay)
    const correlations = Array.from({ length: most + 1 }, (_, lag) => correlation(own, other, offset - lag))
    const highest = Math.max(...correlations.map(({ value }) => value))
    if (!(highest > 0)) return undefined
    const lagSteps = correlations.findIndex(({ value }) => value >= almost * highest)
    const { value, count } = correlations[lagSteps] ?? { value: 0, count: 0 }
    const alike = Math.max(0, autocorrelation(own)) * Math.max(0, autocorrelation(other))
    const effective = (count * (1 - alike)) / (1 + alike)
    const correlationAtLeast = effective > 4 ? Math.tanh(Math.atanh(Math.min(0.9999, value)) - 1.96 / Math.sqrt(effective - 3)) : -1
    return { name, lagSteps, elasticity: 0, ratio: meanOf(series.values.subarray(0, origin)) / meanOf(driver.values.subarray(0, driverOrigin)), correlation: value, correlationAtLeast }
  })
  const sure = found.flatMap((lead, d) => (lead !== undefined && leadsSurely(lead) ? [d] : []))
  const slopes = elasticities(own, sure.map((d) => ({ values: departures((drivers[d] as DriverForecast).series, (drivers[d] as DriverForecast).origin), shift: (drivers[d] as DriverForecast).origin - origin - ((found[d] as Lead).lagSteps) })))
  return found.map((lead, d) => (lead === undefined ? undefined : { ...lead, elasticity: slopes[sure.indexOf(d)] ?? 0 }))
}

/**
 * What drivers let expect: the usual demand of each step, times how the drivers depart from theirs, a delay before, to the power of the
 * elasticity; spread as such expectations were off in the past.
 * @returns shape [quantiles × horizon]; undefined when no driver leads surely
 */
export function followDrivers(
  series: ModelSeries,
  origin: number,
  drivers: readonly DriverForecast[],
  leads: readonly (Lead | undefined)[],
  quantiles: readonly number[],
  horizon: number,
): QuantilePaths | undefined {
  const used = drivers.flatMap((driver, d) => {
    const lead = leads[d]
    return lead !== undefined && leadsSurely(lead) && lead.elasticity > 0 ? [{ driver, lead }] : []
  })
  if (used.length === 0) return undefined
  const floor = floorShare * meanOf(series.values.subarray(0, origin))
  const paths = new Float64Array(quantiles.length * horizon)
  for (let step = 0; step < horizon; step += 1) {
    const base = usualAt(series, origin, origin + step) + floor
    quantiles.forEach((_, q) => {
      const log = used.reduce((sum, { driver, lead }) => sum + lead.elasticity * driverDeparture(driver, step - lead.lagSteps, q, horizon), 0)
      paths[q * horizon + step] = Math.max(0, base * Math.exp(log) - floor)
    })
  }
  const spread: StepEffect = { log: 0, logDeviation: residualSpread(series, origin, used), shift: 0, shiftDeviation: 0, side: 'both' }
  return withEffects(paths, quantiles, Array.from({ length: horizon }, () => spread))
}

interface Used {
  readonly driver: DriverForecast
  readonly lead: Lead
}

/** Departure of a driver so many steps after its origin: as measured before it, as forecast from there on. */
function driverDeparture({ series, origin, paths }: DriverForecast, step: number, q: number, horizon: number): number {
  const floor = floorShare * meanOf(series.values.subarray(0, origin))
  const value = step < 0 ? (series.values[origin + step] ?? 0) : (paths[q * horizon + step] ?? 0)
  return Math.log((value + floor) / (usualAt(series, origin, origin + step) + floor))
}

function residualSpread(series: ModelSeries, origin: number, used: readonly Used[]): number {
  const own = departures(series, origin)
  const others = used.map(({ driver, lead }) => ({ values: departures(driver.series, driver.origin), shift: driver.origin - origin - lead.lagSteps, elasticity: lead.elasticity }))
  const residuals: number[] = []
  own.forEach((value, i) => {
    const left = others.reduce((rest, { values, shift, elasticity }) => rest - elasticity * (values[i + shift] ?? Number.NaN), value)
    if (Number.isFinite(left)) residuals.push(left * left)
  })
  return residuals.length > 0 ? Math.sqrt(residuals.reduce((sum, square) => sum + square, 0) / residuals.length) : 0.5
}

/** Logarithms of demand against its usual, NaN where that is not known or demand was not measured. Shape [origin]. */
function departures(series: ModelSeries, origin: number): Float64Array {
  const floor = floorShare * meanOf(series.values.subarray(0, origin))
  return Float64Array.from({ length: origin }, (_, i) => {
    if (series.measured[i] !== 1 || i < usual.days * series.perDay) return Number.NaN
    return Math.log(((series.values[i] ?? 0) + floor) / (usualAt(series, i, i) + floor))
  })
}

/** Mean of the same hour and weekday of earlier weeks, or of the same hour of earlier days while there are fewer than two such weeks. */
function usualAt({ values, perDay }: ModelSeries, seen: number, target: number): number {
  const mean = (season: number, most: number, least: number): number | undefined => {
    let [sum, count] = [0, 0]
    for (let at = target - season; at >= 0 && count < most; at -= season) {
      if (at >= seen) continue
      sum += values[at] ?? 0
      count += 1
    }
    return count >= least ? sum / count : undefined
  }
  return mean(7 * perDay, usual.weeks, 2) ?? mean(perDay, usual.days, 1) ?? 0
}

/** Correlation of a[i] with b[i + shift] where both are known. */
function correlation(a: Float64Array, b: Float64Array, shift: number): { readonly value: number; readonly count: number } {
  let [count, sumA, sumB, squareA, squareB, product] = [0, 0, 0, 0, 0, 0]
  for (let i = Math.max(0, -shift); i < Math.min(a.length, b.length - shift); i += 1) {
    const [x, y] = [a[i] ?? Number.NaN, b[i + shift] ?? Number.NaN]
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue
    count += 1
    sumA += x
    sumB += y
    squareA += x * x
    squareB += y * y
    product += x * y
  }
  const spread = (squareA - (sumA * sumA) / count) * (squareB - (sumB * sumB) / count)
  return { value: count > 10 && spread > 0 ? (product - (sumA * sumB) / count) / Math.sqrt(spread) : 0, count }
}

function autocorrelation(values: Float64Array): number {
  return correlation(values, values, 1).value
}

/** Ridge regression with elasticities from 0 to 1.5, by going from one to the next until they stay. */
function elasticities(own: Float64Array, others: readonly { readonly values: Float64Array; readonly shift: number }[]): readonly number[] {
  const rows: { readonly target: number; readonly row: readonly number[] }[] = []
  own.forEach((target, i) => {
    const row = others.map(({ values, shift }) => values[i + shift] ?? Number.NaN)
    if (Number.isFinite(target) && row.every(Number.isFinite)) rows.push({ target, row })
  })
  const slopes = others.map(() => 0)
  for (let round = 0; round < 50; round += 1) {
    others.forEach((_, d) => {
      let [product, square] = [0, 0]
      for (const { target, row } of rows) {
        const rest = row.reduce((left, value, other) => (other === d ? left : left - (slopes[other] ?? 0) * value), target)
        product += rest * (row[d] ?? 0)
        square += (row[d] ?? 0) ** 2
      }
      slopes[d] = square > 0 ? Math.min(mostElastic, Math.max(0, product / (square * (1 + ridge)))) : 0
    })
  }
  return slopes
}

function meanOf(values: Float64Array): number {
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : 0
}
