import type { DemandContext } from '../../domain/events.ts'
import type { Contribution, ExplainedContext, ExplainedEffect } from '../../domain/forecast.ts'
import type { KindOnSeries } from './event-effect.ts'
import { isUsed } from './event-effect.ts'
import type { RegressorEffect } from './regressor-effects.ts'
import type { AppliedEffects } from './series-in-context.ts'
import { withEffects } from './uncertain-effect.ts'

/** Normal deviations that hold four fifths. */
const fourFifths = 1.2816

/**
 * @param driverShift  what following drivers adds, shape [quantiles × steps]
 * @returns what events, regressors and drivers add to the median of one step; parts that are 0 are left out
 */
export function contextContributions(applied: AppliedEffects | undefined, driverShift: Float64Array | undefined, quantiles: readonly number[], step: number): readonly Contribution[] {
  const steps = (driverShift?.length ?? 0) / quantiles.length
  const drivers: readonly Contribution[] = [{ part: 'drivers', value: driverShift?.[quantiles.indexOf(0.5) * steps + step] ?? 0 }]
  return [...effectContributions(applied, quantiles, step), ...drivers].filter(({ value }) => value !== 0)
}

function effectContributions(applied: AppliedEffects | undefined, quantiles: readonly number[], step: number): readonly Contribution[] {
  const acting = applied?.acting[step]
  if (applied === undefined || acting === undefined) return []
  const horizon = applied.acting.length
  const median = quantiles.indexOf(0.5)
  const column = Float64Array.from(quantiles, (_, q) => applied.base[q * horizon + step] ?? 0)
  const base = column[median] ?? 0
  const withEvents = withEffects(column, quantiles, [acting.events])[median] ?? base
  const withAll = withEffects(column, quantiles, [acting.all])[median] ?? base
  return [{ part: 'events', value: withEvents - base }, { part: 'regressors', value: withAll - withEvents }]
}

/**
 * @param further  what else was found to act: executions, drivers
 * @returns what was known and what it was found to do; undefined where nothing was
 */
export function contextExplanation(
  applied: AppliedEffects | undefined,
  further: readonly ExplainedEffect[],
  context: DemandContext | undefined,
  originSeconds: number,
): ExplainedContext | undefined {
  if (context === undefined && further.length === 0) return undefined
  const horizonSeconds = applied === undefined ? 0 : applied.acting.length * applied.cleaned.stepSeconds
  const until = originSeconds + horizonSeconds
  return {
    ...(context === undefined ? {} : { hash: context.hash }),
    effects: [...(applied?.effects.kinds ?? []).map((one) => explainedEvent(one, originSeconds, until)), ...(applied?.effects.regressors ?? []).map(explainedRegressor), ...further],
    notes: context?.notes ?? [],
  }
}

function explainedEvent(one: KindOnSeries, originSeconds: number, untilSeconds: number): ExplainedEffect {
  const { effect, trial, windows, observed } = one
  const shareOf = (value: number): number => (effect?.mode === 'adds' ? value : Math.exp(value) - 1)
  const [whole, spread] = [effect?.whole ?? 0, fourFifths * (effect?.wholeDeviation ?? 0)]
  const next = windows.find(({ occurrence }) => occurrence.endSeconds > originSeconds && occurrence.startSeconds - occurrence.leadInSeconds < untilSeconds)
  return {
    kind: 'event',
    name: one.kind,
    used: isUsed(one),
    share: shareOf(whole),
    low: shareOf(whole - spread),
    high: shareOf(whole + spread),
    occurrences: observed.length,
    trial: Number.isFinite(trial.withEffect) ? { withEffect: trial.withEffect, without: trial.without } : undefined,
    nextSeconds: next?.occurrence.startSeconds,
    ...(next === undefined ? {} : { nextEndSeconds: next.occurrence.endSeconds }),
  }
}

function explainedRegressor({ regressor, verdict, perDeviation, mean, deviation, withEffect, without }: RegressorEffect): ExplainedEffect {
  const trial = Number.isFinite(withEffect) ? { withEffect, without } : undefined
  return { kind: 'regressor', name: regressor.name, used: verdict === 'helps', sharePerDeviation: perDeviation, mean, deviation, trial }
}

/** @returns sentences: `acting`, what changes this forecast, soonest first; `idle`, what does not and why, and what could not be read */
export function contextSentences(explained: ExplainedContext | undefined): { readonly acting: readonly string[]; readonly idle: readonly string[] } {
  if (explained === undefined) return { acting: [], idle: [] }
  const { effects, notes } = explained
  const soonest = (effect: ExplainedEffect): number => (effect.kind === 'event' ? (effect.nextSeconds ?? Infinity) : Infinity)
  const acting = effects.filter(acts).toSorted((a, b) => soonest(a) - soonest(b))
  return { acting: acting.map(sentence), idle: [...effects.filter((effect) => !acts(effect)).map(sentence), ...notes] }
}

