import ICAL from 'ical.js'
import type { TimeRange } from '../domain/grid.ts'
import { TimeZone } from '../domain/time-zone.ts'
import type { EventEntry } from './event-entry.ts'
import { FeedFaults } from './feed-faults.ts'

/** Repetitions of one event that are looked at before it is refused. */
const mostRepetitions = 200_000
/** An exception may move an occurrence this far, seconds. */
const farthestMove = 31 * 86_400

type CalendarTime = InstanceType<typeof ICAL.Time>
type Component = InstanceType<typeof ICAL.Component>

/** Start and end of one event as its component says them. */
interface Span {
  readonly startSeconds: number
  readonly endSeconds: number
}

/**
 * The events of an iCalendar file that touch a range, recurring ones expanded, moved and cancelled occurrences heeded. A local time that
 * names a zone of this machine's database is read by it; other zones by the calendar's own VTIMEZONE. `X-PRESCALE-MAGNITUDE` is the magnitude.
 * @param file  name that faults give it
 * @param zone  IANA name, for all-day events and times without a zone
 * @throws Problem `input-invalid` with every fault, each at its line and column
 * @see RFC 5545
 */
export function readCalendar(text: string, file: string, range: TimeRange, zone: string): readonly EventEntry[] {
  const faults = new FeedFaults(file)
  const clock = new Clock(zone)
  const calendars = parsed(text, faults)
  const lines = eventLines(text)
  let index = 0
  const entries = calendars.flatMap((calendar) => {
    const places = new Map(calendar.getAllSubcomponents('vevent').map((component) => [component, lines[index++] ?? 1]))
    return calendarEntries(places, range, clock, faults)
  })
  faults.throwIfAny('a calendar')
  return entries.sort((a, b) => a.startSeconds - b.startSeconds || (a.name < b.name ? -1 : 1))
}

function parsed(text: string, faults: FeedFaults): readonly Component[] {
  if (!/^BEGIN:VCALENDAR\s*$/im.test(text)) {
    faults.add(1, 1, '', 'has no BEGIN:VCALENDAR, expected an iCalendar file')
    return []
  }
  try {
    const data: unknown = ICAL.parse(text)
    const whole = Array.isArray(data) && Array.isArray(data[0]) ? (data as unknown[][]) : [data as unknown[]]
    return whole.map((one) => new ICAL.Component(one))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    faults.add(lineNamed(text, message), 1, '', `is not iCalendar: ${message}`)
    return []
  }
}

/** The line that the library's message quotes, or the last one: a calendar that is cut short is at fault where it ends. */
function lineNamed(text: string, message: string): number {
  const quoted = /["']([^"']{3,})["']\s*$/.exec(message)?.[1]
  const lines = text.split(/\r?\n/)
  const found = quoted === undefined ? -1 : lines.findIndex((line) => line.startsWith(quoted) || quoted.startsWith(line) && line.length > 2)
  return found < 0 ? lines.findLastIndex((line) => line !== '') + 1 : found + 1
}

/** @returns the line of each BEGIN:VEVENT, from 1 */
function eventLines(text: string): number[] {
  return text.split(/\r?\n/).flatMap((line, index) => (/^BEGIN:VEVENT\s*$/i.test(line) ? [index + 1] : []))
}

function calendarEntries(places: ReadonlyMap<Component, number>, range: TimeRange, clock: Clock, faults: FeedFaults): EventEntry[] {
  const components = [...places.keys()]
  const uidOf = (component: Component): string => String(component.getFirstPropertyValue('uid') ?? '')
  const masters = new Set(components.filter((component) => !component.hasProperty('recurrence-id')).map(uidOf))
  return components.flatMap((component): EventEntry[] => {
    const line = places.get(component) ?? 1
    // an exception whose series is there is heeded when that is expanded
    if (component.hasProperty('recurrence-id') && masters.has(uidOf(component))) return []
    try {
      const exceptions = components.filter((other) => other !== component && other.hasProperty('recurrence-id') && uidOf(other) === uidOf(component))
      return expanded(component, exceptions, range, clock)
    } catch (error) {
      faults.add(line, 1, String(component.getFirstPropertyValue('summary') ?? 'VEVENT'), error instanceof Error ? error.message : String(error))
      return []
    }
  })
}

