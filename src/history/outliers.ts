import { quantileInPlace } from './quantile.ts'

/** Steps on each side that a value is compared with. */
const neighbours = 3
/** Robust standard deviations beyond which a value stands out. */
const deviations = 8
/** How many times the size of what the series itself does in one step of a hundred. */
const tailRatio = 6
const tailQuantile = 0.99
/** Share of the median demand that is added before taking logarithms, so that zeros have one. */
const floorShare = 0.05
/** Fewer measured steps say too little about what is usual. */
const fewestSteps = 48

/** Turns a median absolute deviation into a standard deviation of normal errors. */
const normalScale = 1.4826

/**
 * Steps that stand out from their neighbours as nothing else in the series does: a sensor's slip rather than a busy minute. They are
 * counted, not removed.
 *
 * With y = log(x + 0.05 · median of positive x), the residual of a step is y minus the median of the up to six measured values within
 * three steps. A step stands out when its residual exceeds both 8 robust standard deviations and 6 times the series' own 99th percentile
 * of absolute residuals: bursty series raise their own bar.
 * @see Pearson, Outliers in process modeling and identification (2002): the Hampel identifier
 */
export function countOutliers(values: Float64Array): number {
  const positive = values.filter((value) => value > 0)
  const measured = values.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0)
  if (measured < fewestSteps || positive.length === 0) return 0
  const floor = floorShare * quantileInPlace(positive, 0.5)
  const sizes = residualSizes(values.map((value) => Math.log(value + floor)))
  const limit = Math.max(deviations * normalScale * quantileInPlace(sizes, 0.5), tailRatio * quantileInPlace(sizes, tailQuantile))
  return limit > 0 ? sizes.reduce((count, size) => (size > limit ? count + 1 : count), 0) : 0
}

/** @returns of each measured value that has measured neighbours, how far it is from their median */
function residualSizes(values: Float64Array): Float64Array {
  const near = new Float64Array(2 * neighbours)
  const sizes = new Float64Array(values.length)
  let known = 0
  for (let step = 0; step < values.length; step++) {
    const value = values[step] ?? Number.NaN
    if (Number.isNaN(value)) continue
    let count = 0
    const end = Math.min(values.length - 1, step + neighbours)
    for (let at = Math.max(0, step - neighbours); at <= end; at++) {
      const other = values[at] ?? Number.NaN
      if (at === step || Number.isNaN(other)) continue
      let place = count++
      for (; place > 0 && (near[place - 1] ?? 0) > other; place--) near[place] = near[place - 1] ?? 0
      near[place] = other
    }
    if (count > 0) sizes[known++] = Math.abs(value - ((near[(count - 1) >> 1] ?? 0) + (near[count >> 1] ?? 0)) / 2)
  }
  return sizes.subarray(0, known)
}
