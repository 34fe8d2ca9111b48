import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decompose, solveDecomposed } from '../../src/forecast/cholesky.ts'
import { combineMembers, type MemberPaths } from '../../src/forecast/combine.ts'
import { additive } from '../../src/forecast/members/additive.ts'
import { naiveWeek } from '../../src/forecast/members/all.ts'
import { smoothedPaths } from '../../src/forecast/members/exponential-smoothing.ts'
import type { LocalMember } from '../../src/forecast/members/member.ts'
import { slotProfile } from '../../src/forecast/members/slot-profile.ts'
import { weekProfile } from '../../src/forecast/members/week-profile.ts'
import { reconcilingGains } from '../../src/forecast/reconciling-gains.ts'
import { GrowingRegression, predictRegression } from '../../src/forecast/regression.ts'
import { meanBefore } from '../../src/forecast/step-series.ts'
import { additiveValues, fitAdditive } from '../../src/forecast/structural/additive-model.ts'
import { aSeries, mondaySeconds } from './series.ts'

const quantiles = [0.1, 0.5, 0.9]
const shape = [-6, -7, -8, -8, -7, -5, -2, 1, 4, 6, 7, 8, 8, 7, 6, 6, 5, 5, 4, 2, 0, -2, -4, -5]
const hours = 35 * 24
/** Whole numbers, so that any program makes the same series: a day, weekends 60 lower, a rise of 1 a day, remainders of a parabola as noise. */
const values = Float64Array.from({ length: hours }, (_, i) => 200 + 10 * (shape[i % 24] ?? 0) - (Math.floor(i / 24) % 7 >= 5 ? 60 : 0) + Math.floor(i / 24) + ((7 * i * i + 13 * i) % 41))
const series = aSeries(values)
const steps = [0, 5, 23, 47, 169]
const horizon = 192

type Reference = readonly (readonly [p10: number, p50: number, p90: number])[]

function assertClose(paths: Float64Array, steps: readonly number[], reference: Reference, tolerance: number): void {
  const length = paths.length / quantiles.length
  steps.forEach((step, s) => {
    quantiles.forEach((quantile, q) => {
      const [said, expected] = [paths[q * length + step] ?? Number.NaN, reference[s]?.[q] ?? Number.NaN]
      assert.ok(Math.abs(said - expected) < tolerance, `p${100 * quantile} of step ${step}: ${said}, expected ${expected}`)
    })
  })
}

/**
 * Each member written a second time in Python, with numpy 2.4.6 alone: numpy.quantile for quantiles, numpy.average for
 * weighted means, numpy.linalg.lstsq on the rows of data and prior for the additive model's two rounds of Huber weights.
 */
const numpy: readonly (readonly [member: LocalMember, reference: Reference])[] = [
  [naiveWeek, [[188, 200, 226], [205, 217, 243], [168, 180, 206], [192, 204, 230], [171.02943725152286, 188, 224.76955262170048]]],
  [
    slotProfile,
    [
      [135.05333019599158, 160.16586524920422, 178.80847564220406], [125.23841125099693, 180.27536677884927, 193.5958001309714], [148.675099852752, 162.8970659506316, 190.15501862066316],
      [148.675099852752, 164.86650382327952, 191.95254487175976], [107.57022996696892, 162.71971742663715, 175.35137853949328],
    ],
  ],
  [
    weekProfile,
    [
      [162.73634556516114, 171.33537121276223, 193.242724935151], [198.47367632661525, 207.94699292368747, 232.08173866364638], [183.20097290536322, 192.31117454593124, 215.52082852316855],
      [191.60922637583946, 200.92113138010583, 224.64465601160364], [170.405935414804, 179.20010547823264, 201.60461991622827],
    ],
  ],
  [
    additive,
    [
      [173.2762714145216, 194.39584247535214, 208.4060499724958], [185.6772041941408, 206.79677525497135, 220.806982752115], [185.30223715201097, 206.42180821284154, 220.43201570998517],
      [185.1620156957125, 206.28158675654308, 220.2917942536867], [167.00043075524084, 188.1200018160714, 202.13020931321503],
    ],
  ],
]
for (const [member, reference] of numpy) {
  test(`${member.name} says what numpy 2.4.6 says after its description`, () => assertClose(member.forecast(series, hours, horizon, quantiles), steps, reference, 1e-6))
}

