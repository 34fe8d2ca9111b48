import type { RawSamples } from '../domain/history.ts'

const initialCapacity = 8192

/** Collects samples in typed arrays that grow: 24 bytes a sample, nothing for the garbage collector. */
export class SampleBuffer {
  #userZoneIndex = new Uint32Array(initialCapacity)
  #reporterIndex = new Uint32Array(initialCapacity)
  #atSeconds = new Float64Array(initialCapacity)
  #values = new Float64Array(initialCapacity)
  #length = 0
  readonly #indexOfReporter = new Map<string, number>()

  get length(): number {
    return this.#length
  }

  /** @returns the index by which samples name this reporter */
  reporter(name: string): number {
    const known = this.#indexOfReporter.get(name)
    if (known !== undefined) return known
    const index = this.#indexOfReporter.size
    this.#indexOfReporter.set(name, index)
    return index
  }

  push(userZoneIndex: number, reporterIndex: number, atSeconds: number, value: number): void {
    if (this.#length === this.#values.length) this.#grow()
    const at = this.#length++
    this.#userZoneIndex[at] = userZoneIndex
    this.#reporterIndex[at] = reporterIndex
    this.#atSeconds[at] = atSeconds
    this.#values[at] = value
  }

  /**
   * What was collected, as views of the buffer: nothing may be pushed afterwards.
   * @param daylightSaving  shape [userZones]
   */
  samples(userZones: readonly string[], daylightSaving: Uint32Array): RawSamples {
    return {
      userZoneIndex: this.#userZoneIndex.subarray(0, this.#length),
      reporterIndex: this.#reporterIndex.subarray(0, this.#length),
      atSeconds: this.#atSeconds.subarray(0, this.#length),
      values: this.#values.subarray(0, this.#length),
      userZones,
      reporters: [...this.#indexOfReporter.keys()],
      daylightSaving,
    }
  }

  #grow(): void {
    const capacity = this.#values.length * 2
    const userZoneIndex = new Uint32Array(capacity)
    const reporterIndex = new Uint32Array(capacity)
    const atSeconds = new Float64Array(capacity)
    const values = new Float64Array(capacity)
    userZoneIndex.set(this.#userZoneIndex)
    reporterIndex.set(this.#reporterIndex)
    atSeconds.set(this.#atSeconds)
    values.set(this.#values)
    this.#userZoneIndex = userZoneIndex
    this.#reporterIndex = reporterIndex
    this.#atSeconds = atSeconds
    this.#values = values
  }
}
