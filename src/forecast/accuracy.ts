import type { Exceedance, ForecastAccuracy } from '../domain/forecast.ts'
import type { Combined, MemberPaths } from './combine.ts'
import { pathsLoss, type QuantilePaths } from './quantiles.ts'
import type { ModelSeries } from './step-series.ts'

/** Exceedances that are named one by one. */
const namedExceedances = 3

/**
 * How forecasts from past origins did against what came, and against the better of the naives.
 * @param past     from past origins, as if made then
 * @param members  their paths, from the same origins first
 * @returns undefined when there is no past origin
 */
export function accuracyOf(
  series: ModelSeries,
  past: readonly Combined[],
  members: readonly MemberPaths[],
  naives: readonly string[],
  quantiles: readonly number[],
): ForecastAccuracy | undefined {
  const first = past[0]
  if (first === undefined) return undefined
  const horizon = first.paths.length / quantiles.length
  const relativeLoss = (paths: readonly QuantilePaths[]): number => {
    let [loss, absolute] = [0, 0]
    past.forEach(({ origin }, k) => {
      const actual = series.values.subarray(origin, origin + horizon)
      const scored = pathsLoss(paths[k] as QuantilePaths, quantiles, actual, series.measured.subarray(origin, origin + horizon))
      loss += scored.loss
      absolute += scored.absolute
    })
    return absolute > 0 ? loss / absolute : loss
  }
  const { steps, exceedances } = judgeUpper(series, past, quantiles, horizon)
  return {
    origins: past.length,
    weightedQuantileLoss: relativeLoss(past.map(({ paths }) => paths)),
    naiveWeightedQuantileLoss: Math.min(...members.filter(({ member }) => naives.includes(member)).map(({ paths }) => relativeLoss(paths))),
    coverage95: steps > 0 ? 1 - exceedances.length / steps : 1,
    steps,
    exceeded: exceedances.length,
    worst: worstOf(exceedances),
  }
}

/** Steps that were measured, and those of them above the stored quantile nearest to 0.95. */
function judgeUpper(series: ModelSeries, past: readonly Combined[], quantiles: readonly number[], horizon: number): { readonly steps: number; readonly exceedances: Exceedance[] } {
  const nearest = quantiles.reduce((best, quantile, q) => (Math.abs(quantile - 0.95) < Math.abs((quantiles[best] ?? 0) - 0.95) ? q : best), 0)
  const exceedances: Exceedance[] = []
  let steps = 0
  for (const { origin, paths } of past) {
    for (let step = 0; step < horizon; step += 1) {
      if (series.measured[origin + step] !== 1) continue
      steps += 1
      const demand = series.values[origin + step] as number
      const p95 = paths[nearest * horizon + step] as number
      if (demand > p95) exceedances.push({ atSeconds: series.startSeconds + (origin + step) * series.stepSeconds, demand, p95 })
    }
  }
  return { steps, exceedances }
}

/** The furthest beyond p95, each instant once. */
function worstOf(exceedances: readonly Exceedance[]): Exceedance[] {
  const sorted = exceedances.toSorted((a, b) => b.demand - b.p95 - (a.demand - a.p95) || a.atSeconds - b.atSeconds)
  return sorted.filter((one, i) => sorted.findIndex(({ atSeconds }) => atSeconds === one.atSeconds) === i).slice(0, namedExceedances)
}
