import type { Exclusion, ExclusionReason } from '../domain/forecast.ts'
import type { SeriesFaults } from '../domain/history.ts'

/** What is done about each fault of a series, as the history step and the models do it. */
const treatments: readonly { readonly fault: keyof SeriesFaults; readonly reason: ExclusionReason; readonly treatment: string }[] = [
  { fault: 'notANumber', reason: 'not-a-number', treatment: 'left out' },
  { fault: 'infinite', reason: 'infinite', treatment: 'left out' },
  { fault: 'negative', reason: 'negative', treatment: 'left out' },
  { fault: 'counterReset', reason: 'counter-reset', treatment: 'counted on from zero' },
  { fault: 'duplicate', reason: 'duplicate', treatment: 'the last of them taken' },
  { fault: 'outOfOrder', reason: 'out-of-order', treatment: 'sorted' },
  { fault: 'frozenSteps', reason: 'frozen', treatment: 'used, and counts held while it lasts' },
  { fault: 'daylightSaving', reason: 'daylight-saving', treatment: 'placed by the source’s time zone' },
  { fault: 'outlier', reason: 'outlier', treatment: 'used as measured: a peak may come again' },
]

/** @returns what was excluded from a series or doubted, and what was done with it; gaps count from its first value on */
export function exclusionsOf(values: Float64Array, faults: SeriesFaults): Exclusion[] {
  const first = values.findIndex(Number.isFinite)
  const gaps = first < 0 ? 0 : values.subarray(first).reduce((count, value) => (Number.isFinite(value) ? count : count + 1), 0)
  return [
    ...(gaps > 0 ? [{ reason: 'gap' as const, count: gaps, treatment: 'filled from the week before for the models, never lower, and never judged' }] : []),
    ...treatments.flatMap(({ fault, reason, treatment }) => (faults[fault] > 0 ? [{ reason, count: faults[fault], treatment }] : [])),
  ]
}

/** @returns what is told of values too high to be believed; empty where there is none */
export function disbelief(steps: number): Exclusion[] {
  return steps === 0 ? [] : [{ reason: 'outlier', count: steps, treatment: 'left out: more than ten times all that came in the four weeks before, and gone as soon' }]
}
