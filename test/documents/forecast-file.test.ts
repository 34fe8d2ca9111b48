import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { asWritten, readForecast, writeForecast } from '../../src/documents/forecast-file.ts'
import type { DemandForecast } from '../../src/domain/forecast.ts'
import { Problem } from '../../src/domain/problem.ts'

const aForecast = (change: Partial<DemandForecast> = {}): DemandForecast => ({
  workload: 'web',
  userZone: 'us-east',
  unit: 'requests/s',
  statistic: 'peak',
  originSeconds: 1769385600,
  grid: { startSeconds: 1769385600, stepSeconds: 3600, length: 2 },
  quantiles: [0.1, 0.5, 0.95],
  values: Float64Array.of(10, 11, 20, 22, 31, 34),
  members: [{ member: 'weekly', weight: 0.25 }, { member: 'network', weight: 0.75 }],
  accuracy: { origins: 7, weightedQuantileLoss: 0.12, naiveWeightedQuantileLoss: 0.2, coverage95: 0.951 },
  drivers: ['the daily season explains most of it'],
  model: 'prescale/1',
  historyHash: '0123456789abcdef',
  ...change,
})

test('a forecast is read back with the figures its file holds', () => {
  assert.deepEqual(readForecast(writeForecast(aForecast()), 'x.yaml'), aForecast())
})

test('saving twice changes nothing more, whatever the figures', () => {
  const figures = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 3, maxLength: 3 }).map((row) => row.sort((a, b) => a - b))
  fc.assert(fc.property(figures, figures, (first, second) => {
    const values = Float64Array.from([0, 1, 2].flatMap((row) => [first[row] ?? 0, second[row] ?? 0]))
    const once = asWritten(aForecast({ values }))
    assert.deepEqual(asWritten(once), once)
    assert.equal(writeForecast(once), writeForecast(aForecast({ values })))
  }))
})

test('quantiles that cross are refused at their row', () => {
  assert.throws(() => readForecast(writeForecast(aForecast()).replace('[10, 20, 31]', '[10, 9, 31]'), 'forecasts/web/us-east.yaml'), (error) =>
    error instanceof Problem && /forecasts\/web\/us-east\.yaml:\d+:\d+ values\.2026-01-26T00:00:00Z: expected finite figures that do not fall/.test(error.message))
})

test('a missing step is refused', () => {
  assert.throws(() => readForecast(writeForecast(aForecast()).replace(/^ {2}2026-01-26T00.*\n/m, ''), 'x.yaml'), /expected the step 2026-01-26T00:00:00Z/)
})
