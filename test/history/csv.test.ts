import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { RawSamples } from '../../src/domain/history.ts'
import { Problem } from '../../src/domain/problem.ts'
import { CsvSource } from '../../src/history/csv/source.ts'
import { TimeZone } from '../../src/domain/time-zone.ts'
import { writeHistoryCsv } from '../../src/history/csv/write.ts'
import { loadHistory } from '../../src/history/load-history.ts'
import { noPages } from '../../src/history/pages.ts'
import { assembled, aQuery, day, monday } from './builders.ts'
import { fileWith, folderWith } from './files.ts'

const never = new AbortController().signal

function readDays(paths: readonly string[], timeZone = 'UTC', fromSeconds = monday, days = 1): Promise<RawSamples> {
  return new CsvSource(paths, timeZone).read(aQuery(), { fromSeconds, toSeconds: fromSeconds + days * day }, 300, never)
}

async function faultsOf(content: string): Promise<readonly string[]> {
  const error: unknown = await readDays([fileWith(content)]).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Problem && error.code === 'input-invalid', String(error))
  return (error as Problem<'input-invalid'>).facts.faults.map(
    ({ line, column, message }) => `${[line, column].filter((part) => part !== undefined).join(':')} ${message}`,
  )
}

test('columns may stand in any order, quoted, after a byte-order mark, with CRLF, and beside others', async () => {
  const page = await readDays([
    fileWith(
      '\ufeffNote,"value",Timestamp,series\r\n"a, b",5,2026-01-26T01:00:00+01:00,"web/asia"\r\n\r\n,6.5,"2026-01-26T00:05:00Z",web/europe',
    ),
  ])
  assert.deepEqual([...page.values], [5, 6.5])
  assert.deepEqual([...page.atSeconds], [monday, monday + 300])
  assert.deepEqual([...page.userZoneIndex], [0, 1])
})

test('globs name every file once, packed or not, in the order of their names', async () => {
  const header = 'series,timestamp,value\n'
  const folder = folderWith({
    'b.csv': `${header}web/asia,2026-01-26T00:05:00Z,2\n`,
    'a.csv.gz': gzipSync(`${header}web/asia,2026-01-26T00:00:00Z,1\n`),
    'c.csv': `${header}web/asia,2026-01-26T00:10:00Z,3\n`,
  })
  const page = await readDays([join(folder, '*.csv*'), join(folder, 'b.csv')])
  assert.deepEqual([...page.values], [1, 2, 3])
})

test('what a source writes for a missing value is a sample that is not a number', async () => {
  const page = await readDays([
    fileWith(
      'series,timestamp,value\nweb/asia,2026-01-26T00:00:00Z,\nweb/asia,2026-01-26T00:05:00Z,NaN\nweb/asia,2026-01-26T00:10:00Z,-Inf\n',
    ),
  ])
  assert.deepEqual([...page.values], [Number.NaN, Number.NaN, -Infinity])
})

test('all faults are told at once with line and column', async () => {
  const rows = [
    'web/asia,2026-01-26T00:00:00Z,1',
    'web/asia,2026-01-26T00:05:00Z,"1,5"',
    'web/asia,26.1.2026,2',
    'web/asia,3',
    '"web/asia,2026-01-26T00:00:00Z,1',
  ]
  assert.deepEqual(await faultsOf(`series,timestamp,value\n${rows.join('\n')}\n`), [
    '3:32 value is "1,5", not a number',
    '4:10 timestamp is "26.1.2026", expected a time such as 2026-01-26T13:00:00Z',
    '5:1 has 2 columns, the header has 3',
    '6:1 has a quote that does not end, the header has 3',
  ])
})

test('a thousand faults are fifty lines and a count', async () => {
  const faults = await faultsOf(`series,timestamp,value\n${'web/asia,never,1\n'.repeat(1000)}`)
  assert.equal(faults.length, 51)
  assert.equal(faults.at(-1), ' and 950 more like these')
})

test('a file without the wanted columns, or without any, is a fault', async () => {
  assert.deepEqual(await faultsOf('time,series\n1,2\n'), ['1:1 the header lacks timestamp and value; it has time, series'])
  assert.deepEqual(await faultsOf(''), ['1:1 is empty, expected a header with series, timestamp and value'])
})

test('a path that names no file is a missing file', async () => {
  await assert.rejects(readDays([join(folderWith({}), '*.csv')]), (error) => error instanceof Problem && error.code === 'file-missing')
})

test('a broken gzip file cannot be read', async () => {
  const packed = gzipSync('series,timestamp,value\nweb/asia,2026-01-26T00:00:00Z,1\n'.repeat(100))
  await assert.rejects(
    readDays([fileWith(packed.subarray(0, 60))]),
    (error) => error instanceof Problem && error.code === 'history-unreadable',
  )
})

