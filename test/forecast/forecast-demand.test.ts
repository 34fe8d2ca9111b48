import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forecastDemand } from '../../src/forecast/forecast-demand.ts'
import type { Network } from '../../src/forecast/network.ts'
import { resample } from '../../src/forecast/resample.ts'
import { forecastTable, plannedDemand, subjectName } from '../../src/domain/forecast.ts'
import { namedSeries, type SubjectSeries } from '../../src/forecast/subjects.ts'
import { forecastPicture } from '../../src/forecast/picture.ts'
import { Problem } from '../../src/domain/problem.ts'
import { seededRandom } from '../../src/forecast/seeded-random.ts'
import { aHistory, dailyDemand, mondaySeconds } from './series.ts'

const request = { originSeconds: mondaySeconds + 21 * 86400, planned: { stepSeconds: 3600, horizonSteps: 48 }, finer: { stepSeconds: 300, horizonSteps: 24 }, quantiles: [0.1, 0.5, 0.9, 0.95, 0.99], seed: 1 }
const demand = [dailyDemand(21, 1, 300), dailyDemand(21, 2, 300).map((value) => value * 40)]

/** A network that always says: as the base, ± a tenth of the level. */
function flatNetwork(): Network & { trainings: number } {
  return {
    backend: 'fake',
    trainings: 0,
    train() {
      this.trainings += 1
      return Promise.resolve({ means: new Float32Array(1), deviations: new Float32Array(1), tensors: [] })
    },
    predict: (weights, _features, rows) =>
      Promise.resolve(Float32Array.from({ length: rows * weights.quantiles.length }, (_, i) => 0.1 * ((i % weights.quantiles.length) - 1))),
  }
}