test('the regression is scikit-learn 1.9.1’s ridge on the same rows', () => {
  // Ridge(alpha=.1 · (Σ features² + rows) / 26 + 1e-6, solver='cholesky') per eighth of the horizon, on the features of every second step of every 13th origin
  // from the eighth day on; numpy.quantile of the residuals. scikit-learn does not penalise the constant at all, we do by 1e-6.
  const fitted = new GrowingRegression(series, hours, 48).fit(hours, quantiles)
  assert.ok(fitted !== undefined)
  assertClose(predictRegression(fitted, series, hours, quantiles), [0, 5, 23, 47], [
    [162.59941398965879, 183.01193365025955, 200.05566306402875], [185.54648984074632, 205.9590095013471, 223.0027389151163],
    [180.59549942697285, 199.47214156329537, 215.78908313310203], [194.74839548232782, 214.32641431546526, 231.29840745499519],
  ], 1e-6)
})

test('Cholesky’s factor is numpy’s, and what it solves is scikit-learn’s ridge', () => {
  const rows = [[1, 2, 0], [2, 1, 1], [3, 5, 2], [4, 3, 1], [5, 8, 3], [6, 4, 1], [7, 1, 0], [8, 9, 2]]
  const targets = [3, 4, 9, 8, 15, 10, 7, 18]
  const width = 3
  const gram = Float64Array.from({ length: width * width }, (_, at) => {
    const [i, j] = [Math.floor(at / width), at % width]
    return rows.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), i === j ? 0.5 : 0)
  })
  const moment = Float64Array.from({ length: width }, (_, i) => rows.reduce((sum, row, r) => sum + (row[i] ?? 0) * (targets[r] ?? 0), 0))
  decompose(gram, width, 1e-12)
  const lower = [gram[0], gram[3], gram[4], gram[6], gram[7], gram[8]]
  // numpy.linalg.cholesky(X.T @ X + .5 · I), 2.4.6
  const factor = [14.300349646075091, 12.167534662186144, 7.311025936522091, 3.426489646247822, 2.504172276041326, 1.5774314299082801]
  factor.forEach((expected, at) => assert.ok(Math.abs((lower[at] ?? 0) - expected) < 1e-12))
  // sklearn.linear_model.Ridge(alpha=.5, fit_intercept=False).fit(X, y).coef_, 1.9.1
  const coefficients = [0.881249684040241, 1.0390135621418164, 0.7550220367570347]
  solveDecomposed(gram, moment, width).forEach((value, at) => assert.ok(Math.abs(value - (coefficients[at] ?? 0)) < 1e-12))
})

test('quantiles of exponential smoothing widen as the exact forecast variance of statsmodels 0.15.0', () => {
  // ETSModel(y, 'add', 'add', seasonal='add', damped_trend=True, seasonal_periods=6, …).smooth([.3, .05, .2, .9]).get_prediction(…, method='exact'):
  // forecast_variance of steps 1 to 8 relative to step 1
  const variances = [1, 1.119025, 1.26763525, 1.44567705249999, 1.6524791625249997, 1.8870057966452491, 2.392315722782653, 2.6782908200039492]
  const parameters = { level: 0.3, trend: 0.05, season: 0.2, damping: 0.9 }
  const state = { level: 0, trend: 0, season: new Float64Array(6), errors: Float64Array.of(-1, 1), errorVariance: 1 }
  const widths = smoothedPaths(state, parameters, 6, 8, [1])
  variances.forEach((variance, step) => assert.ok(Math.abs((widths[step] ?? 0) ** 2 - variance) < 1e-9, `step ${step}: ${(widths[step] ?? 0) ** 2}`))
})

