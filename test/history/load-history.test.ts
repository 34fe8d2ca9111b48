import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Problem } from '../../src/domain/problem.ts'
import { type HistoryProgress, type HistoryWindow, historyGrid, loadHistory } from '../../src/history/load-history.ts'
import { PageFiles } from '../../src/history/page-store/files.ts'
import { decodePage, encodePage, noPages, type PageKey, type PageStore } from '../../src/history/pages.ts'
import { RecordedHistory, type RecordedSample } from '../fakes/recorded-history.ts'
import { aPage, aQuery, aWindow, day, monday } from './builders.ts'
import { folderWith } from './files.ts'

const never = new AbortController().signal
const silent = (): void => undefined

function samplesOf(days: number): RecordedSample[] {
  return Array.from({ length: days * 288 }, (_, step) => ({
    measurement: 'requests',
    field: 'count',
    tags: { workload: 'web', user_zone: 'asia' },
    at: monday + step * 300,
    value: step,
  }))
}

/** Keeps pages in memory. */
class PagesInMemory implements PageStore {
  readonly pages = new Map<string, Uint8Array>()

  get(key: PageKey): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.pages.get(JSON.stringify(key)))
  }

  put(key: PageKey, page: Uint8Array): Promise<void> {
    this.pages.set(JSON.stringify(key), page)
    return Promise.resolve()
  }
}

const daysRead = (source: RecordedHistory): number[] =>
  source.readings.map(({ fromSeconds }) => (fromSeconds - monday) / day).sort((a, b) => a - b)

function load(
  source: RecordedHistory,
  store: PageStore,
  over: Partial<HistoryWindow> = {},
  progress: (progress: HistoryProgress) => void = silent,
) {
  return loadHistory(
    source,
    [aQuery()],
    aWindow({ asOfSeconds: monday + 5 * day, windowSeconds: 5 * day, ...over }),
    store,
    progress,
    never,
  )
}

test('the grid ends with the last step that has settled', () => {
  const window = aWindow({ asOfSeconds: monday + 1000, windowSeconds: 3600, settleSeconds: 60 })
  assert.deepEqual(historyGrid(window), { startSeconds: monday + 900 - 3600, stepSeconds: 300, length: 12 })
  assert.equal(historyGrid({ ...window, asOfSeconds: monday + 930 }).startSeconds, monday + 600 - 3600)
})

test('a step that does not divide a day is refused', () => {
  for (const stepSeconds of [420, 0, -300, Number.NaN, 2 * day])
    assert.throws(
      () => historyGrid(aWindow({ stepSeconds })),
      (error) => error instanceof Problem && error.code === 'history-step-unusable',
    )
})

test('a load of five days reads each once, and the history is that of one reading', async () => {
  const source = new RecordedHistory(samplesOf(5))
  const { series } = await load(source, noPages)
  assert.deepEqual(daysRead(source), [0, 1, 2, 3, 4])
  assert.deepEqual(
    [...(series[0]?.values ?? [])],
    samplesOf(5).map(({ value }) => value / 300),
  )
})

test('a later load reads only days that were not complete, and days that are not yet an hour old', async () => {
  const source = new RecordedHistory(samplesOf(6))
  const store = new PagesInMemory()
  const first = await load(source, store)
  assert.deepEqual(daysRead(source), [0, 1, 2, 3, 4])
  source.readings.length = 0
  const again = await load(source, store)
  assert.deepEqual(daysRead(source), [4])
  assert.equal(again.hash, first.hash)
  source.readings.length = 0
  await load(source, store, { asOfSeconds: monday + 5 * day + 3599 })
  assert.deepEqual(daysRead(source), [4, 5])
  source.readings.length = 0
  await load(source, store, { asOfSeconds: monday + 5 * day + 3600 })
  assert.deepEqual(daysRead(source), [4, 5])
  source.readings.length = 0
  const moved = await load(source, store, { asOfSeconds: monday + 5 * day + 7200 })
  assert.deepEqual(daysRead(source), [5])
  assert.equal(moved.hash, (await load(source, noPages, { asOfSeconds: monday + 5 * day + 7200 })).hash)
})

test('samples that arrive late within the allowance are seen', async () => {
  const late = samplesOf(5)
  const source = new RecordedHistory(late.slice(0, -12))
  const store = new PagesInMemory()
  await load(source, store)
  source.record(...late.slice(-12))
  assert.equal((await load(source, store)).series[0]?.coverage, 1)
})

test('a load that broke off goes on with the pages it has not read', async () => {
  const source = new RecordedHistory(samplesOf(5))
  const store = new PagesInMemory()
  await load(source, store, { asOfSeconds: monday + 3 * day, windowSeconds: 3 * day, latenessSeconds: 0 })
  source.failNext(new Problem('history-unreadable', { source: 'recorded', reason: 'torn' }))
  await assert.rejects(load(source, store, { latenessSeconds: 0 }), /torn/)
  source.readings.length = 0
  await load(source, store, { latenessSeconds: 0 })
  assert.ok(daysRead(source).every((of) => of >= 3))
})

test('a failed page ends the load, whatever the others say', async () => {
  const source = new RecordedHistory(samplesOf(5))
  source.failNext(new Error('first'))
  await assert.rejects(load(source, noPages), /^Error: first$/)
  assert.ok(source.readings.length < 5)
})

test('an aborted load rejects with the reason it was given', async () => {
  const reason = new Error('interrupted')
  await assert.rejects(loadHistory(new RecordedHistory([]), [aQuery()], aWindow(), noPages, silent, AbortSignal.abort(reason)), reason)
  const abort = new AbortController()
  const source = new RecordedHistory(samplesOf(5))
  await assert.rejects(
    loadHistory(source, [aQuery()], aWindow(), noPages, () => abort.abort(reason), abort.signal),
    reason,
  )
})

