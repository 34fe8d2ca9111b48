import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Contribution } from '../../src/domain/forecast.ts'
import { contributionsOf } from '../../src/forecast/contributions.ts'
import { aSeries, dailyDemand } from './series.ts'

const valueOf = (parts: readonly Contribution[], wanted: Contribution['part']): number => parts.find(({ part }) => part === wanted)?.value ?? 0

test('parts add up to the published median, whatever the members and events say', () => {
  const series = aSeries(dailyDemand(28, 3))
  const figure = fc.double({ min: 0, max: 1e6, noNaN: true })
  const network = fc.record({ median: figure, weight: fc.double({ min: 0, max: 0.5, noNaN: true }) })
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 28 * 24 }), fc.integer({ min: 0, max: 47 }), figure, figure, fc.array(network, { maxLength: 2 }), figure, (origin, step, combined, published, networks, event) => {
      const parts = contributionsOf(series, origin, { step, combined, published, networks, known: [{ part: 'events', value: event }] })
      const sum = parts.reduce((total, { value }) => total + value, 0)
      assert.ok(Math.abs(sum - published) <= 1e-9 * Math.max(1, combined, published, event, ...networks.map(({ median }) => median)), `${sum} ${published}`)
    }),
  )
})

test('a daily rhythm is told as time of day, a quiet weekend as day of the week, a higher last week as such', () => {
  const values = Float64Array.from({ length: 28 * 24 }, (_, hour) => {
    const day = Math.floor(hour / 24)
    return (day % 7 >= 5 ? 50 : 100) * (hour % 24 === 12 ? 2 : 1) * (day >= 21 ? 1.5 : 1)
  })
  const series = aSeries(values)
  // 12:00 on the Monday after four weeks
  const parts = contributionsOf(series, values.length, { step: 12, combined: 300, published: 300, networks: [], known: [] })
  const level = (values.reduce((sum, value) => sum + value, 0)) / values.length
  assert.ok(Math.abs(valueOf(parts, 'level') - level) < 1e-9)
  assert.ok(Math.abs(valueOf(parts, 'recent') - (level / 1.125) * 0.375) < 1e-9)
  assert.ok(Math.abs(valueOf(parts, 'day') - level * (2 / (25 / 24) - 1)) < 1e-9)
  assert.ok(Math.abs(valueOf(parts, 'week') - (225 - level * (2 / (25 / 24)))) < 1e-9)
})

test('networks are told by their weight in what they add to the profile', () => {
  const flat = aSeries(new Float64Array(28 * 24).fill(10))
  const parts = contributionsOf(flat, 28 * 24, { step: 0, combined: 16, published: 15, networks: [{ median: 30, weight: 0.2 }, { median: 20, weight: 0.1 }], known: [] })
  assert.deepEqual(parts.map(({ part, value }) => [part, Number(value.toFixed(9))]), [['level', 10], ['network', 5], ['models', 1], ['coherence', -1]])
})
