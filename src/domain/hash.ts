import { createHash } from 'node:crypto'

/**
 * Canonical JSON: keys sorted, `undefined` left out, typed arrays as plain arrays, so that equal values give equal text.
 * @throws TypeError on NaN or infinities, which JSON cannot hold
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`canonicalJson: ${value} has no JSON form`)
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (ArrayBuffer.isView(value)) return canonicalJson(Array.from(value as Float64Array))
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const entries = Object.entries(value).filter(([, item]) => item !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}

/** Length of the hashes printed in documents: 64 bits, enough to name a document, short enough to read. */
const printedLength = 16

/** @returns the first 16 hexadecimal digits of the SHA-256 of `content`; values that are not text or bytes are taken as canonical JSON */
export function contentHash(content: unknown): string {
  const bytes = typeof content === 'string' || content instanceof Uint8Array ? content : canonicalJson(content)
  return createHash('sha256').update(bytes).digest('hex').slice(0, printedLength)
}
