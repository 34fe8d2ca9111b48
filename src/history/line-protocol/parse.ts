import type { FaultList, InputFile } from '../input-files.ts'
import { parseNumber } from '../parse-number.ts'
import { SampleDays } from '../sample-days.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const quote = 0x22
const hash = 0x23
const comma = 0x2c
const minus = 0x2d
const zero = 0x30
const equals = 0x3d
const backslash = 0x5c

/** Digits after the second in a timestamp of nanoseconds. */
const fractionDigits = 9
/** Nanoseconds below which a timestamp lies in the first twelve days of 1970: it was written in another precision. */
const leastNanoseconds = 1e15

/** Samples of one field that carry one set of tags. */
export interface TaggedSamples {
  readonly tags: ReadonlyMap<string, string>
  readonly samples: SampleDays
}

/** Collects one field of one measurement over many files. */
export class FieldSamples {
  readonly measurement: string
  readonly field: string
  readonly #ofTags = new Map<string, TaggedSamples>()
  /** By measurement and tags as they are written; undefined for other measurements. */
  readonly #ofWritten = new Map<string, TaggedSamples | undefined>()

  constructor(measurement: string, field: string) {
    this.measurement = measurement
    this.field = field
  }

  /** One entry per set of tags, in whatever order its tags were written. */
  get all(): Iterable<TaggedSamples> {
    return this.#ofTags.values()
  }

  /**
   * @param written  measurement and tags of a line, as UTF-8 bytes held in a latin1 string
   * @returns where its samples belong; undefined for another measurement
   * @throws SyntaxError when a tag has no value
   */
  samplesOf(written: string): TaggedSamples | undefined {
    if (this.#ofWritten.has(written)) return this.#ofWritten.get(written)
    const [measurement = '', ...pairs] = splitUnescaped(Buffer.from(written, 'latin1').toString('utf8'), ',')
    const found = unescape(measurement) === this.measurement ? this.#tagged(pairs) : undefined
    this.#ofWritten.set(written, found)
    return found
  }

  #tagged(pairs: readonly string[]): TaggedSamples {
    const tags = pairs
      .map((pair) => splitUnescaped(pair, '='))
      .map(([name = '', value = '', ...more]): [string, string] => {
        if (name === '' || value === '' || more.length > 0)
          throw new SyntaxError(`the tag ${JSON.stringify([name, value, ...more].join('='))} is not name=value`)
        return [unescape(name), unescape(value)]
      })
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const key = JSON.stringify(tags)
    const known = this.#ofTags.get(key)
    if (known !== undefined) return known
    const made: TaggedSamples = { tags: new Map(tags), samples: new SampleDays() }
    this.#ofTags.set(key, made)
    return made
  }
}

/**
 * Reads line protocol with timestamps in nanoseconds: `measurement,tag=value field=1i,other=2.5 1767225600000000000`.
 * Lines of other measurements, and lines without the field, are passed over.
 * @see https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
 */
export function parseLineProtocol({ file, bytes }: InputFile, into: FieldSamples, faults: FaultList): void {
  const field = Buffer.from(into.field.replace(/[,= ]/g, '\\$&'))
  let at = 0
  for (let line = 1; at < bytes.length; line++) {
    const feed = bytes.indexOf(lineFeed, at)
    const stop = feed < 0 ? bytes.length : feed
    const start = at
    let end = stop > start && bytes[stop - 1] === carriageReturn ? stop - 1 : stop
    while (end > start && bytes[end - 1] === space) end--
    at = stop + 1
    if (start === end || bytes[start] === hash) continue
    const fault = parseLine(bytes, start, end, field, into)
    if (fault !== undefined) faults.add(file, line, fault.at - start + 1, fault.message)
  }
}

interface LineFault {
  readonly at: number
  readonly message: string
}

