import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { shippedModels } from '../../src/app/shipped-models.ts'
import type { EventOccurrence, Regressor } from '../../src/domain/events.ts'
import type { SubjectForecast } from '../../src/domain/forecast.ts'
import type { DemandHistory, Executions } from '../../src/domain/history.ts'
import { evaluateForecasts, type EvaluatedForecast, type EvaluationTask } from '../../src/forecast/evaluate.ts'
import { forecastDemand } from '../../src/forecast/forecast-demand.ts'
import type { Network } from '../../src/forecast/network.ts'
import { seededRandom } from '../../src/forecast/seeded-random.ts'
import { nativeEnvironment } from '../../src/forecast/tensorflow/backend.ts'
import { loadNetwork } from '../../src/forecast/tensorflow/quantile-network.ts'
import { executionLevels } from '../../src/history/executions/levels.ts'
import { aContext, anEvent, raised, usualDemand } from './effects/known-demand.ts'
import { madeUpExecutions } from './executions/made-up-executions.ts'
import { aHistory, dailyDemand, mondaySeconds } from './series.ts'

Object.assign(process.env, nativeEnvironment)
/** Runs of each property: every one trains networks twice, so that a failure is not shrunk. */
const runs = { numRuns: 2, endOnFailure: true }
let opened: Promise<Network> | undefined
const openNetwork = (): Promise<Network> => (opened ??= loadNetwork('node', shippedModels()))

const quantiles = [0.1, 0.5, 0.9]
const days = 24
const hour = 3600
const planned = { stepSeconds: hour, horizonSteps: 24 }

/** All that may be known: demand on a 5-minute grid, executions, events, numbers. */
interface World {
  readonly demand: readonly Float64Array[]
  readonly executions: Executions
  readonly events: readonly EventOccurrence[]
  readonly temperature: Regressor
}

const saleHours = [4 * 24 + 12, 8 * 24 + 9, 13 * 24 + 15, 17 * 24 + 11, 19 * 24 + 10, 21 * 24 + 13]
const degrees = (step: number): number => 15 + 10 * Math.sin(1.7 * Math.floor(step / 24))

function aWorld(): World {
  const hourly = raised(usualDemand(days, 3, 0.04), saleHours.map((from) => [from, 4, 1.5])).map((value, i) => value * Math.exp(0.02 * degrees(i)))
  const atSeconds = Float64Array.from({ length: (days + 3) * 24 }, (_, i) => mondaySeconds + i * hour)
  return {
    demand: [Float64Array.from({ length: days * 288 }, (_, i) => hourly[Math.floor(i / 12)] ?? 0), dailyDemand(days, 4, 300)],
    executions: madeUpExecutions(days, 5, (at) => 8 + 4 * Math.sin((2 * Math.PI * (at % 24)) / 24), 2 * hour, 2),
    events: saleHours.map((from) => anEvent('sale', from, 4)),
    temperature: { name: 'temperature', atSeconds, values: atSeconds.map((_, i) => degrees(i)), workloads: undefined, userZones: undefined, standing: 'read' },
  }
}

/** Another world from an instant on: demand and executions that come, and the end of those that run, are others; so are events and numbers beyond the horizon. */
function scrambled(world: World, originSeconds: number, seed: number): World {
  const random = seededRandom(seed)
  const step = (originSeconds - mondaySeconds) / 300
  const horizonEnd = originSeconds + planned.horizonSteps * planned.stepSeconds
  const { startSeconds, durationSeconds, takes } = world.executions
  return {
    demand: world.demand.map((values) => values.map((value, i) => (i < step ? value : random() < 0.1 ? Number.NaN : 5000 * random()))),
    executions: {
      ...world.executions,
      startSeconds,
      durationSeconds: durationSeconds.map((duration, i) => ((startSeconds[i] ?? 0) + duration <= originSeconds ? duration : Math.max(0, originSeconds - (startSeconds[i] ?? 0)) + 1 + 90_000 * random())),
      takes: takes.map((one, i) => ((startSeconds[i] ?? 0) < originSeconds ? one : 50 * random())),
    },
    events: world.events.map((event) => (event.startSeconds - event.leadInSeconds < horizonEnd ? event : { ...event, magnitude: 1 + random(), startSeconds: event.startSeconds + hour, endSeconds: event.endSeconds + hour })),
    temperature: { ...world.temperature, values: world.temperature.values.map((value, i) => ((world.temperature.atSeconds[i] ?? 0) < horizonEnd ? value : 40 * random())) },
  }
}

