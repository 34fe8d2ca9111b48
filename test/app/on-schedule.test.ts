import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type DueRun, nextMoments, onSchedule } from '../../src/app/on-schedule.ts'
import type { World } from '../../src/app/world.ts'

const start = Date.parse('2026-03-28T22:00:00Z') / 1000

/** A world whose time passes when somebody waits; `jumps` are added to the clock at a wait of that number. */
function aWorld(jumps: ReadonlyMap<number, number> = new Map()): World & { pass(seconds: number): void; end(): void } {
  const abort = new AbortController()
  let now = start
  let waits = 0
  return {
    env: {},
    cwd: '.',
    now: () => now,
    sleep(seconds, signal) {
      signal.throwIfAborted()
      now += seconds + (jumps.get((waits += 1)) ?? 0)
      return Promise.resolve()
    },
    random: () => 0.5,
    narrator: { begin() {}, progress() {}, end() {}, warn() {} },
    signal: abort.signal,
    pass: (seconds) => void (now += seconds),
    end: () => abort.abort(),
  }
}

const quarters = { cron: '*/15 * * * *', timeZone: 'UTC' }

/** Runs a schedule, each run taking as long as told, until there is no more to tell. */
async function ran(durations: readonly number[], world = aWorld(), recurrence = quarters): Promise<readonly (DueRun & { readonly at: number })[]> {
  const runs: (DueRun & { at: number })[] = []
  await onSchedule(world, recurrence, (due) => {
    runs.push({ ...due, at: world.now() })
    world.pass(durations[runs.length - 1] ?? 0)
    if (runs.length >= durations.length) world.end()
    return Promise.resolve()
  })
  return runs
}

test('runs begin at the moments of the schedule', async () => {
  const runs = await ran([5, 5, 5])
  assert.deepEqual(runs.map(({ dueSeconds }) => dueSeconds - start), [900, 1800, 2700])
  assert.ok(runs.every(({ at, dueSeconds }) => at === dueSeconds))
})

test('a run that takes longer than the schedule is followed by one catch-up, however many moments passed', async () => {
  const runs = await ran([4000, 10, 10])
  assert.deepEqual(runs.map(({ at, skipped }) => [at - start, skipped]), [[900, 0], [4900, 3], [5400, 0]])
})

test('runs never overlap and never come early, whatever they take', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 2, maxLength: 12 }), async (durations) => {
      const runs = await ran(durations)
      runs.forEach(({ at, dueSeconds }, i) => {
        assert.ok(at >= dueSeconds && dueSeconds % 900 === 0)
        const before = runs[i - 1]
        if (before !== undefined) assert.ok(at >= before.at + (durations[i - 1] ?? 0) && dueSeconds > before.dueSeconds)
      })
    }),
  )
})

test('a time zone’s daylight saving moves the moments, and none is run twice', async () => {
  const runs = await ran([1, 1, 1], aWorld(), { cron: '30 * * * *', timeZone: 'Europe/Berlin' })
  assert.deepEqual(runs.map(({ dueSeconds }) => new Date(dueSeconds * 1000).toISOString()), ['2026-03-28T22:30:00.000Z', '2026-03-28T23:30:00.000Z', '2026-03-29T00:30:00.000Z'])
  assert.equal(nextMoments({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' }, start, 1).length, 1)
})

test('a clock that is set back by a day does not stop the schedule for a day', async () => {
  const world = aWorld(new Map([[3, -86_400]]))
  const [first] = await ran([1], world)
  assert.ok(first !== undefined && first.at < start - 80_000)
})

test('a clock that jumps ahead gives one run, not one for each moment that it passed', async () => {
  const runs = await ran([1, 1], aWorld(new Map([[3, 86_400]])))
  assert.deepEqual(runs.map(({ skipped }) => skipped)[0], 0)
  assert.equal((runs[1]?.at ?? 0) - (runs[0]?.at ?? 0), 1)
})

test('an end while it waits ends the schedule without a run', async () => {
  const world = aWorld()
  let runs = 0
  world.end()
  await onSchedule(world, quarters, () => {
    runs += 1
    return Promise.resolve()
  })
  assert.equal(runs, 0)
})

test('fields and time zones that make no sense are told apart', () => {
  assert.throws(() => nextMoments({ cron: '* * *', timeZone: 'UTC' }, start, 1), /--schedule is "\* \* \*", 3 fields/)
  assert.throws(() => nextMoments({ cron: '* * * * *', timeZone: 'Mars/Olympus' }, start, 1), /--time-zone is Mars\/Olympus/)
})
