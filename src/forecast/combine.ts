import type { MemberWeight } from '../domain/forecast.ts'
import { naiveDay } from './members/all.ts'
import { poolPaths } from './pool.ts'
import { pathsLoss, settlePaths, type QuantilePaths } from './quantiles.ts'
import { recentlyBetterNaive } from './recent-gate.ts'
import type { ModelSeries } from './step-series.ts'

/** One member's paths, one for each origin. */
export interface MemberPaths {
  readonly member: string
  /** Weight before anything is known of the series; relative. */
  readonly prior: number
  readonly paths: readonly QuantilePaths[]
}

/** What the combination of one series from one origin came to. */
export interface Combined {
  readonly origin: number
  readonly paths: QuantilePaths
  readonly weights: readonly MemberWeight[]
  /** Origins whose demand was known by then, and that the weights were learned from. */
  readonly matured: number
  /** The naive that stands in: alone after 1.2 times its loss over twelve origins or twice its loss over the newest day, for two thirds after fewer origins. */
  readonly gatedTo: string | undefined
}

/** What a series' past taught: grows with each origin whose demand became known, oldest first. */
export interface CombineMemory {
  /** Loss of each member. Shape [origins][members]. */
  readonly losses: (readonly number[])[]
  /** Loss of the combination, whether a naive stood in for it or not. Shape [origins]. */
  readonly combinedLosses: number[]
  /** Logarithm of how far each quantile is moved from the median. Shape [quantiles]. */
  readonly stretch: Float64Array
}

/** @returns what is known of a series before any of its forecasts was judged */
export function noMemory(quantileCount: number): CombineMemory {
  return { losses: [], combinedLosses: [], stretch: new Float64Array(quantileCount) }
}

export interface CombineSettings {
  readonly quantiles: readonly number[]
  readonly horizon: number
  /** Members that the gate measures against. */
  readonly naives: readonly string[]
}

/** How fast weights follow losses, how fast old losses fade, and the share that is always spread as the prior says. */
const learning = { rate: 1.8, memory: 0.95, priorShare: 0.1 }
/** Losses are measured against at least this share of the usual change from day to day. */
const leastUnit = 0.5
/**
 * The gate closes when the combination's loss is above this multiple of the better naive's, seen over at least so many origins; while there
 * are fewer than `enoughOrigins`, it must also have been the worse one at such a share of them, so that one odd day does not decide.
 * A naive then counts for `naiveShare`, and from `enoughOrigins` on alone: until then what the members say keeps the upper quantiles of a series
 * that idles from falling to nothing. Quantiles above `rareFrom` never are the naive's alone: see `withTail`.
 */
const gate = { ratio: 1.2, leastOrigins: 5, enoughOrigins: 12, worseShare: 0.8, naiveShare: 0.67, rareFrom: 0.95 }
/** Demand above this multiple of the highest ever seen is not believed. */
const highestMultiple = 3
/** How far the .95 quantile moves after each origin, and how far the upper ones may ever go from where the members put them. */
const tracking = { rate: 0.3, widest: Math.log(3), narrowest: Math.log(0.6) }

/**
 * Mixes the members of one series, origin after origin. Each member's weight is its prior times exp(−rate · its losses so far relative to
 * the members' mean), learned only from origins whose whole horizon lies before the one at hand. The mix is in part a mixture of the members'
 * distributions, so that members who disagree widen it. Then the distance of each quantile above the median is scaled so that the share of
 * demand above it follows its nominal share, and a naive counts most where it has done better by far.
 *
 * The scaling has a guarantee for what the gate leaves alone, while it is inside its limits: over T matured origins the mean share above quantile q differs from 1 − q by at
 * most (widest − narrowest + rate) / (rate · T), with the rate of that quantile, whatever demand does.
 * @param origins  ascending
 * @param memory   what earlier calls learned; what this one learns is added to it
 * @see Cesa-Bianchi & Lugosi, Prediction, Learning, and Games (2006), 2.2 for the weights
 * @see Angelopoulos, Candès & Tibshirani, Conformal PID Control for Time Series Prediction (2023), 2.1 for the scaling
 */
