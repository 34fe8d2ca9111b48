import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateForecasts, type EvaluatedForecast, type EvaluationTask } from '../../src/forecast/evaluate.ts'
import { DemandTable, forecastTableRows, gridSeries, layOrigins } from '../../src/forecast/evaluation-table.ts'
import { dailyDemand, mondaySeconds } from './series.ts'

const settings = { horizonSteps: 24, quantiles: [0.1, 0.5, 0.9], seed: 1, phase: () => undefined }
const origins = [384, 408, 432, 456]

function tasks(change: (value: number, step: number) => number): EvaluationTask[] {
  return [1, 2, 3].map((seed) => ({
    series: { name: `family/${seed}`, startSeconds: mondaySeconds, stepSeconds: 3600, values: dailyDemand(20, seed).map(change) },
    origins,
  }))
}

async function all(wanted: readonly EvaluationTask[]): Promise<EvaluatedForecast[]> {
  const found: EvaluatedForecast[] = []
  for await (const forecast of evaluateForecasts(wanted, settings, undefined)) found.push(forecast)
  return found
}

test('scrambling what comes after an origin changes no forecast made there or before, training included', async () => {
  const before = await all(tasks((value) => value))
  for (const seen of [origins[0] ?? 0, origins[2] ?? 0]) {
    const after = await all(tasks((value, step) => (step >= seen ? 1000 - 3 * value : value)))
    before.forEach((forecast, i) => {
      const made = (forecast.originSeconds - mondaySeconds) / 3600 + 1
      if (made <= seen) assert.deepEqual(after[i], forecast)
    })
    assert.notDeepEqual(after[after.length - 1]?.paths, before[before.length - 1]?.paths)
  }
})

test('a series that starts later teaches nothing later than the cohort that is forecast', async () => {
  const late = (factor: number): EvaluationTask => ({
    series: { name: 'family/late', startSeconds: mondaySeconds + 10 * 86400, stepSeconds: 3600, values: dailyDemand(20, 9).map((value, step) => (step >= 8 * 24 ? value * factor : value)) },
    origins: [15 * 24],
  })
  const before = await all([...tasks((value) => value), late(1)])
  const after = await all([...tasks((value) => value), late(9)])
  const early = (found: readonly EvaluatedForecast[]): EvaluatedForecast[] => found.filter(({ series }) => series !== 'family/late')
  assert.deepEqual(early(after), early(before))
})

test('forecasts of a daily rhythm cover it and follow it', async () => {
  const wanted = tasks((value) => value)
  for (const { series, originSeconds, paths } of await all(wanted)) {
    const source = wanted.find((task) => task.series.name === series)?.series.values ?? new Float64Array(0)
    const origin = (originSeconds - mondaySeconds) / 3600 + 1
    for (let step = 0; step < 24; step += 1) assert.ok(Math.abs((paths[24 + step] ?? 0) / (source[origin + step] ?? 1) - 1) < 0.15)
  }
})

test('origins are counted in measured steps, from the share that is scored or the least history', () => {
  const series = { name: 'a', startSeconds: 0, stepSeconds: 3600, values: dailyDemand(10, 1) }
  const layout = { horizonSteps: 24, everySteps: 24, scoreLast: 0.3, minHistorySteps: 24, afterEnd: false }
  assert.deepEqual(layOrigins(series, layout), [168, 192, 216])
  assert.deepEqual(layOrigins(series, { ...layout, minHistorySteps: 200 }), [200])
  assert.deepEqual(layOrigins(series, { ...layout, afterEnd: true }), [240])
})

test('a table of minutes becomes means of five by the clock, and an incomplete five is a gap', () => {
  const table = new DemandTable()
  table.add('series,timestamp,value')
  for (let minute = 3; minute < 17; minute += 1) table.add(`a,2026-01-05T00:${String(minute).padStart(2, '0')}:00Z,${minute}`)
  const samples = table.series.get('a')
  assert.ok(samples !== undefined)
  const { values, startSeconds } = gridSeries('a', samples, 300)
  assert.equal(startSeconds, mondaySeconds)
  assert.deepEqual(Array.from(values), [Number.NaN, 7, 12, Number.NaN])
  assert.throws(() => table.add('a,yesterday,3'), /^SyntaxError: expected a series, an RFC 3339 timestamp and a number, found a,yesterday,3/)
})

test('rows name the newest step that was seen and one row per step and quantile', () => {
  const rows = forecastTableRows({ series: 'a', originSeconds: mondaySeconds, stepSeconds: 3600, paths: Float64Array.from([1, 2, 3, 4.00000049]), weights: [] }, [0.5, 0.9])
  assert.equal(rows, 'a,2026-01-05T00:00:00Z,2026-01-05T01:00:00Z,0.5,1\na,2026-01-05T00:00:00Z,2026-01-05T01:00:00Z,0.9,3\na,2026-01-05T00:00:00Z,2026-01-05T02:00:00Z,0.5,2\na,2026-01-05T00:00:00Z,2026-01-05T02:00:00Z,0.9,4\n')
})
