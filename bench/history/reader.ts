import { InfluxDB } from '@influxdata/influxdb-client'
import { rfc3339 } from '../../src/domain/grid.ts'
import { Influx2Source } from '../../src/history/influx2/source.ts'
import { loadHistory } from '../../src/history/load-history.ts'
import { noPages } from '../../src/history/pages.ts'
import { queryOf, startSeconds, stepSeconds, stepsPerDay } from './demand.ts'

/** What one reader needs to know, and what it tells: on the command line and on stdout, as JSON. */
export interface ReaderTask {
  readonly reader: 'prescale' | 'iterateRows'
  readonly url: string
  readonly org: string
  readonly bucket: string
  readonly token: string
  readonly series: number
  readonly days: number
}
export interface ReaderResult {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
  /** Sum of all demand read, in events: equal where two readers read the same. */
  readonly events: number
}

const secondsPerDay = 86_400
const pagesInFlight = 4

async function readWithPrescale({ url, org, bucket, token, series, days }: ReaderTask): Promise<number> {
  const source = new Influx2Source({ url, org, bucket, token, timeoutSeconds: 60 }, { random: () => 0.5, wait: () => Promise.resolve() })
  const window = {
    asOfSeconds: startSeconds + days * secondsPerDay,
    windowSeconds: days * secondsPerDay,
    stepSeconds,
    settleSeconds: 0,
    latenessSeconds: 0,
  }
  const history = await loadHistory(source, [queryOf(series)], window, noPages, () => undefined, new AbortController().signal)
  return history.series.reduce((sum, { values }) => sum + values.reduce((total, value) => total + value * stepSeconds, 0), 0)
}

/** The client's own way: the same windows by the same pages, one row object after the other, into the same arrays. */
async function readWithClient({ url, org, bucket, token, series, days }: ReaderTask): Promise<number> {
  const client = new InfluxDB({ url, token, timeout: 60_000 }).getQueryApi(org)
  const values = new Map(queryOf(series).userZones.map((zone) => [zone, new Float64Array(days * stepsPerDay).fill(Number.NaN)]))
  const pages = Array.from({ length: days }, (_, day) => startSeconds + day * secondsPerDay).values()
  const work = async (): Promise<void> => {
    for (const from of pages) {
      const flux = `from(bucket: "${bucket}") |> range(start: ${rfc3339(from)}, stop: ${rfc3339(from + secondsPerDay)})
        |> filter(fn: (r) => r._measurement == "requests" and r._field == "count" and r.workload == "web")
        |> aggregateWindow(every: ${stepSeconds}s, fn: sum, createEmpty: false, timeSrc: "_start")
        |> keep(columns: ["_time", "_value", "user_zone"])`
      for await (const { values: row, tableMeta } of client.iterateRows(flux)) {
        const at = Date.parse(String(tableMeta.get(row, '_time'))) / 1000
        const zone = values.get(String(tableMeta.get(row, 'user_zone')))
        if (zone !== undefined) zone[(at - startSeconds) / stepSeconds] = Number(tableMeta.get(row, '_value'))
      }
    }
  }
  await Promise.all(Array.from({ length: pagesInFlight }, work))
  return [...values.values()].reduce((sum, zone) => sum + zone.reduce((total, value) => total + value, 0), 0)
}

const task = JSON.parse(process.argv[2] ?? '{}') as ReaderTask
const before = performance.now()
const events = await (task.reader === 'prescale' ? readWithPrescale(task) : readWithClient(task))
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
const result: ReaderResult = {
  wallSeconds: (performance.now() - before) / 1000,
  cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  peakMegabytes: maxRSS / 1024,
  events: Math.round(events),
}
console.log(JSON.stringify(result))
