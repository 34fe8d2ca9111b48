const zero = 0x30
const secondsPerDay = 86_400
const dateTimeLength = '2026-01-26T13:00:00'.length

/**
 * Days since 1970-01-01 of a date in the Gregorian calendar.
 * @see Howard Hinnant, chrono-compatible low-level date algorithms: days_from_civil
 */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** @returns the two digits at `at`; NaN if they are none */
function twoDigits(bytes: Buffer, at: number): number {
  const tens = (bytes[at] ?? 0) - zero
  const ones = (bytes[at + 1] ?? 0) - zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/** `2026-01-26T13:00:00` or with a space, taken as UTC. @returns Unix seconds; NaN when it is no such time */
function dateTime(bytes: Buffer, start: number): number {
  const separator = bytes[start + 10]
  if (bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d || bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a) return Number.NaN
  if (separator !== 0x54 && separator !== 0x20 && separator !== 0x74) return Number.NaN
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2)
  const month = twoDigits(bytes, start + 5)
  const day = twoDigits(bytes, start + 8)
  const hour = twoDigits(bytes, start + 11)
  const minute = twoDigits(bytes, start + 14)
  const second = twoDigits(bytes, start + 17)
  const valid = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month) && hour <= 23 && minute <= 59 && second <= 60
  return valid ? daysSinceEpoch(year, month, day) * secondsPerDay + hour * 3600 + minute * 60 + second : Number.NaN
}

/** @returns the index after an optional `.123…`, or −1 when the point has no digits */
function fractionEnd(bytes: Buffer, start: number, end: number): number {
  if (start >= end || bytes[start] !== 0x2e) return start
  let at = start + 1
  while (at < end && (bytes[at] ?? 0) >= zero && (bytes[at] ?? 0) <= zero + 9) at++
  return at === start + 1 ? -1 : at
}

function fraction(bytes: Buffer, start: number, end: number): number {
  let value = 0
  for (let at = start + 1; at < end; at++) value = value * 10 + (bytes[at] ?? 0) - zero
  return start === end ? 0 : value / 10 ** (end - start - 1)
}

/**
 * An instant as RFC 3339 writes it: `2026-01-26T13:00:00Z`, `2026-01-26T14:00:00.5+01:00`.
 * @returns Unix seconds; NaN when the text is no such instant, in particular when it has no offset
 */
export function parseInstant(bytes: Buffer, start: number, end: number): number {
  if (end - start <= dateTimeLength) return Number.NaN
  const seconds = dateTime(bytes, start)
  const pointAt = start + dateTimeLength
  const offsetAt = fractionEnd(bytes, pointAt, end)
  const byte = bytes[offsetAt]
  const exact = pointAt === offsetAt ? seconds : seconds + fraction(bytes, pointAt, offsetAt)
  if (offsetAt < 0 || offsetAt >= end) return Number.NaN
  if (byte === 0x5a || byte === 0x7a) return offsetAt + 1 === end ? exact : Number.NaN
  if ((byte !== 0x2b && byte !== 0x2d) || end - offsetAt !== 6 || bytes[offsetAt + 3] !== 0x3a) return Number.NaN
  const hours = twoDigits(bytes, offsetAt + 1)
  const minutes = twoDigits(bytes, offsetAt + 4)
  if (hours > 23 || minutes > 59) return Number.NaN
  const offset = hours * 3600 + minutes * 60
  return byte === 0x2b ? exact - offset : exact + offset
}

/**
 * A time of day without an offset: `2026-01-26T13:00:00` or `2026-01-26 13:00:00.5`.
 * @returns the seconds that it would be in UTC; NaN when the text is no such time
 */
export function parseLocalTime(bytes: Buffer, start: number, end: number): number {
  const pointAt = start + dateTimeLength
  if (end < pointAt || fractionEnd(bytes, pointAt, end) !== end) return Number.NaN
  return dateTime(bytes, start) + (pointAt === end ? 0 : fraction(bytes, pointAt, end))
}
