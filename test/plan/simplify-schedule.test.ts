import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ScheduledChange } from '../../src/domain/desired-state.ts'
import { scheduledAt } from '../../src/domain/schedule.ts'
import { simplifySchedule } from '../../src/plan/simplify-schedule.ts'

const change = (minuteOfDay: number, desired: number): ScheduledChange => ({ minuteOfDay, min: desired, desired, max: 50 })
const schedules = fc
  .uniqueArray(fc.record({ minuteOfDay: fc.nat(1439), desired: fc.nat(50) }), { selector: ({ minuteOfDay }) => minuteOfDay, minLength: 2, maxLength: 40 })
  .map((changes) => changes.sort((a, b) => a.minuteOfDay - b.minuteOfDay).map(({ minuteOfDay, desired }) => change(minuteOfDay, desired)))

const countAt = (schedule: readonly ScheduledChange[], minute: number): number | undefined => scheduledAt(schedule, minute * 60)?.desired

test('a simplified schedule has no more changes than allowed and never fewer nodes, at any minute', () => {
  fc.assert(fc.property(schedules, fc.integer({ min: 2, max: 12 }), (schedule, most) => {
    const simple = simplifySchedule(schedule, most)
    assert.ok(simple.length <= most)
    const highest = Math.max(...schedule.map(({ desired }) => desired))
    for (let minute = 0; minute < 1440; minute += 7) assert.ok((countAt(simple, minute) ?? highest) >= (countAt(schedule, minute) ?? 0))
  }))
})

test('a schedule that is short enough keeps its counts', () => {
  const schedule = [change(60, 2), change(600, 5), change(1200, 3)]
  assert.deepEqual(simplifySchedule(schedule, 3), schedule)
})

test('the windows that are joined are those whose joining costs the fewest node-minutes', () => {
  const schedule = [change(0, 10), change(300, 2), change(310, 3), change(900, 6)]
  assert.deepEqual(simplifySchedule(schedule, 3), [change(0, 10), change(300, 3), change(900, 6)])
})
