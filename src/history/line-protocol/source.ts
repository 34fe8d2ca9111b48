import type { TimeRange } from '../../domain/grid.ts'
import type { DemandQuery, HistorySource, RawSamples } from '../../domain/history.ts'
import { FaultList, matchingFiles, readInputFile } from '../input-files.ts'
import { reporterName } from '../reporter-name.ts'
import { SampleBuffer } from '../sample-buffer.ts'
import { FieldSamples, parseLineProtocol } from './parse.ts'

/** Demand in line-protocol files, as telegraf writes them. Files are read once per measurement and field, at its first page. */
export class LineProtocolSource implements HistorySource {
  readonly description: string
  readonly rereading = 'cheap'
  readonly #paths: readonly string[]
  readonly #fields = new Map<string, Promise<FieldSamples>>()

  /** @param paths  files or globs, gzip or not; read in the order of the paths, and by name within a glob */
  constructor(paths: readonly string[]) {
    this.description = `line-protocol ${paths.join(' ')}`
    this.#paths = paths
  }

  /** @throws Problem `input-invalid` with the faults of all files; Problem `file-missing` */
  async read(query: DemandQuery, range: TimeRange, _stepSeconds: number, signal: AbortSignal): Promise<RawSamples> {
    signal.throwIfAborted()
    const { all } = await this.#field(query.measurement, query.field, signal)
    const buffer = new SampleBuffer()
    const zones = new Map(query.userZones.map((zone, index) => [zone, index]))
    const fixed = Object.entries(query.tags)
    for (const { tags, samples } of all) {
      const zone = zones.get(tags.get(query.userZoneTag) ?? '')
      if (zone === undefined || !fixed.every(([tag, value]) => tags.get(tag) === value)) continue
      const reporter = buffer.reporter(reporterName([...tags].filter(([tag]) => tag !== query.userZoneTag && !(tag in query.tags))))
      samples.forEach(range, (atSeconds, value) => buffer.push(zone, reporter, atSeconds, value))
    }
    return buffer.samples(query.userZones, new Uint32Array(query.userZones.length))
  }

  #field(measurement: string, field: string, signal: AbortSignal): Promise<FieldSamples> {
    const key = JSON.stringify([measurement, field])
    const known = this.#fields.get(key)
    if (known !== undefined) return known
    const parsed = this.#parse(new FieldSamples(measurement, field), signal).catch((error: unknown) => {
      this.#fields.delete(key)
      throw error
    })
    this.#fields.set(key, parsed)
    return parsed
  }

  async #parse(into: FieldSamples, signal: AbortSignal): Promise<FieldSamples> {
    const faults = new FaultList()
    for (const file of matchingFiles(this.#paths)) {
      signal.throwIfAborted()
      parseLineProtocol(await readInputFile(file), into, faults)
    }
    faults.throwIfAny('recorded demand')
    return into
  }
}
