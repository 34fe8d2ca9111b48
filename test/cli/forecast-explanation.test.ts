import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { SubjectForecast } from '../../src/domain/forecast.ts'
import { forecastExplanation } from '../../src/cli/render/forecast.ts'

const originSeconds = Date.parse('2026-01-26T13:00:00Z') / 1000
const rows = (length: number, peakAt: number): Float64Array =>
  Float64Array.from({ length: 2 * length }, (_, i) => (i < length ? 1 : 2) * (i % length === peakAt ? 100 : 50))

const forecast: SubjectForecast = {
  subject: { workload: 'web', resource: 'requests', place: { kind: 'user-zone', userZone: 'us-east' } },
  unit: 'requests/s',
  originSeconds,
  quantiles: [0.5, 0.95],
  tables: [
    {
      statistic: 'peak',
      grid: { startSeconds: originSeconds, stepSeconds: 3600, length: 48 },
      values: rows(48, 7),
      members: [{ member: 'trees', weight: 1 }],
      modelVersion: 'v1 0123456789abcdef',
      accuracy: {
        origins: 7,
        weightedQuantileLoss: 0.06,
        naiveWeightedQuantileLoss: 0.08,
        coverage95: 0.97,
        steps: 336,
        exceeded: 10,
        worst: [{ atSeconds: originSeconds - 86400, demand: 210, p95: 200 }],
      },
    },
    { statistic: 'mean', grid: { startSeconds: originSeconds, stepSeconds: 300, length: 24 }, values: rows(24, 23), members: [], modelVersion: undefined, accuracy: undefined },
  ],
  explanation: {
    peak: { atSeconds: originSeconds + 7 * 3600, median: 100, contributions: [{ part: 'level', value: 60 }, { part: 'day', value: 45 }, { part: 'network', value: -5 }] },
    excluded: [{ reason: 'counter-reset', count: 1, treatment: 'counted on from zero' }],
    sentences: ['weekends run 42 % below working days'],
  },
  model: 'prescale/4',
  historyHash: 'abc',
}

test('an explanation says what comes, what the peak is made of, how good it was, what exceeded p95 and what data was doubted', () => {
  assert.deepEqual(forecastExplanation(forecast).map(stripVTControlCharacters), [
    'web/us-east  requests/s, from 2026-01-26 13:00 UTC',
    `  peaks     ${'▅'.repeat(7)}█${'▅'.repeat(16)}  per 60 min until 13:00 UTC: 50 first, 100 (p95 200) at 20:00`,
    `  soon      ${'▅'.repeat(23)}█  per 5 min until 15:00 UTC: 50 first, 100 (p95 200) at 14:55`,
    '  peak      100 on 2026-01-26 20:00 is usual level 60, time of day +45, networks -5',
    '  accuracy  loss 0.060 over 7 forecasts, 75 % of the better naive’s; 97 % at or below p95',
    '  exceeded  p95 in 10 of 336 steps, furthest on 2026-01-25 13:00 210 against 200',
    '  data      1 counter restarted: counted on from zero',
    '  why       weekends run 42 % below working days',
    '',
  ])
})

test('what is not known is said as such, never as 0', () => {
  const [planned] = forecast.tables
  assert.ok(planned !== undefined)
  const lines = forecastExplanation({ ...forecast, tables: [{ ...planned, accuracy: undefined }], explanation: { ...forecast.explanation, excluded: [] } })
  assert.ok(lines.includes('  accuracy  unknown: the history is too short to look back'))
  assert.ok(lines.includes('  data      nothing left out or doubted'))
  assert.ok(!lines.some((line) => line.startsWith('  exceeded') || line.startsWith('  soon')))
})
