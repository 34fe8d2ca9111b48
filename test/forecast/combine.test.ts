import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { combineMembers, type MemberPaths } from '../../src/forecast/combine.ts'
import { poolPaths } from '../../src/forecast/pool.ts'
import { seededRandom } from '../../src/forecast/seeded-random.ts'
import { aSeries, dailyDemand } from './series.ts'

const quantiles = [0.1, 0.5, 0.9]
const horizon = 24
const settings = { quantiles, horizon, naives: ['naive-day'] }
const series = aSeries(dailyDemand(40, 5))
const origins = Array.from({ length: 25 }, (_, k) => (10 + k) * 24)

/** A member whose quantiles are the demand that comes, times `factor`, ± `width`. */
function member(name: string, factor: number, width: number): MemberPaths {
  return {
    member: name,
    prior: 1,
    paths: origins.map((origin) => Float64Array.from({ length: 3 * horizon }, (_, i) => (series.values[origin + (i % horizon)] ?? 0) * factor + (Math.floor(i / horizon) - 1) * width)),
  }
}

test('weights go to the member that was right, and only after its forecasts matured', () => {
  const combined = combineMembers(series, origins, [member('right', 1, 5), member('wrong', 1.5, 5)], settings)
  assert.deepEqual(combined[0]?.weights.map(({ weight }) => weight), [0.5, 0.5])
  assert.ok((combined[10]?.weights[0]?.weight ?? 0) > 0.9)
  assert.ok((combined[10]?.weights[1]?.weight ?? 0) >= 0.05, 'no member dies')
  assert.equal(combined[10]?.matured, 10)
})

test('what comes after an origin does not change what was combined there', () => {
  const cut = origins[12] ?? 0
  const scrambled = aSeries(series.values.map((value, i) => (i >= cut ? value * 3 + i : value)))
  const members = [member('right', 1, 5), member('wrong', 1.5, 5)]
  const before = combineMembers(series, origins, members, settings)
  const after = combineMembers(scrambled, origins, members, settings)
  for (let k = 0; k <= 12; k += 1) assert.deepEqual(after[k]?.paths, before[k]?.paths)
  assert.notDeepEqual(after[20]?.paths, before[20]?.paths)
})

test('a naive counts for two thirds once the combination did worse than 1.2 times as well at each of five origins', () => {
  const combined = combineMembers(series, origins, [{ ...member('naive-day', 1.3, 1), prior: 0.0001 }, { ...member('wild', 1.5, 5), prior: 1 }, { ...member('wilder', 1.5, 5), prior: 1 }], {
    ...settings,
  })
  assert.equal(combined[4]?.gatedTo, undefined)
  assert.equal(combined[5]?.gatedTo, 'naive-day')
  assert.ok((combined[5]?.weights[0]?.weight ?? 0) > 0.66)
})

test('one odd day among few does not close the gate', () => {
  const naive = member('naive-day', 1, 1)
  const right = member('right', 1, 0.5)
  const odd: MemberPaths = { ...right, paths: right.paths.map((paths, k) => (k === 2 ? paths.map((value) => 40 * value) : paths)) }
  const combined = combineMembers(series, origins, [{ ...naive, prior: 0.0001 }, odd], settings)
  assert.equal(combined[8]?.gatedTo, undefined)
})

test('an adversary who sees each forecast and exceeds it whenever demand can, exceeds p90 hardly more often than one time in ten', () => {
  const [rate, widest, narrowest] = [0.3 * Math.sqrt(0.05 / 0.1), Math.log(3), Math.log(0.6)]
  const days = 60
  const width = 20
  // as far above the median as the scaling can follow without being cut off
  const mostDemand = 100 + Math.exp(widest - rate) * width
  const starts = Array.from({ length: days }, (_, k) => (10 + k) * horizon)
  const paths = starts.map(() => Float64Array.from({ length: 3 * horizon }, (_, i) => 100 + (Math.floor(i / horizon) - 1) * width))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0.3, max: 1, noNaN: true }), (seed, eagerness) => {
      const random = seededRandom(seed)
      const values = new Float64Array((10 + days) * horizon).fill(100)
      let above = 0
      for (const [k, start] of starts.entries()) {
        const said: MemberPaths = { member: 'said', prior: 1, paths: paths.slice(0, k + 1) }
        const now = combineMembers(aSeries(values), starts.slice(0, k + 1), [said], settings).at(-1)
        for (let step = 0; step < horizon; step += 1) {
          const exceeds = (now?.paths[2 * horizon + step] ?? 0) < mostDemand && random() < eagerness
          values[start + step] = exceeds ? mostDemand : 100
          if (exceeds) above += 1
        }
      }
      const share = above / (days * horizon)
      assert.ok(share - 0.1 <= (widest - narrowest + rate) / (rate * days), `exceeded ${share} of the time`)
      assert.ok(share > 0.05, `the adversary gave up: ${share}`)
    }),
    { numRuns: 8 },
  )
})

