/**
 * @returns whether the name is in this machine's time-zone database; offsets such as `+02:00` are not, they know no daylight saving
 */
export function isTimeZone(name: string): boolean {
  if (name === 'UTC') return true
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
