/**
 * Quantile of unordered values, linear between neighbouring ranks; reorders `values` in place.
 * @param values  at least one, none NaN
 * @see Hoare, Algorithm 65: Find (1961)
 */
export function quantileInPlace(values: Float64Array, quantile: number): number {
  const at = (values.length - 1) * quantile
  const rank = Math.floor(at)
  partitionAt(values, rank)
  const below = values[rank] ?? Number.NaN
  if (at === rank) return below
  let above = Infinity
  for (let index = rank + 1; index < values.length; index++) above = Math.min(above, values[index] ?? Infinity)
  return below + (at - rank) * (above - below)
}

/** Reorders so that `rank` holds what it would in ascending order, smaller values before it and greater ones after it. */
function partitionAt(values: Float64Array, rank: number): void {
  let left = 0
  let right = values.length - 1
  while (left < right) {
    const pivot = values[(left + right) >> 1] ?? 0
    let low = left
    let high = right
    while (low <= high) {
      while ((values[low] ?? 0) < pivot) low++
      while ((values[high] ?? 0) > pivot) high--
      if (low > high) break
      const value = values[low] ?? 0
      values[low++] = values[high] ?? 0
      values[high--] = value
    }
    if (rank <= high) right = high
    else if (rank >= low) left = low
    else return
  }
}
