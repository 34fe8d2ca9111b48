import type * as tfjs from '@tensorflow/tfjs'
import type { Network, NetworkTraining, NetworkWeights, WeightTensor } from '../network.ts'
import { inputCount, inputMoments, networkInputs, standardise } from '../network-inputs.ts'
import { seededRandom } from '../seeded-random.ts'
import type { TrainingRows } from '../training-rows.ts'
import type { ShippedSequence } from '../sequence/weights.ts'
import { loadBackend, type BackendChoice, type LoadedBackend } from './backend.ts'
import { sequenceNetwork } from './sequence-network.ts'

/** Scaled targets are limited to this span while training: what is further out would only pull the tails apart. */
const lowestTarget = -8
const highestTarget = 12
/** Gradients longer than this are shortened to it. */
const longestGradient = 1
/** Rows that are predicted at once. */
const predictedRows = 16384
const decay = { first: 0.9, second: 0.999, weights: 1e-4 }

/**
 * The networks on TensorFlow.js: the small one, and the pre-trained one where weights are given.
 * @throws Problem `network-backend` when the backend that was asked for does not load
 */
export async function loadNetwork(choice: BackendChoice, shipped: readonly ShippedSequence[] = []): Promise<Network> {
  const backend = await loadBackend(choice)
  return {
    backend: backend.description,
    sequence: shipped.length > 0 ? sequenceNetwork(backend, shipped) : undefined,
    train: (rows, training) => Promise.resolve(trainNetwork(backend, rows, training)),
    predict: (weights, features, rows) => Promise.resolve(predictRows(backend, weights, features, rows)),
  }
}

/**
 * Two hidden layers x·σ(x); the output nearest the median is free, the others lie above or below it by sums of softplus, so that
 * quantiles cannot cross.
 * @param tensors  kernel and bias of three layers
 * @returns shape [rows × quantiles]
 */
export function networkOutput(tf: typeof tfjs, inputs: tfjs.Tensor2D, tensors: readonly tfjs.Tensor[], quantiles: readonly number[]): tfjs.Tensor2D {
  const layer = (input: tfjs.Tensor2D, index: number): tfjs.Tensor2D =>
    tf.add(tf.matMul(input, tensors[2 * index] as tfjs.Tensor2D), tensors[2 * index + 1] as tfjs.Tensor1D)
  const gate = (input: tfjs.Tensor2D): tfjs.Tensor2D => tf.mul(input, tf.sigmoid(input))
  const raw = layer(gate(layer(gate(layer(inputs, 0)), 1)), 2)
  const { anchor, gaps } = orderingMatrices(quantiles)
  const count = quantiles.length
  const free = tf.matMul(raw, tf.tensor2d(anchor, [count, count]))
  const distances = tf.softplus(tf.sub(raw, 2)) as tfjs.Tensor2D
  return tf.add(free, tf.matMul(distances, tf.tensor2d(gaps, [count, count])))
}

/** Matrices that copy the anchor's output to every quantile, and that sum the distances between it and each quantile. */
function orderingMatrices(quantiles: readonly number[]): { anchor: Float32Array; gaps: Float32Array } {
  const count = quantiles.length
  const nearest = quantiles.reduce((best, quantile, q) => (Math.abs(quantile - 0.5) < Math.abs((quantiles[best] ?? 0) - 0.5) ? q : best), 0)
  const anchor = new Float32Array(count * count)
  const gaps = new Float32Array(count * count)
  for (let q = 0; q < count; q += 1) {
    anchor[nearest * count + q] = 1
    for (let other = nearest + 1; other <= q; other += 1) gaps[other * count + q] = 1
    for (let other = nearest - 1; other >= q; other -= 1) gaps[other * count + q] = -1
  }
  return { anchor, gaps }
}

/** Mean pinball loss over rows and quantiles. */
export function pinballLoss(tf: typeof tfjs, output: tfjs.Tensor2D, targets: tfjs.Tensor2D, quantiles: readonly number[]): tfjs.Scalar {
  const error = tf.sub(targets, output)
  const levels = tf.tensor2d(Float32Array.from(quantiles), [1, quantiles.length])
  return tf.mean(tf.sub(tf.relu(error), tf.mul(error, tf.sub(1, levels)))) as tfjs.Scalar
}

/** Layers' shapes: kernel and bias in turn. */
function layerShapes(hiddenUnits: number, outputs: number): readonly (readonly number[])[] {
  return [[inputCount, hiddenUnits], [hiddenUnits], [hiddenUnits, hiddenUnits], [hiddenUnits], [hiddenUnits, outputs], [outputs]]
}

/** Kernels uniform within ±1/√inputs, biases 0. */
export function initialWeights(hiddenUnits: number, outputs: number, seed: number): WeightTensor[] {
  const random = seededRandom(seed)
  return layerShapes(hiddenUnits, outputs).map((shape) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1))
    if (shape.length === 2) {
      const bound = Math.sqrt(1 / (shape[0] ?? 1))
      for (let i = 0; i < values.length; i += 1) values[i] = (random() * 2 - 1) * bound
    }
    return { shape, values }
  })
}

