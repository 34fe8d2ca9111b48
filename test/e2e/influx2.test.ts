import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { rfc3339 } from '../../src/domain/grid.ts'
import type { DemandQuery } from '../../src/domain/history.ts'
import { Problem } from '../../src/domain/problem.ts'
import { CsvSource } from '../../src/history/csv/source.ts'
import { Influx2Source, type Patience } from '../../src/history/influx2/source.ts'
import { LineProtocolSource } from '../../src/history/line-protocol/source.ts'
import { loadHistory } from '../../src/history/load-history.ts'
import { noPages } from '../../src/history/pages.ts'
import type { RecordedSample } from '../fakes/recorded-history.ts'
import { aQuery, aWindow, day, monday, seededRandom } from '../history/builders.ts'
import { historySourceContract } from '../history/contract.ts'
import { lineOf } from '../history/line-of.ts'
import { type InfluxServer, startInfluxd } from '../support/influxd.ts'
import { makeBucket, tokenFor, writeLines } from './influx-buckets.ts'

const never = new AbortController().signal
const impatient: Patience = { random: () => 0, wait: () => Promise.resolve() }
const server = await startInfluxd()
after(() => server[Symbol.asyncDispose]())
let buckets = 0

function sourceOf(bucket: string, of: Pick<InfluxServer, 'url' | 'token'> = server, patience = impatient): Influx2Source {
  return new Influx2Source({ url: of.url, org: server.org, bucket, token: of.token, timeoutSeconds: 60 }, patience)
}

async function bucketOf(lines: string): Promise<string> {
  const bucket = `bucket-${buckets++}`
  await makeBucket(server, bucket, lines)
  return bucket
}

function load(source: Influx2Source | CsvSource | LineProtocolSource, query: DemandQuery, days = 2): ReturnType<typeof loadHistory> {
  return loadHistory(
    source,
    [query],
    aWindow({ asOfSeconds: monday + days * day, windowSeconds: days * day }),
    noPages,
    () => undefined,
    never,
  )
}

/** Requests per five minutes from three user zones. */
function requests(days: number): RecordedSample[] {
  const random = seededRandom(7)
  const steps = Array.from({ length: days * 288 }, (_, step) => monday + step * 300)
  return ['asia', 'europe', 'us-east'].flatMap((zone) =>
    steps.map((at) => ({
      measurement: 'requests',
      field: 'count',
      tags: { workload: 'web', user_zone: zone },
      at,
      value: Math.round(500 * random()),
    })),
  )
}

async function unreadable(reading: Promise<unknown>, reason: RegExp): Promise<void> {
  await assert.rejects(reading, (error) => error instanceof Problem && error.code === 'history-unreadable' && reason.test(error.message))
}

historySourceContract({
  name: 'influx2',
  reporters: 'told apart',
  holding: async (samples) => sourceOf(await bucketOf(samples.map(lineOf).join(''))),
})

test('a year that is empty but for two days is read without a fault', async () => {
  const history = await load(
    sourceOf(await bucketOf(requests(2).map(lineOf).join(''))),
    aQuery({ userZones: ['asia', 'europe', 'us-east'] }),
    365,
  )
  assert.deepEqual(
    history.series.map(({ coverage }) => coverage),
    [2 / 365, 2 / 365, 2 / 365],
  )
})

test('28 days of demand have one hash from the server, from CSV and from line protocol', async () => {
  const samples = requests(28)
  const query = aQuery({ userZones: ['us-east', 'europe', 'asia'] })
  const folder = mkdtempSync(join(tmpdir(), 'prescale-same-'))
  after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'demand.lp'), samples.map(lineOf).join(''))
  const rows = samples.map(({ tags, at, value }) => `web/${tags['user_zone']},${rfc3339(at)},${value}`)
  writeFileSync(join(folder, 'demand.csv'), `series,timestamp,value\n${rows.join('\n')}\n`)
  const fromServer = await load(sourceOf(await bucketOf(samples.map(lineOf).join(''))), query, 28)
  const fromCsv = await load(new CsvSource([join(folder, '*.csv')], 'UTC'), query, 28)
  const fromLines = await load(new LineProtocolSource([join(folder, '*.lp')]), query, 28)
  assert.equal(fromServer.series[0]?.coverage, 1)
  assert.equal(fromServer.hash, fromCsv.hash)
  assert.equal(fromServer.hash, fromLines.hash)
})

