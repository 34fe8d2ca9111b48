import type { TimeRange } from '../domain/grid.ts'
import type { QuantilePaths } from './quantiles.ts'
import type { ModelSeries } from './step-series.ts'
import type { TrainingRows, TrainingSource } from './training-rows.ts'

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

/** Weights of the pre-trained network after a short training on the series at hand. */
export interface SequenceTuning {
  /** Have seen nothing of the held-out days. */
  readonly early: readonly WeightTensor[]
  readonly late: readonly WeightTensor[]
}

export interface SequenceForecast {
  readonly horizon: number
  /** Ascending, each in (0, 1). */
  readonly quantiles: readonly number[]
}

/** The network that came pre-trained: it needs nothing but a series' own past, so it may speak from every origin. */
export interface SequenceNetwork {
  /** Of its weights, one per grid that it was taught for. */
  readonly hashes: readonly string[]
  /**
   * @param origins  numbers of values that may be seen
   * @param tuned    weights to use instead of those that were shipped
   * @returns one per origin, shape [quantiles × horizon], in the series' unit, not yet limited; undefined where no weights fit the series' grid
   *   or an origin has less than a day before it
   */
  paths(series: ModelSeries, origins: readonly number[], wanted: SequenceForecast, tuned?: readonly WeightTensor[]): readonly QuantilePaths[] | undefined
  /**
   * Trains the shipped weights further, first on what lies before the held-out days, then on all; the same for the same arguments on one machine.
   * @returns undefined where no series has enough history before the held-out days, no weights fit the grid, or the backend trains too slowly
   */
  tune(early: readonly TrainingSource[], late: readonly TrainingSource[], wanted: { readonly horizon: number; readonly seed: number }): SequenceTuning | undefined
}

/** Trains and runs the small network: features in, ordered quantiles of the scaled target out. */
export interface Network {
  /** For people: which backend runs, and how to get a faster one when there is one. */
  readonly backend: string
  /** Undefined where none was given. */
  readonly sequence?: SequenceNetwork | undefined
  /** Same rows and settings, same weights on one machine. */
  train(rows: TrainingRows, training: NetworkTraining): Promise<Pick<NetworkWeights, 'means' | 'deviations' | 'tensors'>>
  /**
   * @param features  row-wise, shape [rows × featureCount]
   * @returns scaled quantiles, row-wise, shape [rows × quantiles], ascending within a row
   */
  predict(weights: NetworkWeights, features: Float32Array, rows: number): Promise<Float32Array>
}
