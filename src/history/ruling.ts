import { rfc3339, stepStart } from '../domain/grid.ts'
import { type DemandHistory, type DemandSeries, seriesName } from '../domain/history.ts'
import { frozenRuns, isConstant } from './frozen.ts'

/** From which history on counts are held. */
export interface HistoryLimits {
  /** A newest value older than this is stale. */
  readonly maxAgeSeconds: number
  /** Least share of steps with a value, counted from the series' first value on. */
  readonly minCoverage: number
}

/** What speaks against relying on one series. */
export type HistoryReason =
  | { readonly kind: 'empty'; readonly series: string }
  | { readonly kind: 'stale'; readonly series: string; readonly ageSeconds: number; readonly limitSeconds: number }
  | { readonly kind: 'gaps'; readonly series: string; readonly coverage: number; readonly limit: number }
  /** The newest values are one repeated value that is implausible for the series. */
  | { readonly kind: 'frozen'; readonly series: string; readonly value: number; readonly sinceSeconds: number; readonly steps: number }
  /** Zero throughout, for a day or longer. */
  | { readonly kind: 'all-zero'; readonly series: string }
  /** One value throughout, for a day or longer: unusual, but nothing in the series says that it is wrong. */
  | { readonly kind: 'constant'; readonly series: string; readonly value: number }

/** Whether counts may follow this history. */
export type HistoryRuling =
  | { readonly kind: 'allow'; readonly notes: readonly HistoryReason[] }
  | { readonly kind: 'hold'; readonly reasons: readonly HistoryReason[]; readonly notes: readonly HistoryReason[] }

const secondsPerDay = 86_400

/**
 * Judges each series by age, gaps and frozen values. One series that cannot be relied on holds; the caller knows by `series` whose
 * counts that concerns.
 */
export function historyRuling(history: DemandHistory, limits: HistoryLimits, asOfSeconds: number): HistoryRuling {
  const found = history.series.flatMap((series) => reasonsOf(history, series, limits, asOfSeconds))
  const notes = found.filter((reason) => reason.kind === 'constant')
  const reasons = found.filter((reason) => reason.kind !== 'constant')
  return reasons.length === 0 ? { kind: 'allow', notes } : { kind: 'hold', reasons, notes }
}

/** @returns `web/us-east was last measured 41 min ago (limit 15 min)` */
export function historyReasonSentence(reason: HistoryReason): string {
  const { series } = reason
  switch (reason.kind) {
    case 'empty':
      return `${series} has no valid sample in the whole window`
    case 'stale':
      return `${series} was last measured ${Math.round(reason.ageSeconds / 60)} min ago (limit ${Math.round(reason.limitSeconds / 60)} min)`
    case 'gaps':
      return `${series} was measured in ${(reason.coverage * 100).toFixed(1)} % of its steps (limit ${(reason.limit * 100).toFixed(1)} %)`
    case 'frozen':
      return `${series} has stood at ${reason.value} for ${reason.steps} steps, since ${rfc3339(reason.sinceSeconds)}`
    case 'all-zero':
      return `${series} is zero throughout`
    case 'constant':
      return `${series} is ${reason.value} throughout`
    default:
      return reason satisfies never
  }
}

function reasonsOf(history: DemandHistory, series: DemandSeries, limits: HistoryLimits, asOfSeconds: number): HistoryReason[] {
  const name = seriesName(series)
  const { grid } = history
  const { values, newestSeconds } = series
  if (newestSeconds === undefined) return [{ kind: 'empty', series: name }]
  const reasons: HistoryReason[] = []
  const ageSeconds = asOfSeconds - newestSeconds
  if (ageSeconds > limits.maxAgeSeconds) reasons.push({ kind: 'stale', series: name, ageSeconds, limitSeconds: limits.maxAgeSeconds })
  const first = values.findIndex((value) => !Number.isNaN(value))
  const since = values.subarray(first)
  const coverage = since.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0) / since.length
  if (coverage < limits.minCoverage) reasons.push({ kind: 'gaps', series: name, coverage, limit: limits.minCoverage })
  const frozen = frozenRuns(values).at(-1)
  if (frozen !== undefined && stepStart(grid, frozen.firstStep + frozen.length) >= newestSeconds) {
    reasons.push({
      kind: 'frozen',
      series: name,
      value: frozen.value,
      sinceSeconds: stepStart(grid, frozen.firstStep),
      steps: frozen.length,
    })
  }
  const value = values[first] ?? Number.NaN
  if (isConstant(values, secondsPerDay / grid.stepSeconds))
    reasons.push(value === 0 ? { kind: 'all-zero', series: name } : { kind: 'constant', series: name, value })
  return reasons
}