test('two hundred user zones are selected exactly', async () => {
  const zones = Array.from({ length: 201 }, (_, zone) => `zone-${zone}`)
  const sample = { measurement: 'requests', field: 'count', at: monday, value: 1 }
  const bucket = await bucketOf(zones.map((zone) => lineOf({ ...sample, tags: { workload: 'web', user_zone: zone } })).join(''))
  for (const userZones of [zones.slice(0, 200), [...zones.slice(0, 199), 'a b']]) {
    const page = await sourceOf(bucket).read(aQuery({ userZones }), { fromSeconds: monday, toSeconds: monday + day }, 300, never)
    assert.equal(page.values.length, userZones.filter((zone) => zones.includes(zone)).length)
  }
})

test("the user's own Flux is read with its bounds and step filled in", async () => {
  const bucket = await bucketOf(requests(2).map(lineOf).join(''))
  const flux = `from(bucket: "${bucket}") |> range(start: {{from}}, stop: {{to}}) |> filter(fn: (r) => r._measurement == "requests")
    |> group(columns: ["user_zone"]) |> aggregateWindow(every: {{every}}, fn: sum, createEmpty: false, timeSrc: "_start") |> group()`
  const query = aQuery({ userZones: ['asia', 'europe', 'us-east'] })
  assert.equal((await load(sourceOf(bucket), { ...query, flux })).hash, (await load(sourceOf(bucket), query)).hash)
})

test("the user's own Flux that names its zones otherwise is an error that names both", async () => {
  const bucket = await bucketOf(requests(1).map(lineOf).join(''))
  const flux = `from(bucket: "${bucket}") |> range(start: {{from}}, stop: {{to}})`
  await unreadable(
    load(sourceOf(bucket), aQuery({ flux, userZones: ['eu-west'] })),
    /none of the user zones eu-west in column user_zone, but asia/,
  )
})

test('a field of texts is an error that names its type', async () => {
  const bucket = await bucketOf(`requests,workload=web,user_zone=asia count="many" ${monday}000000000\n`)
  const flux = `from(bucket: "${bucket}") |> range(start: {{from}}, stop: {{to}})`
  await unreadable(load(sourceOf(bucket), aQuery({ flux })), /column _value is of type string, not a number/)
})

test('an answer that the server breaks off for lack of memory is an error, while a day per page passes', async () => {
  await using small = await startInfluxd([
    '--query-memory-bytes',
    '1000000',
    '--query-initial-memory-bytes',
    '1000000',
    '--query-concurrency',
    '1',
    '--query-queue-size',
    '10',
  ])
  const hosts = Array.from({ length: 6 }, (_, host) =>
    requests(28).map((sample) => ({ ...sample, tags: { ...sample.tags, host: `lb-${host}` } })),
  ).flat()
  for (let at = 0; at < hosts.length; at += 50_000)
    await writeLines(
      small,
      small.bucket,
      hosts
        .slice(at, at + 50_000)
        .map(lineOf)
        .join(''),
    )
  const source = sourceOf(small.bucket, small)
  const whole = { fromSeconds: monday, toSeconds: monday + 28 * day }
  const flux = `from(bucket: "telegraf") |> range(start: {{from}}, stop: {{to}}) |> filter(fn: (r) => r._measurement == "requests")
      |> group(columns: ["user_zone", "host"]) |> aggregateWindow(every: {{every}}, fn: mean, createEmpty: false, timeSrc: "_start")`
  await unreadable(source.read(aQuery({ flux }), whole, 300, never), /memory allocation limit reached/)
  assert.equal((await load(source, aQuery({ userZones: ['asia'] }), 28)).series[0]?.coverage, 1)
})

