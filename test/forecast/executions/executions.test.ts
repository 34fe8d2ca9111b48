import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { arrivalSteps } from '../../../src/forecast/executions/arrivals.ts'
import { loadPaths, normalShare } from '../../../src/forecast/executions/load-paths.ts'
import { executionProfile, loadResponse } from '../../../src/forecast/executions/profile.ts'
import { forecastDemand } from '../../../src/forecast/forecast-demand.ts'
import { plannedDemand, type Resource, subjectName } from '../../../src/domain/forecast.ts'
import type { Executions } from '../../../src/domain/history.ts'
import { executionLevels } from '../../../src/history/executions/levels.ts'
import { demandHistory } from '../../../src/history/assemble.ts'
import { historyUntil } from '../../../src/history/history-until.ts'
import { mondaySeconds } from '../series.ts'
import { madeUpExecutions } from './made-up-executions.ts'

const quantiles = [0.1, 0.5, 0.9, 0.95, 0.99]
const days = 21
const end = mondaySeconds + days * 86400

test('the loads that an execution makes add up to what it takes times how long it lasts, as Little’s law has it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.double({ min: 0, max: 20_000, noNaN: true }), fc.double({ min: 0, max: 8, noNaN: true })), { minLength: 1, maxLength: 30 }), (pairs) => {
      const profile = { durationSeconds: Float64Array.from(pairs, ([duration]) => duration), takes: Float64Array.from(pairs, ([, takes]) => takes) }
      const { mean, variance } = loadResponse(profile, 3600, 1000)
      const expected = pairs.reduce((sum, [duration, takes]) => sum + (duration / 3600) * takes, 0) / pairs.length
      assert.ok(Math.abs(mean.reduce((sum, value) => sum + value, 0) - expected) < 1e-9 * Math.max(1, expected))
      assert.ok(variance.every((value) => value >= 0))
    }),
  )
})

test('given how many arrive each hour, simulated loads lie below each quantile as often as it says, within 2.5 points', () => {
  const hours = 100 * 24
  const executions = madeUpExecutions(100, 3, () => 6, 5400, 2)
  const profile = executionProfile(executions, end * 2, end * 2)
  assert.ok(profile !== undefined)
  const response = loadResponse(profile, 3600, 200)
  const grid = { startSeconds: mondaySeconds, stepSeconds: 3600, length: hours }
  const { values } = executionLevels(executions, 'cores', grid, mondaySeconds + 200 * 86400)
  const counts = new Float64Array(hours)
  for (const start of executions.startSeconds) counts[Math.floor((start - mondaySeconds) / 3600)] = (counts[Math.floor((start - mondaySeconds) / 3600)] ?? 0) + 1
  const below = quantiles.map(() => 0)
  for (let hour = 200; hour < hours; hour += 1) {
    const arrivals = Float64Array.from(quantiles, () => counts[hour] ?? 0)
    const column = loadPaths({ arrivals, quantiles, before: counts.subarray(0, hour), response, ratios: [1] })
    quantiles.forEach((_, q) => {
      if ((values[hour] ?? 0) <= (column[q] ?? 0)) below[q] = (below[q] ?? 0) + 1
    })
  }
  quantiles.forEach((quantile, q) => assert.ok(Math.abs((below[q] ?? 0) / (hours - 200) - quantile) < 0.025, `p${quantile * 100}: ${(below[q] ?? 0) / (hours - 200)}`))
})

test('the normal distribution is that of the tables', () => {
  for (const [value, share] of [[-1.96, 0.0249979], [0, 0.5], [1.2816, 0.9000], [2.3263, 0.99]] as const) assert.ok(Math.abs(normalShare(value) - share) < 2e-5)
})

test('what runs at a time is what all take, whichever step they began in', () => {
  const executions = { workload: 'jobs', userZone: 'eu', resource: 'requests' as const, startSeconds: Float64Array.of(mondaySeconds + 1800, mondaySeconds + 3600), durationSeconds: Float64Array.of(3600, 1800), takes: Float64Array.of(2, 4) }
  const { values } = executionLevels(executions, 'cores', { startSeconds: mondaySeconds, stepSeconds: 3600, length: 3 }, end)
  assert.deepEqual([...values], [1, 3, 0])
})

