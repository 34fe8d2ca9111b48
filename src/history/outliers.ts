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
  const positive = values.filter((value) => value > 0).sort()
  const measured = values.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0)
  if (measured < fewestSteps || positive.length === 0) return 0
  const floor = floorShare * quantileOf(positive, 0.5)
  const residuals = localResiduals(values.map((value) => Math.log(value + floor)))
  const ascending = residuals.filter((residual) => !Number.isNaN(residual)).map(Math.abs).sort()
  const limit = Math.max(deviations * normalScale * quantileOf(ascending, 0.5), tailRatio * quantileOf(ascending, tailQuantile))
  return limit > 0 ? ascending.length - ascending.findLastIndex((residual) => residual <= limit) - 1 : 0
}

/** @returns each value minus the median of its measured neighbours; NaN where it or all of them are missing */
function localResiduals(values: Float64Array): Float64Array {
  const near = new Float64Array(2 * neighbours)
  return values.map((value, step) => {
    let count = 0
    const end = Math.min(values.length - 1, step + neighbours)
    for (let at = Math.max(0, step - neighbours); at <= end; at++) {
      const other = values[at] ?? Number.NaN
      if (at === step || Number.isNaN(other)) continue
      let place = count++
      for (; place > 0 && (near[place - 1] ?? 0) > other; place--) near[place] = near[place - 1] ?? 0
      near[place] = other
    }
    return count === 0 ? Number.NaN : value - quantileOf(near.subarray(0, count), 0.5)
  })
}

/** @param ascending at least one value */
function quantileOf(ascending: Float64Array, quantile: number): number {
  const at = (ascending.length - 1) * quantile
  const below = ascending[Math.floor(at)] ?? 0
  return below + (at - Math.floor(at)) * ((ascending[Math.ceil(at)] ?? 0) - below)
}
