import type { DesiredPool, ScheduledChange } from './desired-state.ts'

export const minutesPerDay = 1440

/** A scheduled change with the time it stays in force: the windows of a pool follow one another without gaps and cover the day. */
export interface DayWindow extends ScheduledChange {
  /** 1 to 1440 */
  readonly minutes: number
}

/**
 * Each change stays in force until the next one; the last lasts over midnight until the first.
 * @param schedule  ascending by minute, no minute twice
 */
export function dayWindows(schedule: readonly ScheduledChange[]): readonly DayWindow[] {
  return schedule.map((change, index) => {
    const next = schedule[index + 1]?.minuteOfDay ?? (schedule[0]?.minuteOfDay ?? 0) + minutesPerDay
    return { ...change, minutes: next - change.minuteOfDay }
  })
}

/** @returns the change in force at an instant, undefined when the schedule is empty */
export function scheduledAt(schedule: readonly ScheduledChange[], atSeconds: number): ScheduledChange | undefined {
  const minute = Math.floor(atSeconds / 60) % minutesPerDay
  return schedule.findLast((change) => change.minuteOfDay <= minute) ?? schedule.at(-1)
}

/**
 * The count below which a schedule may not take a pool. Google and Azure hold whatever their schedule says at every minute, so a count
 * that the schedule does not know would be undone by it; such a pool keeps its desired count as a floor until it is planned again.
 */
export function scheduleFloor(pool: Pick<DesiredPool, 'desired' | 'schedule'>): number {
  return pool.schedule.some((change) => change.desired === pool.desired) ? Math.min(...pool.schedule.map((change) => change.min)) : pool.desired
}
