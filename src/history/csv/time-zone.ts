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
    const before = this.#offset(localSeconds - secondsPerDay)
    const after = this.#offset(localSeconds + secondsPerDay)
    if (before === after) return [localSeconds - before]
    return [before, after]
      .map((offset) => ({ offset, at: localSeconds - offset }))
      .filter(({ offset, at }) => this.#offset(at) === offset)
      .map(({ at }) => at)
      .sort((a, b) => a - b)
  }

  /** @returns local time minus UTC at an instant, seconds */
  #offset(atSeconds: number): number {
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