test('two files read after a failed attempt are not counted twice', async () => {
  const source = new CsvSource([fileWith('series,timestamp,value\nweb/asia,2026-01-26T00:00:00Z,1\n')], 'UTC')
  const abort = new AbortController()
  const first = source.read(aQuery(), { fromSeconds: monday, toSeconds: monday + day }, 300, abort.signal)
  abort.abort(new Error('enough'))
  await first.catch(() => undefined)
  assert.deepEqual([...(await source.read(aQuery(), { fromSeconds: monday, toSeconds: monday + day }, 300, never)).values], [1])
})

/** Local half-hours of a day in Berlin, as a logger there writes them. */
function berlin(date: string, times: readonly string[]): string {
  return fileWith(`series,timestamp,value\n${times.map((time, index) => `web/asia,${date} ${time}:00,${index}\n`).join('')}`)
}

const minutes = (page: RawSamples, from: number): number[] => [...page.atSeconds].map((at) => (at - from) / 60)

test('the hour that clocks skip in spring has no instants, and what bears its times is counted', async () => {
  const from = Date.parse('2026-03-29T00:00:00Z') / 1000
  const page = await readDays([berlin('2026-03-29', ['01:30', '02:00', '02:30', '03:00', '03:30'])], 'Europe/Berlin', from)
  assert.deepEqual(minutes(page, from), [30, 60, 90])
  assert.deepEqual([...page.values], [0, 3, 4])
  assert.equal(page.daylightSaving[0], 2)
})

test('the hour that clocks show twice in autumn is told apart where the series goes back', async () => {
  const from = Date.parse('2026-10-25T00:00:00Z') / 1000
  const page = await readDays([berlin('2026-10-25', ['02:00', '02:30', '02:00', '02:30', '03:00'])], 'Europe/Berlin', from)
  assert.deepEqual(minutes(page, from), [0, 30, 60, 90, 120])
  assert.equal(page.daylightSaving[0], 4)
})

test('the second pass is told apart also where the file ends with it', async () => {
  const from = Date.parse('2026-10-25T00:00:00Z') / 1000
  assert.deepEqual(
    minutes(await readDays([berlin('2026-10-25', ['02:00', '02:30', '02:00', '02:30'])], 'Europe/Berlin', from), from),
    [0, 30, 60, 90],
  )
})

test('the hour that clocks show twice is left out where the series goes back more than once', async () => {
  const from = Date.parse('2026-10-25T00:00:00Z') / 1000
  const page = await readDays([berlin('2026-10-25', ['02:00', '02:30', '02:00', '02:30', '02:15', '03:00'])], 'Europe/Berlin', from)
  assert.deepEqual(minutes(page, from), [120])
  assert.equal(page.daylightSaving[0], 5)
})

test('the hour that clocks show twice is left out where only one pass was recorded, also at the end of the file', async () => {
  const from = Date.parse('2026-10-24T22:00:00Z') / 1000
  const page = await readDays([berlin('2026-10-25', ['01:30', '02:00', '02:30'])], 'Europe/Berlin', from - 22 * 3600, 2)
  assert.deepEqual([...page.values], [0])
  assert.equal(page.daylightSaving[0], 2)
})

test('a local time is turned into the instants at which a clock of the zone shows it', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/Sao_Paulo', 'UTC'].map((name) => ({
    name,
    zone: new TimeZone(name),
  }))
  const second = fc
    .integer({ min: Date.parse('2015-01-01T00:00:00Z') / 900_000, max: Date.parse('2030-01-01T00:00:00Z') / 900_000 })
    .map((quarter) => quarter * 900)
  fc.assert(
    fc.property(fc.constantFrom(...zones), second, ({ name, zone }, at) => {
      const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: name, dateStyle: 'short', timeStyle: 'medium' }).format(at * 1000)
      const local = Date.parse(`${clock.replace(' ', 'T')}Z`) / 1000
      assert.ok(zone.instants(local).includes(at), `${name} ${clock}`)
    }),
    { numRuns: 500 },
  )
})

test('a history that was written as CSV reads back as the same history with the same hash', async () => {
  const grid = { startSeconds: monday, stepSeconds: 300, length: 2 * 288 }
  const value = fc.oneof(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.nat(1000))
  const samples = fc.array(fc.record({ userZone: fc.constantFrom('asia', 'europe'), step: fc.nat(grid.length - 1), value }), {
    maxLength: 200,
  })
  await fc.assert(
    fc.asyncProperty(samples, async (recorded) => {
      const query = aQuery({ kind: 'gauge' })
      const history = assembled(
        query,
        grid,
        recorded.map(({ userZone, step, value: of }) => ({ userZone, at: monday + step * 300, value: of })),
      )
      const window = { asOfSeconds: monday + 2 * day, windowSeconds: 2 * day, stepSeconds: 300, settleSeconds: 0, latenessSeconds: 0 }
      const again = await loadHistory(
        new CsvSource([fileWith(writeHistoryCsv(history))], 'UTC'),
        [query],
        window,
        noPages,
        () => undefined,
        never,
      )
      assert.equal(again.hash, history.hash)
      assert.deepEqual(
        again.series.map((series) => ({ ...series, faults: undefined })),
        history.series.map((series) => ({ ...series, faults: undefined })),
      )
    }),
    { numRuns: 40 },
  )
})
