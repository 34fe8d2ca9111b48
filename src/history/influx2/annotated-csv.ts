import { parseInstant } from '../parse-instant.ts'
import { parseNumber } from '../parse-number.ts'
import { reporterName } from '../reporter-name.ts'
import type { SampleBuffer } from '../sample-buffer.ts'
import { leastResult } from './flux.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const comma = 0x2c
const quote = 0x22
const hash = 0x23
const zero = 0x30

/** An answer that cannot be used: an error told in the middle of it, a wrong shape, or a missing end. */
export class AnswerFault extends Error {
  override readonly name = 'AnswerFault'
}

/** What the reader must know of the query. */
export interface AnswerShape {
  readonly userZoneTag: string
  readonly userZones: readonly string[]
  /** Columns that do not tell reporters apart. */
  readonly fixedColumns: ReadonlySet<string>
}

/** Columns of the tables that follow one header, and where the wanted ones are. */
interface Header {
  readonly labels: readonly string[]
  readonly defaults: readonly string[]
  readonly result: number
  readonly table: number
  readonly time: number
  readonly value: number
  readonly userZone: number
  /** Columns that name the reporter. */
  readonly reporter: readonly number[]
  /** Whether user zone and reporter are the same in all rows of a table. */
  readonly namedByTable: boolean
}

/** What the answer is about to say next. */
type Expected =
  | { readonly kind: 'annotations' }
  | { readonly kind: 'rows'; readonly header: Header }
  | { readonly kind: 'error'; readonly labels: readonly string[] }

const numeric: ReadonlySet<string> = new Set(['double', 'long', 'unsignedLong'])

/**
 * Reads annotated CSV (the answer to a Flux query) chunk by chunk into a sample buffer; a row costs no object and, while its table goes
 * on, no string.
 * @see https://docs.influxdata.com/influxdb/v2/reference/syntax/annotated-csv/
 */
export class AnnotatedCsvReader {
  readonly #shape: AnswerShape
  readonly #into: SampleBuffer
  readonly #indexOfZone: ReadonlyMap<string, number>
  #rest: Buffer = Buffer.alloc(0)
  #nextQuote = -1
  #annotations = new Map<string, readonly string[]>()
  #expected: Expected = { kind: 'annotations' }
  #table = -1
  #userZone = -1
  #reporter = -1
  #isLeast = false
  #least = Infinity
  #endsBlank = false
  readonly #foreignZones = new Set<string>()

  constructor(shape: AnswerShape, into: SampleBuffer) {
    this.#shape = shape
    this.#into = into
    this.#indexOfZone = new Map(shape.userZones.map((zone, index) => [zone, index]))
  }

  /** The least value that the server saw before it aggregated; Infinity when it told none. */
  get least(): number {
    return this.#least
  }

  /** Takes the next bytes. @throws AnswerFault when they tell an error or have a shape that cannot be used */
  push(chunk: Uint8Array): void {
    const bytes =
      this.#rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([this.#rest, chunk])
    this.#nextQuote = bytes.indexOf(quote)
    let at = 0
    for (;;) {
      const end = this.#recordEnd(bytes, at)
      if (end < 0) break
      const trimmed = end > at && bytes[end - 1] === carriageReturn ? end - 1 : end
      this.#record(bytes, at, trimmed)
      at = end + 1
    }
    this.#rest = bytes.subarray(at)
  }

