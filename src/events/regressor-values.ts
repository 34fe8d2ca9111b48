import type { TimeZone } from '../domain/time-zone.ts'
import { csvTable } from './csv-table.ts'
import { eventTime } from './event-time.ts'
import { FeedFaults } from './feed-faults.ts'
import { jsonItems } from './json-places.ts'

/** A number over time: ascending, finite, one value per instant (the last one told). */
export interface TimedValues {
  readonly atSeconds: Float64Array
  readonly values: Float64Array
}

interface Sample {
  readonly at: number
  readonly value: number
}

interface Told {
  readonly text: string
  readonly fault: (message: string) => void
}

/**
 * Numbers as CSV with the columns timestamp and value.
 * @throws Problem `input-invalid` with every fault, each at its line and column
 */
export function readRegressorCsv(text: string, file: string, zone: TimeZone): TimedValues {
  const faults = new FeedFaults(file)
  const samples = csvTable(text, ['timestamp', 'value'], faults).rows.flatMap((row) => {
    const cell = (name: string): Told | undefined => {
      const field = row.get(name)
      return field && { text: field.text.trim(), fault: (message) => faults.add(field.line, field.column, name, message) }
    }
    return sampleOf(cell('timestamp'), cell('value'), zone)
  })
  faults.throwIfAny('a list of numbers')
  return timedValues(samples)
}

/**
 * Numbers as a JSON list of objects with timestamp and value, or an object with that list as `values`.
 * @throws Problem `input-invalid` with every fault, each at its line and column
 */
export function readRegressorJson(text: string, file: string, zone: TimeZone): TimedValues {
  const faults = new FeedFaults(file)
  const samples = jsonItems(text, 'values', faults).flatMap((item) => {
    const [timestamp, value] = [item.text('timestamp'), item.text('value')]
    if (timestamp === undefined || value === undefined) {
      item.fault(`lacks ${timestamp === undefined ? 'timestamp' : 'value'}`)
      return []
    }
    return sampleOf(timestamp, value, zone)
  })
  faults.throwIfAny('a list of numbers')
  return timedValues(samples)
}

function sampleOf(timestamp: Told | undefined, value: Told | undefined, zone: TimeZone): Sample[] {
  if (timestamp === undefined || value === undefined) return []
  const time = eventTime(timestamp.text, zone)
  const number = value.text === '' ? Number.NaN : Number(value.text)
  if (time === undefined) timestamp.fault(`is ${JSON.stringify(timestamp.text)}, expected a time such as 2026-01-26T13:00:00Z`)
  if (!Number.isFinite(number)) value.fault(`is ${JSON.stringify(value.text)}, expected a number`)
  return time === undefined || !Number.isFinite(number) ? [] : [{ at: time.seconds, value: number }]
}

/** @param samples  in any order; of several for one instant the last one counts, values that are no number are left out */
export function timedValues(samples: Iterable<Sample>): TimedValues {
  const byInstant = new Map<number, number>()
  for (const { at, value } of samples) if (Number.isFinite(value)) byInstant.set(at, value)
  const sorted = [...byInstant].sort(([a], [b]) => a - b)
  return { atSeconds: Float64Array.from(sorted, ([at]) => at), values: Float64Array.from(sorted, ([, value]) => value) }
}
