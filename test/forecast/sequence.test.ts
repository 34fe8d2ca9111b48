import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { shippedModels } from '../../src/app/shipped-models.ts'
import type { SequenceNetwork } from '../../src/forecast/network.ts'
import { pathsLoss } from '../../src/forecast/quantiles.ts'
import { curriculumLessons } from '../../src/forecast/sequence/curriculum.ts'
import type { TaughtWindows } from '../../src/forecast/sequence/lessons.ts'
import { initialModel } from '../../src/forecast/sequence/model-shape.ts'
import { adamStep, startTraining, type TrainingState } from '../../src/forecast/sequence/optimiser.ts'
import { practiceSeries } from '../../src/forecast/sequence/practice-series.ts'
import { normalQuantile, placeQuantiles, taughtQuantiles } from '../../src/forecast/sequence/taught-quantiles.ts'
import { packTensors, unpackTensors } from '../../src/forecast/sequence/weights.ts'
import { hourlyShape } from '../../src/forecast/sequence/windows.ts'
import { modelSeries, type ModelSeries } from '../../src/forecast/step-series.ts'
import { loadBackend, nativeEnvironment, type BackendChoice } from '../../src/forecast/tensorflow/backend.ts'
import { recurrence } from '../../src/forecast/tensorflow/lstm.ts'
import { sequenceLossAndGradients } from '../../src/forecast/tensorflow/sequence-model.ts'
import { sequenceNetwork } from '../../src/forecast/tensorflow/sequence-network.ts'

Object.assign(process.env, nativeEnvironment)
const quantiles = [0.1, 0.5, 0.9, 0.95, 0.99]
const wanted = { horizon: 48, quantiles }
const small = { units: 8, hidden: 12, second: 8 }
const curriculum = { window: hourlyShape, seed: 3, recordings: [], recordedShare: 0, windowsPerStep: 8 }

function series(days: number, seed: number, stepSeconds = 3600, change: (value: number, index: number) => number = (value) => value): ModelSeries {
  const perDay = 86400 / stepSeconds
  return modelSeries({ name: `practice ${seed}`, startSeconds: 0, stepSeconds, values: practiceSeries(days * perDay, perDay, seed).map(change) })
}

async function shipped(kind: BackendChoice): Promise<SequenceNetwork> {
  return sequenceNetwork(await loadBackend(kind), shippedModels())
}

async function lossOn(kind: 'node' | 'wasm' | 'cpu', lessons: TaughtWindows): Promise<ReturnType<typeof sequenceLossAndGradients>> {
  const { tf } = await loadBackend(kind)
  return sequenceLossAndGradients(tf, recurrence(tf, kind === 'node'), hourlyShape, initialModel(hourlyShape, small, 1), lessons)
}

test('the gradient of the sequence network’s loss is the slope that small steps measure', async () => {
  const { tf } = await loadBackend('node')
  const memory = recurrence(tf, true)
  const lessons = curriculumLessons(curriculum)(0)
  const tensors = initialModel(hourlyShape, small, 1)
  const { gradients } = sequenceLossAndGradients(tf, memory, hourlyShape, tensors, lessons)
  tensors.forEach((tensor, index) => {
    const gradient = gradients[index] as Float32Array
    const weight = gradient.reduce((top, slope, i) => (Math.abs(slope) > Math.abs(gradient[top] as number) ? i : top), 0)
    const lossWith = (change: number): number => {
      const moved = tensors.with(index, { ...tensor, values: tensor.values.map((value, i) => (i === weight ? value + change : value)) })
      return sequenceLossAndGradients(tf, memory, hourlyShape, moved, lessons).loss
    }
    const slope = (lossWith(1e-3) - lossWith(-1e-3)) / 2e-3
    const told = gradient[weight] as number
    assert.ok(Math.abs(slope - told) < 5e-4 + 0.05 * Math.abs(told), `array ${index}: measured ${slope}, told ${told}`)
    assert.notEqual(told, 0)
  })
})

test('the fused memory of tfjs-node and the unrolled one of wasm and plain JavaScript agree on loss and gradients to 1e-5', async () => {
  const lessons = curriculumLessons(curriculum)(0)
  const first = await lossOn('node', lessons)
  for (const kind of ['wasm', 'cpu'] as const) {
    const other = await lossOn(kind, lessons)
    assert.ok(Math.abs(other.loss - first.loss) < 1e-5, `${kind}: ${other.loss}, node: ${first.loss}`)
    other.gradients.forEach((gradient, index) =>
      gradient.forEach((slope, i) => assert.ok(Math.abs(slope - (first.gradients[index]?.[i] ?? Number.NaN)) < 1e-5, `${kind}, array ${index}, weight ${i}`)),
    )
  }
})

