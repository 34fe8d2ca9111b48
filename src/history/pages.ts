import { contentHash } from '../domain/hash.ts'
import type { RawSamples } from '../domain/history.ts'

/** Names one complete UTC day of one query's samples. */
export interface PageKey {
  /** Description of the source. */
  readonly source: string
  /** Hash of the query and the step. */
  readonly query: string
  /** `2026-01-26` */
  readonly day: string
}

/** Keeps complete pages between runs. Whatever it loses is read again from the source. */
export interface PageStore {
  /** @returns what `put` was given; undefined when there is none, or when it cannot be read */
  get(key: PageKey): Promise<Uint8Array | undefined>
  /** A reader sees the whole page or none. Rejects when it could not be written. */
  put(key: PageKey, page: Uint8Array): Promise<void>
}

/** Keeps nothing: for sources that cost little to read. */
export const noPages: PageStore = {
  get: () => Promise.resolve(undefined),
  put: () => Promise.resolve(),
}

/** Changes with the format, so that pages of another version are read again. */
export const pageFormat = 'prescale-page-1'
const digestLength = 16
const alignment = 8

/** What precedes the arrays of a page. */
interface PageHead {
  readonly format: string
  readonly userZones: readonly string[]
  readonly reporters: readonly string[]
  readonly daylightSaving: readonly number[]
  readonly length: number
}

/** @returns digest, length of the head, head as JSON, then the four arrays as this machine holds them */
export function encodePage(samples: RawSamples): Uint8Array {
  const head: PageHead = {
    format: pageFormat,
    userZones: samples.userZones,
    reporters: samples.reporters,
    daylightSaving: [...samples.daylightSaving],
    length: samples.values.length,
  }
  const json = Buffer.from(JSON.stringify(head))
  const size = Buffer.alloc(alignment)
  size.writeUInt32LE(json.length)
  const arrays = [samples.atSeconds, samples.values, samples.userZoneIndex, samples.reporterIndex]
  const body = Buffer.concat([size, json, ...arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength))])
  return Buffer.concat([Buffer.from(contentHash(body), 'latin1'), body])
}

/** @returns undefined when the bytes are not a whole page of this format */
export function decodePage(page: Uint8Array): RawSamples | undefined {
  const bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength)
  const body = bytes.subarray(digestLength)
  if (body.length < alignment || bytes.toString('latin1', 0, digestLength) !== contentHash(body)) return undefined
  const headEnd = alignment + body.readUInt32LE()
  const head = JSON.parse(body.toString('utf8', alignment, headEnd)) as PageHead
  if (head.format !== pageFormat) return undefined
  // a copy starts at an address that 64-bit arrays may start at
  const arrays = new Uint8Array(body.subarray(headEnd)).buffer
  const { length } = head
  return {
    atSeconds: new Float64Array(arrays, 0, length),
    values: new Float64Array(arrays, length * 8, length),
    userZoneIndex: new Uint32Array(arrays, length * 16, length),
    reporterIndex: new Uint32Array(arrays, length * 20, length),
    userZones: head.userZones,
    reporters: head.reporters,
    daylightSaving: Uint32Array.from(head.daylightSaving),
  }
}
