import type { DemandContext, EventOccurrence } from '../../../src/domain/events.ts'
import type { DemandSubject } from '../../../src/domain/forecast.ts'
import type { SubjectSteps } from '../../../src/forecast/effects/series-effects.ts'
import { seededRandom } from '../../../src/forecast/seeded-random.ts'
import { mondaySeconds } from '../series.ts'

export const hour = 3600

/** Hourly demand of level 1000 with a day and a week in it, and noise with the given standard deviation as a share. */
export function usualDemand(days: number, seed: number, noise: number): Float64Array {
  const random = seededRandom(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Float64Array.from({ length: days * 24 }, (_, i) => {
    const weekday = Math.floor(i / 24) % 7
    return 1000 * (1 + 0.5 * Math.sin((2 * Math.PI * (i % 24)) / 24)) * (weekday >= 5 ? 0.7 : 1) * Math.exp(noise * normal())
  })
}

/** An event of `hours` from an hour after the series' start. */
export function anEvent(kind: string, fromHour: number, hours: number, change: Partial<EventOccurrence> = {}): EventOccurrence {
  const startSeconds = mondaySeconds + fromHour * hour
  return {
    kind, startSeconds, endSeconds: startSeconds + hours * hour, magnitude: 1, leadInSeconds: 2 * hour, afterSeconds: 2 * hour, standing: 'read',
    workloads: undefined, userZones: undefined, ...change,
  }
}

/** Multiplies demand within some hours. */
export function raised(values: Float64Array, spans: readonly (readonly [fromHour: number, hours: number, factor: number])[]): Float64Array {
  const changed = values.slice()
  for (const [from, hours, factor] of spans) for (let i = from; i < from + hours; i += 1) if (i < changed.length) changed[i] = (changed[i] ?? 0) * factor
  return changed
}

export function aContext(events: readonly EventOccurrence[], change: Partial<DemandContext> = {}): DemandContext {
  return { events, regressors: [], dependencies: [], notes: [], hash: 'context', ...change }
}

export function subjectSteps(values: Float64Array, userZone = 'eu'): SubjectSteps {
  const subject: DemandSubject = { workload: 'web', resource: 'requests', place: { kind: 'user-zone', userZone } }
  return { subject, steps: { name: `web/${userZone}`, startSeconds: mondaySeconds, stepSeconds: hour, values } }
}
