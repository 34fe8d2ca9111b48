import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DemandQuery, DemandSeries, SampleKind } from '../../src/domain/history.ts'
import { demandHistory, pageMarginSeconds, SeriesAssembly } from '../../src/history/assemble.ts'
import { aPage, aQuery, assembled, monday, type Sample } from './builders.ts'

const grid = { startSeconds: monday, stepSeconds: 300, length: 4 }

function asia(
  kind: SampleKind,
  samples: readonly (readonly [atSeconds: number, value: number, reporter?: string])[],
  over: Partial<DemandQuery> = {},
): DemandSeries {
  const recorded = samples.map(([at, value, reporter = '']): Sample => ({ userZone: 'asia', at: monday + at, value, reporter }))
  const [series] = assembled(aQuery({ kind, ...over }), grid, recorded).series
  assert.ok(series)
  return series
}

const values = (series: DemandSeries): number[] => [...series.values]
const NaNs = (count: number): number[] => Array.from({ length: count }, () => Number.NaN)

test('counts of a step are added up over reporters and divided by its seconds', () => {
  const series = asia(
    'count',
    [
      [0, 30],
      [100, 60],
      [0, 300, 'b'],
      [300, 150],
    ],
    { scale: 10 },
  )
  assert.deepEqual(values(series), [13, 5, ...NaNs(2)])
  assert.equal(series.coverage, 0.5)
  assert.equal(series.newestSeconds, monday + 600)
  assert.equal(series.unit, 'requests/s')
})

test('sums do not depend on the order in which reporters come', () => {
  const large = [0, 2 ** 53, 'a'] as const
  const small = ['b', 'c', 'd', 'e'].map((reporter) => [0, 1, reporter] as const)
  assert.deepEqual(values(asia('count', [large, ...small])), values(asia('count', [...small, large])))
})

test('a level is the mean of its reporters, however often each of them reports', () => {
  assert.deepEqual(
    values(
      asia('gauge', [
        [0, 10],
        [10, 20],
        [20, 30],
        [0, 100, 'b'],
      ]),
    ),
    [60, ...NaNs(3)],
  )
})

test('a counter becomes the rate of its increases, each spread over the time in which it happened', () => {
  const series = asia('counter', [
    [0, 1000],
    [150, 1150],
    [450, 1450],
    [600, 1450],
    [900, 4450],
  ])
  assert.deepEqual(values(series), [1, 0.5, 10, Number.NaN])
})

test('a counter that falls has begun anew from zero, and is counted', () => {
  const series = asia('counter', [
    [0, 1000],
    [300, 1300],
    [600, 60],
    [900, 360],
  ])
  assert.deepEqual(values(series), [1, 0.2, 1, Number.NaN])
  assert.equal(series.faults.counterReset, 1)
})

test('counters of two reporters are told apart, so that one is no restart of the other', () => {
  const series = asia('counter', [
    [0, 1000],
    [0, 5, 'b'],
    [300, 1300],
    [300, 305, 'b'],
  ])
  assert.deepEqual(values(series), [2, ...NaNs(3)])
  assert.equal(series.faults.counterReset, 0)
})

test('a counter that was not seen for more than two steps has no increase', () => {
  assert.deepEqual(
    values(
      asia('counter', [
        [0, 0],
        [900, 9000],
        [1200, 9300],
      ]),
    ),
    [...NaNs(3), 1],
  )
})

test('a step that a counter was watched in for less than half has no value', () => {
  assert.deepEqual(
    values(
      asia('counter', [
        [151, 0],
        [300, 149],
        [450, 299],
      ]),
    ),
    [Number.NaN, 1, ...NaNs(2)],
  )
})

test('an invalid count leaves its step unknown, also where others were valid', () => {
  for (const [fault, value] of [
    ['notANumber', Number.NaN],
    ['infinite', Infinity],
    ['infinite', -Infinity],
    ['negative', -1],
  ] as const) {
    const series = asia('count', [
      [0, 30],
      [100, value],
      [0, 30, 'b'],
      [300, 30],
    ])
    assert.deepEqual(values(series), [Number.NaN, 0.1, ...NaNs(2)])
    assert.equal(series.faults[fault], 1)
  }
})

test('an invalid level is left out of the mean', () => {
  const series = asia('gauge', [
    [0, 30],
    [100, Number.NaN],
    [300, -5],
  ])
  assert.deepEqual(values(series), [30, ...NaNs(3)])
  assert.deepEqual([series.faults.notANumber, series.faults.negative], [1, 1])
})

test('of two samples of one reporter for one instant the last wins; two reporters do not repeat each other', () => {
  const series = asia('count', [
    [0, 30],
    [0, 60],
    [0, 300, 'b'],
  ])
  assert.deepEqual(values(series), [1.2, ...NaNs(3)])
  assert.equal(series.faults.duplicate, 1)
})

test('samples out of order are put in order and counted', () => {
  const series = asia('counter', [
    [300, 300],
    [0, 0],
    [600, 900],
  ])
  assert.deepEqual(values(series), [1, 2, ...NaNs(2)])
  assert.equal(series.faults.outOfOrder, 1)
})

