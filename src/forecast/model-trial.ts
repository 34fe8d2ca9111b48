import { combineMembers } from './combine.ts'
import { schooledPaths, type SchooledModels } from './global-models.ts'
import { naiveNames } from './members/all.ts'
import { pathsLoss } from './quantiles.ts'
import type { Trial } from './registry.ts'
import { localPaths } from './series-members.ts'
import type { ModelSeries } from './step-series.ts'

/** A series and past origins, ascending, from which two sets of models are compared. */
export interface TrialSeries {
  readonly series: ModelSeries
  readonly origins: readonly number[]
}

/** Series that are compared on, at most, spread evenly. */
const mostSeries = 60

/**
 * Forecasts each series from past origins as a cycle would, once with each set of models, and sums the losses. Every series weighs the same.
 * @param sinceSeconds  origins before it may have been seen by one of the two, and are left out
 */
export async function compareModels(
  all: readonly TrialSeries[],
  settings: { readonly horizon: number; readonly quantiles: readonly number[] },
  champion: SchooledModels,
  challenger: SchooledModels,
  sinceSeconds: number,
): Promise<Trial> {
  const usable = all
    .map(({ series, origins }) => ({ series, origins: origins.filter((origin) => series.startSeconds + origin * series.stepSeconds >= sinceSeconds) }))
    .filter(({ series, origins }) => origins.length > 0 && lastTarget(origins, settings.horizon) <= series.values.length)
  const stride = Math.max(1, usable.length / mostSeries)
  const chosen = usable.filter((_, i) => Math.floor(i / stride) !== Math.floor((i - 1) / stride))
  let championLoss = 0
  let challengerLoss = 0
  let forecasts = 0
  for (const { series, origins } of chosen) {
    const first = await lossOf(series, origins, champion, settings)
    const second = await lossOf(series, origins, challenger, settings)
    const unit = (first + second) / 2
    championLoss += (unit > 0 ? first / unit : 1) / chosen.length
    challengerLoss += (unit > 0 ? second / unit : 1) / chosen.length
    forecasts += origins.length
  }
  return { series: chosen.length, forecasts, championLoss, challengerLoss }
}

function lastTarget(origins: readonly number[], horizon: number): number {
  return (origins.at(-1) ?? 0) + horizon
}

async function lossOf(
  series: ModelSeries,
  origins: readonly number[],
  models: SchooledModels,
  settings: { readonly horizon: number; readonly quantiles: readonly number[] },
): Promise<number> {
  const { horizon, quantiles } = settings
  const members = [...localPaths(series, origins, horizon, quantiles), ...(await schooledPaths(series, [], origins, models, settings))]
  const combined = combineMembers(series, origins, members, { quantiles, horizon, naives: naiveNames })
  return combined.reduce((sum, { origin, paths }) => {
    const end = origin + horizon
    return sum + pathsLoss(paths, quantiles, series.values.subarray(origin, end), series.measured.subarray(origin, end)).loss
  }, 0)
}
