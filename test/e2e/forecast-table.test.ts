import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { demandLines, userZoneName, workloadName } from '../../bench/forecast/many-series.ts'
import { type InfluxServer, startInfluxd } from '../support/influxd.ts'

const prescale = join(import.meta.dirname, '../../bin/prescale.mjs')
const workloads = 6
const userZones = 40
const hourSeconds = 3600
/** So chosen that the origin, a whole hour so long ago, has just been reached: it stays the same for most of an hour to come. */
const settleSeconds = (Math.floor(Date.now() / 1000) % hourSeconds) + hourSeconds - 60

let folder: string
let server: InfluxServer
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'prescale-table-'))
  server = await startInfluxd()
  const endSeconds = Math.floor((Date.now() / 1000 - settleSeconds) / hourSeconds) * hourSeconds
  await server.load(demandLines({ workloads, userZones, days: 24, endSeconds, seed: 3 }))
})
after(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** A project of 240 series and one that nobody measures. */
function aProject(name: string): string {
  const root = join(folder, name)
  mkdirSync(join(root, '.prescale', 'store'), { recursive: true })
  const zones = Array.from({ length: userZones }, (_, zone) => userZoneName(zone))
  const workload = (of: string, from: readonly string[]): string =>
    `  - { name: ${of}, unit: requests/s, demand: { measurement: demand, field: value, kind: gauge }, userZones: [${from.join(', ')}], serves: { perUnit: { vcpu: 0.01 } } }`
  const lines = [
    'name: many',
    `history: { source: influx2, url: '${server.url}', org: ${server.org}, bucket: ${server.bucket} }`,
    `historyLimits: { step: 1h, window: 24d, maxAge: 9h, settle: ${settleSeconds}s }`,
    'forecast: { step: 1h, horizon: 48h }',
    'userZones:',
    ...zones.map((zone) => `  - { name: ${zone}, latitude: 0, longitude: 0 }`),
    'regions:',
    '  - { cloud: aws, region: us-east-1, zones: [us-east-1a, us-east-1b] }',
    'workloads:',
    ...Array.from({ length: workloads }, (_, index) => workload(workloadName(index), zones)),
    workload('unmeasured', ['z0']),
  ]
  writeFileSync(join(root, 'prescale.yaml'), `${lines.join('\n')}\n`)
  writeFileSync(
    join(root, 'catalogue.yaml'),
    'source: made up\ndate: 2026-01-01\nlicence: CC0-1.0\nregions:\n  - { cloud: aws, region: us-east-1, latitude: 39.04, longitude: -77.49 }\n' +
      'types:\n  - { cloud: aws, type: m7g.large, vcpu: 2, memoryGib: 8, usdPerHour: { us-east-1: { on-demand: 0.08, spot: 0.03 } } }\n',
  )
  return root
}

interface Told {
  readonly series: number
  readonly forecasts: number
  readonly empty: readonly string[]
  readonly shards: number
  readonly resumed: number
  readonly modelVersion: string
}

/** @param atFirstPart  what happens to the process when its first part has been written */
async function forecast(root: string, out: string, atFirstPart: 'kill' | 'go-on'): Promise<Told | undefined> {
  const child = spawn(process.execPath, [prescale, 'forecast', '--table', out, '--json'], { cwd: root, env: { ...process.env, INFLUX_TOKEN: server.token }, stdio: ['ignore', 'pipe', 'inherit'] })
  const watcher = watch(join(root, '.prescale', 'store'), { recursive: true }, (_event, name) => {
    if (atFirstPart === 'kill' && /part-\d+\.json$/.test(name ?? '')) child.kill('SIGKILL')
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  watcher.close()
  if (atFirstPart === 'kill') {
    assert.equal(signal, 'SIGKILL')
    return undefined
  }
  assert.equal(code, 0)
  return JSON.parse(text) as Told
}

test('a run that was killed goes on from the parts it had made and ends with the bytes of one that never was', async () => {
  const whole = aProject('whole')
  const first = await forecast(whole, 'forecasts.csv.gz', 'go-on')
  assert.deepEqual({ series: first?.series, forecasts: first?.forecasts, empty: first?.empty, shards: first?.shards, resumed: first?.resumed }, { series: 241, forecasts: 240, empty: ['unmeasured/z0'], shards: 3, resumed: 0 })
  assert.match(first?.modelVersion ?? '', /^v1 [0-9a-f]{16}$/)

  const stopped = aProject('stopped')
  await forecast(stopped, 'forecasts.csv.gz', 'kill')
  assert.throws(() => readFileSync(join(stopped, 'forecasts.csv.gz')), 'nothing half-made is shown')
  const again = await forecast(stopped, 'forecasts.csv.gz', 'go-on')
  assert.ok((again?.resumed ?? 0) >= 1)
  assert.equal(again?.modelVersion, first?.modelVersion)
  assert.deepEqual(readFileSync(join(stopped, 'forecasts.csv.gz')), readFileSync(join(whole, 'forecasts.csv.gz')))

  const rows = gunzipSync(readFileSync(join(whole, 'forecasts.csv.gz'))).toString().trimEnd().split('\n')
  assert.equal(rows[0], 'series,origin,timestamp,quantile,value')
  assert.equal(rows.length, 1 + 240 * 48 * 5)
  assert.match(rows[1] ?? '', /^w0000\/z0,.*Z,.*Z,0\.1,[\d.]+$/)

  const plain = await forecast(whole, 'forecasts.csv', 'go-on')
  assert.equal(plain?.resumed, 3, 'nothing is computed twice')
  assert.deepEqual(readFileSync(join(whole, 'forecasts.csv')).toString().trimEnd().split('\n'), rows)
})
