import { additiveValues, fitAdditive } from '../structural/additive-model.ts'
import { quantileOfSorted } from '../quantiles.ts'
import { meanBefore } from '../step-series.ts'
import type { LocalMember } from './member.ts'

/** Days that the model is fitted to, days whose residuals say how far it is off, and how fast the newest residual fades, hours. */
const span = { fitDays: 28, residualDays: 21, halfLifeHours: 6 }
const newestSteps = 3

/**
 * A piecewise linear trend, Fourier seasons of day and week, as fitted by `fitAdditive`; what it was off by lately fades out. Events and
 * regressors are taken off demand before and put back on after, for this member and the others alike.
 * @see Taylor & Letham, Forecasting at Scale (2018)
 */
export const additive: LocalMember = {
  name: 'additive',
  describes: 'an additive model of a bending trend, the day and the week',
  leastDays: 14,
  forecast: (series, origin, horizon, quantiles) => {
    const { values, measured, perDay } = series
    const paths = new Float64Array(quantiles.length * horizon)
    const scale = meanBefore(series, origin, span.fitDays * perDay)
    if (!(scale > 0)) return paths
    const from = Math.max(0, origin - span.fitDays * perDay)
    const target = Float64Array.from({ length: origin }, (_, i) => (measured[i] === 1 ? (values[i] as number) / scale : Number.NaN))
    const model = fitAdditive(target, series, from, origin, [])
    const first = Math.max(from, origin - span.residualDays * perDay)
    const said = additiveValues(model, first, origin + horizon, [])
    const residuals = target.subarray(first).map((value, i) => value - (said[i] as number))
    const known = residuals.filter(Number.isFinite)
    const newest = known.subarray(-newestSteps)
    const off = newest.reduce((sum, value) => sum + value, 0) / Math.max(1, newest.length)
    const sorted = known.toSorted()
    const spreads = quantiles.map((quantile) => (sorted.length > 0 ? quantileOfSorted(sorted, quantile) : 0))
    for (let step = 0; step < horizon; step += 1) {
      const fading = off * 2 ** (-((step + 1) * 24) / (perDay * span.halfLifeHours))
      const middle = (said[origin - first + step] as number) + fading
      spreads.forEach((spread, q) => {
        paths[q * horizon + step] = scale * (middle + spread)
      })
    }
    return paths
  },
}
