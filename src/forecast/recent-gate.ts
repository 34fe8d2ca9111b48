import { quantileLoss, type QuantilePaths } from './quantiles.ts'
import type { ModelSeries } from './step-series.ts'

/** A naive takes over when, over the newest day, it was better than the combination by this factor; chance does that less than once in a hundred days. */
const ratio = 2
/** Share of a day that must have been measured since the earlier forecast. */
const leastDays = 0.5
/** Days of history below which there is no such earlier forecast. */
const fewestDays = 2

/** Forecasts that were made from one earlier origin. */
export interface EarlierForecast {
  readonly origin: number
  readonly combined: QuantilePaths
  readonly naives: readonly { readonly member: string; readonly paths: QuantilePaths }[]
}

/**
 * The naive that has just done much better than the combination. After demand has jumped, stopped or changed its unit, what was learned over two weeks is wrong
 * at once, while the losses that weights are learned from come in only when a whole horizon has passed: this looks at the part of the newest
 * earlier forecast that is known already.
 * @param earlier  made before `origin`
 * @returns undefined while the combination is trusted, or too little was measured to tell
 */
export function recentlyBetterNaive(series: ModelSeries, origin: number, earlier: EarlierForecast, quantiles: readonly number[], horizon: number): string | undefined {
  const known = Math.min(horizon, origin - earlier.origin)
  let measured = 0
  for (let step = 0; step < known; step += 1) if (series.measured[earlier.origin + step] === 1) measured += 1
  if (measured < leastDays * series.perDay) return undefined
  const lossOf = (paths: QuantilePaths): number => {
    let loss = 0
    for (let step = 0; step < known; step += 1) {
      const at = earlier.origin + step
      if (series.measured[at] !== 1) continue
      for (let q = 0; q < quantiles.length; q += 1) loss += quantileLoss(series.values[at] as number, paths[q * horizon + step] as number, quantiles[q] as number)
    }
    return loss
  }
  const combined = lossOf(earlier.combined)
  const best = earlier.naives.map(({ member, paths }) => ({ member, loss: lossOf(paths) })).sort((a, b) => a.loss - b.loss)[0]
  return best !== undefined && ratio * best.loss < combined ? best.member : undefined
}

/**
 * Origins with one a day before the last put between, where their horizon is longer than that: what is known of it already shows whether demand
 * still goes as it did.
 * @param origins  ascending, the one to forecast from last
 */
export function withNewest(series: ModelSeries, origins: readonly number[], horizon: number): readonly number[] {
  const origin = origins.at(-1) ?? 0
  const newest = origin - series.perDay
  return horizon > series.perDay && newest >= fewestDays * series.perDay ? [...origins.slice(0, -1), newest, origin] : origins
}
