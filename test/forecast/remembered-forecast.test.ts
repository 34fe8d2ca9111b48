import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forecastRemembered, rememberedScore, type SeriesMemory, type SharedModels } from '../../src/forecast/remembered-forecast.ts'
import { trainForest } from '../../src/forecast/global-models.ts'
import { packValue, unpackValue } from '../../src/forecast/trained-models.ts'
import { aSeries, dailyDemand, mondaySeconds } from './series.ts'

const request = { horizon: 48, quantiles: [0.1, 0.5, 0.9, 0.95, 0.99] }
const demand = dailyDemand(60, 3)
const upTo = (days: number): ReturnType<typeof aSeries> => aSeries(demand.slice(0, days * 24))
const forest = trainForest([{ series: upTo(20), end: 480 }], { horizon: 48, mostRows: 4000, seed: 1, madeUpShare: 0, quantiles: request.quantiles, rounds: 20, models: 1 })
const models: SharedModels = { schooled: { early: [], forest, trained: undefined, pretrained: undefined }, seenToSeconds: mondaySeconds + 20 * 86400 }
const next = async (days: number, memory: SeriesMemory | undefined): Promise<SeriesMemory> => (await forecastRemembered(upTo(days), request, models, memory)).memory

test('the first time no origin is looked back on that the models have seen, and no more than fourteen', async () => {
  const young = await next(25, undefined)
  assert.deepEqual(Array.from(young.originSeconds, (seconds) => (seconds - mondaySeconds) / 86400), [20, 21, 22, 23])
  assert.equal((await next(50, undefined)).originSeconds.length, 14)
})

test('within a day nothing is looked back on again, and a day later one origin', async () => {
  const first = await next(40, undefined)
  const hourLater = (await forecastRemembered(aSeries(demand.slice(0, 40 * 24 + 1)), request, models, first)).memory
  assert.deepEqual(hourLater.originSeconds, first.originSeconds)
  const dayLater = await next(41, hourLater)
  assert.deepEqual(dayLater.originSeconds.slice(0, -1), first.originSeconds)
  assert.equal(dayLater.originSeconds.at(-1), mondaySeconds + 39 * 86400)
  assert.deepEqual(dayLater.losses.slice(0, first.losses.length), first.losses)
})

test('28 origins are remembered, the newest, and add up to a score', async () => {
  let memory = await next(40, undefined)
  for (let day = 41; day <= 60; day += 1) memory = await next(day, memory)
  assert.equal(memory.originSeconds.length, 28)
  assert.equal(memory.originSeconds.at(-1), mondaySeconds + 58 * 86400)
  const score = rememberedScore(memory)
  assert.equal(score.origins, 28)
  assert.equal(score.steps, 28 * 48)
  assert.ok(score.loss > 0 && score.loss < 1.2 * score.naiveLoss)
  assert.ok(score.above95 < 0.15 * score.steps)
})

test('what is remembered survives being packed, and the next forecast is the same to the bit', async () => {
  const memory = await next(40, undefined)
  const [kept, unpacked] = [memory, unpackValue(packValue(memory)) as SeriesMemory]
  const first = await forecastRemembered(upTo(41), request, models, kept)
  const second = await forecastRemembered(upTo(41), request, models, unpacked)
  assert.deepEqual(second.paths, first.paths)
})

test('a member that is new counts as the mean of the others for the origins before it', async () => {
  const memory = await next(40, undefined)
  const without = memory.members.indexOf('trees')
  const members = memory.members.filter((_, m) => m !== without)
  const losses = memory.losses.filter((_, i) => i % memory.members.length !== without)
  const { weights } = await forecastRemembered(upTo(40), request, models, { ...memory, members, losses })
  assert.equal(weights.length, memory.members.length)
  assert.ok(Math.abs(weights.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-9)
})
