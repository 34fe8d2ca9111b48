import type { TimeRange } from '../../src/domain/grid.ts'
import type { DemandQuery, HistorySource, RawSamples } from '../../src/domain/history.ts'
import { SampleBuffer } from '../../src/history/sample-buffer.ts'

/** One sample with all that a source knows of it. */
export interface RecordedSample {
  readonly measurement: string
  readonly field: string
  /** Among them the user zone. */
  readonly tags: Readonly<Record<string, string>>
  readonly at: number
  readonly value: number
}

/** A source that holds its samples in memory, remembers what it was asked, and fails when it is told to. */
export class RecordedHistory implements HistorySource {
  readonly description = 'recorded'
  readonly rereading: HistorySource['rereading']
  readonly readings: TimeRange[] = []
  readonly #samples: RecordedSample[]
  #failures: Error[] = []

  constructor(samples: readonly RecordedSample[], rereading: HistorySource['rereading'] = 'costly') {
    this.rereading = rereading
    this.#samples = [...samples]
  }

  record(...samples: readonly RecordedSample[]): void {
    this.#samples.push(...samples)
  }

  /** The next read rejects with `error`. */
  failNext(error: Error): void {
    this.#failures.push(error)
  }

  async read(query: DemandQuery, range: TimeRange, _stepSeconds: number, signal: AbortSignal): Promise<RawSamples> {
    await Promise.resolve()
    signal.throwIfAborted()
    this.readings.push(range)
    const failure = this.#failures.shift()
    if (failure !== undefined) throw failure
    const buffer = new SampleBuffer()
    for (const { measurement, field, tags, at, value } of this.#samples) {
      const zone = query.userZones.indexOf(tags[query.userZoneTag] ?? '')
      const matches =
        measurement === query.measurement &&
        field === query.field &&
        Object.entries(query.tags).every(([tag, wanted]) => tags[tag] === wanted)
      if (zone < 0 || !matches || at < range.fromSeconds || at >= range.toSeconds) continue
      const others = Object.entries(tags).filter(([tag]) => tag !== query.userZoneTag && !(tag in query.tags))
      buffer.push(
        zone,
        buffer.reporter(
          others
            .map(([tag, of]) => `${tag}=${of}`)
            .sort()
            .join(','),
        ),
        at,
        value,
      )
    }
    return buffer.samples(query.userZones, new Uint32Array(query.userZones.length))
  }
}