test('another query, step or source has pages of its own', async () => {
  const source = new RecordedHistory(samplesOf(5))
  const store = new PagesInMemory()
  const window = aWindow({ asOfSeconds: monday + 5 * day, windowSeconds: 5 * day })
  await loadHistory(source, [aQuery()], window, store, silent, never)
  source.readings.length = 0
  for (const over of [{ scale: 2 }, { userZones: ['asia'] }, { tags: { workload: 'other' } }])
    await loadHistory(source, [aQuery(over)], window, store, silent, never)
  await loadHistory(source, [aQuery()], { ...window, stepSeconds: 600 }, store, silent, never)
  assert.equal(source.readings.length, 4 * 5)
})

test('a source that is cheap to read is read anew each time, as its files may have been edited', async () => {
  const source = new RecordedHistory(samplesOf(5), 'cheap')
  const store = new PagesInMemory()
  await load(source, store)
  await load(source, store)
  assert.equal(source.readings.length, 10)
  assert.equal(store.pages.size, 0)
})

test('a day without samples is asked for again', async () => {
  const source = new RecordedHistory([])
  const store = new PagesInMemory()
  await load(source, store)
  source.record(...samplesOf(5))
  assert.equal((await load(source, store)).series[0]?.coverage, 1)
})

test('progress counts every page and those that were kept', async () => {
  const source = new RecordedHistory(samplesOf(5))
  const store = new PagesInMemory()
  await load(source, store)
  const steps: HistoryProgress[] = []
  await load(source, store, {}, (progress) => steps.push(progress))
  assert.deepEqual(
    steps.map(({ pagesDone, pagesTotal }) => [pagesDone, pagesTotal]),
    [
      [1, 5],
      [2, 5],
      [3, 5],
      [4, 5],
      [5, 5],
    ],
  )
  assert.equal(steps.at(-1)?.pagesFromStore, 4)
})

test('a store that cannot write costs time, not the history, and says why', async () => {
  const store: PageStore = { get: () => Promise.resolve(undefined), put: () => Promise.reject(new Error('no space left on device')) }
  let last: HistoryProgress | undefined
  const history = await load(new RecordedHistory(samplesOf(5)), store, {}, (progress) => (last = progress))
  assert.equal(history.series[0]?.coverage, 1)
  assert.equal(last?.notKept, 'no space left on device')
})

test('a page decodes to the samples it was made of; any byte less or otherwise is no page', () => {
  const page = {
    ...aPage([
      { userZone: 'asia', reporter: 'host=ü', at: monday + 0.5, value: 1.25 },
      { userZone: 'europe', at: monday, value: Number.NaN },
    ]),
    daylightSaving: Uint32Array.of(0, 3),
  }
  const bytes = encodePage(page)
  assert.deepEqual(decodePage(bytes), page)
  assert.deepEqual(decodePage(Buffer.concat([Buffer.alloc(3), bytes]).subarray(3)), page)
  for (let at = 0; at < bytes.length; at++) {
    assert.equal(decodePage(bytes.subarray(0, at)), undefined)
    const torn = bytes.slice()
    torn[at] = (torn[at] ?? 0) ^ 1
    assert.equal(decodePage(torn), undefined, `byte ${at}`)
  }
})

test('page files are read back by another process; a torn one is read from the source and mended', async () => {
  const folder = folderWith({})
  const source = new RecordedHistory(samplesOf(5))
  const { hash } = await load(source, new PageFiles(folder))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.page'))
    .sort()
  assert.deepEqual(
    files.map((file) => file.split(/[\\/]/).at(-1)),
    ['2026-01-26.page', '2026-01-27.page', '2026-01-28.page', '2026-01-29.page'],
  )
  const torn = join(folder, files[1] ?? '')
  const whole = readFileSync(torn)
  writeFileSync(torn, whole.subarray(0, 100))
  source.readings.length = 0
  assert.equal((await load(source, new PageFiles(folder))).hash, hash)
  assert.deepEqual(daysRead(source), [1, 4])
  assert.deepEqual(readFileSync(torn), whole)
})

test('a page file that cannot be written leaves nothing behind', async () => {
  const folder = folderWith({ blocked: '' })
  const files = new PageFiles(join(folder, 'blocked'))
  await assert.rejects(files.put({ source: 's', query: 'q', day: '2026-01-26' }, new Uint8Array(3)))
  assert.deepEqual(readdirSync(folder), ['blocked'])
})

test('28 days of nine series from kept pages cost less than 100 ms of CPU', async () => {
  const folder = folderWith({})
  const zones = ['asia', 'europe', 'us']
  const workloads = ['batch', 'checkout', 'web']
  const samples = workloads.flatMap((workload) =>
    zones.flatMap((zone) =>
      Array.from({ length: 28 * 288 }, (_, step) => ({
        measurement: 'requests',
        field: 'count',
        tags: { workload, user_zone: zone },
        at: monday + step * 300,
        value: (step * 7919) % 997,
      })),
    ),
  )
  const queries = workloads.map((workload) => aQuery({ workload, tags: { workload }, userZones: zones }))
  const window = aWindow({ asOfSeconds: monday + 28 * day, windowSeconds: 28 * day, latenessSeconds: 0 })
  const source = new RecordedHistory(samples)
  const { hash } = await loadHistory(source, queries, window, new PageFiles(folder), silent, never)
  source.readings.length = 0
  const before = process.cpuUsage()
  const again = await loadHistory(source, queries, window, new PageFiles(folder), silent, never)
  const { user, system } = process.cpuUsage(before)
  assert.equal(again.hash, hash)
  assert.equal(source.readings.length, 0)
  assert.ok(user + system < 100_000, `${(user + system) / 1000} ms`)
})