test('from the second day on the additive model says what Prophet 1.5.0 says, within 1.5 % of the level', () => {
  // Prophet(daily_seasonality=True, weekly_seasonality=True, yearly_seasonality=False).fit(last 28 days).predict(…).yhat of the second day to come.
  // On the first, a Monday after a weekend, Prophet's smooth week has not yet risen: ours has a step there.
  const prophet = [
    196.8, 187.24, 178.88, 176.74, 185.79, 207.01, 236.38, 267.39, 294.58, 315.19, 328.44, 334.18, 332.72, 325.93, 317.42, 310.83, 306.97, 302.77, 293.46, 276.55, 254.31, 232.28, 215.08, 203.25,
  ]
  const scale = meanBefore(series, hours, 28 * 24)
  const model = fitAdditive(values.map((value) => value / scale), { startSeconds: mondaySeconds, stepSeconds: 3600 }, hours - 28 * 24, hours, [])
  const said = additiveValues(model, hours + 24, hours + 48, []).map((value) => value * scale)
  const level = prophet.reduce((sum, value) => sum + value / 24, 0)
  prophet.forEach((expected, hour) => assert.ok(Math.abs((said[hour] ?? 0) - expected) < 0.015 * level, `hour ${hour}: ${said[hour]}, Prophet ${expected}`))
})

test('conformal scaling moves p90 by the recursion of Angelopoulos, Candès & Tibshirani (2023), section 2.1, on the width’s logarithm', () => {
  // numpy 2.4.6: s = clip(s + .3 · √.5 · (mean(demand > p90) − .1), log .6, log 3), p90 = 100 + 20 · exp(s)
  const reference: readonly (readonly [origin: number, p90: number])[] = [[0, 120], [1, 120.82993], [5, 123.449081], [10, 125.167211], [14, 135.65153], [18, 139.781167], [24, 135.026832], [29, 131.501916]]
  const days = 30
  const starts = Array.from({ length: days }, (_, day) => (10 + day) * 24)
  const demand = Float64Array.from({ length: (10 + days) * 24 }, (_, i) => {
    const day = Math.floor(i / 24) - 10
    return day < 0 ? 100 : 100.5 + ((7 * (i % 24) + 5 * day) % 29) + (day >= 10 && day < 18 ? 15 : 0)
  })
  const said: MemberPaths = { member: 'said', prior: 1, paths: starts.map(() => Float64Array.from({ length: 3 * 24 }, (_, i) => 80 + 20 * Math.floor(i / 24))) }
  const combined = combineMembers(aSeries(demand), starts, [said], { quantiles, horizon: 24, naives: [] })
  for (const [origin, p90] of reference) assert.ok(Math.abs((combined[origin]?.paths[48] ?? 0) - p90) < 1e-3, `origin ${origin}: ${combined[origin]?.paths[48]}, expected ${p90}`)
})

test('a discrepancy is shared out as minimum trace does with the whole matrix of sums', () => {
  // numpy 2.4.6: y' = S (Sᵀ W⁻¹ S)⁻¹ Sᵀ W⁻¹ y with S = [[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]], W the errors' second moments with correlations
  // shrunk by 0.1595, and y = [130, 40, 50, 30]: y' = [129.11181588, 41.65862200, 56.72332601, 30.72986788]
  const errors = (turn: number, size: number): Float64Array => Float64Array.from({ length: 60 }, (_, i) => size * (((i * i * turn + 3 * i) % 23) - 11))
  const parts = [errors(7, 1).map((value, i) => value + (errors(5, 1)[i] ?? 0) / 2), errors(3, 2), errors(11, 0.5)]
  const gains = reconcilingGains(errors(5, 1), parts)
  const shares = [0.1658622000570155, 0.6723326005640559, 0.07298678756431443]
  shares.forEach((share, part) => assert.ok(Math.abs((gains[part] ?? 0) - share) < 1e-9, `part ${part}: ${gains[part]}`))
})
