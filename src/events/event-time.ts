import type { TimeZone } from '../domain/time-zone.ts'

const form = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/i
const secondsPerDay = 86_400

/** What a feed says of a moment. */
export interface EventTime {
  /** Unix seconds; of a day, its first instant. */
  readonly seconds: number
  readonly precision: 'instant' | 'day'
}

/**
 * `2026-01-26T13:00:00Z`, `2026-01-26T14:00+01:00`, `2026-01-26 13:00` (in the zone), `2026-01-26` (a day of the zone).
 * @returns undefined when the text is no such time
 */
export function eventTime(text: string, zone: TimeZone): EventTime | undefined {
  const [, year, month, day, hour, minute, second, offset] = form.exec(text.trim()) ?? []
  if (year === undefined) return undefined
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day)) / 1000
  if (new Date(date * 1000).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return undefined
  if (hour === undefined) return { seconds: zone.instant(date), precision: 'day' }
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 60) return undefined
  const local = date + Number(hour) * 3600 + Number(minute) * 60 + Number(second ?? 0)
  if (offset === undefined) return { seconds: zone.instant(local), precision: 'instant' }
  if (offset.toUpperCase() === 'Z') return { seconds: local, precision: 'instant' }
  const size = Number(offset.slice(1, 3)) * 3600 + Number(offset.slice(4)) * 60
  return { seconds: offset.startsWith('-') ? local + size : local - size, precision: 'instant' }
}

/** @returns the first instant of the day after the one that `seconds` begins, whatever daylight saving does to it */
export function nextDay(seconds: number, zone: TimeZone): number {
  const noonAfter = seconds + 1.5 * secondsPerDay
  const day = Math.floor((noonAfter + zone.offset(noonAfter)) / secondsPerDay)
  return zone.instant(day * secondsPerDay)
}
