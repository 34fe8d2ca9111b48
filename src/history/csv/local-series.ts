import type { TimeRange } from '../../domain/grid.ts'
import { SampleDays } from '../sample-days.ts'
import type { TimeZone } from '../../domain/time-zone.ts'

const secondsPerDay = 86_400

/** A sample whose local time was shown twice. */
interface DoubledSample {
  readonly earlier: number
  readonly later: number
  readonly value: number
}

/**
 * Samples of one series, some of which may bear local times.
 *
 * A local time that the clocks skipped has no instant: the sample is left out. One that they showed twice belongs to the first pass
 * until the series' times go back, and to the second from there on; when they do not go back exactly once, nothing tells which pass was
 * meant, and these samples are left out too. All of them are counted.
 */
export class LocalSeries {
  readonly samples = new SampleDays()
  readonly #daylightSaving = new Map<number, number>()
  #doubled: DoubledSample[] = []

  pushInstant(atSeconds: number, value: number): void {
    this.samples.push(atSeconds, value)
  }

  /** @param localSeconds  local time, as the Unix seconds it would be in UTC */
  pushLocal(localSeconds: number, value: number, timeZone: TimeZone): void {
    const [earlier, later] = timeZone.instants(localSeconds)
    if (earlier !== undefined && later !== undefined) {
      this.#count(earlier)
      this.#doubled.push({ earlier, later, value })
      return
    }
    this.settle()
    if (earlier === undefined) this.#count(localSeconds)
    else this.samples.push(earlier, value)
  }

  /** Places doubled samples that still wait for the end of their hour; to be called after the last sample. */
  settle(): void {
    const doubled = this.#doubled
    if (doubled.length === 0) return
    this.#doubled = []
    const goesBack = doubled.flatMap(({ earlier }, index) => (index > 0 && earlier <= (doubled[index - 1]?.earlier ?? 0) ? [index] : []))
    const [secondPass] = goesBack
    if (secondPass === undefined || goesBack.length > 1) return
    doubled.forEach(({ earlier, later, value }, index) => this.samples.push(index < secondPass ? earlier : later, value))
  }

  /** @returns samples within the range whose local time was doubled or skipped */
  daylightSaving(range: TimeRange): number {
    let count = 0
    for (let day = Math.floor(range.fromSeconds / secondsPerDay); day * secondsPerDay < range.toSeconds; day++)
      count += this.#daylightSaving.get(day) ?? 0
    return count
  }

  #count(atSeconds: number): void {
    const day = Math.floor(atSeconds / secondsPerDay)
    this.#daylightSaving.set(day, (this.#daylightSaving.get(day) ?? 0) + 1)
  }
}
