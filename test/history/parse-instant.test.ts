import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseInstant, parseLocalTime } from '../../src/history/parse-instant.ts'

function instant(text: string): number {
  const bytes = Buffer.from(`,${text},`)
  return parseInstant(bytes, 1, bytes.length - 1)
}

function localTime(text: string): number {
  return parseLocalTime(Buffer.from(text), 0, text.length)
}

test('every second of four centuries is read as Date reads it', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('1800-01-01T00:00:00Z'), max: new Date('2200-01-01T00:00:00Z'), noInvalidDate: true }), (date) => {
      const text = date.toISOString()
      // whole seconds plus a fraction rounds otherwise than milliseconds over a thousand
      const seconds = Math.floor(date.getTime() / 1000) + date.getUTCMilliseconds() / 1000
      assert.equal(instant(text), seconds)
      assert.equal(localTime(text.slice(0, -1)), seconds)
    }),
  )
})

test('offsets are taken off', () => {
  assert.equal(instant('2026-01-26T14:30:00+05:30'), Date.parse('2026-01-26T09:00:00Z') / 1000)
  assert.equal(instant('2026-01-26t14:30:00.25-02:00'), Date.parse('2026-01-26T16:30:00.250Z') / 1000)
  assert.equal(instant('2026-01-26 14:30:00z'), Date.parse('2026-01-26T14:30:00Z') / 1000)
})

test('what is no instant is NaN', () => {
  const wrong = [
    '2026-01-26',
    '2026-01-26T14:30:00',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-26T24:00:00Z',
    '2026-01-26T14:30:00.Z',
    '2026-01-26T14:30:00ZZ',
    '2026-01-26T14:30:00+0530',
    '26.01.2026 14:30:00Z',
    '1769438400',
    '',
  ]
  for (const text of wrong) assert.ok(Number.isNaN(instant(text)), text)
  for (const text of ['2026-01-26T14:30:00Z', '2026-01-26T14:30', '2026-04-31T00:00:00']) assert.ok(Number.isNaN(localTime(text)), text)
})
