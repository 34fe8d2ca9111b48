const secondsPerDay = 86_400
/** Offsets change at whole quarters of an hour. */
const quarterSeconds = 900

/** A time zone's local times, turned into instants. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat
  readonly #offsetOfQuarter = new Map<number, number>()

  /** @throws RangeError when the runtime does not know the zone */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  }

  /**
   * @param localSeconds  local time, as the Unix seconds it would be in UTC
   * @returns the instants that the clocks showed it at, ascending: none when they skipped it, two when they went back over it
   */
  instants(localSeconds: number): readonly number[] {
    const before = this.offset(localSeconds - secondsPerDay)
    const after = this.offset(localSeconds + secondsPerDay)
    if (before === after) return [localSeconds - before]
    return [before, after]
      .map((offset) => ({ offset, at: localSeconds - offset }))
      .filter(({ offset, at }) => this.offset(at) === offset)
      .map(({ at }) => at)
      .sort((a, b) => a - b)
  }

  /**
   * The one instant that a calendar means by a local time: the first of two that the clocks showed it at; for one that they skipped, the
   * instant that the offset before the change gives.
   * @param localSeconds  local time, as the Unix seconds it would be in UTC
   * @see RFC 5545, 3.3.5
   */
  instant(localSeconds: number): number {
    return this.instants(localSeconds)[0] ?? localSeconds - this.offset(localSeconds - secondsPerDay)
  }

  /** @returns local time minus UTC at an instant, seconds */
  offset(atSeconds: number): number {
    const quarter = Math.floor(atSeconds / quarterSeconds)
    const known = this.#offsetOfQuarter.get(quarter)
    if (known !== undefined) return known
    const name = this.#format.formatToParts(quarter * quarterSeconds * 1000).find((part) => part.type === 'timeZoneName')?.value ?? ''
    const [, sign, hours, minutes, seconds] = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name) ?? []
    const size = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
    const offset = sign === '-' ? -size : size
    this.#offsetOfQuarter.set(quarter, offset)
    return offset
  }
}
