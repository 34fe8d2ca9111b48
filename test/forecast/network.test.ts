import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetworkWeights } from '../../src/forecast/network.ts'
import { inputCount } from '../../src/forecast/network-inputs.ts'
import { seededRandom } from '../../src/forecast/seeded-random.ts'
import { loadBackend, nativeEnvironment } from '../../src/forecast/tensorflow/backend.ts'
import { initialWeights, loadNetwork, lossAndGradients } from '../../src/forecast/tensorflow/quantile-network.ts'
import { trainingRows } from '../../src/forecast/training-rows.ts'
import { aSeries, dailyDemand } from './series.ts'

Object.assign(process.env, nativeEnvironment)
const quantiles = [0.1, 0.5, 0.9, 0.95]
const random = seededRandom(9)
const batch = { inputs: Float32Array.from({ length: 32 * inputCount }, () => 2 * random() - 1), targets: Float32Array.from({ length: 32 }, () => 2 * random() - 1) }
const tensors = initialWeights(16, quantiles.length, 1)
const rows = trainingRows([{ series: aSeries(dailyDemand(20, 2)), end: 480 }], { horizon: 24, mostRows: 2000, seed: 1 })
const training = { quantiles, hiddenUnits: 16, epochs: 12, batchRows: 64, learningRate: 6e-3, seed: 1 }

test('the gradient of the loss is the slope that small steps measure', async () => {
  const { tf } = await loadBackend('cpu')
  const { gradients } = lossAndGradients(tf, tensors, batch.inputs, batch.targets, quantiles)
  const lossWith = (index: number, weight: number, change: number): number => {
    const moved = tensors.map(({ shape, values }, i) => ({ shape, values: i === index ? values.map((value, w) => (w === weight ? value + change : value)) : values }))
    return lossAndGradients(tf, moved, batch.inputs, batch.targets, quantiles).loss
  }
  tensors.forEach(({ values }, index) => {
    const weight = Math.floor(values.length / 3)
    const slope = (lossWith(index, weight, 2e-2) - lossWith(index, weight, -2e-2)) / 4e-2
    const told = gradients[index]?.[weight] ?? Number.NaN
    assert.ok(Math.abs(slope - told) < 2e-3 + 0.05 * Math.abs(told), `array ${index}: measured ${slope}, told ${told}`)
  })
})

test('tfjs-node, wasm and plain JavaScript agree on loss and gradients to 1e-5', async () => {
  const results = []
  for (const kind of ['node', 'wasm', 'cpu'] as const) {
    const { tf } = await loadBackend(kind)
    results.push(lossAndGradients(tf, tensors, batch.inputs, batch.targets, quantiles))
  }
  const [first, ...others] = results
  for (const other of others) {
    assert.ok(Math.abs(other.loss - (first?.loss ?? Number.NaN)) < 1e-5)
    other.gradients.forEach((gradient, index) => gradient.forEach((value, i) => assert.ok(Math.abs(value - (first?.gradients[index]?.[i] ?? Number.NaN)) < 1e-5)))
  }
})

test('trained on one seed the network is the same twice, better than untrained, and its quantiles never cross', async () => {
  const network = await loadNetwork('node')
  assert.match(network.backend, /tfjs-node/)
  const trained = await network.train(rows, training)
  assert.deepEqual(await network.train(rows, training), trained)
  const weights: NetworkWeights = { hash: 'h', trainingWindow: { fromSeconds: 0, toSeconds: 1 }, trainingRows: rows.count, quantiles, ...trained }
  const fresh: NetworkWeights = { ...weights, tensors: initialWeights(16, quantiles.length, 1) }
  const loss = async (of: NetworkWeights): Promise<number> => {
    const output = await network.predict(of, rows.features, rows.count)
    let sum = 0
    for (let row = 0; row < rows.count; row += 1) {
      quantiles.forEach((quantile, q) => {
        const error = (rows.targets[row] ?? 0) - (output[row * quantiles.length + q] ?? 0)
        sum += Math.max(quantile * error, (quantile - 1) * error)
        if (q > 0) assert.ok((output[row * quantiles.length + q] ?? 0) >= (output[row * quantiles.length + q - 1] ?? 0))
      })
    }
    return sum / rows.count
  }
  assert.ok((await loss(weights)) < 0.5 * (await loss(fresh)))
})
