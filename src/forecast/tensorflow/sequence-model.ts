import type * as tfjs from '@tensorflow/tfjs'
import type { WeightTensor } from '../network.ts'
import type { TaughtWindows } from '../sequence/lessons.ts'
import { taughtQuantiles } from '../sequence/taught-quantiles.ts'
import { candidateCount, staticInputs, stepInputs, tokenInputs, type Windows, type WindowShape } from '../sequence/windows.ts'
import type { Recurrence } from './lstm.ts'

const count = taughtQuantiles.length
const median = taughtQuantiles.indexOf(0.5)

interface InputTensors {
  /** [tokens, windows, features] */
  readonly tokens: tfjs.Tensor3D
  readonly statics: tfjs.Tensor2D
  /** [windows, steps, inputs] */
  readonly steps: tfjs.Tensor3D
  /** [windows × steps, candidates] */
  readonly candidates: tfjs.Tensor2D
}

function inputTensors(tf: typeof tfjs, window: WindowShape, windows: Windows): InputTensors {
  const { count: rows, steps } = windows
  const tokens = tf.tensor3d(windows.tokens, [rows, window.tokens, tokenInputs(window)])
  return {
    tokens: tf.transpose(tokens, [1, 0, 2]),
    statics: tf.tensor2d(windows.statics, [rows, staticInputs]),
    steps: tf.tensor3d(windows.stepInputs, [rows, steps, stepInputs]),
    candidates: tf.tensor2d(windows.candidates, [rows * steps, candidateCount]),
  }
}

/**
 * A memory reads the tokens; for every step a layer joins its last state with what is known of the step. The median is a weighted mean of
 * candidates (same slots of earlier days and weeks, recent levels) plus a correction; the other quantiles lie above and below it by sums of
 * softplus, so that they cannot cross.
 * @returns scaled quantiles, shape [windows × steps, quantiles]
 */
export function modelOutput(tf: typeof tfjs, recurrence: Recurrence, inputs: InputTensors, tensors: readonly tfjs.Tensor[]): tfjs.Tensor2D {
  const [memoryKernel, memoryBias, stateKernel, stepKernel, bias, kernel2, bias2, kernel3, bias3] = tensors as [
    tfjs.Tensor2D, tfjs.Tensor1D, tfjs.Tensor2D, tfjs.Tensor2D, tfjs.Tensor1D, tfjs.Tensor2D, tfjs.Tensor1D, tfjs.Tensor2D, tfjs.Tensor1D,
  ]
  const [windows, steps, features] = inputs.steps.shape
  const rows = windows * steps
  const gate = (x: tfjs.Tensor): tfjs.Tensor => tf.mul(x, tf.sigmoid(x))
  const state = recurrence(inputs.tokens, memoryKernel, memoryBias)
  const ofWindow = tf.reshape(tf.add(tf.matMul(tf.concat([state, inputs.statics], 1), stateKernel), bias), [windows, 1, -1])
  const ofStep = tf.reshape(tf.matMul(tf.reshape(inputs.steps, [rows, features]) as tfjs.Tensor2D, stepKernel), [windows, steps, -1])
  const first = tf.reshape(gate(tf.add(ofWindow, ofStep)), [rows, -1]) as tfjs.Tensor2D
  const second = gate(tf.add(tf.matMul(first, kernel2), bias2)) as tfjs.Tensor2D
  const [logits, rest] = tf.split(tf.add(tf.matMul(second, kernel3), bias3), [candidateCount, count], 1) as [tfjs.Tensor2D, tfjs.Tensor2D]
  const mixed = tf.sum(tf.mul(shares(tf, logits), inputs.candidates), 1, true)
  const { copy, gaps } = orderingMatrices()
  const moved = tf.matMul(rest, tf.tensor2d(copy, [count, count]))
  const distances = tf.matMul(tf.softplus(rest) as tfjs.Tensor2D, tf.tensor2d(gaps, [count, count]))
  return tf.add(mixed, tf.add(moved, distances))
}

/** Softmax by rows. TensorFlow's own rounds a row differently by where it stands, so a forecast would depend on those beside it. */
function shares(tf: typeof tfjs, logits: tfjs.Tensor2D): tfjs.Tensor2D {
  const powers = tf.exp(tf.sub(logits, tf.max(logits, 1, true)))
  return tf.div(powers, tf.sum(powers, 1, true))
}

/** Output 0 moves all quantiles; the next are distances from one quantile below the median to the next, then those above it. */
function orderingMatrices(): { readonly copy: Float32Array; readonly gaps: Float32Array } {
  const copy = new Float32Array(count * count)
  const gaps = new Float32Array(count * count)
  for (let q = 0; q < count; q += 1) {
    copy[q] = 1
    for (let below = q; below < median; below += 1) gaps[(below + 1) * count + q] = -1
    for (let above = median + 1; above <= q; above += 1) gaps[above * count + q] = 1
  }
  return { copy, gaps }
}

/** Mean pinball loss over windows, steps and quantiles, each row weighted. Targets and weights [windows × steps, 1]. */
function weightedLoss(tf: typeof tfjs, output: tfjs.Tensor2D, targets: tfjs.Tensor2D, weights: tfjs.Tensor2D): tfjs.Scalar {
  const error = tf.sub(targets, output)
  const levels = tf.tensor2d(Float32Array.from(taughtQuantiles), [1, count])
  return tf.mean(tf.mul(weights, tf.sub(tf.relu(error), tf.mul(error, tf.sub(1, levels))))) as tfjs.Scalar
}

/** Loss of the model at `tensors` on windows whose demand is known, and its slopes. */
export function sequenceLossAndGradients(
  tf: typeof tfjs,
  recurrence: Recurrence,
  window: WindowShape,
  tensors: readonly WeightTensor[],
  { windows, targets, weights }: TaughtWindows,
): { readonly loss: number; readonly gradients: readonly Float32Array[] } {
  return tf.tidy(() => {
    const at = tensors.map(({ shape, values }) => tf.tensor(values, [...shape]))
    const inputs = inputTensors(tf, window, windows)
    const y = tf.tensor2d(targets, [targets.length, 1])
    const w = tf.tensor2d(weights, [weights.length, 1])
    const { value, grads } = tf.valueAndGrads((...all: tfjs.Tensor[]) => weightedLoss(tf, modelOutput(tf, recurrence, inputs, all), y, w))(at)
    return { loss: value.dataSync()[0] ?? Number.NaN, gradients: grads.map((slope) => slope.dataSync() as Float32Array) }
  })
}

/** @returns scaled quantiles, shape [windows × steps × quantiles] */
export function runModel(tf: typeof tfjs, recurrence: Recurrence, window: WindowShape, tensors: readonly WeightTensor[], windows: Windows): Float32Array {
  return tf.tidy(() => {
    const at = tensors.map(({ shape, values }) => tf.tensor(values, [...shape]))
    return modelOutput(tf, recurrence, inputTensors(tf, window, windows), at).dataSync() as Float32Array
  })
}
