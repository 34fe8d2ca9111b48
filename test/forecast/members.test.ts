import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { smooth, smoothedPaths } from '../../src/forecast/members/exponential-smoothing.ts'
import { naiveDay } from '../../src/forecast/members/all.ts'
import { slotProfile } from '../../src/forecast/members/slot-profile.ts'
import { weekProfile } from '../../src/forecast/members/week-profile.ts'
import { quantileLoss, quantileOfSorted, settlePaths } from '../../src/forecast/quantiles.ts'
import { GrowingRegression, predictRegression } from '../../src/forecast/regression.ts'
import { modelSeries } from '../../src/forecast/step-series.ts'
import { aSeries, dailyDemand, mondaySeconds } from './series.ts'

test('exponential smoothing with a damped trend and a season gives the forecasts of statsmodels 0.15.0', () => {
  // ETSModel(y, 'add', 'add', seasonal='add', damped_trend=True, seasonal_periods=6, initialization_method='known', initial_level=33,
  // initial_trend=0, initial_seasonal=[-3, -12, -4, -2, 7, 14]).smooth([.3, .05, .2, .9]).forecast(8)
  const reference = [40.15961995, 27.76895657, 27.18143658, 28.66363583, 31.01796451, 36.37536074, 35.60673807, 23.67136289]
  const values = Float64Array.from([30, 21, 29, 31, 40, 48, 53, 47, 37, 39, 31, 29, 34, 22, 32, 33, 41, 50, 58, 49, 38, 42, 33, 30])
  const parameters = { level: 0.3, trend: 0.05, season: 0.2, damping: 0.9 }
  const start = { level: 33, trend: 0, season: Float64Array.from([-3, -12, -4, -2, 7, 14]), errors: new Float64Array(0), errorVariance: 0 }
  const state = smooth(values, 6, parameters, start)
  smoothedPaths(state, parameters, 6, 8, [0.5]).forEach((value, step) => assert.ok(Math.abs(value - (reference[step] ?? 0)) < 1e-7, `step ${step}: ${value}`))
  assert.ok(Math.abs(state.errorVariance - 206.44682989760557) < 1e-9)
})

test('the daily naive repeats yesterday and adds the quantile of past one-day errors', () => {
  // Days of level 10, 20, 40: one-day errors are 10 (24 times) and 20 (24 times); numpy.quantile(errors, .9) is 20, (errors, .1) is 10.
  const values = Float64Array.from({ length: 72 }, (_, i) => [10, 20, 40][Math.floor(i / 24)] ?? 0)
  const paths = naiveDay.forecast(aSeries(values), 72, 48, [0.1, 0.5, 0.9])
  assert.equal(paths[48], 40)
  assert.equal(paths[0], 50)
  assert.equal(paths[96], 60)
  assert.ok(Math.abs((paths[96 + 24] ?? 0) - (40 + 20 * Math.SQRT2)) < 1e-9, 'the second day is as uncertain as two one-day steps')
})

test('quantiles of order statistics are those of numpy.quantile', () => {
  // numpy.quantile([1, 2, 4, 8, 16], [.1, .5, .9, .95]) = [1.4, 4, 12.8, 14.4]
  const sorted = Float64Array.from([1, 2, 4, 8, 16])
  for (const [quantile, expected] of [[0.1, 1.4], [0.5, 4], [0.9, 12.8], [0.95, 14.4]] as const) {
    assert.ok(Math.abs(quantileOfSorted(sorted, quantile) - expected) < 1e-12)
  }
})

test('the loss at the median is the absolute error, and missing p90 from below costs nine times missing it from above', () => {
  assert.equal(quantileLoss(10, 7, 0.5), 3)
  assert.ok(Math.abs(quantileLoss(10, 7, 0.9) / quantileLoss(7, 10, 0.9) - 9) < 1e-9)
})

