import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { asWritten, forecastFile, isCurrentForecast, readForecast, writeForecast } from '../../src/documents/forecast-file.ts'
import type { ForecastTable, SubjectForecast } from '../../src/domain/forecast.ts'
import { Problem } from '../../src/domain/problem.ts'

const aTable = (values = Float64Array.of(10, 11, 20, 22, 31, 34)): ForecastTable => ({
  statistic: 'peak',
  grid: { startSeconds: 1769385600, stepSeconds: 3600, length: 2 },
  values,
  members: [{ member: 'weekly', weight: 0.25 }, { member: 'network', weight: 0.75 }],
  modelVersion: 'v3 0123456789abcdef',
  accuracy: {
    origins: 7,
    weightedQuantileLoss: 0.12,
    naiveWeightedQuantileLoss: 0.2,
    coverage95: 0.951,
    steps: 336,
    exceeded: 17,
    worst: [{ atSeconds: 1769299200, demand: 41, p95: 33 }],
  },
})

const aForecast = (change: Partial<SubjectForecast> = {}): SubjectForecast => ({
  subject: { workload: 'web', resource: 'requests', place: { kind: 'user-zone', userZone: 'us-east' } },
  unit: 'requests/s',
  originSeconds: 1769385600,
  quantiles: [0.1, 0.5, 0.95],
  tables: [aTable(), { ...aTable(Float64Array.of(8, 9, 17, 18, 25, 26)), statistic: 'mean', accuracy: undefined }],
  explanation: {
    peak: { atSeconds: 1769389200, median: 22, contributions: [{ part: 'level', value: 20 }, { part: 'day', value: 3 }, { part: 'network', value: -1 }] },
    excluded: [{ reason: 'gap', count: 3, treatment: 'never judged' }],
    sentences: ['the daily season explains most of it'],
  },
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
    const once = asWritten(aForecast({ tables: [aTable(values)] }))
    assert.deepEqual(asWritten(once), once)
    assert.equal(writeForecast(once), writeForecast(aForecast({ tables: [aTable(values)] })))
  }))
})

test('quantiles that cross are refused at their row', () => {
  assert.throws(() => readForecast(writeForecast(aForecast()).replace('[10, 20, 31]', '[10, 9, 31]'), 'forecasts/web/us-east.yaml'), (error) =>
    error instanceof Problem && /forecasts\/web\/us-east\.yaml:\d+:\d+ tables\[0\]\.values\.2026-01-26T00:00:00Z: expected finite figures that do not fall/.test(error.message))
})

test('a missing step is refused', () => {
  assert.throws(() => readForecast(writeForecast(aForecast()).replace(/^ +2026-01-26T00.*\n/m, ''), 'x.yaml'), /expected the step 2026-01-26T00:00:00Z/)
})

test('every subject keeps its place, and no two subjects share a file', () => {
  const subjects = [
    { workload: 'web', resource: 'requests', place: { kind: 'everywhere' } },
    { workload: 'web', resource: 'cpu', place: { kind: 'everywhere' } },
    { workload: 'web', resource: 'requests', place: { kind: 'user-zone', userZone: 'cpu' } },
    { workload: 'web', resource: 'cpu', place: { kind: 'region', region: 'aws/us-east-1' } },
    { workload: 'web', resource: 'disk', place: { kind: 'region', region: 'aws/us-east-1' } },
  ] as const
  for (const subject of subjects) assert.deepEqual(readForecast(writeForecast(aForecast({ subject })), 'x.yaml').subject, subject)
  assert.deepEqual(subjects.map(forecastFile), [
    'forecasts/web.yaml',
    'forecasts/web.cpu.yaml',
    'forecasts/web/cpu.yaml',
    'forecasts/web/aws/us-east-1.cpu.yaml',
    'forecasts/web/aws/us-east-1.disk.yaml',
  ])
})

test('a file of another version is told apart without reading it, and reading it says how to have it made anew', () => {
  const text = writeForecast(aForecast())
  assert.ok(isCurrentForecast(text))
  const other = text.replace('prescale.forecast/2', 'prescale.forecast/1')
  assert.ok(!isCurrentForecast(other))
  assert.throws(() => readForecast(other, 'forecasts/web.yaml'), /forecasts\/web\.yaml:\d+:\d+ schema: expected prescale\.forecast\/2; prescale forecast writes it anew/)
})
