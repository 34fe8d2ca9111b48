import { emptyRows, featureCount, writeFeatures } from './features.ts'
import type { ModelSeries } from './step-series.ts'
import { seededRandom } from './seeded-random.ts'

/** What a global model is fitted to. */
export interface TrainingRows {
  /** Row-wise, shape [rows × featureCount]. */
  readonly features: Float32Array
  /** Scaled target: (demand − base) / scale, limited to [−20, 50]. Shape [rows]. */
  readonly targets: Float32Array
  readonly count: number
}

/** A series and how much of it may be learned from. */
export interface TrainingSource {
  readonly series: ModelSeries
  /** Targets lie before this index. */
  readonly end: number
}

export interface RowChoice {
  readonly horizon: number
  /** Most rows; fewer are made when there is not enough history. */
  readonly mostRows: number
  readonly seed: number
}

/** Limits of a scaled target: beyond them a row says no more than "far away". */
export const lowestTarget = -20
export const highestTarget = 50

/**
 * Rows from random origins of all sources, spread over them evenly, every horizon step equally often. Steps that were not measured give no row.
 * An origin needs a day of history; a week where a week is at hand.
 */
export function trainingRows(sources: readonly TrainingSource[], choice: RowChoice): TrainingRows {
  const random = seededRandom(choice.seed)
  const { horizon } = choice
  const spans = sources.map(({ series, end }) => {
    const least = end >= 9 * series.perDay + horizon ? 7 * series.perDay : series.perDay
    return { series, least, origins: Math.max(0, end - horizon - least + 1) }
  })
  const originsAtHand = spans.reduce((total, span) => total + span.origins, 0)
  const kept = Math.min(1, choice.mostRows / Math.max(1, originsAtHand * horizon))
  const rowsPerOrigin = Math.min(horizon, 12)
  const originShare = Math.min(1, (kept * horizon) / rowsPerOrigin)
  const capacity = Math.ceil(originsAtHand * originShare * 1.1 + 64 * sources.length) * rowsPerOrigin
  const rows = emptyRows(capacity)
  const targets = new Float32Array(capacity)
  const steps = new Int32Array(rowsPerOrigin)
  let count = 0
  for (const { series, least, origins } of spans) {
    const wanted = origins * originShare
    const stride = wanted > 0 ? origins / wanted : 0
    for (let position = random() * stride; position < origins && stride > 0; position += stride) {
      const origin = least + Math.floor(position)
      const offset = random() * (horizon / rowsPerOrigin)
      let picked = 0
      for (let pick = 0; pick < rowsPerOrigin && count + picked < capacity; pick += 1) {
        const step = Math.min(horizon - 1, Math.floor(offset + (pick * horizon) / rowsPerOrigin))
        if (series.measured[origin + step] === 1) steps[picked++] = step
      }
      writeFeatures(series, origin, steps.subarray(0, picked), rows, count)
      for (let pick = 0; pick < picked; pick += 1, count += 1) {
        const target = ((series.values[origin + (steps[pick] as number)] as number) - (rows.base[count] as number)) / (rows.scale[count] as number)
        targets[count] = Math.min(highestTarget, Math.max(lowestTarget, target))
      }
    }
  }
  return { features: rows.features.subarray(0, count * featureCount), targets: targets.subarray(0, count), count }
}

/** Rows of both, one after the other. */
export function joinRows(first: TrainingRows, second: TrainingRows): TrainingRows {
  const features = new Float32Array(first.features.length + second.features.length)
  features.set(first.features)
  features.set(second.features, first.features.length)
  const targets = new Float32Array(first.count + second.count)
  targets.set(first.targets)
  targets.set(second.targets, first.count)
  return { features, targets, count: first.count + second.count }
}
