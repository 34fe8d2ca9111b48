import type { WeightTensor } from '../network.ts'
import type { ModelSize } from './model-shape.ts'

/** Grids that a sequence network is taught for. */
export type SequenceGrid = 'hourly' | 'five-minute'

/** Recorded demand that weights were taught with. */
export interface TeachingData {
  readonly name: string
  readonly source: string
  readonly licence: string
  /** First and last day that were used. */
  readonly from: string
  readonly until: string
  readonly series: number
}

/** How shipped weights came about; `scripts/forecast/pretrain.ts` writes it. */
export interface SequenceManifest {
  readonly grid: SequenceGrid
  /** Hash of the weights' bytes. */
  readonly hash: string
  readonly size: ModelSize
  readonly seed: number
  readonly trainingSteps: number
  readonly windowsPerStep: number
  /** Hash of the sources that trained them. */
  readonly code: string
  /** What ran the training. */
  readonly backend: string
  readonly cpuSeconds: number
  /** Share of series cut from recordings; the others are made up. */
  readonly recordedShare: number
  readonly data: readonly TeachingData[]
  /** Mean scaled quantile loss on made-up series that taught nothing, beside that of the mean of the same slots of the last seven days. */
  readonly heldOut: { readonly windows: number; readonly loss: number; readonly profileLoss: number }
}

/** Weights as they are shipped. */
export interface ShippedSequence {
  readonly manifest: SequenceManifest
  /** As `packTensors` gives them. */
  readonly bytes: Uint8Array
}

/** Bytes before the values of an array: its largest magnitude. */
const headBytes = 4
const largest = 32767

/**
 * Packs arrays as 16-bit shares of each array's largest magnitude, little-endian: the error of a weight is below 2e-5 of that magnitude.
 * @returns head and values of each array in turn
 */
export function packTensors(tensors: readonly WeightTensor[]): Uint8Array {
  const bytes = new Uint8Array(tensors.reduce((sum, { values }) => sum + headBytes + 2 * values.length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const { values } of tensors) {
    const peak = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    view.setFloat32(at, peak, true)
    at += headBytes
    for (const value of values) {
      view.setInt16(at, peak > 0 ? Math.round((value / peak) * largest) : 0, true)
      at += 2
    }
  }
  return bytes
}

/**
 * @param shapes  of the arrays, in order
 * @throws RangeError when `bytes` is not as long as the shapes say
 */
export function unpackTensors(bytes: Uint8Array, shapes: readonly (readonly number[])[]): WeightTensor[] {
  const lengths = shapes.map((shape) => shape.reduce((product, length) => product * length, 1))
  const expected = lengths.reduce((sum, length) => sum + headBytes + 2 * length, 0)
  if (bytes.length !== expected) throw new RangeError(`the weights are ${bytes.length} bytes, expected ${expected}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  return shapes.map((shape, index) => {
    const peak = view.getFloat32(at, true)
    at += headBytes
    const values = new Float32Array(lengths[index] ?? 0)
    for (let i = 0; i < values.length; i += 1) {
      values[i] = (view.getInt16(at, true) / largest) * peak
      at += 2
    }
    return { shape, values }
  })
}
