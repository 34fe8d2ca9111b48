import { seededRandom } from '../seeded-random.ts'
import type { WeightTensor } from '../network.ts'
import { taughtQuantiles } from './taught-quantiles.ts'
import { candidateCount, staticInputs, stepInputs, tokenInputs, type WindowShape } from './windows.ts'

/** Widths: of the memory, of the layer that joins it with a step, of the layer after. */
export interface ModelSize {
  readonly units: number
  readonly hidden: number
  readonly second: number
}

/** Shapes of the arrays, in order: memory's kernel and bias; state's kernel; step's kernel and bias; kernel and bias of the two layers after. */
export function modelShapes(window: WindowShape, { units, hidden, second }: ModelSize): readonly (readonly number[])[] {
  const outputs = candidateCount + taughtQuantiles.length
  return [
    [tokenInputs(window) + units, 4 * units], [4 * units],
    [units + staticInputs, hidden],
    [stepInputs, hidden], [hidden],
    [hidden, second], [second],
    [second, outputs], [outputs],
  ]
}

/** Position of the last layer's arrays. */
const lastKernel = 7
const lastBias = 8

/**
 * Kernels uniform within ±√(1.5/inputs), the last within a quarter of that, so that untrained it gives the mean of the candidates; gates that
 * forget start open.
 */
export function initialModel(window: WindowShape, size: ModelSize, seed: number): WeightTensor[] {
  const random = seededRandom(seed)
  return modelShapes(window, size).map((shape, index) => {
    const values = new Float32Array(shape.reduce((product, length) => product * length, 1))
    if (shape.length === 2) {
      const bound = Math.sqrt((index === lastKernel ? 0.1 : 1.5) / (shape[0] ?? 1))
      for (let i = 0; i < values.length; i += 1) values[i] = (random() * 2 - 1) * bound
    }
    if (index === 1) values.fill(1, size.units, 2 * size.units)
    if (index === lastBias) values.fill(-1.2, candidateCount + 1)
    return { shape, values }
  })
}