/** Loss and gradients at `tensors` on one batch. */
export function lossAndGradients(
  tf: typeof tfjs,
  tensors: readonly WeightTensor[],
  inputs: Float32Array,
  targets: Float32Array,
  quantiles: readonly number[],
): { readonly loss: number; readonly gradients: readonly Float32Array[] } {
  return tf.tidy(() => {
    const weights = tensors.map(({ shape, values }) => tf.tensor(values, [...shape]))
    const x = tf.tensor2d(inputs, [targets.length, inputCount])
    const y = tf.tensor2d(targets, [targets.length, 1])
    const { value, grads } = tf.valueAndGrads((...at: tfjs.Tensor[]) => pinballLoss(tf, networkOutput(tf, x, at, quantiles), y, quantiles))(weights)
    return { loss: value.dataSync()[0] ?? Number.NaN, gradients: grads.map((grad) => grad.dataSync() as Float32Array) }
  })
}

/**
 * Adam with decoupled weight decay and a step size that rises for three tenths of the steps and falls after. The moments are kept outside
 * TensorFlow: a few thousand weights cost less there than a dozen operations for each array.
 * @see Loshchilov & Hutter, Decoupled Weight Decay Regularization (2019); Smith & Topin, Super-Convergence (2018)
 */
function trainNetwork(backend: LoadedBackend, rows: TrainingRows, training: NetworkTraining): Pick<NetworkWeights, 'means' | 'deviations' | 'tensors'> {
  const { tf } = backend
  const inputs = networkInputs(rows.features, rows.count)
  const moments = inputMoments(inputs, rows.count)
  standardise(inputs, moments.means, moments.deviations)
  const tensors = initialWeights(training.hiddenUnits, training.quantiles.length, training.seed)
  const first = tensors.map(({ values }) => new Float32Array(values.length))
  const second = tensors.map(({ values }) => new Float32Array(values.length))
  const batch = Math.min(training.batchRows, rows.count)
  const batches = Math.floor(rows.count / Math.max(1, batch))
  const steps = batches * training.epochs
  const random = seededRandom(training.seed + 1)
  const order = Uint32Array.from({ length: rows.count }, (_, index) => index)
  const batchInputs = new Float32Array(batch * inputCount)
  const batchTargets = new Float32Array(batch)
  for (let step = 0; step < steps; step += 1) {
    const position = step % batches
    if (position === 0) shuffle(order, random)
    for (let i = 0; i < batch; i += 1) {
      const row = order[position * batch + i] as number
      batchInputs.set(inputs.subarray(row * inputCount, (row + 1) * inputCount), i * inputCount)
      batchTargets[i] = Math.min(highestTarget, Math.max(lowestTarget, rows.targets[row] as number))
    }
    const { gradients } = lossAndGradients(tf, tensors, batchInputs, batchTargets, training.quantiles)
    const length = Math.sqrt(gradients.reduce((sum, gradient) => sum + gradient.reduce((inner, value) => inner + value * value, 0), 0))
    const shorten = length > longestGradient ? longestGradient / length : 1
    const stepSize = training.learningRate * scheduled(step / steps)
    const firstScale = 1 / (1 - decay.first ** (step + 1))
    const secondScale = 1 / (1 - decay.second ** (step + 1))
    tensors.forEach(({ values }, index) => {
      const gradient = gradients[index] as Float32Array
      const m = first[index] as Float32Array
      const v = second[index] as Float32Array
      for (let i = 0; i < values.length; i += 1) {
        const slope = (gradient[i] as number) * shorten
        m[i] = decay.first * (m[i] as number) + (1 - decay.first) * slope
        v[i] = decay.second * (v[i] as number) + (1 - decay.second) * slope * slope
        const move = ((m[i] as number) * firstScale) / (Math.sqrt((v[i] as number) * secondScale) + 1e-8)
        values[i] = (values[i] as number) * (1 - stepSize * decay.weights) - stepSize * move
      }
    })
  }
  return { ...moments, tensors }
}

/** Share of the highest step size at a share of the training: from 1/25 up at 0.3, then down to nearly nothing along a cosine. */
function scheduled(share: number): number {
  const rise = 0.3
  return share < rise ? 0.04 + 0.48 * (1 - Math.cos((Math.PI * share) / rise)) : 0.5 * (1 + Math.cos((Math.PI * (share - rise)) / (1 - rise))) + 1e-4
}

/** Fisher and Yates, in place. */
function shuffle(order: Uint32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1))
    const kept = order[i] as number
    order[i] = order[j] as number
    order[j] = kept
  }
}

function predictRows(backend: LoadedBackend, weights: NetworkWeights, features: Float32Array, rows: number): Float32Array {
  const { tf } = backend
  const inputs = networkInputs(features, rows)
  standardise(inputs, weights.means, weights.deviations)
  const outputs = new Float32Array(rows * weights.quantiles.length)
  for (let from = 0; from < rows; from += predictedRows) {
    const to = Math.min(rows, from + predictedRows)
    const values = tf.tidy(() => {
      const tensors = weights.tensors.map((tensor) => tf.tensor(tensor.values, [...tensor.shape]))
      return networkOutput(tf, tf.tensor2d(inputs.subarray(from * inputCount, to * inputCount), [to - from, inputCount]), tensors, weights.quantiles).dataSync()
    })
    outputs.set(values, from * weights.quantiles.length)
  }
  return outputs
}
