import type { WeightTensor } from '../network.ts'

/** Weights on their way, with what the optimiser remembers. */
export interface TrainingState {
  readonly tensors: readonly WeightTensor[]
  readonly first: readonly Float32Array[]
  readonly second: readonly Float32Array[]
  /** Weights averaged over the newest steps: these are kept in the end. */
  readonly averaged: readonly Float32Array[]
  readonly step: number
}

const decay = { first: 0.9, second: 0.999, weights: 1e-4, average: 0.998 }
/** Gradients longer than this are shortened to it. */
const longestGradient = 0.5

export function startTraining(tensors: readonly WeightTensor[]): TrainingState {
  const zeros = (): Float32Array[] => tensors.map(({ values }) => new Float32Array(values.length))
  return { tensors, first: zeros(), second: zeros(), averaged: tensors.map(({ values }) => values.slice()), step: 0 }
}

/**
 * Adam with decoupled weight decay on kernels; the arrays of `state` are changed in place.
 * @returns the state after the step
 * @see Loshchilov & Hutter, Decoupled Weight Decay Regularization (2019)
 */
export function adamStep(state: TrainingState, gradients: readonly Float32Array[], stepSize: number): TrainingState {
  let square = 0
  for (const gradient of gradients) for (let i = 0; i < gradient.length; i += 1) square += (gradient[i] as number) ** 2
  const length = Math.sqrt(square)
  const shorten = length > longestGradient ? longestGradient / length : 1
  const step = state.step + 1
  const firstScale = 1 / (1 - decay.first ** step)
  const secondScale = 1 / (1 - decay.second ** step)
  const kept = Math.min(decay.average, (step + 1) / (step + 10))
  state.tensors.forEach(({ shape, values }, index) => {
    const gradient = gradients[index] as Float32Array
    const m = state.first[index] as Float32Array
    const v = state.second[index] as Float32Array
    const averaged = state.averaged[index] as Float32Array
    const shrink = shape.length === 2 ? 1 - stepSize * decay.weights : 1
    for (let i = 0; i < values.length; i += 1) {
      const slope = (gradient[i] as number) * shorten
      const mean = decay.first * (m[i] as number) + (1 - decay.first) * slope
      const spread = decay.second * (v[i] as number) + (1 - decay.second) * slope * slope
      m[i] = mean
      v[i] = spread
      const value = (values[i] as number) * shrink - (stepSize * mean * firstScale) / (Math.sqrt(spread * secondScale) + 1e-8)
      values[i] = value
      averaged[i] = kept * (averaged[i] as number) + (1 - kept) * value
    }
  })
  return { ...state, step }
}
