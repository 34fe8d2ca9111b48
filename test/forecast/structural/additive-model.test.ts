import assert from 'node:assert/strict'
import { test } from 'node:test'
import { additive } from '../../../src/forecast/members/additive.ts'
import { additiveValues, fitAdditive } from '../../../src/forecast/structural/additive-model.ts'
import { seededRandom } from '../../../src/forecast/seeded-random.ts'
import { usualDemand } from '../effects/known-demand.ts'
import { aSeries, mondaySeconds } from '../series.ts'

const times = { startSeconds: mondaySeconds, stepSeconds: 3600 }
const hours = 28 * 24
const quantiles = [0.1, 0.5, 0.9, 0.95, 0.99]

/** A bending trend, a day and a week, an event of +0.5 and a regressor of 0.2 a unit, noise and a few outliers. */
function known(): { readonly target: Float64Array; readonly event: Float64Array; readonly regressor: Float64Array } {
  const random = seededRandom(3)
  const event = Float64Array.from({ length: hours + 48 }, (_, i) => (i % 97 < 4 ? 1 : 0))
  const regressor = Float64Array.from({ length: hours + 48 }, (_, i) => Math.sin(Math.floor(i / 24) * 2.3))
  const target = Float64Array.from({ length: hours }, (_, i) => {
    const trend = 1 + 0.01 * (i / 24) + (i > hours / 2 ? 0.02 * ((i - hours / 2) / 24) : 0)
    const day = 0.3 * Math.sin((2 * Math.PI * (i % 24)) / 24) + (Math.floor(i / 24) % 7 >= 5 ? -0.2 : 0)
    return trend + day + 0.5 * (event[i] ?? 0) + 0.2 * (regressor[i] ?? 0) + 0.05 * (random() - 0.5) + (i % 101 === 50 ? 3 : 0)
  })
  return { target, event, regressor }
}

test('coefficients of an event and a regressor are found within 5 %, though the trend bends and outliers stand in the way', () => {
  const { target, event, regressor } = known()
  const { coefficients, extraDeviations } = fitAdditive(target, times, 0, hours, [{ values: event, deviation: 1 }, { values: regressor, deviation: 1 }])
  const [effect = 0, slope = 0] = coefficients.subarray(-2)
  assert.ok(Math.abs(effect - 0.5) < 0.025, `event ${effect}`)
  assert.ok(Math.abs(slope - 0.2) < 0.01, `regressor ${slope}`)
  assert.ok(extraDeviations.every((deviation) => deviation > 0 && deviation < 0.05))
})

test('what was left out of a fit does not move it', () => {
  const { target } = known()
  const leftOut = (step: number): boolean => step >= 240 && step < 288
  const changed = target.map((value, i) => (leftOut(i) ? 1000 : value))
  assert.deepEqual(fitAdditive(changed, times, 0, hours, [], { leftOut }), fitAdditive(target, times, 0, hours, [], { leftOut }))
})

test('a slope fades beyond the data: two weeks on it has added no more than three days of it', () => {
  const climbing = Float64Array.from({ length: hours }, (_, i) => 1 + 0.05 * (i / 24))
  const model = fitAdditive(climbing, times, 0, hours, [])
  const later = additiveValues(model, hours, hours + 14 * 24, [])
  const added = (later.at(-1) ?? 0) - (climbing.at(-1) ?? 0)
  assert.ok(added > 0.05 && added < 3.2 * 0.05, `${added}`)
})

test('the additive member forecasts a noisy day and week within 6 %, sees nothing later than its origin, and is all 0 for a series that idles', () => {
  const values = usualDemand(30, 5, 0.04)
  const series = aSeries(values)
  const origin = hours
  const paths = additive.forecast(series, origin, 48, quantiles)
  const off = Array.from({ length: 48 }, (_, step) => Math.abs((paths[48 + step] ?? 0) / (values[origin + step] ?? 1) - 1))
  assert.ok(off.reduce((sum, value) => sum + value, 0) / 48 < 0.06)
  const scrambled = values.map((value, i) => (i >= origin ? value * 7 : value))
  assert.deepEqual(additive.forecast(aSeries(scrambled), origin, 48, quantiles), paths)
  assert.ok(additive.forecast(aSeries(new Float64Array(hours)), hours, 48, quantiles).every((value) => value === 0))
})
