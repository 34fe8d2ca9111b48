import type { TimeZone } from '../domain/time-zone.ts'
import { csvTable } from './csv-table.ts'
import type { EventEntry } from './event-entry.ts'
import { type EntryText, entryOf } from './entry-of.ts'
import { FeedFaults } from './feed-faults.ts'

/**
 * Events as CSV with the columns name, start, end and, if there, magnitude, workload, userZone.
 * @param file  name that faults give it
 * @throws Problem `input-invalid` with every fault, each at its line and column
 */
export function readEventCsv(text: string, file: string, zone: TimeZone): readonly EventEntry[] {
  const faults = new FeedFaults(file)
  const { rows } = csvTable(text, ['name', 'start', 'end'], faults)
  const entries = rows.flatMap((row) => {
    const cell = (name: string): EntryText | undefined => {
      const field = row.get(name.toLowerCase())
      return field === undefined || field.text.trim() === '' ? undefined : { text: field.text.trim(), fault: (message) => faults.add(field.line, field.column, name, message) }
    }
    const first = row.get('name')
    return entryOf(cell, (message) => faults.add(first?.line ?? 1, 1, '', message), zone)
  })
  faults.throwIfAny('a list of events')
  return entries
}