test('the slot profile counts the same weekday three times', () => {
  const values = Float64Array.from({ length: 14 * 24 }, (_, i) => (Math.floor(i / 24) % 7 === 0 ? 300 : 100))
  const monday = slotProfile.forecast(aSeries(values), 14 * 24, 24, [0.5, 0.9])
  assert.ok((monday[24 + 12] ?? 0) > 150, `p90 of a Monday comes from Mondays: ${monday[24 + 12]}`)
  assert.ok((monday[12] ?? 0) < 120, 'its median is still that of most days')
})

test('the week profile leaves a week with a burst out and follows the level of the last week', () => {
  const perWeek = 7 * 24
  const shape = (i: number): number => (Math.floor(i / 24) % 7 < 5 ? 100 : 30) + 20 * Math.sin(((i % 24) / 24) * 2 * Math.PI)
  const steady = Float64Array.from({ length: 4 * perWeek }, (_, i) => shape(i))
  const burst = steady.map((value, i) => (i >= 2 * perWeek + 10 && i < 2 * perWeek + 14 ? 5 * value : value))
  const [monday, after] = [steady, burst].map((values) => weekProfile.forecast(aSeries(values), 4 * perWeek, 48, [0.5]))
  for (let step = 2; step < 46; step += 1) {
    assert.ok(Math.abs((monday?.[step] ?? 0) - shape(step)) < 2, `step ${step}: ${monday?.[step]}`)
    assert.ok(Math.abs((after?.[step] ?? 0) - (monday?.[step] ?? 0)) < 0.1 * shape(step), `step ${step} after a burst: ${after?.[step]}`)
  }
  const grown = steady.map((value, i) => (i >= 3 * perWeek ? 1.5 * value : value))
  const risen = weekProfile.forecast(aSeries(grown), 4 * perWeek, 48, [0.5])
  for (let step = 2; step < 46; step += 1) assert.ok(Math.abs((risen[step] ?? 0) / shape(step) - 1.5) < 0.06, `step ${step} at the new level: ${risen[step]}`)
})

test('the regression learns that yesterday plus ten repeats', () => {
  const values = Float64Array.from({ length: 28 * 24 }, (_, i) => 500 + 10 * Math.floor(i / 24) + 50 * Math.sin(((i % 24) / 24) * 2 * Math.PI))
  const series = aSeries(values)
  const end = 27 * 24
  const fitted = new GrowingRegression(series, end, 24).fit(end, [0.5])
  assert.ok(fitted !== undefined)
  const forecast = predictRegression(fitted, series, end, [0.5])
  const worst = forecast.reduce((most, value, step) => Math.max(most, Math.abs(value - (values[end + step] ?? 0))), 0)
  assert.ok(worst < 5, `worst error ${worst}, a repeat of yesterday is off by 10`)
})

test('settled paths are finite, within [0, cap] and never cross, whatever a member said', () => {
  const any = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -3))
  fc.assert(
    fc.property(fc.array(any, { minLength: 12, maxLength: 12 }), fc.double({ min: 0, max: 1e6, noNaN: true }), (written, cap) => {
      const paths = Float64Array.from(written)
      settlePaths(paths, 3, 4, cap)
      for (let step = 0; step < 4; step += 1) {
        const [low, middle, high] = [paths[step] ?? -1, paths[4 + step] ?? -1, paths[8 + step] ?? -1]
        assert.ok(low >= 0 && low <= middle && middle <= high && high <= cap)
      }
    }),
  )
})

test('a gap is filled from the past alone', () => {
  const values = dailyDemand(6, 1)
  values.fill(Number.NaN, 100, 110)
  const before = modelSeries({ name: 'web/eu', startSeconds: mondaySeconds, stepSeconds: 3600, values })
  const changed = values.map((value, i) => (i >= 110 ? value * 7 : value))
  const after = modelSeries({ name: 'web/eu', startSeconds: mondaySeconds, stepSeconds: 3600, values: changed })
  assert.deepEqual(after.values.subarray(0, 110), before.values.subarray(0, 110))
  assert.ok(before.values.every((value) => Number.isFinite(value) && value >= 0))
  assert.equal(before.measured.reduce((sum, one) => sum + one, 0), values.length - 10)
})