function parseLine(bytes: Buffer, start: number, end: number, field: Buffer, into: FieldSamples): LineFault | undefined {
  const fieldsAt = unescapedSpace(bytes, start, end)
  if (fieldsAt === end) return { at: end, message: 'has no fields, expected measurement,tags fields timestamp' }
  let target: TaggedSamples | undefined
  try {
    target = into.samplesOf(bytes.toString('latin1', start, fieldsAt))
  } catch (error) {
    if (error instanceof SyntaxError) return { at: start, message: error.message }
    throw error
  }
  if (target === undefined) return undefined
  let valueStart = -1
  let valueEnd = -1
  let at = fieldsAt + 1
  for (;;) {
    const nameStart = at
    while (at < end && (bytes[at] !== equals || bytes[at - 1] === backslash)) at++
    if (at >= end) return { at: nameStart, message: 'a field has no value' }
    const wanted = at - nameStart === field.length && bytes.compare(field, 0, field.length, nameStart, at) === 0
    const from = at + 1
    at = fieldValueEnd(bytes, from, end)
    if (at < 0) return { at: from, message: 'a text has no closing quote' }
    if (wanted) {
      valueStart = from
      valueEnd = at
    }
    if (at >= end) return { at: end, message: 'has no timestamp: the sample cannot be placed in time' }
    if (bytes[at] === space) break
    at++
  }
  if (valueStart < 0) return undefined
  const atSeconds = parseNanoseconds(bytes, at + 1, end)
  if (Number.isNaN(atSeconds))
    return { at: at + 1, message: `timestamp is ${bytes.toString('utf8', at + 1, end)}, expected nanoseconds since 1970` }
  const value = parseFieldNumber(bytes, valueStart, valueEnd)
  if (value === undefined)
    return { at: valueStart, message: `${into.field} is ${bytes.toString('utf8', valueStart, valueEnd)}, not a number` }
  target.samples.push(atSeconds, value)
  return undefined
}

function unescapedSpace(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && (bytes[at] !== space || bytes[at - 1] === backslash)) at++
  return at
}

/** @returns the index after a field's value; −1 when its text does not end */
function fieldValueEnd(bytes: Buffer, start: number, end: number): number {
  let at = start
  if (bytes[start] === quote) {
    at++
    while (at < end && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
    return at < end ? at + 1 : -1
  }
  while (at < end && bytes[at] !== comma && bytes[at] !== space) at++
  return at
}

/** @returns Unix seconds; NaN when the text is no integer or clearly not nanoseconds */
function parseNanoseconds(bytes: Buffer, start: number, end: number): number {
  const first = bytes[start] === minus ? start + 1 : start
  const fractionAt = end - fractionDigits
  let seconds = 0
  let nanoseconds = 0
  for (let at = first; at < end; at++) {
    const digit = (bytes[at] ?? 0) - zero
    if (digit < 0 || digit > 9) return Number.NaN
    if (at < fractionAt) seconds = seconds * 10 + digit
    else nanoseconds = nanoseconds * 10 + digit
  }
  const size = seconds + nanoseconds / 1e9
  if (size * 1e9 < leastNanoseconds) return Number.NaN
  return first > start ? -size : size
}

/** @returns undefined for texts, booleans and what is no value at all */
function parseFieldNumber(bytes: Buffer, start: number, end: number): number | undefined {
  const suffix = bytes[end - 1]
  const integer = suffix === 0x69 || suffix === 0x75
  const value = parseNumber(bytes, start, integer ? end - 1 : end)
  if (!Number.isNaN(value)) return value
  return bytes.toString('latin1', start, end).toLowerCase() === 'nan' ? Number.NaN : undefined
}

function splitUnescaped(text: string, separator: ',' | '='): string[] {
  const parts: string[] = []
  let part = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\\' && at + 1 < text.length) part += character + (text[++at] ?? '')
    else if (character === separator) {
      parts.push(part)
      part = ''
    } else part += character
  }
  return [...parts, part]
}

function unescape(text: string): string {
  return text.replace(/\\([,= ])/g, '$1')
}