function expanded(component: Component, exceptions: readonly Component[], range: TimeRange, clock: Clock): EventEntry[] {
  const own = spanOf(component, clock)
  const touches = ({ startSeconds, endSeconds }: Span): boolean => endSeconds > range.fromSeconds && startSeconds < range.toSeconds
  const event = new ICAL.Event(component, { exceptions: [] })
  if (!event.isRecurring()) return touches(own) ? entry(component, own) : []
  const moved = new Map(exceptions.map((one) => [clock.seconds(timeOf(one, 'recurrence-id')), one]))
  const later = [...moved].filter(([, one]) => one.getFirstProperty('recurrence-id')?.getParameter('range') === 'THISANDFUTURE').sort(([a], [b]) => a - b)
  const start = timeOf(component, 'dtstart')
  const wholeDays = start.time.isDate
  const days = Math.round((own.endSeconds - own.startSeconds) / 86_400)
  const entries: EventEntry[] = []
  const iterator = event.iterator()
  for (let count = 0; ; count += 1) {
    if (count === mostRepetitions) throw new RangeError(`repeats more than ${mostRepetitions} times before the time that is looked at ends`)
    const next = iterator.next() as CalendarTime | null | undefined
    if (next === null || next === undefined) break
    const startSeconds = clock.seconds({ time: next, tzid: start.tzid })
    if (startSeconds > range.toSeconds + farthestMove) break
    const since = later.findLast(([from]) => from <= startSeconds)
    const exception = moved.get(startSeconds)
    if (exception !== undefined) {
      const span = spanOf(exception, clock)
      if (touches(span)) entries.push(...entry(exception, span))
    } else if (since !== undefined) {
      const [recurrence, from] = since
      const span = spanOf(from, clock)
      const shifted = startSeconds + span.startSeconds - recurrence
      const late = { startSeconds: shifted, endSeconds: shifted + span.endSeconds - span.startSeconds }
      if (touches(late)) entries.push(...entry(from, late))
    } else {
      const span = { startSeconds, endSeconds: wholeDays ? clock.daysLater(next, days) : startSeconds + own.endSeconds - own.startSeconds }
      if (touches(span)) entries.push(...entry(component, span))
    }
  }
  return entries
}

function entry(component: Component, span: Span): EventEntry[] {
  if (String(component.getFirstPropertyValue('status') ?? '').toUpperCase() === 'CANCELLED') return []
  const written = component.getFirstPropertyValue('x-prescale-magnitude')
  const magnitude = written === null ? 1 : Number(written)
  if (!(magnitude > 0 && Number.isFinite(magnitude))) throw new RangeError(`X-PRESCALE-MAGNITUDE is ${String(written)}, expected a number above 0`)
  const name = String(component.getFirstPropertyValue('summary') ?? '').trim() || 'event'
  return [{ name, ...span, magnitude, workload: undefined, userZone: undefined }]
}

/** Start and end; without an end a day lasts a day, and a moment a second. */
function spanOf(component: Component, clock: Clock): Span {
  const start = timeOf(component, 'dtstart')
  const startSeconds = clock.seconds(start)
  if (component.hasProperty('dtend')) {
    const endSeconds = clock.seconds(timeOf(component, 'dtend'))
    if (endSeconds < startSeconds) throw new RangeError('DTEND is before DTSTART')
    return { startSeconds, endSeconds: Math.max(endSeconds, startSeconds + 1) }
  }
  const duration = component.getFirstPropertyValue('duration')
  if (duration instanceof ICAL.Duration) return { startSeconds, endSeconds: startSeconds + Math.max(1, duration.toSeconds()) }
  return { startSeconds, endSeconds: start.time.isDate ? clock.daysLater(start.time, 1) : startSeconds + 1 }
}

interface Placed {
  readonly time: CalendarTime
  /** As the property says it; undefined where it says none. */
  readonly tzid: string | undefined
}

function timeOf(component: Component, name: string): Placed {
  const property = component.getFirstProperty(name)
  const time = property?.getFirstValue()
  if (!(time instanceof ICAL.Time)) throw new RangeError(`has no ${name.toUpperCase()}`)
  const written = property?.getFirstParameter('tzid')
  const tzid = typeof written === 'string' && written !== '' ? written : undefined
  if (tzid !== undefined && !Clock.knows(tzid) && time.zone === ICAL.Timezone.localTimezone)
    throw new RangeError(`is in time zone ${tzid}, which neither the calendar nor this machine's database describes`)
  return { time, tzid }
}

/** Turns a calendar's times into instants. */
class Clock {
  readonly #own: TimeZone
  static readonly #zones = new Map<string, TimeZone | undefined>()

  constructor(zone: string) {
    this.#own = new TimeZone(zone)
  }

  static knows(tzid: string): boolean {
    return Clock.#zone(tzid) !== undefined
  }

  static #zone(tzid: string): TimeZone | undefined {
    if (!Clock.#zones.has(tzid)) {
      let zone: TimeZone | undefined
      try {
        zone = new TimeZone(tzid)
      } catch {
        zone = undefined
      }
      Clock.#zones.set(tzid, zone)
    }
    return Clock.#zones.get(tzid)
  }

  seconds({ time, tzid }: Placed): number {
    const local = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second) / 1000
    if (time.isDate) return this.#own.instant(local)
    if (time.zone === ICAL.Timezone.utcTimezone) return local
    if (tzid === undefined) return this.#own.instant(local)
    return Clock.#zone(tzid)?.instant(local) ?? time.toUnixTime()
  }

  /** The start of the day so many days after an all-day event's first. */
  daysLater(time: CalendarTime, days: number): number {
    return this.#own.instant(Date.UTC(time.year, time.month - 1, time.day + days) / 1000)
  }
}
