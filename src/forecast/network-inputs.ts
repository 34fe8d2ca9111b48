import { featureCount, firstCalendarFeature } from './features.ts'

/** Inputs of the network per row: levels as signed logarithms, then the calendar as smooth values. */
export const inputCount = firstCalendarFeature + 8

/** Inputs further from their mean than this many deviations say no more than "far away". */
const widest = 6

/**
 * Turns feature rows into network inputs: missing levels become 0, levels their signed logarithm, hour and weekday points on circles.
 * @returns row-wise, shape [rows × inputCount]
 */
export function networkInputs(features: Float32Array, rows: number): Float32Array {
  const inputs = new Float32Array(rows * inputCount)
  for (let row = 0; row < rows; row += 1) {
    const from = row * featureCount
    let to = row * inputCount
    for (let column = 0; column < firstCalendarFeature; column += 1) {
      const value = features[from + column] as number
      inputs[to++] = value > 0 ? Math.log1p(value) : value < 0 ? -Math.log1p(-value) : 0
    }
    const horizonDays = features[from + firstCalendarFeature] as number
    const historyWeeks = features[from + firstCalendarFeature + 1] as number
    const hour = ((features[from + firstCalendarFeature + 2] as number) / 24) * 2 * Math.PI
    const weekday = features[from + firstCalendarFeature + 3] as number
    inputs[to++] = horizonDays
    inputs[to++] = Math.sqrt(horizonDays)
    inputs[to++] = Math.min(1, historyWeeks / 2)
    inputs[to++] = Math.sin(hour)
    inputs[to++] = Math.cos(hour)
    inputs[to++] = Math.sin((weekday / 7) * 2 * Math.PI)
    inputs[to++] = Math.cos((weekday / 7) * 2 * Math.PI)
    inputs[to++] = weekday >= 5 ? 1 : 0
  }
  return inputs
}

/** Means and deviations of each input over the rows. */
export function inputMoments(inputs: Float32Array, rows: number): { readonly means: Float32Array; readonly deviations: Float32Array } {
  const sums = new Float64Array(inputCount)
  const squares = new Float64Array(inputCount)
  for (let row = 0; row < rows; row += 1) {
    for (let i = 0; i < inputCount; i += 1) {
      const value = inputs[row * inputCount + i] as number
      sums[i] = (sums[i] as number) + value
      squares[i] = (squares[i] as number) + value * value
    }
  }
  const means = Float32Array.from(sums, (sum) => sum / Math.max(1, rows))
  const deviations = Float32Array.from(squares, (square, i) => Math.sqrt(Math.max(0, square / Math.max(1, rows) - (means[i] as number) ** 2)) + 1e-3)
  return { means, deviations }
}

/** Brings inputs to mean 0 and deviation 1, within ±6, in place. */
export function standardise(inputs: Float32Array, means: Float32Array, deviations: Float32Array): void {
  for (let i = 0, column = 0; i < inputs.length; i += 1, column = column + 1 === inputCount ? 0 : column + 1) {
    const value = ((inputs[i] as number) - (means[column] as number)) / (deviations[column] as number)
    inputs[i] = value > widest ? widest : value < -widest ? -widest : value
  }
}
