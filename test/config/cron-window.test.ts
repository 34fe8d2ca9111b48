import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cronFault, isAlwaysOpen, openTimes } from '../../src/config/cron-window.ts'
import type { WindowSettings } from '../../src/config/schema.ts'
import { rfc3339 } from '../../src/domain/grid.ts'

const seconds = (text: string): number => Date.parse(text) / 1000

function aWindow(changes: Partial<WindowSettings>): WindowSettings {
  return { cron: '0 2 * * 0', timeZone: 'UTC', lasts: 3600, reason: 'release', ...changes }
}

function shown(window: WindowSettings, from: string, to: string): readonly string[] {
  return openTimes(window, { fromSeconds: seconds(from), toSeconds: seconds(to) }).map(
    (range) => `${rfc3339(range.fromSeconds)}/${rfc3339(range.toSeconds)}`,
  )
}

test('a window at 02:00 on Sundays is open on the Sundays between the two instants', () => {
  assert.deepEqual(shown(aWindow({}), '2026-01-25T00:00:00Z', '2026-02-02T00:00:00Z'), [
    '2026-01-25T02:00:00Z/2026-01-25T03:00:00Z',
    '2026-02-01T02:00:00Z/2026-02-01T03:00:00Z',
  ])
})

test('a window that is open already, and one that outlasts the range, are cut to it', () => {
  const window = aWindow({ cron: '0 12 * * *', lasts: 6 * 3600 })
  assert.deepEqual(shown(window, '2026-01-25T13:00:00Z', '2026-01-25T15:00:00Z'), ['2026-01-25T13:00:00Z/2026-01-25T15:00:00Z'])
})

test('an opening at the very start of the range counts, one at its end does not', () => {
  assert.deepEqual(shown(aWindow({}), '2026-01-25T02:00:00Z', '2026-02-01T02:00:00Z'), ['2026-01-25T02:00:00Z/2026-01-25T03:00:00Z'])
})

test('noon in New York moves in UTC when daylight saving starts', () => {
  const window = aWindow({ cron: '0 12 * * *', timeZone: 'America/New_York' })
  assert.deepEqual(shown(window, '2026-03-07T00:00:00Z', '2026-03-09T00:00:00Z'), [
    '2026-03-07T17:00:00Z/2026-03-07T18:00:00Z',
    '2026-03-08T16:00:00Z/2026-03-08T17:00:00Z',
  ])
})

test('openings that overlap are one window', () => {
  const window = aWindow({ cron: '0 8,9 * * *', lasts: 5400 })
  assert.deepEqual(shown(window, '2026-01-25T00:00:00Z', '2026-01-26T00:00:00Z'), ['2026-01-25T08:00:00Z/2026-01-25T10:30:00Z'])
})

test('a window is always open only when no gap between its openings is longer than it lasts', () => {
  assert.equal(isAlwaysOpen(aWindow({ cron: '0 * * * *', lasts: 3600 })), true)
  assert.equal(isAlwaysOpen(aWindow({ cron: '0 * * * *', lasts: 3599 })), false)
  assert.equal(isAlwaysOpen(aWindow({ cron: '0 0-22 * * *', lasts: 3600 })), false)
})

test('cron fields that never match, or are not five, are told apart from those that are wrong', () => {
  assert.equal(cronFault(aWindow({})), undefined)
  assert.equal(cronFault(aWindow({ cron: '0 0 30 2 *' })), 'is "0 0 30 2 *": no such moment ever comes')
  assert.match(cronFault(aWindow({ cron: '0 0 0 1 1 *' })) ?? '', /^is "0 0 0 1 1 \*", 6 fields, expected five/)
  assert.match(cronFault(aWindow({ cron: '61 * * * *' })) ?? '', /expected five cron fields/)
})

test('open times are ascending, apart, inside the range, and add up the same however the range is cut', () => {
  const cron = fc
    .tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 23 }), fc.constantFrom('*', '1', '1-5', '0,6'))
    .map(([m, h, d]) => `${m} ${h} * * ${d}`)
  const start = seconds('2026-03-01T00:00:00Z')
  fc.assert(
    fc.property(
      cron,
      fc.integer({ min: 60, max: 172_800 }),
      fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York'),
      fc.nat(40 * 86400),
      fc.nat(40 * 86400),
      (fields, lasts, timeZone, a, b) => {
        const window = aWindow({ cron: fields, lasts, timeZone })
        const [fromSeconds, cut] = [start + Math.min(a, b), start + Math.max(a, b)]
        const toSeconds = start + 45 * 86400
        const whole = openTimes(window, { fromSeconds, toSeconds })
        whole.forEach((range, index) => {
          assert.ok(range.fromSeconds < range.toSeconds && range.fromSeconds >= fromSeconds && range.toSeconds <= toSeconds)
          assert.ok(index === 0 || range.fromSeconds > (whole[index - 1]?.toSeconds ?? Infinity))
        })
        const total = (ranges: typeof whole): number => ranges.reduce((sum, range) => sum + range.toSeconds - range.fromSeconds, 0)
        const parts = [openTimes(window, { fromSeconds, toSeconds: cut }), openTimes(window, { fromSeconds: cut, toSeconds })]
        assert.equal(
          parts.reduce((sum, part) => sum + total(part), 0),
          total(whole),
        )
      },
    ),
    { numRuns: 60 },
  )
})