export function combineMembers(
  series: ModelSeries,
  origins: readonly number[],
  members: readonly MemberPaths[],
  settings: CombineSettings,
  memory: CombineMemory = noMemory(settings.quantiles.length),
): Combined[] {
  const { quantiles, horizon } = settings
  const { losses, combinedLosses, stretch } = memory
  const priorTotal = members.reduce((total, member) => total + member.prior, 0)
  const priors = members.map((member) => member.prior / priorTotal)
  const results: Combined[] = []
  /** What the combination says, whether a naive stands in for it or not. */
  const trusted: QuantilePaths[] = []
  const settled = (paths: QuantilePaths, origin: number): QuantilePaths => {
    const copy = paths.slice()
    settlePaths(copy, quantiles.length, horizon, highestMultiple * highestBefore(series, origin))
    return copy
  }
  const memberPaths = members.map((member) => member.paths.map((paths, k) => settled(paths, origins[k] ?? 0)))
  const usualLoss = leastUnit * horizon * usualChange(series, origins[0] ?? 0)
  let scored = 0
  origins.forEach((origin, k) => {
    while (scored < k && (origins[scored] ?? 0) + horizon <= origin) {
      const past = scored
      const end = (origins[past] ?? 0) + horizon
      const actual = series.values.subarray(end - horizon, end)
      const measured = series.measured.subarray(end - horizon, end)
      const before = trusted[past] as QuantilePaths
      losses.push(memberPaths.map((paths) => pathsLoss(paths[past] as QuantilePaths, quantiles, actual, measured).loss))
      combinedLosses.push(pathsLoss(before, quantiles, actual, measured).loss)
      followCoverage(stretch, before, quantiles, actual, measured)
      scored += 1
    }
    const weights = learnedWeights(priors, losses, usualLoss)
    const pool = memberPaths.map((paths) => paths[k] as QuantilePaths)
    const mixed = poolPaths(pool, weights, quantiles, horizon)
    stretchUpper(mixed, stretch, quantiles, horizon)
    trusted.push(settled(mixed, origin))
    const recent = lately(k)
    const gatedTo = recent ?? openGate(members, settings.naives, losses, combinedLosses)
    // after a break in the demand, what the members say is no longer about it
    const share = recent === undefined && losses.length < gate.enoughOrigins ? gate.naiveShare : 1
    const naive = members.findIndex(({ member }) => member === gatedTo)
    const used = naive < 0 ? weights : weights.map((weight, m) => (1 - share) * weight + (m === naive ? share : 0))
    results.push({
      origin,
      paths: naive < 0 ? (trusted[k] as QuantilePaths) : withTail(settled(poolPaths([trusted[k] as QuantilePaths, pool[naive] as QuantilePaths], [1 - share, share], quantiles, horizon), origin), trusted[k] as QuantilePaths, quantiles),
      weights: members.map((member, m) => ({ member: member.member, weight: used[m] ?? 0 })),
      matured: losses.length,
      gatedTo,
    })
  })
  return results

  /**
   * The naive that was much better since the newest origin of half a day ago or longer. A week repeated shows no break of demand: it must have been
   * the better one before too, or one lucky day would decide.
   */
  function lately(k: number): string | undefined {
    const origin = origins[k] as number
    const past = origins.findLastIndex((earlier) => earlier <= origin - series.perDay / 2)
    if (past < 0) return undefined
    const combinedSoFar = combinedLosses.reduce((sum, loss) => sum + loss, 0)
    const naives = members.flatMap(({ member }, m) => {
      const believed = member === naiveDay.name || (settings.naives.includes(member) && losses.reduce((sum, row) => sum + (row[m] ?? 0), 0) <= combinedSoFar)
      return believed ? [{ member, paths: memberPaths[m]?.[past] as QuantilePaths }] : []
    })
    return recentlyBetterNaive(series, origin, { origin: origins[past] as number, combined: trusted[past] as QuantilePaths, naives }, quantiles, horizon)
  }
}

/**
 * A naive that stands in knows nothing of what happens one time in a hundred, least of all after a time without change: towards what the members
 * say, where that is higher, rare quantiles keep the share that the naive leaves.
 */
function withTail(paths: QuantilePaths, trusted: QuantilePaths, quantiles: readonly number[]): QuantilePaths {
  const horizon = paths.length / quantiles.length
  return paths.map((value, i) => {
    const rare = (quantiles[Math.floor(i / horizon)] as number) > gate.rareFrom
    return rare ? value + (1 - gate.naiveShare) * Math.max(0, (trusted[i] as number) - value) : value
  })
}