test('a server killed in the middle of its answer is an error, not a shorter history', async () => {
  await using doomed = await startInfluxd()
  await writeLines(doomed, doomed.bucket, requests(60).map(lineOf).join(''))
  const source = sourceOf(doomed.bucket, doomed)
  let killed: Promise<void> | undefined
  const flux = `from(bucket: "telegraf") |> range(start: ${rfc3339(monday)}, stop: ${rfc3339(monday + 60 * day)})`
  const rows = source.ask(flux, never, async (chunks) => {
    let bytes = 0
    for await (const chunk of chunks) {
      bytes += chunk.length
      killed ??= doomed.kill()
    }
    return bytes
  })
  await unreadable(rows, /connection broke|nothing listens/)
  await killed
})

test('queries that a full server turns away are asked again until the history is whole', async () => {
  await using busy = await startInfluxd(['--query-concurrency', '1', '--query-queue-size', '1'])
  await writeLines(busy, busy.bucket, requests(28).map(lineOf).join(''))
  let pauses = 0
  const wait: Patience['wait'] = (seconds) => {
    pauses++
    return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  }
  const source = sourceOf(busy.bucket, busy, { random: seededRandom(11), wait })
  const query = aQuery({ userZones: ['asia', 'europe', 'us-east'] })
  const days = [0, 1, 2, 3, 4, 5].map((page) => ({ fromSeconds: monday + page * day, toSeconds: monday + (page + 1) * day }))
  const pages = await Promise.all(days.map((range) => source.read(query, range, 300, never)))
  assert.deepEqual(
    pages.map(({ values }) => values.length),
    days.map(() => 3 * 288),
  )
  assert.ok(pauses > 0, 'the server turned nothing away')
})

test('a wrong token is told from a missing permission', async () => {
  await unreadable(load(sourceOf(server.bucket, { ...server, token: 'wrong' }), aQuery()), /token was not accepted.*HTTP 401/s)
})

test('a token that may only write is told that it may lack the permission to read', async () => {
  const id = await makeBucket(server, 'write-only', '')
  await unreadable(
    load(sourceOf('write-only', { ...server, token: await tokenFor(server, id, 'write') }), aQuery()),
    /bucket write-only .* no read permission.*HTTP 404/s,
  )
})

test('a token that may read another bucket is told that it may lack the permission to read', async () => {
  const id = await makeBucket(server, 'other', '')
  await makeBucket(server, 'mine', '')
  await unreadable(
    load(sourceOf('mine', { ...server, token: await tokenFor(server, id, 'read') }), aQuery()),
    /bucket mine .* no read permission/s,
  )
})

test('a server that is down is named by its address', async () => {
  await unreadable(
    load(sourceOf('any', { url: 'http://127.0.0.1:1', token: 'any' }), aQuery()),
    /nothing listens at http:\/\/127\.0\.0\.1:1 .*tried 5 times/,
  )
})

test('names with quotes, backslashes, line breaks and interpolation select exactly themselves', async () => {
  const bucket = await bucketOf('')
  const hostile = fc
    .string({
      unit: fc.constantFrom('a', '"', '\\b', '${r}', ')', '|>', 'ü', "'", '=', ',', ' ', '/', '{', '}'),
      minLength: 1,
      maxLength: 8,
    })
    .filter((text) => !/^[ #]|[ \\]$/.test(text))
  let run = 0
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, async (zone, tag, value) => {
      const measurement = `m${run++}`
      const sample = { measurement, field: 'count', at: monday }
      const tags = { [`t${tag}`]: value, user_zone: zone }
      await writeLines(
        server,
        bucket,
        lineOf({ ...sample, tags, value: 3 }) + lineOf({ ...sample, tags: { ...tags, user_zone: `${zone}x` }, value: 5 }),
      )
      const page = await sourceOf(bucket).read(
        aQuery({ measurement, tags: { [`t${tag}`]: value }, userZones: [zone] }),
        { fromSeconds: monday, toSeconds: monday + day },
        300,
        never,
      )
      assert.deepEqual([...page.values], [3])
    }),
    { numRuns: 60, seed: 3 },
  )
})
