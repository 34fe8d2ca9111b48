import type { Executions } from '../../../src/domain/history.ts'
import { seededRandom } from '../../../src/forecast/seeded-random.ts'
import { mondaySeconds } from '../series.ts'

/** Draws arrivals by a rate per hour, and durations (lognormal, seconds) and takes of each. */
export function madeUpExecutions(days: number, seed: number, ratePerHour: (hour: number) => number, medianSeconds: number, takes: number): Executions {
  const random = seededRandom(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const told: { start: number; duration: number; takes: number }[] = []
  for (let hour = 0; hour < days * 24; hour += 1) {
    // arrivals of an hour: gaps of an exponential distribution
    for (let at = -Math.log(1 - random()) / ratePerHour(hour); at < 1; at += -Math.log(1 - random()) / ratePerHour(hour)) {
      told.push({ start: mondaySeconds + (hour + at) * 3600, duration: medianSeconds * Math.exp(0.5 * normal()), takes: takes * (0.5 + random()) })
    }
  }
  return {
    workload: 'jobs', userZone: 'eu', resource: 'requests',
    startSeconds: Float64Array.from(told, ({ start }) => start), durationSeconds: Float64Array.from(told, ({ duration }) => duration), takes: Float64Array.from(told, ({ takes: each }) => each),
  }
}
