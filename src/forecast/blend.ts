import type { ForecastAccuracy } from '../domain/forecast.ts'
import { accuracyOf } from './accuracy.ts'
import type { Combined } from './combine.ts'
import { naivesOf } from './effects/series-in-context.ts'
import { naiveNames } from './members/all.ts'
import { poolPaths } from './pool.ts'
import { pathsLoss, type QuantilePaths } from './quantiles.ts'
import type { ModelSeries } from './step-series.ts'

/** What another way to forecast a series says, from its past origins and from its last one. */
export interface OtherWay {
  readonly past: readonly QuantilePaths[]
  readonly final: QuantilePaths
}

/** A forecast with another way mixed in as far as that helped. */
export interface Blended {
  /** Weight of the other way. */
  readonly weight: number
  readonly past: readonly Combined[]
  readonly final: Combined
  readonly accuracy: ForecastAccuracy | undefined
  /** Mean quantile loss over past forecasts: the models alone, and the blend that was best. */
  readonly own: number
  readonly blended: number
}

const weights: readonly number[] = [0.25, 0.5, 0.75, 1]
/** A blend must have this much less loss than the models alone, over at least so many past forecasts. */
const gate = { gain: 0.98, origins: 3 }

/**
 * Mixes another way into the models' forecast by the weight that past forecasts would have been best with; by none when none of them helps.
 * @param series  demand as it was measured
 */
export function blend(
  series: ModelSeries,
  own: { readonly past: readonly Combined[]; readonly final: Combined; readonly accuracy: ForecastAccuracy | undefined },
  other: OtherWay,
  quantiles: readonly number[],
  horizon: number,
): Blended {
  const mixed = (paths: QuantilePaths, otherPaths: QuantilePaths, weight: number): QuantilePaths => (weight === 0 ? paths : poolPaths([paths, otherPaths], [1 - weight, weight], quantiles, horizon))
  const lossOf = (weight: number): number =>
    own.past.reduce((sum, { origin, paths }, k) => {
      const actual = series.values.subarray(origin, origin + horizon)
      return sum + pathsLoss(mixed(paths, other.past[k] ?? paths, weight), quantiles, actual, series.measured.subarray(origin, origin + horizon)).loss
    }, 0)
  const alone = lossOf(0)
  const tried = own.past.length < gate.origins ? [] : weights.map((weight) => ({ weight, loss: lossOf(weight) }))
  const best = tried.reduce((least, one) => (one.loss < least.loss ? one : least), { weight: 0, loss: gate.gain * alone })
  const per = own.past.length * horizon
  const figures = { own: alone / per, blended: (best.weight === 0 ? alone : best.loss) / per }
  if (best.weight === 0) return { weight: 0, ...own, ...figures }
  const past = own.past.map((one, k) => ({ ...one, paths: mixed(one.paths, other.past[k] ?? one.paths, best.weight) }))
  const naives = naivesOf(series, past.map(({ origin }) => origin), horizon, quantiles)
  return {
    weight: best.weight,
    past,
    final: { ...own.final, paths: mixed(own.final.paths, other.final, best.weight) },
    accuracy: accuracyOf(series, past, naives, naiveNames, quantiles),
    ...figures,
  }
}
