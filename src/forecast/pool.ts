import type { QuantilePaths } from './quantiles.ts'

/** Share of the mixture of distributions in quantiles above the median; the rest is the mean of quantiles. */
const upperMixtureShare = 0.5
/** Members below this weight do not shape the mixture. */
const leastWeight = 0.005
/** Halvings of the search for a quantile: 14 leave less than a ten-thousandth of how far members lie apart. */
const halvings = 14

/**
 * Joins members' quantiles. The mean of quantiles keeps the width of its members; the mixture of their distributions grows as they
 * disagree. The median and what is below it are those of the mixture; above it members that disagree would widen too much, so it counts for half.
 * @param members  ordered paths, shape [quantiles × horizon] each
 * @param weights  one per member, adding up to 1
 * @see Lichtendahl, Grushka-Cockayne & Winkler, Is It Better to Average Probabilities or Quantiles? (2013)
 */
export function poolPaths(members: readonly QuantilePaths[], weights: readonly number[], quantiles: readonly number[], horizon: number): QuantilePaths {
  const count = quantiles.length
  const pooled = new Float64Array(count * horizon)
  const kept = weights.flatMap((weight, m) => (weight > leastWeight ? [m] : []))
  const total = kept.reduce((sum, m) => sum + (weights[m] as number), 0)
  if (kept.length === 0) return pooled
  const shares = Float64Array.from(kept, (m) => (weights[m] as number) / total)
  const levels = Float64Array.from([0, ...quantiles, 1])
  const knots = new Float64Array(kept.length * levels.length)
  for (let step = 0; step < horizon; step += 1) {
    for (let k = 0; k < kept.length; k += 1) writeKnots(members[kept[k] as number] as QuantilePaths, count, horizon, step, knots, k * levels.length)
    for (let q = 0; q < count; q += 1) {
      let mean = 0
      let lowest = Infinity
      let highest = 0
      for (let k = 0; k < kept.length; k += 1) {
        const said = knots[k * levels.length + q + 1] as number
        mean += (shares[k] as number) * said
        lowest = Math.min(lowest, said)
        highest = Math.max(highest, said)
      }
      const mixture = mixtureQuantile(knots, levels, shares, quantiles[q] as number, lowest, highest)
      const share = (quantiles[q] as number) > 0.5 ? upperMixtureShare : 1
      pooled[q * horizon + step] = Math.max(q > 0 ? (pooled[(q - 1) * horizon + step] as number) : 0, (1 - share) * mean + share * mixture)
    }
  }
  return pooled
}

/** A member's quantiles of one step with ends: as far below the lowest as it is below its neighbour, at least 0, and the same above. */
function writeKnots(paths: QuantilePaths, count: number, horizon: number, step: number, knots: Float64Array, from: number): void {
  for (let q = 0; q < count; q += 1) knots[from + q + 1] = paths[q * horizon + step] as number
  const first = knots[from + 1] as number
  const last = knots[from + count] as number
  knots[from] = count > 1 ? Math.max(0, first - 0.6 * ((knots[from + 2] as number) - first)) : first
  knots[from + count + 1] = count > 1 ? last + (last - (knots[from + count - 1] as number)) : last
}

/** The value below which the mixture has `quantile` of its mass, by halving; it lies between the lowest and the highest of its members' quantiles. */
function mixtureQuantile(knots: Float64Array, levels: Float64Array, shares: Float64Array, quantile: number, lowest: number, highest: number): number {
  let low = lowest
  let high = highest
  const size = levels.length
  for (let round = 0; round < halvings && high > low; round += 1) {
    const middle = (low + high) / 2
    let mass = 0
    for (let k = 0; k < shares.length; k += 1) mass += (shares[k] as number) * massBelow(knots, k * size, levels, middle)
    if (mass < quantile) low = middle
    else high = middle
  }
  return high
}

/** Share of one member's distribution at or below `value`, linear between its knots. */
function massBelow(knots: Float64Array, from: number, levels: Float64Array, value: number): number {
  const size = levels.length
  if (value < (knots[from] as number)) return 0
  for (let i = size - 1; i >= 0; i -= 1) {
    const knot = knots[from + i] as number
    if (value < knot) continue
    if (i === size - 1) return 1
    const next = knots[from + i + 1] as number
    return (levels[i] as number) + (((levels[i + 1] as number) - (levels[i] as number)) * (value - knot)) / (next - knot)
  }
  return 0
}
