import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DemandQuery, HistorySource, SampleKind } from '../../src/domain/history.ts'
import { loadHistory } from '../../src/history/load-history.ts'
import { noPages } from '../../src/history/pages.ts'
import { RecordedHistory, type RecordedSample } from '../fakes/recorded-history.ts'
import { aQuery, aWindow, day, monday, seededRandom } from './builders.ts'

/** What a source can hold. */
export interface SourceUnderTest {
  readonly name: string
  /** Whether samples say who measured them. */
  readonly reporters: 'told apart' | 'unknown'
  /** @returns a source that holds exactly these samples */
  readonly holding: (samples: readonly RecordedSample[]) => Promise<HistorySource>
}

const never = new AbortController().signal

/** Two days of two user zones every `everySeconds`, with a hole of two hours in Asia. */
function twoDays(kind: SampleKind, reporters: readonly string[], everySeconds: number): RecordedSample[] {
  const random = seededRandom(5)
  return ['asia', 'europe'].flatMap((zone) =>
    reporters.flatMap((reporter) => {
      const samples: RecordedSample[] = []
      let total = 0
      for (let at = monday; at < monday + 2 * day; at += everySeconds) {
        const amount = Math.round(40 * (1.2 + Math.sin((at / day) * 2 * Math.PI)) * (0.8 + 0.4 * random()))
        total = random() < 0.002 ? 0 : total + amount
        const hole = zone === 'asia' && at >= monday + 6 * 3600 && at < monday + 8 * 3600
        const tags = { workload: 'web', user_zone: zone, ...(reporter === '' ? {} : { host: reporter }) }
        if (!hole) samples.push({ measurement: 'requests', field: 'count', tags, at, value: kind === 'counter' || kind === 'odometer' ? total : amount })
      }
      return samples
    }),
  )
}

/** What every history source does, whatever it reads from. */
export function historySourceContract({ name, reporters, holding }: SourceUnderTest): void {
  const load = (source: HistorySource, query: DemandQuery) => loadHistory(source, [query], aWindow(), noPages, () => undefined, never)

  for (const kind of ['count', 'gauge', 'stock', 'counter', 'odometer'] as const) {
    test(`${name} gives the same hash as memory for demand of kind ${kind}`, async () => {
      const samples = twoDays(kind, [''], 300)
      const query = aQuery({ kind })
      const expected = await load(new RecordedHistory(samples), query)
      const history = await load(await holding(samples), query)
      assert.ok((expected.series[1]?.coverage ?? 0) > 0.99)
      assert.deepEqual(
        history.series.map(({ values }) => [...values]),
        expected.series.map(({ values }) => [...values]),
      )
      assert.equal(history.hash, expected.hash)
    })

    // of an odometer one sample a step is enough, so more of them may tell more
    if (reporters === 'unknown' || kind === 'odometer') continue
    test(`${name} tells three reporters apart at three samples a step for demand of kind ${kind}`, async () => {
      const samples = twoDays(kind, ['lb-1', 'lb-2', 'lb-3'], 100)
      const query = aQuery({ kind })
      const expected = await load(new RecordedHistory(samples), query)
      const history = await load(await holding(samples), query)
      assert.deepEqual(
        history.series.map(({ values }) => [...values]),
        expected.series.map(({ values }) => [...values]),
      )
      assert.equal(history.hash, expected.hash)
    })
  }

  test(`${name} gives samples from the range's beginning up to, not including, its end`, async () => {
    const at = [monday - 300, monday, monday + day - 300, monday + day]
    const source = await holding(
      at.map((seconds) => ({
        measurement: 'requests',
        field: 'count',
        tags: { workload: 'web', user_zone: 'europe' },
        at: seconds,
        value: 1,
      })),
    )
    const page = await source.read(aQuery(), { fromSeconds: monday, toSeconds: monday + day }, 300, never)
    assert.deepEqual([...page.atSeconds], [monday, monday + day - 300])
    assert.deepEqual([...page.userZoneIndex], [1, 1])
    assert.deepEqual(page.userZones, ['asia', 'europe'])
  })

  test(`${name} gives no samples of other workloads and user zones`, async () => {
    const sample = { measurement: 'requests', field: 'count', at: monday, value: 1 }
    const source = await holding([
      { ...sample, tags: { workload: 'web', user_zone: 'africa' } },
      { ...sample, tags: { workload: 'checkout', user_zone: 'europe' } },
      { ...sample, tags: { workload: 'web', user_zone: 'europe' }, value: 7 },
    ])
    const page = await source.read(aQuery(), { fromSeconds: monday, toSeconds: monday + day }, 300, never)
    assert.deepEqual([...page.values], [7])
  })

  test(`${name} presents a user zone without samples as one that was measured in no step`, async () => {
    const source = await holding([
      { measurement: 'requests', field: 'count', tags: { workload: 'web', user_zone: 'europe' }, at: monday, value: 300 },
    ])
    const history = await load(source, aQuery())
    assert.deepEqual(
      history.series.map(({ userZone, coverage }) => [userZone, coverage]),
      [
        ['asia', 0],
        ['europe', 1 / 576],
      ],
    )
    assert.ok(history.series[0]?.values.every(Number.isNaN))
  })

  test(`${name} counts a negative sample and makes its step a gap`, async () => {
    const tags = { workload: 'web', user_zone: 'europe' }
    const values = [5, -4, 6]
    const source = await holding(
      values.map((value, index) => ({ measurement: 'requests', field: 'count', tags, at: monday + index * 300, value })),
    )
    const { series } = await load(source, aQuery())
    assert.equal(series[1]?.faults.negative, 1)
    assert.deepEqual([...(series[1]?.values.subarray(0, 3) ?? [])], [5 / 300, Number.NaN, 6 / 300])
  })

  test(`${name} rejects with the reason of an aborted signal`, async () => {
    const source = await holding([])
    const reason = new Error('enough')
    await assert.rejects(source.read(aQuery(), { fromSeconds: monday, toSeconds: monday + day }, 300, AbortSignal.abort(reason)), reason)
  })
}
