import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { frozenRuns, frozenSteps, isConstant } from '../../src/history/frozen.ts'
import { countOutliers } from '../../src/history/outliers.ts'
import { quantileInPlace } from '../../src/history/quantile.ts'
import { seededRandom } from './builders.ts'

/** Counts of 14 days at 5 minutes: a daily wave with noise, idle from midnight to six. */
function shop(seed = 1): Float64Array {
  const random = seededRandom(seed)
  return Float64Array.from({ length: 14 * 288 }, (_, step) =>
    step % 288 < 72 ? 0 : Math.round(200 * (1.3 + Math.sin((step / 288) * 2 * Math.PI)) * (0.8 + 0.4 * random())),
  )
}

function withRun(values: Float64Array, from: number, length: number, value = values[from] ?? 0): Float64Array {
  return values.slice().fill(value, from, from + length)
}

/** The third column of a bundled trace. */
function bundled(file: string): Float64Array {
  const rows = gunzipSync(readFileSync(new URL(`../../data/${file}`, import.meta.url)))
    .toString()
    .trim()
    .split('\n')
    .slice(1)
  return Float64Array.from(rows, (row) => Number(row.split(',').at(-1)))
}

test('nights at zero are not frozen, however regular', () => {
  assert.equal(frozenSteps(shop()), 0)
})

test('a value that repeats for two hours of a busy day is frozen', () => {
  assert.deepEqual(
    frozenRuns(withRun(shop(), 5 * 288 + 150, 24)).map(({ firstStep, length }) => [firstStep, length]),
    [[5 * 288 + 150, 24]],
  )
})

test('a day at zero is frozen in a series that is zero at night only, and so is the end of a series', () => {
  assert.equal(frozenSteps(withRun(shop(), 5 * 288, 288, 0)), 360)
  assert.deepEqual(
    frozenRuns(withRun(shop(), 14 * 288 - 12, 12, 333)).map(({ length }) => length),
    [12],
  )
})

test('zeros before demand began are not frozen; the same zeros later are', () => {
  const begun = Float64Array.from(shop(), (value, step) => (step < 5 * 288 ? 0 : value + 1))
  assert.equal(frozenSteps(begun), 0)
  assert.equal(frozenSteps(begun.toReversed()), 5 * 288)
})

test('a run that a gap interrupts is two runs', () => {
  const values = withRun(shop(), 5 * 288 + 150, 10, 345.5)
  values[5 * 288 + 155] = Number.NaN
  assert.equal(frozenSteps(values), 0)
})

test('a series that never changes is constant, not frozen', () => {
  const constant = new Float64Array(288).fill(5)
  assert.equal(frozenSteps(constant), 0)
  assert.ok(isConstant(constant, 288))
  assert.ok(!isConstant(constant, 289))
  assert.ok(!isConstant(withRun(constant, 7, 1, 6), 288))
  assert.ok(isConstant(withRun(constant, 7, 1, Number.NaN), 287))
  assert.ok(!isConstant(new Float64Array(288).fill(Number.NaN), 0))
})

test('a value that stood still about as long before is not frozen', () => {
  const random = seededRandom(8)
  const once = withRun(
    Float64Array.from({ length: 4000 }, () => Math.floor(40 * random())),
    1000,
    24,
    7,
  )
  assert.equal(frozenSteps(once), 24)
  assert.equal(frozenSteps(withRun(once, 3000, 12, 7)), 0)
})

test('a series that often repeats its last value is not frozen', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed)
    let last = 0
    const values = Float64Array.from({ length: 4000 }, () => (last = random() < 0.25 ? last : random()))
    assert.equal(frozenSteps(values), 0, `seed ${seed}`)
  }
})

test('small counts that repeat by chance are not frozen', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed)
    assert.equal(frozenSteps(Float64Array.from({ length: 4000 }, () => Math.floor(random() ** 3 * 4))), 0, `seed ${seed}`)
  }
})

test('a slip to twenty times the demand and a drop to nothing are outliers', () => {
  const values = shop()
  const usual = countOutliers(values)
  assert.equal(usual, 0)
  values[5 * 288 + 150] = 20 * (values[5 * 288 + 150] ?? 0)
  values[9 * 288 + 150] = 0
  assert.equal(countOutliers(values), 2)
})

test('bursts that a series is made of are not outliers', () => {
  const random = seededRandom(4)
  assert.equal(countOutliers(Float64Array.from({ length: 4000 }, () => 100 / (0.01 + random()))), 0)
})

test('a constant, empty or short series has no outliers', () => {
  for (const values of [
    new Float64Array(300).fill(7),
    new Float64Array(300),
    new Float64Array(300).fill(Number.NaN),
    Float64Array.of(1, 1, 1, 900, 1),
  ])
    assert.equal(countOutliers(values), 0)
})

test('real traces raise few alarms: at most one frozen run, which is an outage, and one outlier in 5,000 steps', () => {
  for (const file of ['nasa-http-1995.csv.gz', 'nyc-taxi-2014.csv.gz', 'tweets-amzn-2015.csv.gz']) {
    const values = bundled(file)
    const frozen = frozenRuns(values)
    assert.ok(values.length > 5000 && frozen.length <= 1 && frozen.every(({ value }) => value === 0), `${file}: ${JSON.stringify(frozen)}`)
    assert.ok(countOutliers(values) <= values.length / 5000, `${file}: ${countOutliers(values)} outliers`)
  }
})

test('a quantile found by selection is the one found by sorting', () => {
  fc.assert(
    fc.property(
      fc.float64Array({ minLength: 1, maxLength: 60, noNaN: true, min: -1e6, max: 1e6 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, quantile) => {
        const ascending = values.toSorted()
        const at = (values.length - 1) * quantile
        const below = ascending[Math.floor(at)] ?? 0
        const expected = at === Math.floor(at) ? below : below + (at - Math.floor(at)) * ((ascending[Math.ceil(at)] ?? 0) - below)
        assert.equal(quantileInPlace(values, quantile), expected)
      },
    ),
  )
})
