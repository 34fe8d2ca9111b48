import type { DemandContext, EventOccurrence } from '../../domain/events.ts'
import { inScope } from '../../domain/events.ts'
import type { DemandSubject } from '../../domain/forecast.ts'
import { daySeconds, type StepSeries } from '../step-series.ts'
import type { BaselineSeries } from './baseline.ts'
import { isUsed, clampedSize, learnKind, poolKind, type KindOnSeries, type LearnedEffect, type PooledEffect } from './event-effect.ts'
import { learnRegressors, type RegressorEffect } from './regressor-effects.ts'
import type { StepEffect } from './uncertain-effect.ts'
import { binOf, concerns, eventBins, eventWindow, type EventWindow } from './windows.ts'

/** A series of a subject, on one grid. */
export interface SubjectSteps {
  readonly subject: DemandSubject
  readonly steps: StepSeries
}

/** What events and regressors do to one series. */
export interface SeriesEffects {
  readonly kinds: readonly KindOnSeries[]
  readonly regressors: readonly RegressorEffect[]
  /** Demand as it would have been without them: what models learn from. */
  readonly cleaned: StepSeries
}

/** Share of an occurrence's own deviation from its kind that is taken off history. */
const ownShare = 0.8
/** How often kinds that overlap are told apart anew. */
const overlapRounds = 3

/**
 * Learns the effects of events and regressors on some series: each kind of event first on its own series, then again with what the others
 * show of it.
 * @param all      one statistic of one grid
 * @param horizon  steps ahead that effects will be asked for
 * @returns one per series, in order; undefined where nothing of the context concerns a series
 */
export function learnEffects(all: readonly SubjectSteps[], context: DemandContext, horizon: number): readonly (SeriesEffects | undefined)[] {
  const windows = all.map((one) => kindWindows(one, context.events))
  const alone = all.map((one, s) => learnKinds(one, windows[s] ?? new Map<string, readonly EventWindow[]>(), new Map<string, PooledEffect>()))
  return all.map((one, s) => {
    const own = windows[s] ?? new Map<string, readonly EventWindow[]>()
    const pooled = new Map(
      [...own.keys()].flatMap((kind): [string, PooledEffect][] => {
        // totals hold their parts' demand: they would say everything twice
        const others = alone.flatMap((kinds, other) => (other === s || all[other]?.subject.place.kind === 'everywhere' ? [] : kinds.filter((found) => found.kind === kind)))
        const effect = poolKind(others)
        return effect === undefined ? [] : [[kind, effect]]
      }),
    )
    const kinds = pooled.size > 0 ? learnKinds(one, own, pooled) : (alone[s] ?? [])
    const numbers = context.regressors.filter((regressor) => concernsNumber(regressor, one.subject))
    if (kinds.length === 0 && numbers.length === 0) return undefined
    const withoutEvents = { ...one.steps, values: withoutKinds(one.steps.values, kinds, one.steps, 'observed') }
    const regressors = learnRegressors(withoutEvents, one.steps.values.length + horizon, numbers)
    const cleaned = withoutEvents.values.map((value, step) => value / Math.exp(regressorLog(regressors, step)))
    return { kinds, regressors, cleaned: { ...one.steps, values: cleaned } }
  })
}

function concernsNumber(scope: DemandContext['regressors'][number], { workload, place }: DemandSubject): boolean {
  return place.kind === 'user-zone' ? inScope(scope, { workload, userZone: place.userZone }) : inScope({ ...scope, userZones: undefined }, { workload, userZone: '' })
}

/** Occurrences of each kind that concern a series, by name. */
function kindWindows({ subject, steps }: SubjectSteps, events: readonly EventOccurrence[]): ReadonlyMap<string, readonly EventWindow[]> {
  const kinds = Map.groupBy(
    events.filter((occurrence) => concerns(occurrence, subject)),
    ({ kind }) => kind,
  )
  return new Map([...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, occurrences]) => [kind, occurrences.map((occurrence) => eventWindow(occurrence, steps))]))
}

function learnKinds({ steps }: SubjectSteps, windows: ReadonlyMap<string, readonly EventWindow[]>, pooled: ReadonlyMap<string, PooledEffect>): readonly KindOnSeries[] {
  const { values, stepSeconds } = steps
  const touched = new Uint8Array(values.length)
  const counted = new Uint8Array(values.length)
  for (const { from, to } of [...windows.values()].flat()) {
    for (let step = Math.max(0, from); step < Math.min(values.length, to); step += 1) {
      if (touched[step] === 1) counted[step] = 1
      touched[step] = 1
    }
  }
  const learn = (kind: string, own: readonly EventWindow[], seen: Float64Array): KindOnSeries => {
    const series: BaselineSeries = { values: seen, touched, perDay: daySeconds / stepSeconds }
    return learnKind(kind, own, eventBins(own, stepSeconds), series, pooled.get(kind))
  }
  let kinds = [...windows].map(([kind, own]) => learn(kind, own, values))
  // where events overlap, each is seen again without the others
  for (let round = 0; round < overlapRounds && kinds.length > 1 && counted.includes(1); round += 1) {
    const before = kinds
    kinds = [...windows].map(([kind, own], k) => learn(kind, own, withoutKinds(values, before.filter((_, other) => other !== k), steps, 'expected')))
  }
  return kinds
}

