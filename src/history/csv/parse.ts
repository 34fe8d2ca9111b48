import type { FaultList, InputFile } from '../input-files.ts'
import { parseInstant, parseLocalTime } from '../parse-instant.ts'
import { parseNumber, spellsNotANumber } from '../parse-number.ts'
import { LocalSeries } from './local-series.ts'
import type { TimeZone } from '../../domain/time-zone.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const comma = 0x2c
const quote = 0x22
const columnNames = ['series', 'timestamp', 'value'] as const

/** Where one field lies in the file's bytes, quotes taken off. */
export interface Field {
  start: number
  end: number
}

/** Column numbers of the three fields. */
interface Columns {
  readonly series: number
  readonly timestamp: number
  readonly value: number
  readonly count: number
}

/**
 * Reads `series,timestamp,value` (columns in any order, others ignored) into one list per series.
 * @param into  series by name, as the column holds it; receives those of this file too
 */
export function parseCsv({ file, bytes }: InputFile, timeZone: TimeZone, into: Map<string, LocalSeries>, faults: FaultList): void {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  let line = 0
  let columns: Columns | undefined
  const fields: Field[] = []
  let name = ''
  let series: LocalSeries | undefined
  while (at < bytes.length) {
    line++
    const feed = bytes.indexOf(lineFeed, at)
    const stop = feed < 0 ? bytes.length : feed
    const end = stop > at && bytes[stop - 1] === carriageReturn ? stop - 1 : stop
    const start = at
    at = stop + 1
    if (start === end) continue
    const count = splitLine(bytes, start, end, fields)
    if (columns === undefined) {
      columns = headerColumns(bytes, fields.slice(0, count), (message) => faults.add(file, line, 1, message))
      if (columns === undefined) return
      continue
    }
    if (count !== columns.count) {
      faults.add(file, line, 1, `has ${count < 0 ? 'a quote that does not end' : `${count} columns`}, the header has ${columns.count}`)
      continue
    }
    const text = (field: Field | undefined): string => bytes.toString('utf8', field?.start, field?.end)
    const columnOf = (field: Field | undefined): number => (field?.start ?? start) - start + 1
    const nameField = fields[columns.series]
    const timeField = fields[columns.timestamp]
    const valueField = fields[columns.value]
    if (nameField === undefined || timeField === undefined || valueField === undefined) continue
    const value = parseNumber(bytes, valueField.start, valueField.end)
    if (Number.isNaN(value) && !spellsNotANumber(bytes, valueField.start, valueField.end)) {
      faults.add(file, line, columnOf(valueField), `value is ${JSON.stringify(text(valueField))}, not a number`)
      continue
    }
    const named = text(nameField)
    if (series === undefined || named !== name) {
      name = named
      series = into.get(name) ?? new LocalSeries()
      into.set(name, series)
    }
    const instant = parseInstant(bytes, timeField.start, timeField.end)
    if (!Number.isNaN(instant)) {
      series.pushInstant(instant, value)
      continue
    }
    const local = parseLocalTime(bytes, timeField.start, timeField.end)
    if (!Number.isNaN(local)) series.pushLocal(local, value, timeZone)
    else
      faults.add(
        file,
        line,
        columnOf(timeField),
        `timestamp is ${JSON.stringify(text(timeField))}, expected a time such as 2026-01-26T13:00:00Z`,
      )
  }
  if (columns === undefined) faults.add(file, 1, 1, 'is empty, expected a header with series, timestamp and value')
}

function headerColumns(bytes: Buffer, fields: readonly Field[], fault: (message: string) => void): Columns | undefined {
  const names = fields.map(({ start, end }) => bytes.toString('utf8', start, end).trim().toLowerCase())
  const missing = columnNames.filter((name) => !names.includes(name))
  if (missing.length > 0) {
    fault(`the header lacks ${missing.join(' and ')}; it has ${names.join(', ')}`)
    return undefined
  }
  return { series: names.indexOf('series'), timestamp: names.indexOf('timestamp'), value: names.indexOf('value'), count: names.length }
}

/**
 * Finds the fields of one line; doubled quotes within a field stay doubled, as neither names, times nor numbers hold any.
 * @param into  reused from line to line
 * @returns number of fields; −1 when a quote does not end on the line
 */
export function splitLine(bytes: Buffer, start: number, end: number, into: Field[]): number {
  let count = 0
  let at = start
  while (at <= end) {
    const field = (into[count++] ??= { start: 0, end: 0 })
    if (bytes[at] === quote && at < end) {
      const close = bytes.indexOf(quote, at + 1)
      if (close < 0 || close >= end) return -1
      field.start = at + 1
      field.end = close
      at = close + 1
      if (at < end && bytes[at] !== comma) return -1
    } else {
      field.start = at
      while (at < end && bytes[at] !== comma) at++
      field.end = at
    }
    at++
  }
  return count
}
