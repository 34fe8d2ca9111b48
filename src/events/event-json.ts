import type { TimeZone } from '../domain/time-zone.ts'
import { entryOf } from './entry-of.ts'
import type { EventEntry } from './event-entry.ts'
import { FeedFaults } from './feed-faults.ts'
import { jsonItems } from './json-places.ts'

/**
 * Events as a JSON list of objects with name, start, end and, if there, magnitude, workload, userZone; or an object with that list as `events`.
 * @param file  name that faults give it
 * @throws Problem `input-invalid` with every fault, each at its line and column
 */
export function readEventJson(text: string, file: string, zone: TimeZone): readonly EventEntry[] {
  const faults = new FeedFaults(file)
  const entries = jsonItems(text, 'events', faults).flatMap((item) => entryOf((key) => item.text(key), (message) => item.fault(message), zone))
  faults.throwIfAny('a list of events')
  return entries
}
