import type { TimeRange } from '../../domain/grid.ts'
import { type DemandQuery, type HistorySource, type RawSamples, seriesName } from '../../domain/history.ts'
import { FaultList, matchingFiles, readInputFile } from '../input-files.ts'
import { SampleBuffer } from '../sample-buffer.ts'
import type { LocalSeries } from './local-series.ts'
import { parseCsv } from './parse.ts'
import { TimeZone } from '../../domain/time-zone.ts'

/**
 * Demand in CSV files of `series,timestamp,value`, where a series is called `workload/user-zone`. Times bear an offset, or are local
 * times of one time zone. Files are read once, at the first page.
 */
export class CsvSource implements HistorySource {
  readonly description: string
  readonly rereading = 'cheap'
  readonly #paths: readonly string[]
  readonly #timeZone: TimeZone
  #series: Promise<Map<string, LocalSeries>> | undefined

  /**
   * @param paths     files or globs, gzip or not
   * @param timeZone  IANA name, of times without an offset
   * @throws RangeError when the runtime does not know the time zone
   */
  constructor(paths: readonly string[], timeZone: string) {
    this.description = `csv ${paths.join(' ')}`
    this.#paths = paths
    this.#timeZone = new TimeZone(timeZone)
  }

  /** @throws Problem `input-invalid` with the faults of all files; Problem `file-missing` */
  async read(query: DemandQuery, range: TimeRange, _stepSeconds: number, signal: AbortSignal): Promise<RawSamples> {
    signal.throwIfAborted()
    this.#series ??= this.#parse(signal).catch((error: unknown) => {
      this.#series = undefined
      throw error
    })
    const series = await this.#series
    const buffer = new SampleBuffer()
    const reporter = buffer.reporter('')
    const daylightSaving = query.userZones.map((userZone, zone) => {
      const found = series.get(seriesName({ workload: query.workload, userZone }))
      found?.samples.forEach(range, (atSeconds, value) => buffer.push(zone, reporter, atSeconds, value))
      return found?.daylightSaving(range) ?? 0
    })
    return buffer.samples(query.userZones, Uint32Array.from(daylightSaving))
  }

  async #parse(signal: AbortSignal): Promise<Map<string, LocalSeries>> {
    const series = new Map<string, LocalSeries>()
    const faults = new FaultList()
    for (const file of matchingFiles(this.#paths)) {
      signal.throwIfAborted()
      parseCsv(await readInputFile(file), this.#timeZone, series, faults)
    }
    faults.throwIfAny('recorded demand')
    for (const one of series.values()) one.settle()
    return series
  }
}
