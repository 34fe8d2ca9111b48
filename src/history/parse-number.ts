const zero = 0x30
const minus = 0x2d
const plus = 0x2b
const point = 0x2e

/** Powers of ten that a double holds exactly: dividing an exact integer by one of them rounds once, so it is correctly rounded. */
const exactPowersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
/** 10^15 < 2^53: integers of so many digits are exact. */
const exactDigits = 15

/**
 * A decimal number in ASCII, without making a string of it in the common case.
 * @returns the nearest double; ±Infinity for `Inf`, `+Inf`, `-Infinity` and the like; NaN for `NaN`, empty text and all that is no number
 * @see Clinger, How to Read Floating Point Numbers Accurately (1990): the fast path
 */
export function parseNumber(bytes: Buffer, start: number, end: number): number {
  const sign = bytes[start]
  const first = sign === minus || sign === plus ? start + 1 : start
  let mantissa = 0
  let digits = 0
  let pointAt = -1
  for (let at = first; at < end; at++) {
    const byte = bytes[at] ?? 0
    const digit = byte - zero
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      digits++
    } else if (byte === point && pointAt < 0) pointAt = at
    else return parseUncommon(bytes, start, end)
  }
  if (digits === 0 || digits > exactDigits) return parseUncommon(bytes, start, end)
  const size = pointAt < 0 ? mantissa : mantissa / (exactPowersOfTen[end - pointAt - 1] ?? Number.NaN)
  return sign === minus ? -size : size
}

function parseUncommon(bytes: Buffer, start: number, end: number): number {
  const text = bytes.toString('latin1', start, end)
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text)
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text)
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity
  return Number.NaN
}

/** @returns whether a text that `parseNumber` gave NaN for means "nothing measured" (empty, `NaN`, `null`) and is not a typing error */
export function spellsNotANumber(bytes: Buffer, start: number, end: number): boolean {
  return start === end || /^(nan|null)$/i.test(bytes.toString('latin1', start, end))
}