/**
 * Takes the effects of kinds that are used off demand.
 * @param amount  `expected`: what their kind lets expect of each occurrence; `observed`: most of what each was seen to do
 */
function withoutKinds(values: Float64Array, kinds: readonly KindOnSeries[], { stepSeconds }: StepSeries, amount: 'expected' | 'observed'): Float64Array {
  const cleaned = values.slice()
  for (const one of kinds) {
    const { effect, windows, observed } = one
    if (effect === undefined || !isUsed(one)) continue
    for (const window of windows) {
      const seen = observed.find((found) => found.window === window)
      const off = seen === undefined || amount === 'expected' ? 0 : ownShare * (seen.whole[effect.mode] - effect.whole * sizeOf(effect, window))
      const level = levelBefore(cleaned, Math.max(0, window.from), daySeconds / stepSeconds)
      for (let step = Math.max(0, window.from); step < Math.min(values.length, window.to); step += 1) {
        const bin = binOf(window, effect.bins, step)
        const main = step >= window.start && step < window.end ? off : 0
        const size = (effect.expected[bin] ?? 0) * sizeOf(effect, window) + main
        const value = cleaned[step] ?? Number.NaN
        cleaned[step] = effect.mode === 'multiplies' ? value / Math.exp(size) : Math.max(0, value - size * level)
      }
    }
  }
  return cleaned
}

function sizeOf({ usualMagnitude }: LearnedEffect, { occurrence }: EventWindow): number {
  return usualMagnitude === undefined ? 1 : clampedSize(occurrence.magnitude / usualMagnitude)
}

/** Mean of the two days before a step. */
function levelBefore(values: Float64Array, step: number, perDay: number): number {
  const known = values.subarray(Math.max(0, step - 2 * perDay), step).filter(Number.isFinite)
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : 0
}

function regressorLog(regressors: readonly RegressorEffect[], step: number): number {
  return regressors.reduce((sum, { logs }) => sum + (logs[step] ?? 0), 0)
}

/** What acts in one step, and what of it comes from events. */
export interface ActingEffect {
  readonly all: StepEffect
  readonly events: StepEffect
}

/**
 * What acts on the steps after an origin. From a past origin each occurrence acts as the others teach, as it was not known by then.
 * @param view  `coming`: with all that is known; `past`: as if not having seen what came
 * @returns one per step, undefined where nothing acts
 */
export function actingEffects({ kinds, regressors, cleaned }: SeriesEffects, origin: number, horizon: number, view: 'coming' | 'past'): readonly (ActingEffect | undefined)[] {
  const perDay = daySeconds / cleaned.stepSeconds
  const level = levelBefore(cleaned.values, origin, perDay)
  return Array.from({ length: horizon }, (_, i) => {
    const step = origin + i
    const acting = kinds.flatMap((one) => (isUsed(one) ? one.windows.flatMap((window) => eventAt(one, window, step, view)) : []))
    const log = regressorLog(regressors, step)
    const variance = regressors.reduce((sum, { deviations }) => sum + (deviations[step] ?? 0) ** 2, 0)
    if (acting.length === 0 && log === 0 && variance === 0) return undefined
    const events = sumOf(acting, level)
    return { events, all: { ...events, log: events.log + log, logDeviation: Math.sqrt(events.logDeviation ** 2 + variance) } }
  })
}

interface ActingEvent {
  readonly effect: LearnedEffect
  readonly amount: number
  readonly deviation: number
  readonly standing: EventOccurrence['standing']
}

function eventAt(one: KindOnSeries, window: EventWindow, step: number, view: 'coming' | 'past'): ActingEvent[] {
  if (step < window.from || step >= window.to) return []
  const index = one.observed.findIndex((found) => found.window === window)
  const effect = view === 'past' && index >= 0 ? one.fromOthers[index] : one.effect
  if (effect === undefined) return []
  const bin = binOf(window, effect.bins, step)
  const size = sizeOf(effect, window)
  return [{ effect, amount: (effect.expected[bin] ?? 0) * size, deviation: (effect.deviation[bin] ?? 0) * size, standing: window.occurrence.standing }]
}

function sumOf(acting: readonly ActingEvent[], level: number): StepEffect {
  let [log, logVariance, shift, shiftVariance] = [0, 0, 0, 0]
  for (const { effect, amount, deviation, standing } of acting) {
    const believed = standing === 'held' ? Math.max(0, amount) : amount
    if (effect.mode === 'multiplies') {
      log += believed
      logVariance += deviation ** 2
    } else {
      shift += believed * level
      shiftVariance += (deviation * level) ** 2
    }
  }
  const side = acting.some(({ standing }) => standing === 'held') ? 'raises' : 'both'
  return { log, logDeviation: Math.sqrt(logVariance), shift, shiftDeviation: Math.sqrt(shiftVariance), side }
}
