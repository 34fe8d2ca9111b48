import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseNumber, spellsNotANumber } from '../../src/history/parse-number.ts'

function parsed(text: string): number {
  const bytes = Buffer.from(`x${text}y`)
  return parseNumber(bytes, 1, bytes.length - 1)
}

test('every double is read as it was written', () => {
  fc.assert(fc.property(fc.double({ noNaN: true }), (value) => assert.equal(parsed(String(value)), Number(String(value)))))
})

test('decimal fractions round as the language rounds them', () => {
  const text = fc.tuple(fc.constantFrom('', '-', '+'), fc.nat(), fc.nat()).map(([sign, whole, fraction]) => `${sign}${whole}.${fraction}`)
  fc.assert(fc.property(text, (decimal) => assert.equal(parsed(decimal), Number(decimal))))
  for (const decimal of ['0.1', '.5', '5.', '123456789012345', '1234567890123456789', '0.000000000000001', '1e22', '1.5E-7'])
    assert.equal(parsed(decimal), Number(decimal))
})

test('infinities are infinite and everything else is NaN', () => {
  for (const text of ['Inf', '+Inf', 'Infinity', '+infinity']) assert.equal(parsed(text), Infinity)
  assert.equal(parsed('-Inf'), -Infinity)
  for (const text of ['', '-', '.', '1,5', '0x10', '1e', '12a', 'NaN', '--1', '1.2.3', '１']) assert.ok(Number.isNaN(parsed(text)), text)
})

test('only an empty text, NaN and null mean that nothing was measured', () => {
  const missing = (text: string): boolean => spellsNotANumber(Buffer.from(text), 0, text.length)
  assert.deepEqual(['', 'NaN', 'nan', 'null', 'n/a', '1,5', '-'].map(missing), [true, true, true, true, false, false, false])
})
