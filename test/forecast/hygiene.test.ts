import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type ForecastTable, forecastTable, type SubjectForecast } from '../../src/domain/forecast.ts'
import type { DemandHistory, DemandQuery } from '../../src/domain/history.ts'
import { forecastDemand } from '../../src/forecast/forecast-demand.ts'
import { naiveDay, naiveWeek } from '../../src/forecast/members/all.ts'
import { pathsLoss, settlePaths } from '../../src/forecast/quantiles.ts'
import { seededRandom } from '../../src/forecast/seeded-random.ts'
import { modelSeries } from '../../src/forecast/step-series.ts'
import { demandHistory, SeriesAssembly } from '../../src/history/assemble.ts'
import { historyRuling } from '../../src/history/ruling.ts'
import { mondaySeconds } from './series.ts'

/** What a demand that needs care looks like, hour by hour: 28 days that are seen and the two days that came after. */
interface Case {
  readonly seen: Float64Array
  readonly came: Float64Array
}

const seenHours = 28 * 24
const horizon = 48
const hours = seenHours + horizon + 1
const quantiles = [0.1, 0.5, 0.9, 0.95, 0.99]
const seeds = [1, 2, 3]
const request = {
  originSeconds: mondaySeconds + seenHours * 3600,
  planned: { stepSeconds: 3600, horizonSteps: horizon },
  finer: undefined,
  quantiles,
  seed: 1,
}

/** Demand of people: a day, quieter weekends, noise that lasts some hours; `shape` multiplies hour by hour. */
function usual(seed: number, shape: (hour: number) => number = () => 1): Float64Array {
  const random = seededRandom(seed * 7919)
  let wander = 0
  return Float64Array.from({ length: hours }, (_, hour) => {
    wander = 0.7 * wander + 0.15 * (random() + random() - 1)
    const weekend = Math.floor(hour / 24) % 7 >= 5 ? 0.6 : 1
    return 100 * (1 + 0.6 * Math.sin(((hour - 7) / 24) * 2 * Math.PI)) * weekend * Math.exp(wander) * shape(hour)
  })
}

function split(values: Float64Array, spoil: (seen: Float64Array) => void = () => {}): Case {
  const seen = values.slice(0, seenHours)
  spoil(seen)
  return { seen, came: values.slice(seenHours, seenHours + horizon) }
}

/** Hours before the end of what is seen. */
const ago = (days: number): number => seenHours - 24 * days

/** Clocks that people live by go an hour back `days` ago: the same hour of theirs is an hour later in UTC from then on. */
function clockChange(seed: number, days: number): Case {
  const values = usual(seed)
  const shifted = Float64Array.from({ length: hours - 1 }, (_, hour) => values[hour < ago(days) ? hour + 1 : hour] ?? 0)
  return split(shifted)
}

