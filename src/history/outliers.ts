import { quantileInPlace } from './quantile.ts'

/** Steps on each side that a value is compared with: so few that their median needs no sorting. */
const neighbours = 3
/** How many times the size of what the series itself does in one step of a hundred. */
const tailRatio = 6
const tailQuantile = 0.99
/** Whatever the series does: less than double or half of both sides is no outlier. */
const leastDistance = Math.log(2)
/** Share of the median demand that is added before taking logarithms, so that zeros have one. */
const floorShare = 0.05
/** Fewer measured steps say too little about what is usual. */
const fewestSteps = 48

/**
 * Steps that stand out from both sides as nothing else in the series does: a sensor's slip rather than a busy minute. They are counted,
 * not removed.
 *
 * With y = log(x + 0.05 · median of positive x), a step's distance is how far y lies outside the medians of the three steps before and
 * the three after it; a change of level, such as the opening of a shop, has none. A step stands out when its distance is above log 2
 * and above 6 times the 99th percentile of the series' distances: bursty series raise their own bar.
 * @see Pearson, Outliers in process modeling and identification (2002): the Hampel identifier, which this makes blind to edges
 */
export function countOutliers(values: Float64Array): number {
  const positive = values.filter((value) => value > 0)
  const measured = values.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0)
  if (measured < fewestSteps || positive.length === 0) return 0
  const floor = floorShare * quantileInPlace(positive, 0.5)
  const distances = distancesFromSides(values.map((value) => Math.log(value + floor)))
  const limit = Math.max(leastDistance, tailRatio * quantileInPlace(distances, tailQuantile))
  return distances.reduce((count, distance) => (distance > limit ? count + 1 : count), 0)
}

/** @returns how far each measured value is from the nearer of its two sides' medians; 0 when it lies between them */
function distancesFromSides(values: Float64Array): Float64Array {
  const distances = new Float64Array(values.length)
  let known = 0
  for (let step = 0; step < values.length; step++) {
    const value = values[step] ?? Number.NaN
    if (Number.isNaN(value)) continue
    const before = medianOfMeasured(values, step - neighbours, step)
    const after = medianOfMeasured(values, step + 1, step + 1 + neighbours)
    if (Number.isNaN(before) && Number.isNaN(after)) continue
    const low = Number.isNaN(before) ? after : Number.isNaN(after) ? before : Math.min(before, after)
    const high = Number.isNaN(before) ? after : Number.isNaN(after) ? before : Math.max(before, after)
    distances[known++] = Math.max(0, value - high, low - value)
  }
  return distances.subarray(0, known)
}

/** Median of at most three values; NaN when none is measured. */
function medianOfMeasured(values: Float64Array, from: number, to: number): number {
  let low = Infinity
  let high = -Infinity
  let sum = 0
  let count = 0
  for (let at = Math.max(0, from); at < Math.min(values.length, to); at++) {
    const value = values[at] ?? Number.NaN
    if (Number.isNaN(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
    sum += value
    count++
  }
  return count === 3 ? sum - low - high : count === 0 ? Number.NaN : sum / count
}
