import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DemandHistory } from '../../src/domain/history.ts'
import { historyReasonSentence, historyRuling, type HistoryRuling } from '../../src/history/ruling.ts'
import { assembled, aQuery, monday, seededRandom } from './builders.ts'

const grid = { startSeconds: monday, stepSeconds: 300, length: 2 * 288 }
const end = monday + grid.length * grid.stepSeconds
const limits = { maxAgeSeconds: 900, minCoverage: 0.9 }

/** Two days of one zone; NaN is a gap. */
function history(demand: (step: number) => number): DemandHistory {
  const values = Array.from({ length: grid.length }, (_, step) => demand(step))
  return assembled(
    aQuery({ kind: 'gauge', userZones: ['asia'] }),
    grid,
    values.flatMap((value, step) => (Number.isNaN(value) ? [] : [{ userZone: 'asia', at: monday + step * 300, value }])),
  )
}

const random = seededRandom(9)
const noise = Array.from({ length: grid.length }, () => 100 + Math.round(100 * random()))
const busy = (step: number): number => noise[step] ?? 0
const kinds = (ruling: HistoryRuling): readonly string[] => (ruling.kind === 'hold' ? ruling.reasons.map(({ kind }) => kind) : [])

test('a fresh and whole history is allowed', () => {
  assert.deepEqual(historyRuling(history(busy), limits, end + 900), { kind: 'allow', notes: [] })
})

test('a newest value older than the limit holds, and says by how much', () => {
  const ruling = historyRuling(
    history((step) => (step < grid.length - 6 ? busy(step) : Number.NaN)),
    limits,
    end + 660,
  )
  assert.ok(ruling.kind === 'hold')
  assert.deepEqual(ruling.reasons.map(historyReasonSentence), ['web/asia was last measured 41 min ago (limit 15 min)'])
})

test('no sample at all holds', () => {
  assert.deepEqual(
    kinds(
      historyRuling(
        history(() => Number.NaN),
        limits,
        end,
      ),
    ),
    ['empty'],
  )
})

test('gaps hold below the least coverage, and a series that began late has none before its beginning', () => {
  const every = (nth: number) => (step: number) => (step % nth === 0 ? Number.NaN : busy(step))
  assert.deepEqual(kinds(historyRuling(history(every(9)), limits, end)), ['gaps'])
  assert.deepEqual(kinds(historyRuling(history(every(11)), limits, end)), [])
  assert.deepEqual(
    kinds(
      historyRuling(
        history((step) => (step < 400 ? Number.NaN : busy(step))),
        limits,
        end,
      ),
    ),
    [],
  )
})

test('values that are frozen now hold; those that were frozen once do not', () => {
  const ruling = historyRuling(
    history((step) => (step < grid.length - 12 ? busy(step) : 150.5)),
    limits,
    end,
  )
  assert.ok(ruling.kind === 'hold')
  assert.deepEqual(ruling.reasons.map(historyReasonSentence), ['web/asia has stood at 150.5 for 12 steps, since 2026-01-27T23:00:00Z'])
  const once = history((step) => (step >= 200 && step < 240 ? 150.5 : busy(step)))
  assert.equal(once.series[0]?.faults.frozenSteps, 40)
  assert.deepEqual(kinds(historyRuling(once, limits, end)), [])
})

test('a longer frozen time in the past does not hide the present one', () => {
  assert.deepEqual(
    kinds(
      historyRuling(
        history((step) => (step >= 200 && step < 240 ? 150.5 : step < grid.length - 12 ? busy(step) : 160.5)),
        limits,
        end,
      ),
    ),
    ['frozen'],
  )
})

test('zero throughout holds; another constant is a note', () => {
  assert.deepEqual(
    kinds(
      historyRuling(
        history(() => 0),
        limits,
        end,
      ),
    ),
    ['all-zero'],
  )
  assert.deepEqual(
    historyRuling(
      history(() => 7),
      limits,
      end,
    ),
    { kind: 'allow', notes: [{ kind: 'constant', series: 'web/asia', value: 7 }] },
  )
})
