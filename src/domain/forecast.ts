import type { Grid } from './grid.ts'
import type { SeriesKey } from './history.ts'

/** What a forecast value means within its step: capacity is bought for the peak. */
export type StepStatistic = 'peak' | 'mean'

/** What is asked for: requests (the workload's own unit of demand), or what its nodes use to serve them. */
export const resources = ['requests', 'cpu', 'memory', 'network', 'disk'] as const
export type Resource = (typeof resources)[number]

/** Where demand is looked at: `user-zone` where it comes from, `region` (`aws/us-east-1`) where nodes report it, `everywhere` their sum. */
export type DemandPlace =
  | { readonly kind: 'everywhere' }
  | { readonly kind: 'user-zone'; readonly userZone: string }
  | { readonly kind: 'region'; readonly region: string }

/** What one forecast is of. */
export interface DemandSubject {
  readonly workload: string
  readonly resource: Resource
  readonly place: DemandPlace
}

/** @returns `web/us-east`, `web` (everywhere), `web/aws/us-east-1.cpu`, `web.cpu`: the file's name below forecasts/ */
export function subjectName({ workload, resource, place }: DemandSubject): string {
  const suffix = resource === 'requests' ? '' : `.${resource}`
  switch (place.kind) {
    case 'everywhere':
      return `${workload}${suffix}`
    case 'user-zone':
      return `${workload}/${place.userZone}${suffix}`
    case 'region':
      return `${workload}/${place.region}${suffix}`
    default:
      return place satisfies never
  }
}

/** One model's share in a forecast. */
export interface MemberWeight {
  readonly member: string
  /** 0 to 1; the weights of a forecast add up to 1. */
  readonly weight: number
}

/** How the forecast would have done on the recent past, from origins before this one. */
export interface ForecastAccuracy {
  /** Origins that were scored. */
  readonly origins: number
  /** Mean weighted quantile loss over the forecast's quantiles, relative to mean demand; lower is better. */
  readonly weightedQuantileLoss: number
  /** The same of the better seasonal naive (day, week). */
  readonly naiveWeightedQuantileLoss: number
  /** Share of actuals at or below p95. */
  readonly coverage95: number
  /** Measured steps that were judged, an instant that several origins forecast counted each time. */
  readonly steps: number
  /** Of those, how many exceeded p95. */
  readonly exceeded: number
  /** The exceedances that went furthest beyond p95, worst first. */
  readonly worst: readonly Exceedance[]
}

/** Demand above its forecast p95. */
export interface Exceedance {
  readonly atSeconds: number
  readonly demand: number
  readonly p95: number
}

/** One table of a forecast: one statistic on one grid. */
export interface ForecastTable {
  readonly statistic: StepStatistic
  /** Starts at the origin; one step per forecast value. */
  readonly grid: Grid
  /** In the forecast's unit, ≥ 0, never crossing. Shape [quantiles × steps], row-wise. */
  readonly values: Float64Array
  readonly members: readonly MemberWeight[]
  /** Undefined when the history is too short to look back. */
  readonly accuracy: ForecastAccuracy | undefined
  /** Trained models that took part, `v3 1a2b3c4d5e6f7a8b`: number and hash of their weights; undefined where none did. */
  readonly modelVersion: string | undefined
}

/** What makes up the median at the peak. `models`: what the members say beyond the parts with names of their own. */
export const contributionParts = ['level', 'day', 'week', 'recent', 'events', 'regressors', 'drivers', 'network', 'models', 'coherence'] as const
export type ContributionPart = (typeof contributionParts)[number]

/** One part of the median at the peak, in the forecast's unit; may be negative. The parts of a forecast add up to the median. */
export interface Contribution {
  readonly part: ContributionPart
  readonly value: number
}

/** Why data was not used, or not as it came. */
export type ExclusionReason =
  | 'gap'
  | 'not-a-number'
  | 'infinite'
  | 'negative'
  | 'counter-reset'
  | 'duplicate'
  | 'out-of-order'
  | 'frozen'
  | 'daylight-saving'
  | 'outlier'

/** Data that was excluded or doubted. */
export interface Exclusion {
  readonly reason: ExclusionReason
  /** Steps of the history, or samples, that it concerns. */
  readonly count: number
  /** What was done with them. */
  readonly treatment: string
}