test('shipped weights say the same on tfjs-node and on wasm, to a ten-thousandth of the spread', async () => {
  const cases = [{ of: series(35, 5), horizon: 48 }, { of: series(12, 6, 300), horizon: 24 }]
  // one backend at a time: TensorFlow.js runs all on the one that was loaded last
  const saidOn = async (kind: BackendChoice): Promise<readonly (readonly Float64Array[] | undefined)[]> => {
    const network = await shipped(kind)
    return cases.map(({ of, horizon }) => network.paths(of, [of.values.length, of.values.length - 30], { horizon, quantiles }))
  }
  const native = await saidOn('node')
  const wasm = await saidOn('wasm')
  cases.forEach(({ of }, c) => {
    assert.equal(native[c]?.length, 2)
    const spread = of.values.reduce((most, value) => Math.max(most, value), 0)
    native[c]?.forEach((paths, k) => paths.forEach((value, i) => assert.ok(Math.abs(value - (wasm[c]?.[k]?.[i] ?? Number.NaN)) < 1e-4 * spread)))
  })
})

test('a forecast is the same to the bit whatever other origins are asked for, and on every run', async () => {
  const network = await shipped('node')
  const of = series(40, 7)
  const origins = Array.from({ length: 21 }, (_, k) => of.values.length - 40 + 2 * k)
  const together = network.paths(of, origins, wanted)
  origins.forEach((origin, k) => assert.deepEqual(network.paths(of, [origin], wanted)?.[0], together?.[k]))
  assert.deepEqual((await shipped('node')).paths(of, origins, wanted), together)
})

test('what comes after the origin changes nothing', async () => {
  const network = await shipped('node')
  const origin = 30 * 24
  const changed = series(35, 8, 3600, (value, index) => (index < origin ? value : 1000 + 3 * value))
  assert.deepEqual(network.paths(changed, [origin], wanted), network.paths(series(35, 8), [origin], wanted))
})

test('a series of ten times the demand is forecast ten times as high', async () => {
  const network = await shipped('node')
  const one = network.paths(series(35, 9), [800], wanted)?.[0] as Float64Array
  const ten = network.paths(series(35, 9, 3600, (value) => 10 * value), [800], wanted)?.[0] as Float64Array
  const most = Math.max(...ten)
  ten.forEach((value, i) => assert.ok(Math.abs(value - 10 * (one[i] as number)) < 1e-4 * most))
})

test('quantiles of made-up demand are finite and never cross, for any history from a day on, horizon and quantiles', async () => {
  const network = await shipped('node')
  const asked = [0.001, 0.01, 0.03, 0.1, 0.4, 0.5, 0.6, 0.9, 0.95, 0.97, 0.99, 0.995, 0.9999]
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 24, max: 400 }), fc.integer({ min: 1, max: 180 }), (seed, origin, horizon) => {
      const paths = network.paths(series(20, seed), [origin], { horizon, quantiles: asked })?.[0] as Float64Array
      assert.equal(paths.length, asked.length * horizon)
      const slack = 1e-9 * Math.max(...paths)
      paths.forEach((value, i) => {
        assert.ok(Number.isFinite(value))
        if (i >= horizon) assert.ok(value >= (paths[i - horizon] as number) - slack, `quantile ${asked[Math.floor(i / horizon)]} of seed ${seed}`)
      })
    }),
    { numRuns: 40, seed: 1 },
  )
})

test('series of another grid, or with less than a day, are left to the other members', async () => {
  const network = await shipped('node')
  assert.equal(network.paths(series(30, 1, 1800), [1000], wanted), undefined)
  assert.equal(network.paths(series(30, 1), [23], wanted), undefined)
  assert.equal(network.paths(series(30, 1), [24], wanted)?.length, 1)
})

test('weights that are not those of their manifest are refused', async () => {
  const [hourly] = shippedModels()
  assert.ok(hourly !== undefined)
  const bytes = hourly.bytes.with(1000, (hourly.bytes[1000] as number) ^ 1)
  const backend = await loadBackend('cpu')
  assert.throws(() => sequenceNetwork(backend, [{ ...hourly, bytes }]), RangeError)
})

test('weights survive packing within 2e-5 of the largest of their array', () => {
  const tensors = initialModel(hourlyShape, small, 4)
  const back = unpackTensors(packTensors(tensors), tensors.map(({ shape }) => shape))
  tensors.forEach(({ values }, index) => {
    const peak = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    values.forEach((value, i) => assert.ok(Math.abs(value - (back[index]?.values[i] ?? Number.NaN)) <= 2e-5 * peak))
  })
  assert.throws(() => unpackTensors(new Uint8Array(10), [[4]]), RangeError)
})

test('taught quantiles are given as they are, others as a normal distribution spaces them', () => {
  placeQuantiles(taughtQuantiles).forEach(({ low, high, share }, q) => assert.equal(share === 1 ? high : low, q))
  const [between] = placeQuantiles([0.975])
  assert.deepEqual([between?.low, between?.high], [7, 8])
  // scipy.stats.norm.ppf: .975 -> 1.959964, .95 -> 1.644854, .99 -> 2.326348
  assert.ok(Math.abs((between?.share ?? 0) - (1.959964 - 1.644854) / (2.326348 - 1.644854)) < 2e-3)
  for (const [probability, value] of [[0.975, 1.959964], [0.1, -1.281552], [0.5, 0], [0.001, -3.090232]] as const) {
    assert.ok(Math.abs(normalQuantile(probability) - value) < 5e-4)
  }
})