function acts(effect: ExplainedEffect): boolean {
  switch (effect.kind) {
    case 'event':
      return effect.used && effect.nextSeconds !== undefined
    case 'regressor':
      return effect.used
    case 'executions':
    case 'driver':
      return effect.weight > 0
    default:
      return effect satisfies never
  }
}

function sentence(effect: ExplainedEffect): string {
  switch (effect.kind) {
    case 'event':
      return eventSentence(effect)
    case 'regressor':
      return regressorSentence(effect)
    case 'executions':
      return executionsSentence(effect)
    case 'driver':
      return driverSentence(effect)
    default:
      return effect satisfies never
  }
}

function eventSentence({ name, used, share, low, high, occurrences, trial, nextSeconds }: Extract<ExplainedEffect, { kind: 'event' }>): string {
  const title = `event '${name}'`
  const next = nextSeconds === undefined ? 'none in this forecast' : `next ${moment(nextSeconds)}`
  const past = `${occurrences} past occurrence${occurrences === 1 ? '' : 's'}`
  if (occurrences === 0 && !used) return `${title} has no past occurrence in the history to learn from, ${next}`
  if (!used) {
    const why = trial === undefined ? 'its effect does not stand out from usual differences' : `forecasts without it were ${ratio(trial.withEffect, trial.without)} at ${past}`
    return `${title} is left out: ${why}; ${next}`
  }
  const source = occurrences === 0 ? 'as other series show' : `from ${past}`
  const proof = trial === undefined ? '' : `; forecasts with it missed them by ${percent(trial.withEffect / trial.without)} of what they missed without`
  return `${title}: ${signedPercent(share)} (${signedPercent(low)} to ${signedPercent(high)}) ${source}, ${next}${proof}`
}

function regressorSentence({ name, used, sharePerDeviation, mean, deviation, trial }: Extract<ExplainedEffect, { kind: 'regressor' }>): string {
  if (!used) {
    const why = trial === undefined ? 'the history is too short to learn its effect' : `days that were left out were forecast no better with it`
    return `regressor '${name}' is left out: ${why}`
  }
  const gain = trial === undefined ? '' : `; errors on days that were left out were ${percent(1 - trial.withEffect / trial.without)} lower with it`
  return `regressor '${name}': ${signedPercent(sharePerDeviation)} at ${figure(mean + deviation)} against ${figure(mean)}${gain}`
}

function executionsSentence({ weight, arrivalsPerHour, durationSeconds, takes, trial }: Extract<ExplainedEffect, { kind: 'executions' }>): string {
  const each = `an execution lasts ${span(durationSeconds.p50)} at median (p95 ${span(durationSeconds.p95)}) and takes ${figure(takes.p50)} (p95 ${figure(takes.p95)})`
  const use = weight > 0 ? `arrivals times profile count ${percent(weight)}, which lowers the loss of past forecasts by ${percent(1 - trial.withEffect / trial.without)}` : 'the models of demand itself forecast better'
  return `executions: ${figure(arrivalsPerHour)} arrive an hour; ${each}; ${use}`
}

function driverSentence({ name, weight, ratio, lagSeconds, elasticity, correlation, correlationAtLeast, trial }: Extract<ExplainedEffect, { kind: 'driver' }>): string {
  const title = `driver '${name}'`
  if (trial === undefined) return `${title} is not followed: its departures from the usual week correlate by ${correlation.toFixed(2)}, perhaps only ${correlationAtLeast.toFixed(2)}`
  const lead = `${figure(ratio)} per unit ${lagSeconds > 0 ? `${span(lagSeconds)} later` : 'at once'}, ${figure(elasticity)} % for each percent that it departs (correlation ${correlation.toFixed(2)})`
  if (weight === 0) return `${title} leads (${lead}), but past forecasts were no better for following it`
  return `${title}: ${lead}; followed by ${percent(weight)}, which lowers the loss of past forecasts by ${percent(1 - trial.withEffect / trial.without)}`
}

function span(seconds: number): string {
  if (seconds < 90) return `${figure(seconds)} s`
  return seconds < 5400 ? `${figure(seconds / 60)} min` : `${figure(seconds / 3600)} h`
}

/** How the error without compares: `as good` or `4 % better`. */
function ratio(withEffect: number, without: number): string {
  const better = withEffect > 0 ? 1 - without / withEffect : 0
  return better < 0.005 ? 'about as good' : `${percent(better)} better`
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

/** `Fri 2026-01-30 18:00 UTC` */
function moment(seconds: number): string {
  const time = new Date(seconds * 1000)
  return `${days[time.getUTCDay()] ?? ''} ${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function signedPercent(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.round(Math.abs(share) * 100)} %`
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)))
}
