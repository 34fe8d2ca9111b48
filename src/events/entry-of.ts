import type { TimeZone } from '../domain/time-zone.ts'
import type { EventEntry } from './event-entry.ts'
import { eventTime, nextDay } from './event-time.ts'

/** A text of an entry and how to speak of it. */
export interface EntryText {
  readonly text: string
  readonly fault: (message: string) => void
}

const timeForms = 'a time such as 2026-01-26T13:00:00Z or a day such as 2026-01-26'

/**
 * An entry from its texts: `name`, `start`, `end`, `magnitude`, `workload`, `userZone`. An end that is a day includes that day.
 * @param cell     the text of a key, undefined where there is none
 * @param missing  told of what should be there
 * @returns no entry where something is wrong
 */
export function entryOf(cell: (key: string) => EntryText | undefined, missing: (message: string) => void, zone: TimeZone): EventEntry[] {
  const [name, start, end, magnitude] = ['name', 'start', 'end', 'magnitude'].map(cell)
  if (name === undefined || start === undefined || end === undefined) {
    missing(`lacks ${[name ? '' : 'name', start ? '' : 'start', end ? '' : 'end'].filter(Boolean).join(' and ')}`)
    return []
  }
  const [from, to] = [eventTime(start.text, zone), eventTime(end.text, zone)]
  if (from === undefined) start.fault(`is ${JSON.stringify(start.text)}, expected ${timeForms}`)
  if (to === undefined) end.fault(`is ${JSON.stringify(end.text)}, expected ${timeForms}`)
  const size = magnitude === undefined ? 1 : Number(magnitude.text)
  if (!(size > 0 && Number.isFinite(size))) magnitude?.fault(`is ${JSON.stringify(magnitude.text)}, expected a number above 0`)
  if (from === undefined || to === undefined || !(size > 0 && Number.isFinite(size))) return []
  const endSeconds = to.precision === 'day' ? nextDay(to.seconds, zone) : to.seconds
  if (endSeconds <= from.seconds) {
    end.fault(`is ${end.text}, not after the start ${start.text}`)
    return []
  }
  return [{ name: name.text, startSeconds: from.seconds, endSeconds, magnitude: size, workload: cell('workload')?.text, userZone: cell('userZone')?.text }]
}