test('training that stops and goes on comes to the same weights, to the bit', async () => {
  const { tf } = await loadBackend('node')
  const advance = (from: TrainingState, steps: number): TrainingState => {
    const lessons = curriculumLessons(curriculum)
    let state = from
    for (let i = 0; i < steps; i += 1) state = adamStep(state, sequenceLossAndGradients(tf, recurrence(tf, true), hourlyShape, state.tensors, lessons(state.step)).gradients, 1e-3)
    return state
  }
  const start = (): TrainingState => startTraining(initialModel(hourlyShape, small, 1))
  const untouched = initialModel(hourlyShape, small, 1)
  const straight = advance(start(), 4)
  assert.deepEqual(advance(structuredClone(advance(start(), 2)), 2), straight)
  assert.notDeepEqual(straight.tensors, untouched)
})

test('early weights of a tuning are the same twice and see nothing of the held-out days, and late ones halve the distance to demand of a kind that was never taught', async () => {
  const network = await shipped('node')
  // a cycle of 5 hours: neither a day nor a week tells what comes
  const odd = (seed: number, change: (value: number, index: number) => number = (value) => value): ModelSeries =>
    modelSeries({ name: `odd ${seed}`, startSeconds: 0, stepSeconds: 3600, values: Float64Array.from({ length: 700 }, (_, i) => change((i + seed) % 5 < 2 ? 100 + seed : 20, i)) })
  const sources = (of: (seed: number) => ModelSeries, end: number): { series: ModelSeries; end: number }[] => Array.from({ length: 40 }, (_, seed) => ({ series: of(seed), end }))
  const settings = { horizon: 24, seed: 1 }
  const tuned = network.tune(sources(odd, 500), sources(odd, 600), settings)
  assert.ok(tuned !== undefined)
  const changedLater = (seed: number): ModelSeries => odd(seed, (value, index) => (index < 500 ? value : 3 * value))
  const other = network.tune(sources(changedLater, 500), sources(changedLater, 600), settings)
  assert.deepEqual(other?.early, tuned.early)
  assert.notDeepEqual(other?.late, tuned.late)
  const of = odd(41)
  const loss = (weights: typeof tuned.late | undefined): number => {
    const paths = network.paths(of, [620], { horizon: 24, quantiles }, weights)?.[0] as Float64Array
    return pathsLoss(paths, quantiles, of.values.subarray(620, 644), of.measured.subarray(620, 644)).loss
  }
  assert.ok(loss(tuned.late) < 0.5 * loss(undefined), `${loss(tuned.late)} tuned, ${loss(undefined)} shipped`)
})

test('where TensorFlow’s library does not run, or too little history is at hand, the weights stay as shipped', async () => {
  const sources = [{ series: series(30, 2), end: 700 }]
  assert.equal((await shipped('wasm')).tune(sources, sources, { horizon: 48, seed: 1 }), undefined)
  assert.equal((await shipped('node')).tune([{ series: series(30, 2), end: 95 }], sources, { horizon: 48, seed: 1 }), undefined)
})

test('on web requests that taught nothing the shipped weights lose at least a third less than the better naive', async () => {
  const network = await shipped('node')
  const lines = gunzipSync(readFileSync(join(import.meta.dirname, '..', '..', 'data', 'nasa-http-1995.csv.gz'))).toString('utf8').trim().split('\n').slice(1)
  const hourly = new Map<number, number>()
  for (const line of lines) {
    const [time = '', requests] = line.split(',')
    const hour = Math.floor(Date.parse(time) / 3600000)
    hourly.set(hour, (hourly.get(hour) ?? 0) + Number(requests))
  }
  const first = Math.min(...hourly.keys())
  const values = Float64Array.from({ length: Math.max(...hourly.keys()) - first + 1 }, (_, i) => hourly.get(first + i) ?? Number.NaN)
  const web = modelSeries({ name: 'web', startSeconds: first * 3600, stepSeconds: 3600, values })
  // the weights saw nothing from 16 August of the file on, which is nine days before its end
  const origins = Array.from({ length: 29 }, (_, k) => web.values.length - 48 - 6 * k)
  const losses = { network: 0, day: 0, week: 0 }
  network.paths(web, origins, wanted)?.forEach((paths, k) => {
    const origin = origins[k] as number
    const actual = web.values.subarray(origin, origin + 48)
    const measured = web.measured.subarray(origin, origin + 48)
    const naive = (lag: number): Float64Array => Float64Array.from({ length: 5 * 48 }, (_, i) => web.values[origin + (i % 48) - lag] as number)
    losses.network += pathsLoss(paths, quantiles, actual, measured).loss
    losses.day += pathsLoss(naive(48), quantiles, actual, measured).loss
    losses.week += pathsLoss(naive(168), quantiles, actual, measured).loss
  })
  assert.ok(losses.network < 0.67 * Math.min(losses.day, losses.week), JSON.stringify(losses))
})