test('every series gets ordered, finite forecasts of 48 hourly peaks with weights, accuracy and drivers', async () => {
  const forecasts = plannedDemand(await forecastDemand(aHistory(demand), request, flatNetwork()))
  assert.deepEqual(forecasts.map(({ workload }) => workload), ['web0', 'web1'])
  for (const forecast of forecasts) {
    assert.equal(forecast.statistic, 'peak')
    assert.deepEqual(forecast.grid, { startSeconds: request.originSeconds, stepSeconds: 3600, length: 48 })
    assert.equal(forecast.values.length, 5 * 48)
    forecast.values.forEach((value, i) => assert.ok(value >= (i >= 48 ? (forecast.values[i - 48] ?? 0) : 0)))
    assert.ok(Math.abs(forecast.members.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-9)
    assert.equal(forecast.accuracy?.origins, 7)
    assert.ok(forecast.drivers.length >= 4)
  }
})

test('looking back, forecasts of a noisy daily rhythm were a tenth better than the better naive', async () => {
  const random = seededRandom(4)
  const hours = Float64Array.from({ length: 21 * 24 }, () => 0.7 + 0.6 * random())
  const noisy = demand.map((values) => values.map((value, i) => value * (hours[Math.floor(i / 12)] ?? 1)))
  for (const { accuracy } of plannedDemand(await forecastDemand(aHistory(noisy), request, undefined))) {
    const { weightedQuantileLoss: loss, naiveWeightedQuantileLoss: naive } = accuracy ?? { weightedQuantileLoss: 1, naiveWeightedQuantileLoss: 0 }
    assert.ok(loss < 0.9 * naive, `${loss} against ${naive}`)
  }
})

test('the same history and seed give the same forecast', async () => {
  const [first] = await forecastDemand(aHistory(demand), request, undefined)
  const [second] = await forecastDemand(aHistory(demand), request, undefined)
  assert.deepEqual(second, first)
})

test('nothing after the origin is used', async () => {
  const earlier = { ...request, originSeconds: request.originSeconds - 3 * 86400 }
  const scrambled = demand.map((values) => values.map((value, i) => (i >= 18 * 288 ? 5000 - value : value)))
  const before = await forecastDemand(aHistory(demand), earlier, undefined)
  const after = await forecastDemand(aHistory(scrambled), earlier, undefined)
  assert.deepEqual(after, before)
})

test('gaps, an outage at the end and an idle series still give finite forecasts', async () => {
  const gappy = demand[0]?.slice() ?? new Float64Array(0)
  gappy.fill(Number.NaN, 1000, 1400)
  gappy.fill(Number.NaN, 21 * 288 - 40)
  const forecasts = await forecastDemand(aHistory([gappy, new Float64Array(21 * 288)]), request, flatNetwork())
  for (const { tables } of forecasts) for (const { values } of tables) assert.ok(values.every((value) => Number.isFinite(value) && value >= 0))
  assert.ok((forecasts[0]?.tables[0]?.values[48] ?? 0) > 40, 'what was not measured does not count as no demand')
})

test('a series with two hours of history is refused by name', async () => {
  const short = demand[0]?.map((value, i) => (i < 21 * 288 - 24 ? Number.NaN : value)) ?? new Float64Array(0)
  await assert.rejects(forecastDemand(aHistory([demand[1] ?? short, short]), request, undefined), (error) => {
    assert.ok(error instanceof Problem)
    assert.equal(error.code, 'history-short')
    assert.match(error.message, /web1\/eu was measured for 2 hours, a forecast needs 3/)
    return true
  })
})

test('three days of history are enough, without weekly members and without accuracy', async () => {
  const three = demand[0]?.map((value, i) => (i < 18 * 288 ? Number.NaN : value)) ?? new Float64Array(0)
  const [forecast] = plannedDemand(await forecastDemand(aHistory([three]), request, flatNetwork()))
  assert.equal(forecast?.accuracy, undefined)
  assert.ok(forecast?.members.every(({ member }) => member !== 'naive-week'))
})

test('a step takes the highest of its means or their mean, and is a gap when less than half of it was measured', () => {
  const values = new Float64Array(36).fill(Number.NaN)
  values.fill(5, 0, 12)
  values[7] = 9
  values.fill(3, 12, 17)
  values.fill(4, 24, 30)
  const measured = { name: 'web', grid: { startSeconds: mondaySeconds, stepSeconds: 300, length: 36 }, values }
  const hourly = (statistic: 'peak' | 'mean'): number[] => Array.from(resample(measured, 3600, mondaySeconds + 3 * 3600, statistic).values)
  assert.deepEqual(hourly('peak'), [9, Number.NaN, 4])
  assert.deepEqual(hourly('mean').map((value) => Number(value.toFixed(9))), [Number(((11 * 5 + 9) / 12).toFixed(9)), Number.NaN, 4])
})

test('a picture is the same twice, names its series and unit, and draws capacity only when there is a plan', async () => {
  const history = aHistory(demand)
  const [forecast] = await forecastDemand(history, request, undefined)
  assert.ok(forecast !== undefined)
  const odd = { ...forecast, subject: { ...forecast.subject, workload: 'web<&>' } }
  const slice = { grid: history.grid, values: demand[0] ?? new Float64Array(0) }
  const picture = forecastPicture(slice, odd, undefined)
  assert.equal(forecastPicture(slice, odd, undefined), picture)
  assert.match(picture, /<title>Forecast of web&lt;&amp;&gt;\/eu, requests\/s<\/title>/)
  assert.doesNotMatch(picture, /planned capacity|NaN|Infinity/)
  assert.match(forecastPicture(slice, odd, new Float64Array(48).fill(300)), /planned capacity/)
})

test('what nodes use is forecast beside requests and adds up over regions; a region of one day is left out', async () => {
  const history = aHistory(demand.slice(0, 1))
  const useOf = (region: string, values: Float64Array): SubjectSeries =>
    namedSeries({ subject: { workload: 'web0', resource: 'cpu', place: { kind: 'region', region } }, unit: 'vCPU', grid: history.grid, values, excluded: [] })
  const [one = new Float64Array(0), other = new Float64Array(0)] = demand
  const young = one.map((value, i) => (i < 20 * 288 ? Number.NaN : value))
  const forecasts = await forecastDemand(history, request, undefined, undefined, [useOf('aws/us-east-1', one), useOf('gcp/us-east1', other), useOf('azure/eastus', young)])
  assert.deepEqual(forecasts.map(({ subject }) => subjectName(subject)), ['web0/eu', 'web0/aws/us-east-1.cpu', 'web0/gcp/us-east1.cpu', 'web0.cpu'])
  const medians = (name: string): readonly number[] => {
    const found = forecasts.find(({ subject }) => subjectName(subject) === name)
    const table = found && forecastTable(found, 3600, 'mean')
    return Array.from(table?.values.subarray(48, 96) ?? [])
  }
  const [total, first, second] = [medians('web0.cpu'), medians('web0/aws/us-east-1.cpu'), medians('web0/gcp/us-east1.cpu')]
  total.forEach((value, step) => assert.ok(Math.abs(value - (first[step] ?? 0) - (second[step] ?? 0)) < 1e-9 * value))
  assert.ok((total[0] ?? 0) > 1000)
  assert.deepEqual(plannedDemand(forecasts).map(({ workload, userZone }) => `${workload}/${userZone}`), ['web0/eu'], 'only requests are planned from')
})

test('a picture shows the next hours, the parts of the peak, exceedances and doubted data', async () => {
  const history = aHistory(demand)
  const [forecast] = await forecastDemand(history, request, undefined)
  const [planned, ...further] = forecast?.tables ?? []
  assert.ok(forecast !== undefined && planned?.accuracy !== undefined)
  const worst = [{ atSeconds: request.originSeconds - 86400, demand: 120, p95: 110 }]
  const told = {
    ...forecast,
    tables: [{ ...planned, accuracy: { ...planned.accuracy, exceeded: 9, steps: 336, worst } }, ...further],
    explanation: { ...forecast.explanation, excluded: [{ reason: 'gap', count: 3, treatment: 'never judged' }] as const },
  }
  const picture = forecastPicture({ grid: history.grid, values: demand[0] ?? new Float64Array(0) }, told, undefined)
  for (const text of ['next 2 h: means per 5 min', 'what makes the peak of', 'usual level', 'time of day', 'demand exceeded p95 in 9 of 336 steps', '3 steps were not measured: never judged']) {
    assert.ok(picture.includes(text), text)
  }
  assert.equal(picture.match(/<circle/g)?.length, 2, 'one exceedance, and its mark in the legend')
})
