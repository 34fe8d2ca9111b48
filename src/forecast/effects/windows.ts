import { inScope, type EventOccurrence } from '../../domain/events.ts'
import type { DemandSubject } from '../../domain/forecast.ts'
import type { StepSeries } from '../step-series.ts'

const secondsPerHour = 3600
/** Bins of an event's own time at most. */
const mostBins = 24
/** Bins of lead-in and of after-effect at most, each. */
const mostEdgeBins = 6

/** One occurrence laid over a series' steps. */
export interface EventWindow {
  readonly occurrence: EventOccurrence
  /** First step that the occurrence may touch and the first after it; may lie outside the series. */
  readonly from: number
  readonly to: number
  /** First step of the event itself, and the first after it. */
  readonly start: number
  readonly end: number
}

/** How the time of one kind of event is cut: hours before it, equal parts of it, hours after it. */
export interface EventBins {
  readonly leadIn: number
  readonly main: number
  readonly after: number
  readonly edgeSteps: number
}

/** @returns whether an event is spoken of for a subject: that of a place other than a user zone is touched by any user zone's */
export function concerns(occurrence: EventOccurrence, { workload, place }: DemandSubject): boolean {
  return place.kind === 'user-zone' ? inScope(occurrence, { workload, userZone: place.userZone }) : inScope({ ...occurrence, userZones: undefined }, { workload, userZone: '' })
}

/** @returns the occurrence's steps; a step that it touches at all belongs to it */
export function eventWindow(occurrence: EventOccurrence, { startSeconds, stepSeconds }: Pick<StepSeries, 'startSeconds' | 'stepSeconds'>): EventWindow {
  const step = (seconds: number): number => (seconds - startSeconds) / stepSeconds
  const start = Math.floor(step(occurrence.startSeconds))
  const end = Math.max(start + 1, Math.ceil(step(occurrence.endSeconds)))
  const lead = Math.ceil(occurrence.leadInSeconds / stepSeconds)
  const after = Math.ceil(occurrence.afterSeconds / stepSeconds)
  return { occurrence, from: start - lead, to: end + after, start, end }
}

/** Cuts the time of a kind by its occurrences: about an hour each, an event's own time into at most 24 parts of equal share. */
export function eventBins(windows: readonly EventWindow[], stepSeconds: number): EventBins {
  const edgeSteps = Math.max(1, Math.round(secondsPerHour / stepSeconds))
  const lengths = windows.map(({ start, end }) => end - start).sort((a, b) => a - b)
  const usual = lengths[Math.floor(lengths.length / 2)] ?? 1
  const main = Math.min(mostBins, Math.max(1, Math.round(usual / edgeSteps)))
  const edges = (steps: (window: EventWindow) => number): number => Math.min(mostEdgeBins, Math.ceil(Math.max(0, ...windows.map(steps)) / edgeSteps))
  return { leadIn: edges(({ from, start }) => start - from), main, after: edges(({ to, end }) => to - end), edgeSteps }
}

/** @returns number of bins */
export function binCount({ leadIn, main, after }: EventBins): number {
  return leadIn + main + after
}

/** @returns the bin of a step of the window: lead-in first, then the event, then after it */
export function binOf(window: EventWindow, bins: EventBins, step: number): number {
  const { start, end } = window
  if (step < start) return Math.max(0, bins.leadIn - 1 - Math.floor((start - 1 - step) / bins.edgeSteps))
  if (step < end) return bins.leadIn + Math.min(bins.main - 1, Math.floor(((step - start) * bins.main) / (end - start)))
  return bins.leadIn + bins.main + Math.min(bins.after - 1, Math.floor((step - end) / bins.edgeSteps))
}