test('an execution that still runs counts up to now, and one told only at its end does not make the newest steps look idle', () => {
  const grid = { startSeconds: mondaySeconds, stepSeconds: 300, length: days * 288 }
  const all = madeUpExecutions(days, 5, () => 60, 3600, 1)
  const truth = executionLevels(all, 'cores', grid, end + 86400).values
  const ended = [...all.startSeconds.keys()].filter((i) => (all.startSeconds[i] ?? 0) + (all.durationSeconds[i] ?? 0) <= end)
  const pick = (values: Float64Array): Float64Array => Float64Array.from(ended, (i) => values[i] ?? 0)
  const told = executionLevels({ ...all, startSeconds: pick(all.startSeconds), durationSeconds: pick(all.durationSeconds), takes: pick(all.takes) }, 'cores', grid, end)
  let [sumTold, sumTrue] = [0, 0]
  told.values.subarray(-24).forEach((value, i) => {
    if (Number.isNaN(value)) return
    sumTold += value
    sumTrue += truth.at(i - 24) ?? 0
  })
  assert.ok(Number.isNaN(told.values.at(-1)))
  assert.ok(sumTrue > 0 && Math.abs(sumTold / sumTrue - 1) < 0.15, `${sumTold} of ${sumTrue}`)
  const running = { ...all, durationSeconds: all.durationSeconds.map((duration, i) => ((all.startSeconds[i] ?? 0) + duration > end ? Number.NaN : duration)) }
  const exact = executionLevels(running, 'cores', grid, end).values
  exact.forEach((value, i) => assert.ok(Math.abs(value - (truth[i] ?? 0)) < 1e-6))
})

test('silence longer than twice any before is told as stale, a quiet hour among quiet hours is not', () => {
  const grid = { startSeconds: mondaySeconds, stepSeconds: 300, length: days * 288 }
  const busy = madeUpExecutions(days - 1, 7, () => 60, 60, 1)
  assert.ok((executionLevels(busy, 'cores', grid, end).newestSeconds ?? 0) < end - 80_000)
  const nightly = { workload: 'jobs', userZone: 'eu', resource: 'requests' as const, startSeconds: Float64Array.from({ length: days }, (_, day) => mondaySeconds + day * 86400), durationSeconds: new Float64Array(days).fill(1200), takes: new Float64Array(days).fill(1) }
  assert.equal(executionLevels(nightly, 'cores', grid, end).newestSeconds, end)
})

test('arrivals that are told only at their end are raised by how many usually are by then', () => {
  const all = madeUpExecutions(days, 11, () => 30, 3600, 1)
  const ended = [...all.startSeconds.keys()].filter((i) => (all.startSeconds[i] ?? 0) + (all.durationSeconds[i] ?? 0) <= end)
  const pick = (values: Float64Array): Float64Array => Float64Array.from(ended, (i) => values[i] ?? 0)
  const steps = { name: 'jobs/eu', startSeconds: mondaySeconds, stepSeconds: 3600, values: new Float64Array(days * 24) }
  const { values } = arrivalSteps({ ...all, startSeconds: pick(all.startSeconds), durationSeconds: pick(all.durationSeconds), takes: pick(all.takes) }, steps, end)
  assert.ok(Number.isNaN(values.at(-1)))
  const known = values.subarray(-5).filter(Number.isFinite)
  assert.ok(known.length >= 3 && known.every((value) => value > 18 && value < 45), known.join())
})

/** One execution every ten minutes, each for half an hour: three run at any time. */
const steady = (resource: Resource, takes: number): Executions => {
  const startSeconds = Float64Array.from({ length: days * 144 + 6 }, (_, i) => mondaySeconds - 3600 + i * 600)
  return { workload: 'jobs', userZone: 'eu', resource, startSeconds, durationSeconds: startSeconds.map((start) => (start + 1800 > end ? Number.NaN : 1800)), takes: startSeconds.map(() => takes) }
}