const cases: Readonly<Record<string, (seed: number) => Case>> = {
  'nothing unusual': (seed) => split(usual(seed)),
  'a level three times as high since three days': (seed) => split(usual(seed, (hour) => (hour >= ago(3) ? 3 : 1))),
  'a level a third as high since three days': (seed) => split(usual(seed, (hour) => (hour >= ago(3) ? 1 / 3 : 1))),
  'a unit a thousand times smaller since four days': (seed) => split(usual(seed, (hour) => (hour >= ago(4) ? 1000 : 1))),
  'a unit a thousand times larger since four days': (seed) => split(usual(seed, (hour) => (hour >= ago(4) ? 1 / 1000 : 1))),
  'five hours a thousand times too high, one of them the last': (seed) =>
    split(usual(seed), (seen) => [1, 30, 103, 209, 401].forEach((hour) => (seen[seenHours - hour] = (seen[seenHours - hour] ?? 0) * 1000))),
  'one hour at a million million': (seed) => split(usual(seed), (seen) => (seen[seenHours - 10] = 1e12)),
  'the last three hours at zero': (seed) => split(usual(seed), (seen) => seen.fill(0, seenHours - 3)),
  'the last six hours not measured': (seed) => split(usual(seed), (seen) => seen.fill(Number.NaN, seenHours - 6)),
  'the last thirty hours not measured': (seed) => split(usual(seed), (seen) => seen.fill(Number.NaN, seenHours - 30)),
  'a week not measured, up to a day ago': (seed) => split(usual(seed), (seen) => seen.fill(Number.NaN, ago(8), ago(1))),
  'three hours in ten not measured': (seed) =>
    split(usual(seed), (seen) => {
      const random = seededRandom(seed)
      seen.forEach((_, hour) => (seen[hour] = random() < 0.3 ? Number.NaN : (seen[hour] ?? 0)))
    }),
  'clocks changed three days ago': (seed) => clockChange(seed, 3),
  'clocks changed half a day ago': (seed) => clockChange(seed, 0.5),
  'dead since three days': (seed) => split(usual(seed, (hour) => (hour >= ago(3) ? 0 : 1))),
  'dying since ten days, by a third a day': (seed) => split(usual(seed, (hour) => (hour < ago(10) ? 1 : (2 / 3) ** ((hour - ago(10)) / 24)))),
  'idle for weeks, busy since two days': (seed) => split(usual(seed, (hour) => (hour < ago(2) ? 0 : 1))),
  'one value': () => split(new Float64Array(hours).fill(50)),
  'zero throughout': () => split(new Float64Array(hours)),
  'one value, another since two days': () => split(Float64Array.from({ length: hours }, (_, hour) => (hour < ago(2) ? 50 : 80))),
  'something in one hour of twenty': (seed) => {
    const random = seededRandom(seed)
    return split(Float64Array.from({ length: hours }, () => (random() < 0.05 ? Math.ceil(5 * random()) : 0)))
  },
  'one busy hour each night': (seed) => split(usual(seed, (hour) => (hour % 24 === 3 ? 1 : 0))),
  'growing by a twentieth a day': (seed) => split(usual(seed, (hour) => 1.05 ** (hour / 24))),
  'a thousand-millionth of the usual': (seed) => split(usual(seed).map((value) => value * 1e-9)),
  'a million million times the usual': (seed) => split(usual(seed).map((value) => value * 1e12)),
}

const faults = { notANumber: 0, infinite: 0, negative: 0, counterReset: 0, duplicate: 0, outOfOrder: 0, frozenSteps: 0, daylightSaving: 0, outlier: 0 }

function historyOf(series: Readonly<Record<string, Float64Array>>): DemandHistory {
  const length = Math.max(...Object.values(series).map((values) => values.length))
  return {
    grid: { startSeconds: mondaySeconds, stepSeconds: 3600, length },
    series: Object.entries(series).map(([workload, values]) => ({ workload, userZone: 'eu', unit: 'requests/s', values, faults, coverage: 1, newestSeconds: undefined })),
    hash: 'history',
  }
}

const plannedTable = (forecast: SubjectForecast | undefined): ForecastTable => {
  const table = forecast === undefined ? undefined : forecastTable(forecast, 3600, 'peak')
  assert.ok(table !== undefined)
  return table
}
const pathOf = ({ values }: ForecastTable, quantile: number): Float64Array => values.subarray(quantiles.indexOf(quantile) * horizon, (quantiles.indexOf(quantile) + 1) * horizon)
const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

function lossOf(values: Float64Array, came: Float64Array): number {
  return pathsLoss(values, quantiles, came, new Uint8Array(horizon).fill(1)).loss
}

/** Loss of the better of the day's and the week's naive, with their own quantiles. */
function naiveLosses({ seen, came }: Case): readonly number[] {
  const series = modelSeries({ name: 'x', startSeconds: mondaySeconds, stepSeconds: 3600, values: seen })
  return [naiveDay, naiveWeek].map((naive) => {
    const paths = naive.forecast(series, series.values.length, horizon, quantiles)
    settlePaths(paths, quantiles.length, horizon, Infinity)
    return lossOf(paths, came)
  })
}

const key = (name: string, seed: number): string => `${name} (${seed})`
const made = new Map(Object.entries(cases).flatMap(([name, make]) => seeds.map((seed): [string, Case] => [key(name, seed), make(seed)])))
const forecasts = new Map<string, ForecastTable>()

before(async () => {
  const all = await forecastDemand(historyOf(Object.fromEntries([...made].map(([name, { seen }]) => [name, seen]))), request, undefined)
  for (const forecast of all) forecasts.set(forecast.subject.workload, plannedTable(forecast))
})

