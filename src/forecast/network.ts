import type { TimeRange } from '../domain/grid.ts'
import type { TrainingRows } from './training-rows.ts'

/** One array of a network's weights. */
export interface WeightTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** A trained network as a value: it can be saved, hashed, and used again by any backend. */
export interface NetworkWeights {
  /** Hash of what it was trained on, with which settings: the same key, the same weights. */
  readonly hash: string
  readonly trainingWindow: TimeRange
  readonly trainingRows: number
  /** Ascending; one output each. */
  readonly quantiles: readonly number[]
  /** Means and deviations of the prepared inputs. Shape [inputs] each. */
  readonly means: Float32Array
  readonly deviations: Float32Array
  /** Kernel and bias of each layer, in turn. */
  readonly tensors: readonly WeightTensor[]
}

export interface NetworkTraining {
  readonly quantiles: readonly number[]
  readonly hiddenUnits: number
  readonly epochs: number
  readonly batchRows: number
  /** Highest step size of the schedule. */
  readonly learningRate: number
  readonly seed: number
}

/** Trains and runs the small network: features in, ordered quantiles of the scaled target out. */
export interface Network {
  /** For people: which backend runs, and how to get a faster one when there is one. */
  readonly backend: string
  /** Same rows and settings, same weights on one machine. */
  train(rows: TrainingRows, training: NetworkTraining): Promise<Pick<NetworkWeights, 'means' | 'deviations' | 'tensors'>>
  /**
   * @param features  row-wise, shape [rows × featureCount]
   * @returns scaled quantiles, row-wise, shape [rows × quantiles], ascending within a row
   */
  predict(weights: NetworkWeights, features: Float32Array, rows: number): Promise<Float32Array>
}

/** Keeps trained weights between runs. */
export interface WeightStore {
  find(hash: string): Promise<NetworkWeights | undefined>
  keep(weights: NetworkWeights): Promise<void>
}

/** @returns one line of JSON; numbers are kept to the bit */
export function encodeWeights(weights: NetworkWeights): string {
  const packed = (values: Float32Array): string => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
  return JSON.stringify({
    ...weights,
    means: packed(weights.means),
    deviations: packed(weights.deviations),
    tensors: weights.tensors.map(({ shape, values }) => ({ shape, values: packed(values) })),
  })
}

/** The form that `encodeWeights` writes. */
interface PackedWeights extends Omit<NetworkWeights, 'means' | 'deviations' | 'tensors'> {
  readonly means: string
  readonly deviations: string
  readonly tensors: readonly { readonly shape: readonly number[]; readonly values: string }[]
}

/** @throws SyntaxError when `text` is not what `encodeWeights` wrote */
export function decodeWeights(text: string): NetworkWeights {
  const packed = JSON.parse(text) as Partial<PackedWeights>
  const { means, deviations, tensors, hash, trainingWindow, trainingRows, quantiles } = packed
  if (means === undefined || deviations === undefined || tensors === undefined || hash === undefined) throw new SyntaxError('not the weights of a network')
  if (trainingWindow === undefined || trainingRows === undefined || quantiles === undefined) throw new SyntaxError('not the weights of a network')
  const unpacked = (base64: string): Float32Array => {
    const bytes = Buffer.from(base64, 'base64')
    return new Float32Array(Uint8Array.from(bytes).buffer)
  }
  return {
    hash,
    trainingWindow,
    trainingRows,
    quantiles,
    means: unpacked(means),
    deviations: unpacked(deviations),
    tensors: tensors.map(({ shape, values }) => ({ shape, values: unpacked(values) })),
  }
}
