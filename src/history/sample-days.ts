import type { TimeRange } from '../domain/grid.ts'

const secondsPerDay = 86_400
const initialCapacity = 64

/** Samples of one UTC day in the order in which they came. */
class SampleDay {
  atSeconds = new Float64Array(initialCapacity)
  values = new Float64Array(initialCapacity)
  length = 0

  push(atSeconds: number, value: number): void {
    if (this.length === this.values.length) {
      const at = new Float64Array(this.length * 2)
      const values = new Float64Array(this.length * 2)
      at.set(this.atSeconds)
      values.set(this.values)
      this.atSeconds = at
      this.values = values
    }
    this.atSeconds[this.length] = atSeconds
    this.values[this.length++] = value
  }
}

/** All samples of one reporter from files, filed by UTC day so that a page costs only what is on it. */
export class SampleDays {
  readonly #days = new Map<number, SampleDay>()
  #openDay = Number.NaN
  #open = new SampleDay()

  push(atSeconds: number, value: number): void {
    const day = Math.floor(atSeconds / secondsPerDay)
    if (day !== this.#openDay) {
      this.#openDay = day
      this.#open = this.#days.get(day) ?? new SampleDay()
      this.#days.set(day, this.#open)
    }
    this.#open.push(atSeconds, value)
  }

  /** Calls `each` for every sample within the range; those of one day in the order in which they came. */
  forEach(range: TimeRange, each: (atSeconds: number, value: number) => void): void {
    for (let day = Math.floor(range.fromSeconds / secondsPerDay); day * secondsPerDay < range.toSeconds; day++) {
      const { atSeconds, values, length } = this.#days.get(day) ?? noSamples
      for (let sample = 0; sample < length; sample++) {
        const at = atSeconds[sample] ?? 0
        if (at >= range.fromSeconds && at < range.toSeconds) each(at, values[sample] ?? 0)
      }
    }
  }
}

const noSamples = new SampleDay()