test('a naive that was twice as good over the newest day takes over at once', () => {
  const combined = combineMembers(series, origins, [{ ...member('naive-day', 1, 1), prior: 0.0001 }, { ...member('wild', 2.2, 5), prior: 1 }], settings)
  assert.equal(combined[0]?.gatedTo, undefined)
  assert.equal(combined[1]?.gatedTo, 'naive-day')
})

test('a week repeated that was twice as good over the newest day takes over only where it was the better one before', () => {
  const both = { ...settings, naives: ['naive-day', 'naive-week'] }
  const usual: MemberPaths = { ...member('usual', 1, 2), prior: 1 }
  const odd = (factor: number, from: MemberPaths): MemberPaths => ({ ...from, paths: from.paths.map((paths, k) => (k === 3 ? paths.map((value) => factor * value) : paths)) })
  const week = (before: number): MemberPaths => ({ ...odd(1 / before, member('naive-week', before, 0)), prior: 0.0001 })
  const gatedAfterOddDay = (before: number): string | undefined => combineMembers(series, origins.slice(0, 5), [odd(2.2, usual), week(before)], both).at(-1)?.gatedTo
  assert.equal(gatedAfterOddDay(3), undefined)
  assert.equal(gatedAfterOddDay(1), 'naive-week')
})

test('upper quantiles that are exceeded too often are widened until they are not', () => {
  const late = origins.slice(15)
  const shy: MemberPaths = member('shy', 0.9, 2)
  const combined = combineMembers(series, origins, [shy], settings)
  const share = (k: number): number => {
    const { origin, paths } = combined[k] ?? { origin: 0, paths: new Float64Array(0) }
    return Array.from({ length: horizon }, (_, step) => ((series.values[origin + step] ?? 0) > (paths[2 * horizon + step] ?? 0) ? 1 : 0)).reduce((sum: number, one) => sum + one, 0) / horizon
  }
  assert.equal(share(0), 1)
  const widened = combined[origins.length - 1]
  const distance = (paths: Float64Array | undefined): number => (paths?.[2 * horizon] ?? 0) - (paths?.[horizon] ?? 0)
  assert.ok(distance(widened?.paths) > 2.5 * distance(combined[0]?.paths), `widened over ${late.length} origins`)
})

test('members that agree are not widened, members that disagree are', () => {
  const alike = Float64Array.from([8, 10, 12])
  const far = Float64Array.from([28, 30, 32])
  const agreed = poolPaths([alike, alike], [0.5, 0.5], quantiles, 1)
  agreed.forEach((value, q) => assert.ok(Math.abs(value - (alike[q] ?? 0)) < 1e-4))
  const torn = poolPaths([alike, far], [0.5, 0.5], quantiles, 1)
  assert.ok((torn[2] ?? 0) > 25 && (torn[0] ?? 0) < 15, `${torn.join(' ')}`)
})

test('pooled quantiles never cross', () => {
  const ordered = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 3, maxLength: 3 }).map((values) => Float64Array.from(values).sort())
  fc.assert(
    fc.property(fc.array(fc.tuple(ordered, fc.double({ min: 0.02, max: 1, noNaN: true })), { minLength: 1, maxLength: 5 }), (members) => {
      const total = members.reduce((sum, [, weight]) => sum + weight, 0)
      const pooled = poolPaths(members.map(([paths]) => paths), members.map(([, weight]) => weight / total), quantiles, 1)
      assert.ok((pooled[0] ?? 0) <= (pooled[1] ?? 0) + 1e-3 && (pooled[1] ?? 0) <= (pooled[2] ?? 0) + 1e-3, pooled.join(' '))
    }),
    { examples: [[[[Float64Array.of(0, 0, 0), 0.49], [Float64Array.of(10, 10, 10), 0.51]]]] },
  )
})

test('a naive that stands in has the median and p90, and a rarer quantile keeps a third of what the members add', () => {
  const rare = { ...settings, quantiles: [0.5, 0.9, 0.99] }
  const [naive, wild] = [{ ...member('naive-day', 1, 1), prior: 1e-9 }, { ...member('wild', 2.2, 5), prior: 1 }]
  const [alone, mixed] = [combineMembers(series, origins, [{ ...naive, prior: 1 }], rare), combineMembers(series, origins, [naive, wild], rare)]
  assert.equal(mixed[3]?.gatedTo, 'naive-day')
  const of = (paths: Float64Array | undefined, q: number) => paths?.slice(q * horizon, (q + 1) * horizon) ?? new Float64Array()
  for (const q of [0, 1]) of(mixed[3]?.paths, q).forEach((value, step) => assert.ok(Math.abs(value - (of(naive.paths[3], q)[step] ?? 0)) < 0.01, `${value}, not ${of(naive.paths[3], q)[step]}`))
  const demand = series.values.subarray(origins[3] ?? 0)
  assert.ok(of(mixed[3]?.paths, 2).every((value, step) => value > 1.3 * (demand[step] ?? 0)), 'towards what the members say')
  assert.ok(of(alone[3]?.paths, 2).every((value, step) => value < 1.2 * (demand[step] ?? 0)))
})
