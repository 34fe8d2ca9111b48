import { contentHash } from '../domain/hash.ts'
import type { TimeRange } from '../domain/grid.ts'
import { featureNames } from './features.ts'
import type { Forest, SchooledModels } from './global-models.ts'
import type { Network, NetworkWeights, SequenceTuning } from './network.ts'

/** Models that were trained on all series together, as a value: it can be saved, hashed, and used again on any backend. */
export interface TrainedModels {
  readonly early: Forest
  readonly forest: Forest
  /** Undefined where no network took part. */
  readonly network: NetworkWeights | undefined
  /** Undefined where the pre-trained network is used as it was shipped, or takes no part. */
  readonly sequence: SequenceTuning | undefined
}

/** Where there was nothing to learn from. */
export const noModels: TrainedModels = { early: [], forest: [], network: undefined, sequence: undefined }

/** One training: what came of it, and from what. */
export interface Training {
  readonly models: TrainedModels
  /** Nothing after its end was seen. */
  readonly window: TimeRange
  readonly series: number
  /** Hash of the demand that was seen. */
  readonly dataHash: string
  /** Hash of the settings of the training. */
  readonly settingsHash: string
}

/** Changes when models of one code cannot be used by another. */
export const modelFormat = contentHash(['prescale-models-2', featureNames])

/** @returns the models with something to run the network on */
export function withNetwork({ early, forest, network: weights, sequence: tuning }: TrainedModels, network: Network | undefined): SchooledModels {
  return { early, forest, trained: network === undefined || weights === undefined ? undefined : { network, weights }, pretrained: network?.sequence === undefined ? undefined : { network: network.sequence, tuning } }
}

/** Arrays of numbers that a packed value may hold, by the name that stands for them. */
const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array, uint8: Uint8Array } as const
type ArrayKind = keyof typeof arrays
type PackedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array

/** @returns one line of JSON; typed arrays are kept to the bit, as this machine holds them */
export function packValue(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (!ArrayBuffer.isView(item)) return item
    const kind = (Object.keys(arrays) as ArrayKind[]).find((name) => item instanceof arrays[name])
    if (kind === undefined) throw new TypeError(`arrays of ${item.constructor.name} cannot be packed`)
    return { array: kind, base64: Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString('base64') }
  })
}

/** @throws SyntaxError when `text` is not what `packValue` wrote */
export function unpackValue(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => (isPacked(item) ? unpacked(item) : item))
}

interface Packed {
  readonly array: ArrayKind
  readonly base64: string
}

function isPacked(item: unknown): item is Packed {
  return item !== null && typeof item === 'object' && 'array' in item && 'base64' in item && typeof item.array === 'string' && item.array in arrays
}

function unpacked({ array, base64 }: Packed): PackedArray {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  return new arrays[array](bytes.buffer)
}
