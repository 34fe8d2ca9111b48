import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeCoherent, type Family, type GridTables, type SubjectTables } from '../../src/forecast/coherence.ts'
import { reconcilingGains } from '../../src/forecast/reconciling-gains.ts'

const quantiles = [0.1, 0.5, 0.9, 0.95, 0.99]
const median = 1
const planned = { startSeconds: 7200, stepSeconds: 3600, length: 3 }
const finer = { startSeconds: 7200, stepSeconds: 1200, length: 5 }

/** Figures of one step, ascending over quantiles: idle, far below the others of its family, ordinary. */
const column = (scale: number): fc.Arbitrary<number[]> =>
  fc
    .tuple(fc.constantFrom(0, 1e-12, 0.01, 1, 1), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: quantiles.length, maxLength: quantiles.length }))
    .map(([share, row]) => row.map((value) => value * share * scale).sort((a, b) => a - b))
const paths = (length: number, scale: number): fc.Arbitrary<Float64Array> =>
  fc.array(column(scale), { minLength: length, maxLength: length }).map((columns) => Float64Array.from(quantiles.flatMap((_, q) => columns.map((row) => row[q] ?? 0))))
const errors = (length: number, scale: number): fc.Arbitrary<Float64Array> => {
  const error = fc.oneof({ weight: 9, arbitrary: fc.double({ min: -scale, max: scale, noNaN: true }) }, { weight: 1, arbitrary: fc.constant(Number.NaN) })
  const many = fc.array(error, { minLength: 12 * length, maxLength: 12 * length }).map((list) => Float64Array.from(list))
  return fc.oneof(fc.constant(new Float64Array(0)), fc.constant(new Float64Array(12 * length)), many)
}
const tables = (grid: typeof planned, withPeak: boolean, scale: number): fc.Arbitrary<GridTables> =>
  fc.record({ grid: fc.constant(grid), mean: paths(grid.length, scale), peak: withPeak ? paths(grid.length, scale) : fc.constant(undefined), errors: errors(grid.length, scale) })
/** A total with parts, or a subject alone; one of tiny scale as well as one of huge scale. */
const family = fc.tuple(fc.boolean(), fc.constantFrom(1e-9, 1, 1e12)).chain(([withFiner, scale]) => {
  const subject = (): fc.Arbitrary<SubjectTables> =>
    fc.record({ planned: tables(planned, true, scale), finer: withFiner ? tables(finer, false, scale) : fc.constant(undefined) })
  return fc
    .record({ total: fc.option(subject(), { nil: undefined }), parts: fc.array(subject(), { minLength: 1, maxLength: 4 }) })
    .map(({ total, parts }): Family => (total === undefined ? { total, parts: parts.slice(0, 1) } : { total, parts }))
})

const every = (family: Family): readonly SubjectTables[] => (family.total === undefined ? family.parts : [family.total, ...family.parts])
const at = (paths: Float64Array, length: number, q: number, step: number): number => paths[q * length + step] ?? Number.NaN
/** Equal but for rounding, which grows with the largest figure of the family. */
const close = (a: number, b: number, scale: number): boolean => Math.abs(a - b) <= 1e-9 * scale
const largest = (family: Family): number => Math.max(...every(family).flatMap((one) => [...one.planned.mean, ...(one.planned.peak ?? []), ...(one.finer?.mean ?? [])]))

const holds = (predicate: (after: Family, scale: number) => void): void => fc.assert(fc.property(family, (before) => predicate(makeCoherent(before, quantiles), largest(before))), { numRuns: 300 })

test('whatever the forecasts: finite, not negative, and quantiles do not cross', () => {
  holds((after) => {
    for (const one of every(after)) {
      for (const table of [one.planned.mean, one.planned.peak, one.finer?.mean]) {
        if (table === undefined) continue
        const length = table.length / quantiles.length
        table.forEach((value, i) => assert.ok(value >= (i < length ? 0 : (table[i - length] ?? Number.NaN)) && value < Infinity, `${value} at ${i}`))
      }
    }
  })
})

test('medians of the means: parts add up to the total on both grids', () => {
  holds(({ total, parts }, scale) => {
    if (total === undefined) return
    for (const grid of ['planned', 'finer'] as const) {
      const sum = total[grid]
      if (sum === undefined) continue
      const { length } = sum.grid
      for (let step = 0; step < length; step += 1) {
        assert.ok(close(at(sum.mean, length, median, step), parts.reduce((all, part) => all + at(part[grid]?.mean ?? new Float64Array(0), length, median, step), 0), scale))
      }
    }
  })
})

test('medians of the means: an hour that finer steps cover is their mean', () => {
  holds((after, scale) => {
    for (const { planned: hours, finer: steps } of every(after)) {
      if (steps === undefined) continue
      const mean = [0, 1, 2].reduce((sum, step) => sum + at(steps.mean, finer.length, median, step) / 3, 0)
      assert.ok(close(at(hours.mean, planned.length, median, 0), mean, scale))
    }
  })
})