/** What one thing known besides demand was found to do. Shares are of demand: 0.38 is 38 % more. Errors are mean absolute, in the unit of demand. */
export type ExplainedEffect =
  | {
      readonly kind: 'event'
      readonly name: string
      readonly used: boolean
      /** Over the event's own time; `low` and `high` hold four fifths of what the next occurrence may do. */
      readonly share: number
      readonly low: number
      readonly high: number
      /** Past occurrences it was learned from; 0 where other series alone teach it. */
      readonly occurrences: number
      /** Errors at past occurrences, each forecast from the others; undefined where that cannot be. */
      readonly trial: { readonly withEffect: number; readonly without: number } | undefined
      /** Start of the next occurrence that the forecast covers, Unix seconds; undefined where there is none. */
      readonly nextSeconds: number | undefined
      /** Its end; left out where there is none. */
      readonly nextEndSeconds?: number
    }
  | {
      readonly kind: 'regressor'
      readonly name: string
      readonly used: boolean
      /** When it goes from its mean to one standard deviation above. */
      readonly sharePerDeviation: number
      readonly mean: number
      readonly deviation: number
      /** Errors on days that were left out, as shares of mean demand; undefined where history is too short. */
      readonly trial: { readonly withEffect: number; readonly without: number } | undefined
    }

  | {
      readonly kind: 'executions'
      /** Weight of arrivals times profile beside the models that see demand alone, 0 to 1. */
      readonly weight: number
      /** Mean over the last week. */
      readonly arrivalsPerHour: number
      readonly durationSeconds: { readonly p50: number; readonly p95: number }
      /** What one takes while it runs, in the unit of demand. */
      readonly takes: { readonly p50: number; readonly p95: number }
      /** Mean quantile losses of past forecasts, in the unit of demand. */
      readonly trial: { readonly withEffect: number; readonly without: number }
    }
  | {
      readonly kind: 'driver'
      readonly name: string
      /** Weight of what drivers let expect beside the models that see the workload alone, 0 to 1. */
      readonly weight: number
      /** Demand of this workload per unit of the driver's, and how much later. */
      readonly ratio: number
      readonly lagSeconds: number
      /** Change of this workload, in percent, when the driver changes by one percent. */
      readonly elasticity: number
      /** Correlation of their departures from the usual week, and its lower bound at 97.5 %. */
      readonly correlation: number
      readonly correlationAtLeast: number
      /** Mean quantile losses of past forecasts; undefined where the correlation is too uncertain to try. */
      readonly trial: { readonly withEffect: number; readonly without: number } | undefined
    }

/** What was known besides demand. */
export interface ExplainedContext {
  /** Hash of all that settings and feeds told; undefined where they tell nothing. */
  readonly hash?: string
  readonly effects: readonly ExplainedEffect[]
  /** What could not be read, as sentences. */
  readonly notes: readonly string[]
}

/** What drives a forecast and how far it can be trusted. */
export interface ForecastExplanation {
  /** Start of the planned step with the highest median within the coming day, that median, and what it is made of. */
  readonly peak: { readonly atSeconds: number; readonly median: number; readonly contributions: readonly Contribution[] }
  readonly excluded: readonly Exclusion[]
  /** Events, regressors, executions, drivers, and what could not be read of them; undefined where none are known. */
  readonly context?: ExplainedContext | undefined
  /** Sentences, most important first. */
  readonly sentences: readonly string[]
}

/** Demand to come of one subject, on every grid. */
export interface SubjectForecast {
  readonly subject: DemandSubject
  readonly unit: string
  /** End of the newest step that was used, Unix seconds. */
  readonly originSeconds: number
  /** Ascending, each in (0, 1); 0.5 is among them. */
  readonly quantiles: readonly number[]
  /**
   * The planned grid first; within a grid the peak before the mean. A grid as fine as the history has the mean alone: no peak within its
   * steps can be told from it.
   */
  readonly tables: readonly ForecastTable[]
  readonly explanation: ForecastExplanation
  /** Name and version of the model that made it, for example `prescale/1`. */
  readonly model: string
  /** Hash of the history that was used. */
  readonly historyHash: string
}

