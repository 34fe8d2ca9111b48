import { contentHash } from '../../domain/hash.ts'
import type { SequenceNetwork } from '../network.ts'
import { sequencePaths } from '../sequence/member-paths.ts'
import { modelShapes } from '../sequence/model-shape.ts'
import { fiveMinuteShape, hourlyShape, type WindowShape } from '../sequence/windows.ts'
import { unpackTensors, type SequenceGrid, type ShippedSequence } from '../sequence/weights.ts'
import type { LoadedBackend } from './backend.ts'
import { recurrence } from './lstm.ts'
import { runModel } from './sequence-model.ts'

export const windowShapes: Readonly<Record<SequenceGrid, WindowShape>> = { hourly: hourlyShape, 'five-minute': fiveMinuteShape }

/**
 * The pre-trained network on a backend.
 * @throws RangeError when weights are not those that their manifest names
 */
export function sequenceNetwork({ tf, kind }: LoadedBackend, shipped: readonly ShippedSequence[]): SequenceNetwork {
  const memory = recurrence(tf, kind === 'node')
  const models = shipped.map(({ manifest, bytes }) => {
    const hash = contentHash(bytes)
    if (hash !== manifest.hash) throw new RangeError(`the ${manifest.grid} weights hash to ${hash}, their manifest says ${manifest.hash}`)
    const window = windowShapes[manifest.grid]
    return { hash, window, tensors: unpackTensors(bytes, modelShapes(window, manifest.size)) }
  })
  return {
    hashes: models.map(({ hash }) => hash),
    paths: (series, origins, { horizon, quantiles }) => {
      const model = models.find(({ window }) => window.perDay === series.perDay)
      // It was never taught with less than a day.
      if (model === undefined || origins.some((origin) => origin < series.perDay)) return undefined
      return sequencePaths(series, origins, horizon, quantiles, model.window, (windows) => runModel(tf, memory, model.window, model.tensors, windows))
    },
  }
}