/** Rarer misses come in longer runs: a higher quantile moves further, by the root of how rare they are, up to one in a hundred. */
function trackingRate(quantile: number): number {
  return tracking.rate * Math.sqrt(0.05 / Math.max(0.01, 1 - quantile))
}

/** Moves each upper quantile's logarithmic scale by how much more often than its nominal share it was exceeded. */
function followCoverage(stretch: Float64Array, paths: QuantilePaths, quantiles: readonly number[], actual: Float64Array, measured: Uint8Array): void {
  quantiles.forEach((quantile, q) => {
    if (quantile <= 0.5) return
    let above = 0
    let seen = 0
    for (let step = 0; step < actual.length; step += 1) {
      if (measured[step] !== 1) continue
      seen += 1
      if ((actual[step] as number) > (paths[q * actual.length + step] as number)) above += 1
    }
    if (seen === 0) return
    const moved = (stretch[q] as number) + trackingRate(quantile) * (above / seen - (1 - quantile))
    stretch[q] = Math.min(tracking.widest, Math.max(tracking.narrowest, moved))
  })
}

function stretchUpper(paths: QuantilePaths, stretch: Float64Array, quantiles: readonly number[], horizon: number): void {
  const median = quantiles.findLastIndex((quantile) => quantile <= 0.5)
  if (median < 0) return
  quantiles.forEach((quantile, q) => {
    if (quantile <= 0.5) return
    const factor = Math.exp(stretch[q] as number)
    for (let step = 0; step < horizon; step += 1) {
      const middle = paths[median * horizon + step] as number
      paths[q * horizon + step] = middle + factor * ((paths[q * horizon + step] as number) - middle)
    }
  })
}

/** Prior times exp(−rate · faded sum of relative losses), a share of the prior kept so that no member dies. */
function learnedWeights(priors: readonly number[], losses: readonly (readonly number[])[], usualLoss: number): readonly number[] {
  if (losses.length === 0) return priors
  const summed = priors.map((_, m) =>
    losses.reduce((total, row, age) => {
      const mean = row.reduce((sum, loss) => sum + loss, 0) / row.length
      const unit = Math.max(mean, usualLoss)
      return total + (unit > 0 ? ((row[m] ?? mean) / unit) * learning.memory ** (losses.length - 1 - age) : 1)
    }, 0),
  )
  const least = Math.min(...summed)
  const raw = priors.map((prior, m) => prior * Math.exp(-learning.rate * ((summed[m] ?? least) - least)))
  const total = raw.reduce((sum, weight) => sum + weight, 0)
  return raw.map((weight, m) => ((1 - learning.priorShare) * weight) / total + learning.priorShare * (priors[m] ?? 0))
}

/**
 * Mean change from one day to the next over all history. Losses are measured against at least this much, so that members that do well only
 * while a series idles do not silence those that know it busy.
 */
function usualChange(series: ModelSeries, origin: number): number {
  const { perDay, values } = series
  let sum = 0
  for (let i = perDay; i < origin; i += 1) sum += Math.abs((values[i] as number) - (values[i - perDay] as number))
  return origin > perDay ? sum / (origin - perDay) : 0
}

/** @returns the better naive when the combination has been worse than it by the gate's ratio */
function openGate(
  members: readonly MemberPaths[],
  naives: readonly string[],
  losses: readonly (readonly number[])[],
  combinedLosses: readonly number[],
): string | undefined {
  if (losses.length < gate.leastOrigins) return undefined
  const combined = combinedLosses.reduce((sum, loss) => sum + loss, 0)
  let better: string | undefined
  let betterLoss = combined / gate.ratio
  members.forEach(({ member }, m) => {
    if (!naives.includes(member)) return
    const loss = losses.reduce((sum, row) => sum + (row[m] ?? 0), 0)
    const worse = losses.filter((row, k) => (combinedLosses[k] ?? 0) > (row[m] ?? 0)).length
    if (loss < betterLoss && (losses.length >= gate.enoughOrigins || worse >= gate.worseShare * losses.length)) {
      better = member
      betterLoss = loss
    }
  })
  return better
}

/** Highest value among the newest 4 weeks before `origin`. */
function highestBefore(series: ModelSeries, origin: number): number {
  let highest = 0
  for (let i = Math.max(0, origin - 28 * series.perDay); i < origin; i += 1) highest = Math.max(highest, series.values[i] as number)
  return highest
}
