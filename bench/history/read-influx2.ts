import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startInfluxd } from '../../test/support/influxd.ts'
import { demandLines } from './demand.ts'
import type { ReaderResult, ReaderTask } from './reader.ts'

/**
 * Reads a long history at 5 minutes from a real server on this machine, by prescale and by the client's `iterateRows`, each in a process
 * of its own: `node bench/history/read-influx2.ts [series] [days]`, by default 200 series of a year.
 * The goal is 60 s and 1 GB for the default.
 */
const series = Number(process.argv[2] ?? 200)
const days = Number(process.argv[3] ?? 365)
const run = promisify(execFile)

/** CPU of a process so far, seconds, as Linux tells it in hundredths; NaN elsewhere. */
function cpuSecondsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')
    return (Number(fields[13]) + Number(fields[14])) / 100
  } catch {
    return Number.NaN
  }
}

await using server = await startInfluxd()
const began = performance.now()
await server.load(demandLines(series, days))
console.log(`wrote ${(series * days * 288).toLocaleString('en')} samples in ${((performance.now() - began) / 1000).toFixed(1)} s`)
console.log('reader       wall s  CPU s  server CPU s  peak MB  events')
for (const reader of ['prescale', 'iterateRows'] as const) {
  const task: ReaderTask = { reader, url: server.url, org: server.org, bucket: server.bucket, token: server.token, series, days }
  const before = cpuSecondsOf(server.pid)
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'reader.ts'), JSON.stringify(task)])
  const result = JSON.parse(stdout) as ReaderResult
  const figures = [
    result.wallSeconds.toFixed(1).padStart(6),
    result.cpuSeconds.toFixed(1).padStart(5),
    (cpuSecondsOf(server.pid) - before).toFixed(1).padStart(12),
    result.peakMegabytes.toFixed(0).padStart(7),
    String(result.events),
  ]
  console.log(`${reader.padEnd(11)}  ${figures.join('  ')}`)
}
