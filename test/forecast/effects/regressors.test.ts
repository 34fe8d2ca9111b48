import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Regressor } from '../../../src/domain/events.ts'
import { learnRegressors } from '../../../src/forecast/effects/regressor-effects.ts'
import { seededRandom } from '../../../src/forecast/seeded-random.ts'
import { mondaySeconds } from '../series.ts'
import { hour, subjectSteps, usualDemand } from './known-demand.ts'

const days = 28
const length = days * 24 + 48

/** A number that wanders from day to day with a rhythm of its own, hourly; `until` hours of it are known. */
function wandering(seed: number, until = length, change: Partial<Regressor> = {}): Regressor {
  const random = seededRandom(seed)
  const daily = Array.from({ length: days + 3 }, () => 20 * random())
  const values = Float64Array.from({ length: until }, (_, i) => (daily[Math.floor(i / 24)] ?? 0) + 3 * Math.sin((2 * Math.PI * (i % 24)) / 24))
  return { name: `number${seed}`, atSeconds: Float64Array.from(values, (_, i) => mondaySeconds + i * hour), values, standing: 'read', workloads: undefined, userZones: undefined, ...change }
}
const driven = (regressor: Regressor, perUnit: number, seed = 5): Float64Array => usualDemand(days, seed, 0.03).map((value, i) => value * Math.exp(perUnit * ((regressor.values[i] ?? 0) - 10)))

test('demand that goes with a number by 2 % a unit is found to, within a fifth, and days to come follow it', () => {
  const regressor = wandering(1)
  const [effect] = learnRegressors(subjectSteps(driven(regressor, 0.02)).steps, length, [regressor])
  assert.equal(effect?.verdict, 'helps')
  const [a, b] = [days * 24 + 5, days * 24 + 30]
  const wanted = 0.02 * ((regressor.values[b] ?? 0) - (regressor.values[a] ?? 0))
  assert.ok(Math.abs(wanted) > 0.03)
  const found = (effect.logs[b] ?? 0) - (effect.logs[a] ?? 0)
  assert.ok(Math.abs(found - wanted) < 0.2 * Math.abs(wanted), `${found} instead of ${wanted}`)
})

test('of two numbers only the one that demand goes with is taken in', () => {
  const [true_, idle] = [wandering(1), wandering(2)]
  const verdicts = learnRegressors(subjectSteps(driven(true_, 0.03)).steps, length, [idle, true_]).map(({ verdict }) => verdict)
  assert.deepEqual(verdicts, ['does-not-help', 'helps'])
})

test('numbers that say nothing are left out in at least nineteen of twenty histories', () => {
  const taken = Array.from({ length: 20 }, (_, seed) => learnRegressors(subjectSteps(usualDemand(days, seed + 1, 0.05)).steps, length, [wandering(seed + 50)])[0]?.verdict)
  assert.ok(taken.filter((verdict) => verdict === 'helps').length <= 1, taken.join())
})

test('a number that is not known ahead, or could not be read again, raises and never lowers', () => {
  const whole = wandering(1)
  const values = driven(whole, 0.03)
  for (const doubted of [wandering(1, days * 24 - 12), { ...whole, standing: 'held' as const }]) {
    const [effect] = learnRegressors(subjectSteps(values).steps, length, [doubted])
    assert.equal(effect?.verdict, 'helps')
    assert.ok(effect.logs.subarray(days * 24).every((log) => log >= 0))
  }
})

test('a number beyond all that was seen acts no more than half a deviation beyond it', () => {
  const regressor = wandering(1)
  const absurd: Regressor = { ...regressor, values: regressor.values.map((value, i) => (i >= days * 24 ? 1e9 : value)) }
  const [effect] = learnRegressors(subjectSteps(driven(regressor, 0.03)).steps, length, [absurd])
  assert.equal(effect?.verdict, 'helps')
  const highest = Math.max(...effect.logs.subarray(0, days * 24))
  assert.ok((effect.logs[days * 24 + 3] ?? 0) < highest + 0.15)
})
