import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startInfluxd } from '../../test/support/influxd.ts'
import { demandLines, userZoneName, workloadName } from './many-series.ts'

/**
 * Forecasts many hourly series with 90 days of history for 48 hours, streamed from a real InfluxDB on this machine:
 * `node bench/forecast/ten-thousand.ts [workloads] [user zones]`, by default 1,000 workloads of 10 user zones each. It is run three times: from
 * nothing; from nothing and killed with SIGKILL halfway, then started again; and once more with what was learned kept. The first and the second
 * must end with the same bytes. The goal for the first is 300 s on two cores and 2 GB.
 */
const workloads = Number(process.argv[2] ?? 1000)
const userZones = Number(process.argv[3] ?? 10)
const seed = 20261124
const days = 90
const hourSeconds = 3600
/** So chosen that the origin has just been reached: it stays the same for most of an hour to come. */
const settleSeconds = (Math.floor(Date.now() / 1000) % hourSeconds) + hourSeconds - 60
const prescale = join(import.meta.dirname, '../../bin/prescale.mjs')

/** Figures of one run; memory and CPU of the process and all its children. */
interface Figures {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
}

/** Resident memory of a process and its children, MB; threads share theirs. */
function treeMegabytes(pid: number): number {
  try {
    const own = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter((text) => text !== '')
    return children.reduce((sum, child) => sum + treeMegabytes(Number(child)), own)
  } catch {
    return 0
  }
}

/** CPU seconds of a process and of its children that ended, as Linux tells them in hundredths. */
function cpuSecondsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')
    return [13, 14, 15, 16].reduce((sum, field) => sum + Number(fields[field]), 0) / 100
  } catch {
    return 0
  }
}

function partsMade(project: string): number {
  try {
    return readdirSync(join(project, '.prescale/store/table'), { recursive: true, encoding: 'utf8' }).filter((name) => /part-\d+\.json$/.test(name)).length
  } catch {
    return 0
  }
}

/** @param killAt  number of parts at which the process is killed, as a crash would; undefined lets it end */
async function forecast(project: string, token: string, killAt: number | undefined): Promise<Figures> {
  const began = performance.now()
  const child: ChildProcess = spawn(process.execPath, [prescale, 'forecast', '--table', 'forecasts.csv.gz'], {
    cwd: project,
    env: { ...process.env, INFLUX_TOKEN: token },
    stdio: ['ignore', killAt === undefined ? 'inherit' : 'ignore', 'inherit'],
  })
  const ended = once(child, 'close')
  const pid = child.pid ?? 0
  let cpuSeconds = 0
  let peakMegabytes = 0
  let running = true
  void ended.then(() => {
    running = false
  })
  while (running) {
    cpuSeconds = Math.max(cpuSeconds, cpuSecondsOf(pid))
    peakMegabytes = Math.max(peakMegabytes, treeMegabytes(pid))
    if (killAt !== undefined && partsMade(project) >= killAt) child.kill('SIGKILL')
    await wait(50)
  }
  const [code] = (await ended) as [number | null]
  if (killAt === undefined && code !== 0) throw new Error(`prescale ended with ${code}`)
  return { wallSeconds: (performance.now() - began) / 1000, cpuSeconds, peakMegabytes }
}

function aProject(folder: string, url: string, org: string, bucket: string): string {
  mkdirSync(folder, { recursive: true })
  const zones = Array.from({ length: userZones }, (_, zone) => userZoneName(zone))
  const lines = [
    'name: many',
    `history: { source: influx2, url: '${url}', org: ${org}, bucket: ${bucket} }`,
    `historyLimits: { step: 1h, window: ${days}d, maxAge: 9h, settle: ${settleSeconds}s }`,
    'forecast: { step: 1h, horizon: 48h }',
    'userZones:',
    ...zones.map((zone) => `  - { name: ${zone}, latitude: 0, longitude: 0 }`),
    'regions:',
    '  - { cloud: aws, region: us-east-1, zones: [us-east-1a, us-east-1b] }',
    'workloads:',
    ...Array.from({ length: workloads }, (_, workload) =>
      `  - { name: ${workloadName(workload)}, unit: requests/s, demand: { measurement: demand, field: value, kind: gauge }, userZones: [${zones.join(', ')}], serves: { perUnit: { vcpu: 0.01 } } }`,
    ),
  ]
  writeFileSync(join(folder, 'prescale.yaml'), `${lines.join('\n')}\n`)
  writeFileSync(
    join(folder, 'catalogue.yaml'),
    'source: made up\ndate: 2026-01-01\nlicence: CC0-1.0\nregions:\n  - { cloud: aws, region: us-east-1, latitude: 39.04, longitude: -77.49 }\ntypes:\n  - { cloud: aws, type: m7g.large, vcpu: 2, memoryGib: 8, usdPerHour: { us-east-1: { on-demand: 0.08, spot: 0.03 } } }\n',
  )
  return folder
}

function hashOf(project: string): string {
  return createHash('sha256').update(readFileSync(join(project, 'forecasts.csv.gz'))).digest('hex')
}

function tell(name: string, { wallSeconds, cpuSeconds, peakMegabytes }: Figures, serverSeconds: number): void {
  const series = workloads * userZones
  console.log(
    `${name.padEnd(28)} ${wallSeconds.toFixed(1).padStart(7)} s  ${cpuSeconds.toFixed(1).padStart(7)} CPU s (${((1000 * cpuSeconds) / series).toFixed(2)} per 1,000 series), server ${serverSeconds.toFixed(1)} CPU s, ` +
      `${(series / wallSeconds).toFixed(0)} series/s, peak ${peakMegabytes.toFixed(0)} MB, load ${loadavg().map((load) => load.toFixed(1)).join(' ')}`,
  )
}

const endSeconds = Math.floor((Date.now() / 1000 - settleSeconds) / hourSeconds) * hourSeconds
const folder = mkdtempSync(join(tmpdir(), 'prescale-ten-thousand-'))
try {
  await using server = await startInfluxd()
  const began = performance.now()
  await server.load(demandLines({ workloads, userZones, days, endSeconds, seed }))
  console.log(`${workloads * userZones} series of ${days} days, seed ${seed}, written in ${((performance.now() - began) / 1000).toFixed(1)} s; server at ${treeMegabytes(server.pid).toFixed(0)} MB`)
  const measured = async (name: string, project: string, killAt: number | undefined): Promise<void> => {
    const before = cpuSecondsOf(server.pid)
    tell(name, await forecast(project, server.token, killAt), cpuSecondsOf(server.pid) - before)
  }
  const whole = aProject(join(folder, 'whole'), server.url, server.org, server.bucket)
  await measured('from nothing', whole, undefined)
  const stopped = aProject(join(folder, 'stopped'), server.url, server.org, server.bucket)
  await measured('killed halfway', stopped, Math.max(1, Math.floor((workloads * userZones) / 200)))
  console.log(`killed with ${partsMade(stopped)} shards made`)
  await measured('started again', stopped, undefined)
  await measured('nothing new', stopped, undefined)
  const same = hashOf(whole) === hashOf(stopped)
  console.log(same ? 'the same bytes as in one go' : 'OTHER BYTES than in one go')
  process.exitCode = same ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