function historyOf({ demand, executions }: World): DemandHistory {
  const history = aHistory(demand)
  const levels = executionLevels(executions, 'cores', history.grid, mondaySeconds + (days + 2) * 86_400)
  return { ...history, series: [...history.series, levels], executions: [executions] }
}

test('from any origin, whatever comes after it changes no forecast: demand, executions that end later, events and numbers beyond the horizon; networks included', async () => {
  const network = await openNetwork()
  const forecast = async (world: World, originSeconds: number): Promise<readonly SubjectForecast[]> => {
    const context = aContext(world.events, { regressors: [world.temperature] })
    const found = await forecastDemand(historyOf(world), { originSeconds, planned, finer: undefined, quantiles, seed: 1, context }, network)
    // what was wrong with the samples is counted over the whole history, as it was read
    return found.map((one) => ({ ...one, explanation: { ...one.explanation, excluded: [] } }))
  }
  const world = aWorld()
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 18 * 24, max: (days - 2) * 24 }), fc.integer(), async (originHour, seed) => {
      const originSeconds = mondaySeconds + originHour * hour
      const [before, after] = [await forecast(world, originSeconds), await forecast(scrambled(world, originSeconds, seed), originSeconds)]
      assert.deepEqual(after, before)
      assert.ok(before.some(({ explanation }) => explanation.context?.effects.some(({ kind }) => kind === 'event')), 'events were looked at')
      assert.ok(before.some(({ explanation }) => explanation.context?.effects.some(({ kind }) => kind === 'executions')), 'executions were looked at')
    }),
    runs,
  )
})

test('in an evaluation, whatever comes after any instant changes no forecast made up to it, the training of networks and trees included', async () => {
  const network = await openNetwork()
  const settings = { horizonSteps: 12, quantiles, seed: 1, phase: () => undefined }
  const all = async (tasks: readonly EvaluationTask[]): Promise<readonly EvaluatedForecast[]> => {
    const found: EvaluatedForecast[] = []
    for await (const forecast of evaluateForecasts(tasks, settings, network)) found.push(forecast)
    return found
  }
  // most horizons overlap: what an origin was told of the one before it must not be more than was known
  const gaps = fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 4, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 10 * 24, max: 15 * 24 }), gaps, fc.nat(), async (first, between, choice) => {
      const origins = between.reduce((known, gap) => [...known, (known.at(-1) ?? 0) + gap], [first])
      const cut = origins[choice % origins.length] ?? 0
      const random = seededRandom(choice)
      const tasks = (change: (value: number, step: number) => number): EvaluationTask[] =>
        [1, 2, 3].map((seed) => ({ series: { name: `family/${seed}`, startSeconds: mondaySeconds, stepSeconds: hour, values: dailyDemand(20, seed).map(change) }, origins }))
      const before = await all(tasks((value) => value))
      const after = await all(tasks((value, step) => (step < cut ? value : random() < 0.1 ? Number.NaN : 3000 * random())))
      const made = ({ originSeconds }: EvaluatedForecast): number => (originSeconds - mondaySeconds) / hour + 1
      const upTo = (found: readonly EvaluatedForecast[]): readonly EvaluatedForecast[] => found.filter((one) => made(one) <= cut)
      assert.ok(upTo(before).length > 0)
      assert.deepEqual(upTo(after), upTo(before))
    }),
    runs,
  )
})
