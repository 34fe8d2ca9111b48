import { contentHash } from '../../domain/hash.ts'
import type { SequenceNetwork, WeightTensor } from '../network.ts'
import type { TaughtWindows } from '../sequence/lessons.ts'
import { sequencePaths } from '../sequence/member-paths.ts'
import { modelShapes } from '../sequence/model-shape.ts'
import { adamStep, startTraining } from '../sequence/optimiser.ts'
import { tuning, tuningLessons, tuningStepSize, type TuningPart } from '../sequence/tuning.ts'
import { fiveMinuteShape, hourlyShape, type WindowShape } from '../sequence/windows.ts'
import { unpackTensors, type SequenceGrid, type ShippedSequence } from '../sequence/weights.ts'
import type { LoadedBackend } from './backend.ts'
import { recurrence } from './lstm.ts'
import { runModel, sequenceLossAndGradients } from './sequence-model.ts'

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
    paths: (series, origins, wanted, tuned) => {
      const model = models.find(({ window }) => window.perDay === series.perDay)
      // It was never taught with less than a day.
      if (model === undefined || origins.some((origin) => origin < series.perDay)) return undefined
      return sequencePaths(series, origins, wanted, model.window, (windows) => runModel(tf, memory, model.window, tuned ?? model.tensors, windows))
    },
    tune: (early, late, { horizon, seed }) => {
      const perDay = late[0]?.series.perDay
      const model = models.find(({ window }) => window.perDay === perDay)
      if (model === undefined || kind !== 'node') return undefined
      const [earlyLessons, lateLessons] = [tuningLessons(early, horizon, model.window, seed), tuningLessons(late, horizon, model.window, seed + 1)]
      if (earlyLessons === undefined || lateLessons === undefined) return undefined
      const taught = (from: readonly WeightTensor[], lessons: () => TaughtWindows, part: TuningPart): readonly WeightTensor[] => {
        let state = startTraining(from.map(({ shape, values }) => ({ shape, values: values.slice() })))
        while (state.step < part.steps) {
          const { gradients } = sequenceLossAndGradients(tf, memory, model.window, state.tensors, lessons())
          state = adamStep(state, gradients, tuningStepSize(state.step, part))
        }
        return state.tensors
      }
      const tensors = taught(model.tensors, earlyLessons, tuning.early)
      return { early: tensors, late: taught(tensors, lateLessons, tuning.late) }
    },
  }
}