for (const name of Object.keys(cases)) {
  test(`${name}: finite, ordered, and never worse than 1.2 times the better naive`, () => {
    let loss = 0
    const naives = [0, 0]
    let scale = 0
    for (const seed of seeds) {
      const one = made.get(key(name, seed)) as Case
      const table = forecasts.get(key(name, seed)) as ForecastTable
      table.values.forEach((value, i) => assert.ok(Number.isFinite(value) && value >= (i >= horizon ? (table.values[i - horizon] ?? 0) : 0), `step ${i % horizon}: ${value}`))
      loss += lossOf(table.values, one.came)
      naiveLosses(one).forEach((naive, n) => (naives[n] = (naives[n] ?? 0) + naive))
      scale += sum(one.came)
    }
    assert.ok(loss <= 1.2 * Math.min(...naives) + 0.002 * scale, `loss ${loss}, naives ${naives.join(' and ')}`)
  })
}

test('what is missing or absurd never makes a forecast lower than the whole truth does, by more than a twentieth', () => {
  const harmless = [
    'five hours a thousand times too high, one of them the last',
    'one hour at a million million',
    'the last six hours not measured',
    'the last thirty hours not measured',
    'a week not measured, up to a day ago',
    'three hours in ten not measured',
    'the last three hours at zero',
  ]
  for (const name of harmless) {
    for (const quantile of [0.5, 0.95]) {
      const total = (of: string): number => seeds.reduce((all, seed) => all + sum(pathOf(forecasts.get(key(of, seed)) as ForecastTable, quantile)), 0)
      assert.ok(total(name) >= 0.95 * total('nothing unusual'), `${name}, p${quantile * 100}: ${total(name)} against ${total('nothing unusual')}`)
    }
  }
})

test('values that were not believed are told of', async () => {
  const [forecast] = await forecastDemand(historyOf({ web: made.get(key('one hour at a million million', 1))?.seen ?? new Float64Array(0) }), request, undefined)
  assert.deepEqual(forecast?.explanation.excluded.find(({ reason }) => reason === 'outlier')?.count, 1)
})

test('a counter that restarts every few hours gives the forecast of one that never does', async () => {
  const rate = usual(4)
  const query: DemandQuery = { workload: 'web', unit: 'requests/s', measurement: 'm', field: 'f', tags: {}, userZoneTag: 'zone', userZones: ['eu'], kind: 'counter', flux: undefined, scale: 1 }
  const grid = { startSeconds: mondaySeconds, stepSeconds: 3600, length: seenHours }
  const historyWith = (restarts: (sample: number) => boolean): DemandHistory => {
    const samples = seenHours * 4
    const values = new Float64Array(samples)
    for (let sample = 1; sample < samples; sample += 1) {
      const increase = (rate[Math.floor((sample - 1) / 4)] ?? 0) * 900
      values[sample] = restarts(sample) ? increase : (values[sample - 1] ?? 0) + increase
    }
    const assembly = new SeriesAssembly(query, grid)
    const page = {
      userZoneIndex: new Uint32Array(samples),
      reporterIndex: new Uint32Array(samples),
      atSeconds: Float64Array.from({ length: samples }, (_, sample) => mondaySeconds + sample * 900),
      values,
      userZones: ['eu'],
      reporters: [''],
      daylightSaving: new Uint32Array(1),
    }
    assembly.add(page, { fromSeconds: mondaySeconds, toSeconds: mondaySeconds + seenHours * 3600 })
    return demandHistory(grid, assembly.finish())
  }
  const restarted = historyWith((sample) => sample % 29 === 0)
  assert.ok((restarted.series[0]?.faults.counterReset ?? 0) > 80)
  const [whole] = await forecastDemand(historyWith(() => false), request, undefined)
  const [broken] = await forecastDemand(restarted, request, undefined)
  const expected = pathOf(plannedTable(whole), 0.95)
  pathOf(plannedTable(broken), 0.95).forEach((value, step) => assert.ok(Math.abs(value - (expected[step] ?? 0)) < 0.01 * (expected[step] ?? 0)))
})