test('series are sorted by workload and zone, and a zone without samples is a gap throughout', () => {
  const { series } = assembled(aQuery({ userZones: ['europe', 'africa', 'asia'] }), grid, [{ userZone: 'europe', at: monday, value: 1 }])
  assert.deepEqual(
    series.map(({ userZone, coverage, newestSeconds }) => [userZone, coverage, newestSeconds]),
    [
      ['africa', 0, undefined],
      ['asia', 0, undefined],
      ['europe', 0.25, monday + 300],
    ],
  )
})

const recorded = fc.array(
  fc.record({
    userZone: fc.constantFrom('asia', 'europe'),
    reporter: fc.constantFrom('', 'a', 'b'),
    at: fc.integer({ min: -700, max: 4 * 300 + 700 }).map((at) => monday + at),
    value: fc.oneof({ weight: 8, arbitrary: fc.nat(1000) }, { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -1) }),
  }),
  { maxLength: 60 },
)
const kinds = fc.constantFrom<SampleKind>('count', 'gauge', 'counter')

test('values are finite and not negative, or NaN; coverage and age speak of exactly those', () => {
  fc.assert(
    fc.property(kinds, recorded, (kind, samples) => {
      for (const { values: demand, coverage, newestSeconds } of assembled(aQuery({ kind }), grid, samples).series) {
        assert.ok(demand.every((value) => Number.isNaN(value) || (value >= 0 && value < Infinity)))
        assert.equal(coverage, demand.filter((value) => !Number.isNaN(value)).length / 4)
        const newest = demand.findLastIndex((value) => !Number.isNaN(value))
        assert.equal(newestSeconds, newest < 0 ? undefined : monday + (newest + 1) * 300)
      }
    }),
  )
})

test('a step has a value only if a valid sample touches it', () => {
  fc.assert(
    fc.property(fc.constantFrom<SampleKind>('count', 'gauge'), recorded, (kind, samples) => {
      for (const series of assembled(aQuery({ kind }), grid, samples).series) {
        series.values.forEach((value, step) => {
          const valid = samples.filter(
            (sample) =>
              sample.userZone === series.userZone &&
              Math.floor((sample.at - monday) / 300) === step &&
              sample.value >= 0 &&
              sample.value < Infinity,
          )
          if (valid.length === 0) assert.ok(Number.isNaN(value))
        })
      }
    }),
  )
})

test('all samples of a count are in the demand, or in a fault', () => {
  fc.assert(
    fc.property(recorded, (samples) => {
      const within = samples.filter(({ at }) => at >= monday && at < monday + 1200)
      const { series } = assembled(aQuery(), grid, samples)
      const faults = series.reduce(
        (sum, { faults: { notANumber, infinite, negative, duplicate } }) => sum + notANumber + infinite + negative + duplicate,
        0,
      )
      if (faults > 0) return
      const demand = series.reduce(
        (sum, { values: demand }) => sum + demand.reduce((total, value) => total + (Number.isNaN(value) ? 0 : value * 300), 0),
        0,
      )
      assert.ok(Math.abs(demand - within.reduce((sum, { value }) => sum + value, 0)) < 1e-6)
    }),
  )
})

test('pages give what one page gives, in whatever order they come', () => {
  fc.assert(
    fc.property(kinds, recorded, fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (kind, samples, order) => {
      const query = aQuery({ kind })
      // what repeats itself on one page may stand on two
      const distinct = [...new Map(samples.map((sample) => [`${sample.userZone} ${sample.reporter} ${sample.at}`, sample])).values()].sort(
        (a, b) => a.at - b.at,
      )
      const margin = pageMarginSeconds(query, 300)
      const assembly = new SeriesAssembly(query, grid)
      for (const step of order) {
        const range = { fromSeconds: monday + step * 300, toSeconds: monday + (step + 1) * 300 }
        assembly.add(aPage(distinct.filter(({ at }) => at >= range.fromSeconds - margin && at < range.toSeconds + margin)), range)
      }
      const whole = new SeriesAssembly(query, grid)
      whole.add(aPage(distinct), { fromSeconds: monday, toSeconds: monday + 1200 })
      const paged = demandHistory(grid, assembly.finish())
      paged.series.forEach((series, zone) =>
        series.values.forEach((value, step) => {
          const expected = whole.finish()[zone]?.values[step] ?? 0
          assert.ok(Object.is(value, expected) || Math.abs(value - expected) < 1e-9 * expected, `${value} ${expected}`)
        }),
      )
    }),
  )
})

test('the hash follows the values and the grid, and nothing else', () => {
  const one = { userZone: 'asia', at: monday, value: 30 }
  const { hash } = assembled(aQuery(), grid, [one])
  assert.equal(
    assembled(aQuery({ unit: 'r/s' }), grid, [
      { ...one, reporter: 'b' },
      { ...one, at: monday - 1 },
    ]).hash,
    hash,
  )
  assert.notEqual(assembled(aQuery(), grid, [{ ...one, value: 31 }]).hash, hash)
  assert.notEqual(assembled(aQuery(), grid, [{ ...one, userZone: 'europe' }]).hash, hash)
  assert.notEqual(assembled(aQuery(), { ...grid, length: 5 }, [one]).hash, hash)
})
