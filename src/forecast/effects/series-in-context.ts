import type { DemandContext } from '../../domain/events.ts'
import type { StepStatistic } from '../../domain/forecast.ts'
import { accuracyOf } from '../accuracy.ts'
import type { MemberPaths } from '../combine.ts'
import { naiveDay, naiveNames, naiveWeek } from '../members/all.ts'
import type { ModelShelf } from '../model-shelf.ts'
import type { Network } from '../network.ts'
import { settlePaths, type QuantilePaths } from '../quantiles.ts'
import { forecastSeries, type ForecastSource, type GridRequest, type SeriesForecast } from '../series-forecast.ts'
import { modelSeries, type ModelSeries } from '../step-series.ts'
import { actingEffects, learnEffects, type ActingEffect, type SeriesEffects, type SubjectSteps } from './series-effects.ts'
import { withEffects } from './uncertain-effect.ts'

/** A series of a subject by one statistic. */
export interface ContextSource extends ForecastSource, SubjectSteps {
  readonly statistic: StepStatistic
}

/** What events and regressors did to a forecast. */
export interface AppliedEffects {
  readonly effects: SeriesEffects
  /** One per step of the horizon; undefined where nothing acts. */
  readonly acting: readonly (ActingEffect | undefined)[]
  /** The series that the models saw, and what they said, before effects were put on. */
  readonly cleaned: ModelSeries
  readonly base: QuantilePaths
}

/** A forecast in which events and regressors are counted. */
export interface ContextForecast extends SeriesForecast {
  /** Undefined where nothing of the context concerns the series. */
  readonly applied: AppliedEffects | undefined
}

/**
 * Forecasts series of one grid with what is known besides demand: effects are learned and taken off history, the models forecast what is
 * left, and effects are put back on with their uncertainty. Past forecasts get the effects as other occurrences teach them, and are judged,
 * like the naives, against demand as it was measured.
 * @returns one per source, in order; without a context exactly what the models say
 */
export async function forecastInContext(
  sources: readonly ContextSource[],
  request: GridRequest,
  context: DemandContext | undefined,
  network: Network | undefined,
  shelf: ModelShelf | undefined,
): Promise<readonly ContextForecast[]> {
  const effects = effectsOf(sources, request, context)
  const cleaned = sources.map((source, s): ForecastSource => ({ ...source, steps: effects[s]?.cleaned ?? source.steps }))
  const said = await forecastSeries(cleaned, request, network, shelf)
  return said.map((forecast, s) => {
    const own = effects[s]
    const source = sources[s]
    return own === undefined || source === undefined ? { ...forecast, applied: undefined } : restored(forecast, source, own, request)
  })
}

function effectsOf(sources: readonly ContextSource[], { horizonSteps }: GridRequest, context: DemandContext | undefined): (SeriesEffects | undefined)[] {
  const found = sources.map((): SeriesEffects | undefined => undefined)
  if (context === undefined || (context.events.length === 0 && context.regressors.length === 0)) return found
  for (const statistic of new Set(sources.map((source) => source.statistic))) {
    const places = sources.flatMap((source, s) => (source.statistic === statistic ? [s] : []))
    const learned = learnEffects(places.map((s) => sources[s] as ContextSource), context, horizonSteps)
    places.forEach((s, i) => {
      found[s] = learned[i]
    })
  }
  return found
}

function restored(forecast: SeriesForecast, source: ContextSource, effects: SeriesEffects, { horizonSteps: horizon, quantiles }: GridRequest): ContextForecast {
  const series = modelSeries(source.steps)
  // models drop the steps before the first measured one
  const dropped = Math.round((series.startSeconds - source.steps.startSeconds) / source.steps.stepSeconds)
  const acting = (origin: number, view: 'coming' | 'past'): readonly (ActingEffect | undefined)[] => actingEffects(effects, origin + dropped, horizon, view)
  const coming = acting(forecast.origin, 'coming')
  const put = (paths: QuantilePaths, on: readonly (ActingEffect | undefined)[]): QuantilePaths => withEffects(paths, quantiles, on.map((one) => one?.all))
  const past = forecast.past.map((one) => ({ ...one, paths: put(one.paths, acting(one.origin, 'past')) }))
  return {
    ...forecast,
    series,
    past,
    final: { ...forecast.final, paths: put(forecast.final.paths, coming) },
    members: forecast.members.map((member) => ({ ...member, paths: member.paths.map((paths) => put(paths, coming)) })),
    accuracy: accuracyOf(series, past, naivesOf(series, past.map(({ origin }) => origin), horizon, quantiles), naiveNames, quantiles),
    applied: { effects, acting: coming, cleaned: forecast.series, base: forecast.final.paths },
  }
}

/** @returns paths of the naives on demand as it was measured, from each origin: they know of no event */
export function naivesOf(series: ModelSeries, origins: readonly number[], horizon: number, quantiles: readonly number[]): MemberPaths[] {
  const days = Math.floor((origins[0] ?? 0) / series.perDay)
  return [naiveDay, naiveWeek]
    .filter(({ leastDays }) => days >= leastDays)
    .map((member) => ({
      member: member.name,
      prior: 0,
      paths: origins.map((origin) => {
        const paths = member.forecast(series, origin, horizon, quantiles).slice()
        settlePaths(paths, quantiles.length, horizon, Infinity)
        return paths
      }),
    }))
}