  /** Ends the answer. @throws AnswerFault when it is cut short, or speaks only of user zones that nobody asked for */
  end(): void {
    // the server closes every answer, an empty one too, with an empty line
    if (this.#rest.length > 0 || !this.#endsBlank) throw new AnswerFault('the answer was cut short: its closing line is missing')
    if (this.#foreignZones.size > 0 && this.#into.length === 0) {
      const named = [...this.#foreignZones].slice(0, 5).join(', ')
      throw new AnswerFault(
        `the answer has none of the user zones ${this.#shape.userZones.join(', ')} in column ${this.#shape.userZoneTag}, but ${named}`,
      )
    }
  }

  /** @returns the index of the line feed that ends the record which starts at `start`; −1 while it is not there yet */
  #recordEnd(bytes: Buffer, start: number): number {
    let end = bytes.indexOf(lineFeed, start)
    while (this.#nextQuote >= 0 && this.#nextQuote < start) this.#nextQuote = bytes.indexOf(quote, start)
    if (this.#nextQuote < 0 || this.#nextQuote > end) return end
    let quotes = 0
    let at = start
    while (end >= 0) {
      for (; at < end; at++) if (bytes[at] === quote) quotes++
      if (quotes % 2 === 0) return end
      end = bytes.indexOf(lineFeed, end + 1)
    }
    return -1
  }

  #record(bytes: Buffer, start: number, end: number): void {
    this.#endsBlank = start === end
    if (start === end) {
      this.#expected = { kind: 'annotations' }
      return
    }
    if (bytes[start] === hash) {
      const fields = splitRecord(bytes, start, end)
      this.#annotations.set(fields[0] ?? '', fields)
      this.#expected = { kind: 'annotations' }
      return
    }
    const expected = this.#expected
    switch (expected.kind) {
      case 'annotations':
        this.#expected = this.#header(splitRecord(bytes, start, end))
        this.#table = -1
        return
      case 'rows':
        this.#row(expected.header, bytes, start, end)
        return
      case 'error':
        throw new AnswerFault(
          `the server stopped in the middle of its answer: ${splitRecord(bytes, start, end)[expected.labels.indexOf('error')] ?? ''}`,
        )
      default:
        expected satisfies never
    }
  }

  #header(labels: readonly string[]): Expected {
    const named = labels.filter((label) => label !== '' && label !== 'result' && label !== 'table')
    if (named.length === 2 && named.includes('error') && named.includes('reference')) return { kind: 'error', labels }
    const types = this.#annotations.get('#datatype') ?? []
    const groups = this.#annotations.get('#group') ?? []
    const defaults = this.#annotations.get('#default') ?? []
    this.#annotations = new Map()
    const { userZoneTag, fixedColumns } = this.#shape
    const value = labels.indexOf('_value')
    const isLeast = defaults[labels.indexOf('result')] === leastResult
    for (const label of isLeast ? ['_value'] : ['_time', '_value', userZoneTag]) {
      if (!labels.includes(label)) throw new AnswerFault(`the answer has no column ${label}; it has ${named.join(', ')}`)
    }
    const type = types[value] ?? 'unknown'
    if (!numeric.has(type)) throw new AnswerFault(`column _value is of type ${type}, not a number`)
    const reporter = labels.flatMap((label, index) =>
      named.includes(label) && !['_time', '_value', userZoneTag].includes(label) && !fixedColumns.has(label) && types[index] === 'string'
        ? [index]
        : [],
    )
    const userZone = labels.indexOf(userZoneTag)
    const header: Header = {
      labels,
      defaults,
      result: labels.indexOf('result'),
      table: labels.indexOf('table'),
      time: labels.indexOf('_time'),
      value,
      userZone,
      reporter,
      namedByTable: [userZone, ...reporter].every((index) => groups[index] === 'true'),
    }
    return { kind: 'rows', header }
  }

  #row(header: Header, bytes: Buffer, start: number, end: number): void {
    if (this.#nextQuote >= start && this.#nextQuote < end) {
      this.#quotedRow(header, splitRecord(bytes, start, end))
      return
    }
    let column = 0
    let fieldStart = start
    let table = 0
    let atSeconds = Number.NaN
    let valueStart = end
    let valueEnd = end
    for (let at = start; at <= end; at++) {
      if (at < end && bytes[at] !== comma) continue
      if (column === header.value) {
        valueStart = fieldStart
        valueEnd = at
      } else if (column === header.time) atSeconds = parseInstant(bytes, fieldStart, at)
      else if (column === header.table) for (let digit = fieldStart; digit < at; digit++) table = table * 10 + (bytes[digit] ?? zero) - zero
      column++
      fieldStart = at + 1
    }
    if (column !== header.labels.length) throw new AnswerFault(`a row has ${column} columns, its header ${header.labels.length}`)
    if (table !== this.#table || !header.namedByTable) this.#name(header, table, splitRecord(bytes, start, end))
    if (valueStart < valueEnd) this.#sample(atSeconds, parseNumber(bytes, valueStart, valueEnd))
  }

  #quotedRow(header: Header, fields: readonly string[]): void {
    if (fields.length !== header.labels.length)
      throw new AnswerFault(`a row has ${fields.length} columns, its header ${header.labels.length}`)
    this.#name(header, Number(fields[header.table] ?? 0), fields)
    const time = Buffer.from(fields[header.time] ?? '', 'latin1')
    const value = Buffer.from(fields[header.value] ?? '', 'latin1')
    if (value.length > 0) this.#sample(parseInstant(time, 0, time.length), parseNumber(value, 0, value.length))
  }

  /** Finds out whom the rows that follow speak of. */
  #name(header: Header, table: number, fields: readonly string[]): void {
    const text = (column: number): string => fields[column] || header.defaults[column] || ''
    this.#table = table
    this.#isLeast = text(header.result) === leastResult
    if (this.#isLeast) return
    const zone = text(header.userZone)
    this.#userZone = this.#indexOfZone.get(zone) ?? -1
    if (this.#userZone < 0) this.#foreignZones.add(zone)
    const tags = header.reporter.map((column) => [header.labels[column] ?? '', text(column)] as const)
    this.#reporter = this.#into.reporter(reporterName(tags.filter(([, value]) => value !== '')))
  }

  #sample(atSeconds: number, value: number): void {
    if (this.#isLeast) {
      this.#least = Math.min(this.#least, value)
      return
    }
    if (Number.isNaN(atSeconds)) throw new AnswerFault('a row has no valid _time')
    if (this.#userZone >= 0) this.#into.push(this.#userZone, this.#reporter, atSeconds, value)
  }
}

/** The fields of one record, quotes taken off. */
function splitRecord(bytes: Buffer, start: number, end: number): string[] {
  const text = bytes.toString('utf8', start, end)
  if (!text.includes('"')) return text.split(',')
  const fields: string[] = []
  let at = 0
  while (at <= text.length) {
    const quoted = text[at] === '"' ? /^"((?:[^"]|"")*)"/.exec(text.slice(at)) : null
    const stop = text.indexOf(',', quoted === null ? at : at + quoted[0].length)
    const fieldEnd = stop < 0 ? text.length : stop
    fields.push(quoted?.[1]?.replaceAll('""', '"') ?? text.slice(at, fieldEnd))
    at = fieldEnd + 1
  }
  return fields
}
