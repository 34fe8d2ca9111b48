/** Fewer common errors than this say nothing about how they go together. */
const leastErrors = 24
/** A variance of the discrepancy below this share of the parts' and total's own is rounding. */
const leastDiscrepancy = 1e-9

/**
 * How a discrepancy between a total's forecast and the sum of its parts' is shared out: minimum-trace reconciliation with the covariance
 * of matured errors, shrunk towards no correlation. With c = (1, −1, …, −1) over total and parts, the reconciled forecast is
 * y − W c (cᵀ y) / (cᵀ W c).
 * @param total  errors of the total; NaN where unknown
 * @param parts  errors of each part, ending with the same origin and steps as the total's; from the shortest one's beginning on they are compared
 * @returns per part, which share of (total − sum) is added to it; what is left over is taken off the total, so that it equals the sum
 * @see Wickramasuriya, Athanasopoulos & Hyndman (2019), the one-constraint case; Schäfer & Strimmer, A Shrinkage Approach … (2005), table 2
 */
export function reconcilingGains(total: Float64Array, parts: readonly Float64Array[]): Float64Array {
  const all = [total, ...parts]
  const length = Math.min(...all.map((errors) => errors.length))
  const aligned = all.map((errors) => errors.subarray(errors.length - length))
  const common = Array.from({ length }, (_, i) => i).filter((i) => aligned.every((errors) => Number.isFinite(errors[i])))
  const largest = aligned.reduce((most, errors) => common.reduce((found, i) => Math.max(found, Math.abs(errors[i] as number)), most), 0)
  const even = new Float64Array(parts.length).fill(1 / (2 * parts.length))
  if (common.length < leastErrors || largest === 0) return even
  const covariance = shrunkCovariance(aligned.map((errors) => Float64Array.from(common, (i) => (errors[i] as number) / largest)))
  const constraint = all.map((_, i) => (i === 0 ? 1 : -1))
  const pulled = covariance.map((row) => row.reduce((sum, value, j) => sum + value * (constraint[j] as number), 0))
  const variance = pulled.reduce((sum, value, i) => sum + value * (constraint[i] as number), 0)
  const own = covariance.reduce((sum, row, i) => sum + (row[i] as number), 0)
  if (!(variance > leastDiscrepancy * own)) return even
  return Float64Array.from(parts, (_, i) => -(pulled[i + 1] as number) / variance)
}

/**
 * Second moments about 0, since a median's bias is an error like any other; correlations shrunk by the share of them that is chance.
 * @param errors  finite, of one length
 */
function shrunkCovariance(errors: readonly Float64Array[]): readonly (readonly number[])[] {
  const count = errors[0]?.length ?? 0
  const scales = errors.map((row) => Math.sqrt(row.reduce((sum, value) => sum + (value * value) / count, 0)))
  const scaled = errors.map((row, i) => row.map((value) => ((scales[i] as number) > 0 ? value / (scales[i] as number) : 0)))
  let chance = 0
  let seen = 0
  const correlations = scaled.map((row, i) =>
    scaled.map((other, j) => {
      const correlation = row.reduce((sum, value, k) => sum + (value * (other[k] as number)) / count, 0)
      if (i !== j) {
        chance += row.reduce((sum, value, k) => sum + (value * (other[k] as number) - correlation) ** 2, 0) / (count * (count - 1))
        seen += correlation * correlation
      }
      return correlation
    }),
  )
  const shrinkage = seen > 0 ? Math.min(1, chance / seen) : 1
  return correlations.map((row, i) => row.map((correlation, j) => (scales[i] as number) * (scales[j] as number) * (i === j ? 1 : (1 - shrinkage) * correlation)))
}