test('a series that died is forecast as such, while the ruling holds counts for one that is silent', () => {
  const dead = forecasts.get(key('dead since three days', 1)) as ForecastTable
  assert.ok(sum(pathOf(dead, 0.5)) < 0.01 * sum(pathOf(forecasts.get(key('nothing unusual', 1)) as ForecastTable, 0.5)))
  const limits = { maxAgeSeconds: 3 * 3600, minCoverage: 0.9 }
  const silent = historyOf({ web: usual(1).slice(0, seenHours) })
  const newestSeconds = request.originSeconds - 6 * 3600
  const held = historyRuling({ ...silent, series: silent.series.map((one) => ({ ...one, newestSeconds })) }, limits, request.originSeconds)
  assert.equal(held.kind === 'hold' ? held.reasons[0]?.kind : held.kind, 'stale')
})

/** A new zone of one workload, first measured so many hours ago; the others of it are known for four weeks. */
async function coldForecastAfter(measured: number, ...known: readonly string[]): Promise<SubjectForecast> {
  const others = Object.fromEntries(known.map((zone, i) => [zone, usual(i + 20).slice(0, seenHours)]))
  const young = usual(9).map((value) => value * 0.2)
  const history = historyOf({ ...others, young: young.slice(0, seenHours).fill(Number.NaN, 0, seenHours - measured) })
  const zones = { ...history, series: history.series.map((one) => ({ ...one, workload: 'web', userZone: one.workload })) }
  const found = (await forecastDemand(zones, request, undefined)).find(({ subject }) => subject.place.kind === 'user-zone' && subject.place.userZone === 'young')
  assert.ok(found !== undefined)
  return found
}
const youngCame = usual(9).map((value) => value * 0.2).slice(seenHours, seenHours + horizon)

test('a series of six hours borrows the day of its like: near what comes, wide, and told as a first guess', async () => {
  const forecast = await coldForecastAfter(6, 'eu', 'us')
  const table = plannedTable(forecast)
  const medians = pathOf(table, 0.5)
  const error = medians.reduce((total, value, step) => total + Math.abs(value - (youngCame[step] ?? 0)), 0)
  assert.ok(error < 0.4 * sum(youngCame), `error ${error} of ${sum(youngCame)}`)
  const upper = pathOf(table, 0.95)
  assert.ok(upper.every((value, step) => value >= 2 * (medians[step] ?? 0)), 'p95 is at least twice the median')
  assert.ok(upper.filter((value, step) => value >= (youngCame[step] ?? 0)).length >= 46)
  assert.match(forecast.explanation.sentences[0] ?? '', /^a new series: 6 hours were measured/)
  assert.match(forecast.explanation.sentences[1] ?? '', /web\/eu and web\/us/)
  assert.equal(table.accuracy, undefined)
  assert.deepEqual(table.members, [{ member: 'similar-series', weight: 1 }])
})

test('the range of a new series narrows as hours come in', async () => {
  const widthAfter = async (measured: number): Promise<number> => {
    const table = plannedTable(await coldForecastAfter(measured, 'eu'))
    return sum(pathOf(table, 0.95)) / sum(pathOf(table, 0.5))
  }
  const [six, day] = [await widthAfter(6), await widthAfter(30)]
  assert.ok(six > 1.3 * day, `${six} after six hours, ${day} after thirty`)
})

test('a new series without its like stays at its own mean, wider still', async () => {
  const alone = await coldForecastAfter(6)
  const table = plannedTable(alone)
  const medians = pathOf(table, 0.5)
  assert.ok(medians.every((value) => value === medians[0]))
  assert.ok((pathOf(table, 0.95)[0] ?? 0) > 4 * (medians[0] ?? 0))
  assert.match(alone.explanation.sentences[1] ?? '', /want of a similar series/)
})

test('a new zone leaves the forecasts of the others, and of their total, as they are', async () => {
  const others = { eu: usual(20).slice(0, seenHours), us: usual(21).slice(0, seenHours) }
  const zoned = (series: Readonly<Record<string, Float64Array>>): DemandHistory => {
    const history = historyOf(series)
    return { ...history, series: history.series.map((one) => ({ ...one, workload: 'web', userZone: one.workload })) }
  }
  const without = await forecastDemand(zoned(others), request, undefined)
  const withNew = await forecastDemand(zoned({ ...others, young: usual(9).slice(0, seenHours).fill(Number.NaN, 0, seenHours - 6) }), request, undefined)
  assert.equal(withNew.length, without.length + 1)
  assert.deepEqual(withNew.filter(({ subject }) => subject.place.kind !== 'user-zone' || subject.place.userZone !== 'young'), without)
})