/** @returns the table of a grid and statistic; the mean where the grid is as fine as the history; undefined where there is no such grid */
export function forecastTable({ tables }: SubjectForecast, stepSeconds: number, statistic: StepStatistic): ForecastTable | undefined {
  const onGrid = tables.filter(({ grid }) => grid.stepSeconds === stepSeconds)
  return onGrid.find((table) => table.statistic === statistic) ?? onGrid.find((table) => table.statistic === 'mean')
}

/** An event that a forecast expects to raise demand. */
export interface ExpectedEvent {
  readonly name: string
  /** More demand over its time than without it: 0.38 is 38 % more. */
  readonly share: number
  readonly startSeconds: number
  readonly endSeconds: number
}

/** @returns events of the explanation that raise demand within the forecast */
function expectedEvents({ context }: ForecastExplanation): readonly ExpectedEvent[] {
  return (context?.effects ?? []).flatMap((effect) => {
    if (effect.kind !== 'event' || !effect.used || effect.share <= 0 || effect.nextSeconds === undefined || effect.nextEndSeconds === undefined) return []
    return [{ name: effect.name, share: effect.share, startSeconds: effect.nextSeconds, endSeconds: effect.nextEndSeconds }]
  })
}

/** @returns what is planned from: the peaks of requests from user zones, on the planned grid */
export function plannedDemand(forecasts: readonly SubjectForecast[]): readonly DemandForecast[] {
  return forecasts.flatMap((forecast): readonly DemandForecast[] => {
    const { subject, unit, originSeconds, quantiles, tables, explanation, model, historyHash } = forecast
    const table = tables[0]
    if (subject.resource !== 'requests' || subject.place.kind !== 'user-zone' || table === undefined) return []
    const { userZone } = subject.place
    const events = expectedEvents(explanation)
    return [{ workload: subject.workload, userZone, unit, originSeconds, quantiles, ...table, drivers: explanation.sentences, ...(events.length > 0 && { events }), model, historyHash }]
  })
}

/** Demand to come of one series, as quantiles: what is planned from. */
export interface DemandForecast extends SeriesKey {
  readonly unit: string
  readonly statistic: StepStatistic
  /** End of the newest step that was used, Unix seconds. */
  readonly originSeconds: number
  /** Starts at the origin; one step per forecast value. */
  readonly grid: Grid
  /** Ascending, each in (0, 1). */
  readonly quantiles: readonly number[]
  /** In `unit`, ≥ 0, never crossing. Shape [quantiles × steps], row-wise. */
  readonly values: Float64Array
  readonly members: readonly MemberWeight[]
  /** Undefined when the history is too short to look back. */
  readonly accuracy: ForecastAccuracy | undefined
  /** Sentences that say what drives the forecast, most important first. */
  readonly drivers: readonly string[]
  /** Left out where none is expected. */
  readonly events?: readonly ExpectedEvent[]
  /** Name and version of the model that made it, for example `prescale/1`. */
  readonly model: string
  /** Hash of the history that was used. */
  readonly historyHash: string
}

/**
 * One quantile's path.
 * @returns shape [steps], in the forecast's unit; between two stored quantiles, linear in the quantile
 * @throws RangeError when `quantile` lies outside those stored
 */
export function forecastQuantile(forecast: Pick<DemandForecast, 'quantiles' | 'values' | 'grid'>, quantile: number): Float64Array {
  const { quantiles, values, grid } = forecast
  const above = quantiles.findIndex((stored) => stored >= quantile)
  const first = quantiles[0]
  if (above < 0 || first === undefined || quantile < first) {
    throw new RangeError(`quantile ${quantile} is outside those of the forecast (${quantiles.join(', ')})`)
  }
  const row = (index: number): Float64Array => values.subarray(index * grid.length, (index + 1) * grid.length)
  const upper = row(above)
  const upperQuantile = quantiles[above] ?? quantile
  if (upperQuantile === quantile) return upper.slice()
  const lower = row(above - 1)
  const lowerQuantile = quantiles[above - 1] ?? quantile
  const share = (quantile - lowerQuantile) / (upperQuantile - lowerQuantile)
  return upper.map((value, step) => (lower[step] ?? 0) + share * (value - (lower[step] ?? 0)))
}