test('an idle hour over steps of which only one is busy: no step falls below 0, and the hour is their mean', () => {
  const rows = (values: readonly number[]): Float64Array => Float64Array.from(quantiles.flatMap(() => values))
  const part: SubjectTables = {
    planned: { grid: planned, mean: rows([0, 0, 0]), peak: rows([0, 0, 0]), errors: new Float64Array(0) },
    finer: { grid: finer, mean: rows([0, 0, 6, 0, 0]), peak: undefined, errors: new Float64Array(0) },
  }
  const [after] = makeCoherent({ total: undefined, parts: [part] }, quantiles).parts
  assert.deepEqual([at(after?.planned.mean ?? rows([]), planned.length, median, 0), at(after?.planned.peak ?? rows([]), planned.length, median, 0)], [2, 6])
  assert.deepEqual(after?.finer?.mean, part.finer?.mean)
})

test('at each quantile a peak is at least the mean, and at least each finer step within it', () => {
  holds((after) => {
    for (const { planned: hours, finer: steps } of every(after)) {
      const peak = hours.peak ?? new Float64Array(0)
      peak.forEach((value, i) => assert.ok(value >= (hours.mean[i] ?? Number.NaN)))
      if (steps === undefined) continue
      quantiles.forEach((_, q) => [0, 1, 2].forEach((step) => assert.ok(at(peak, planned.length, q, 0) >= at(steps.mean, finer.length, q, step))))
    }
  })
})

test('above the median a total lies between the largest of its parts and their sum', () => {
  holds(({ total, parts }, scale) => {
    if (total === undefined) return
    for (const statistic of ['mean', 'peak'] as const) {
      const own = total.planned[statistic] ?? new Float64Array(0)
      for (let i = (median + 1) * planned.length; i < own.length; i += 1) {
        const values = parts.map((part) => part.planned[statistic]?.[i] ?? Number.NaN)
        const sum = values.reduce((all, value) => all + value, 0)
        assert.ok((own[i] ?? Number.NaN) <= sum + 1e-9 * scale && (own[i] ?? Number.NaN) >= Math.max(...values) - 1e-9 * scale)
      }
    }
  })
})

test('the peaks of parts, which capacity is bought for, are never lowered', () => {
  fc.assert(
    fc.property(family, (before) => {
      makeCoherent(before, quantiles).parts.forEach((part, p) => part.planned.peak?.forEach((value, i) => assert.ok(value >= (before.parts[p]?.planned.peak?.[i] ?? 0))))
    }),
  )
})

test('forecasts that agree already stay as they are', () => {
  const flat = (value: number, length: number): Float64Array => Float64Array.from({ length: quantiles.length * length }, (_, i) => value * (1 + 0.125 * (Math.floor(i / length) - 1)))
  const one = (value: number): SubjectTables => ({
    planned: { grid: planned, mean: flat(value, 3), peak: flat(1.5 * value, 3), errors: new Float64Array(0) },
    finer: { grid: finer, mean: flat(value, 5), peak: undefined, errors: new Float64Array(0) },
  })
  const before: Family = { total: one(30), parts: [one(10), one(20)] }
  assert.deepEqual(makeCoherent(before, quantiles), before)
})

test('a discrepancy goes where the errors were: the part that erred most moves most', () => {
  const noise = (size: number, seed: number): Float64Array => Float64Array.from({ length: 400 }, (_, i) => size * Math.sin(seed * (i + 1) ** 2))
  const [steady, erratic] = [noise(1, 1.3), noise(3, 2.1)]
  // With a total that knows nearly all, W c ≈ variances of the parts: 1 : 9.
  const [first, second] = reconcilingGains(noise(0.1, 0.7), [steady, erratic])
  assert.ok(Math.abs((second ?? 0) / (first ?? 1) - 9) < 1.5, `${first} ${second}`)
  assert.ok(Math.abs((first ?? 0) + (second ?? 0) - 1) < 0.02)
})

test('errors that say nothing share a discrepancy evenly: half to the total, half over the parts', () => {
  const even = [0.25, 0.25]
  assert.deepEqual(Array.from(reconcilingGains(new Float64Array(0), [new Float64Array(0), new Float64Array(0)])), even)
  assert.deepEqual(Array.from(reconcilingGains(new Float64Array(100), [new Float64Array(100), new Float64Array(100)])), even)
  // a total that erred exactly as the sum of its parts leaves no discrepancy to learn from
  const [one, other] = [Float64Array.from({ length: 100 }, (_, i) => Math.sin(i * i)), Float64Array.from({ length: 100 }, (_, i) => Math.cos(3 * i))]
  for (const gain of reconcilingGains(one.map((value, i) => value + (other[i] ?? 0)), [one, other])) assert.ok(Number.isFinite(gain))
})
