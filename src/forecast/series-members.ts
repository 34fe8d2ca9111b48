import type { MemberPaths } from './combine.ts'
import { fittedMembers, localMembers } from './members/all.ts'
import type { QuantilePaths } from './quantiles.ts'
import { GrowingRegression, predictRegression, type Regression } from './regression.ts'
import type { ModelSeries } from './step-series.ts'

/** A member of one series, to be asked origin after origin. */
export interface SeriesMember {
  readonly member: string
  readonly prior: number
  /** @param origin  no lower than in the call before */
  readonly at: (origin: number) => QuantilePaths
}

/** How much one series may cost: as one of few or in bulk, and after how many more days the regression is fitted anew. */
export interface Effort {
  readonly of: 'one' | 'bulk'
  readonly days: number
}
const usualEffort: Effort = { of: 'one', days: 1 }

/**
 * Members that need nothing but the series itself; one that lacks history at the first origin takes no part.
 * @param first      the lowest origin that they will be asked for
 * @param effort     `bulk` leaves patient members out; `days`: days that must have been added before the regression is fitted anew
 */
export function seriesMembers(series: ModelSeries, first: number, horizon: number, quantiles: readonly number[], { of, days: refitDays }: Effort = usualEffort): SeriesMember[] {
  const members = localMembers
    .filter(({ member, patient }) => (of === 'one' || patient === undefined) && first >= member.leastDays * series.perDay)
    .map(({ member, prior }): SeriesMember => ({ member: member.name, prior, at: (origin) => member.forecast(series, origin, horizon, quantiles) }))
  const regression = regressionFrom(series, first, horizon, quantiles, refitDays)
  return regression === undefined ? members : [...members, { member: fittedMembers.regression.name, prior: fittedMembers.regression.prior, at: regression }]
}

/** Their paths from some origins, ascending. */
export function localPaths(series: ModelSeries, origins: readonly number[], horizon: number, quantiles: readonly number[], effort: Effort = usualEffort): MemberPaths[] {
  return seriesMembers(series, origins[0] ?? 0, horizon, quantiles, effort).map(({ member, prior, at }) => ({ member, prior, paths: origins.map(at) }))
}

/** The regression, fitted to what each origin knows: anew once so many days have been added; undefined when it cannot be fitted at the first origin. */
function regressionFrom(series: ModelSeries, first: number, horizon: number, quantiles: readonly number[], refitDays: number): SeriesMember['at'] | undefined {
  const growing = new GrowingRegression(series, first, horizon)
  let fitted = growing.fit(first, quantiles)
  if (fitted === undefined) return undefined
  let fittedAt = first
  return (origin) => {
    if (origin >= fittedAt + refitDays * series.perDay) {
      fitted = growing.fit(origin, quantiles)
      fittedAt = origin
    }
    return predictRegression(fitted as Regression, series, origin, quantiles)
  }
}
