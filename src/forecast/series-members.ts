import type { MemberPaths } from './combine.ts'
import { fittedMembers, localMembers } from './members/all.ts'
import type { QuantilePaths } from './quantiles.ts'
import { GrowingRegression, predictRegression, type Regression } from './regression.ts'
import type { ModelSeries } from './step-series.ts'

/**
 * Paths of the members that need nothing but the series itself; a member that lacks history at the first origin takes no part.
 * @param refitDays  days that must have been added before the regression is fitted anew
 */
export function localPaths(series: ModelSeries, origins: readonly number[], horizon: number, quantiles: readonly number[], refitDays = 1): MemberPaths[] {
  const first = origins[0] ?? 0
  const members: MemberPaths[] = localMembers
    .filter(({ member }) => first >= member.leastDays * series.perDay)
    .map(({ member, prior }) => ({ member: member.name, prior, paths: origins.map((origin) => member.forecast(series, origin, horizon, quantiles)) }))
  const regression = regressionPaths(series, origins, horizon, quantiles, refitDays)
  return regression === undefined ? members : [...members, { member: fittedMembers.regression.name, prior: fittedMembers.regression.prior, paths: regression }]
}

/** The regression, fitted to what each origin knows: anew once so many days have been added; undefined when it cannot be fitted at the first origin. */
function regressionPaths(
  series: ModelSeries,
  origins: readonly number[],
  horizon: number,
  quantiles: readonly number[],
  refitDays: number,
): QuantilePaths[] | undefined {
  const growing = new GrowingRegression(series, origins[0] ?? 0, horizon)
  let fitted: Regression | undefined
  let fittedAt = 0
  const paths: QuantilePaths[] = []
  for (const origin of origins) {
    if (fitted === undefined || origin >= fittedAt + refitDays * series.perDay) {
      fitted = growing.fit(origin, quantiles)
      fittedAt = origin
    }
    if (fitted === undefined) return undefined
    paths.push(predictRegression(fitted, series, origin, quantiles))
  }
  return paths
}