test('what executions use of each resource is forecast as arrivals times profile: six an hour for half an hour, of 2 vCPU and 4 GiB, use 6 vCPU and 12 GiB', async () => {
  const grid = { startSeconds: mondaySeconds, stepSeconds: 300, length: days * 288 }
  const told = [steady('requests', 1), steady('cpu', 2), steady('memory', 4)]
  const [demand, ...use] = told.map((one) => ({ ...executionLevels(one, one.resource, grid, end), resource: one.resource }))
  assert.ok(demand !== undefined)
  assert.ok(use.every(({ values, resource }) => values.every((value) => Math.abs(value - (resource === 'cpu' ? 6 : 12)) < 1e-9)))
  const request = { originSeconds: end, planned: { stepSeconds: 3600, horizonSteps: 24 }, finer: undefined, quantiles, seed: 1 }
  const forecasts = await forecastDemand({ ...demandHistory(grid, [demand]), executions: told, use }, request, undefined)
  const medians = forecasts.map(({ subject, unit, tables, explanation }) => ({
    name: subjectName(subject),
    unit,
    median: Math.round(1e3 * (tables[0]?.values[24 + 12] ?? 0)) / 1e3,
    takes: explanation.context?.effects.map((effect) => (effect.kind === 'executions' ? effect.takes.p50 : Number.NaN)),
  }))
  assert.deepEqual(medians, [
    { name: 'jobs/eu', unit: 'requests', median: 3, takes: [1] },
    { name: 'jobs/eu.cpu', unit: 'cpu', median: 6, takes: [2] },
    { name: 'jobs/eu.memory', unit: 'memory', median: 12, takes: [4] },
  ])
  assert.deepEqual(plannedDemand(forecasts).map(({ userZone }) => userZone), ['eu'], 'nothing is planned from what they use')
})

test('what executions use ends where the history is cut', () => {
  const grid = { startSeconds: mondaySeconds, stepSeconds: 300, length: days * 288 }
  const [one] = [steady('cpu', 2)]
  const history = { ...demandHistory(grid, []), executions: [one], use: [{ ...executionLevels(one, 'vCPU', grid, end), resource: one.resource }] }
  const [cut] = historyUntil(history, mondaySeconds + 86_400).use ?? []
  assert.deepEqual([cut?.values.length, cut?.resource, cut?.newestSeconds], [288, 'cpu', mondaySeconds + 86_400])
})

test('nothing that is told after an instant is known at it', () => {
  const all = madeUpExecutions(days, 13, () => 10, 3600, 1)
  const grid = { startSeconds: mondaySeconds, stepSeconds: 300, length: days * 288 }
  const history = { ...demandHistory(grid, [executionLevels(all, 'cores', grid, end)]), executions: [all] }
  const cut = mondaySeconds + 10 * 86400
  const [known] = historyUntil(history, cut).executions ?? []
  assert.ok(known?.startSeconds.every((start, i) => start < cut && !(start + (known.durationSeconds[i] ?? 0) > cut)) === true)
  assert.ok(known?.durationSeconds.some(Number.isNaN))
})

test('a workload of executions is forecast by arrivals times profile where that wins, and says what an execution is like', async () => {
  // few and long: the level wanders with the luck of arrivals, which the profile knows to fade
  const rate = (hour: number): number => 4 * (1 + 0.8 * Math.sin((2 * Math.PI * (hour % 24)) / 24))
  const all = madeUpExecutions(days, 17, rate, 4 * 3600, 3)
  const grid = { startSeconds: mondaySeconds, stepSeconds: 300, length: days * 288 }
  const told = { ...all, durationSeconds: all.durationSeconds.map((duration, i) => ((all.startSeconds[i] ?? 0) + duration > end ? Number.NaN : duration)) }
  const history = { ...demandHistory(grid, [executionLevels(told, 'cores', grid, end)]), executions: [told] }
  const request = { originSeconds: end, planned: { stepSeconds: 3600, horizonSteps: 48 }, finer: undefined, quantiles, seed: 1 }
  const [forecast] = await forecastDemand(history, request, undefined)
  const effect = forecast?.explanation.context?.effects.find(({ kind }) => kind === 'executions')
  assert.ok(effect?.kind === 'executions')
  assert.ok(Math.abs(effect.durationSeconds.p50 / 14_400 - 1) < 0.15)
  assert.ok(Math.abs(effect.arrivalsPerHour / 4 - 1) < 0.15)
  assert.ok(effect.trial.withEffect <= effect.trial.without)
  assert.match(forecast?.explanation.sentences.find((one) => one.startsWith('executions')) ?? '', /^executions: 4(\.\d+)? arrive an hour; an execution lasts 4(\.\d+)? h|^executions: 3\.\d+ arrive/)
  const [planned] = plannedDemand(forecast === undefined ? [] : [forecast])
  planned?.values.forEach((value, i) => assert.ok(value >= (i >= 48 ? (planned.values[i - 48] ?? 0) : 0)))
})
