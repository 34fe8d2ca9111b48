import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayWindows, scheduledAt, scheduleFloor } from '../../src/domain/schedule.ts'
import { aDesiredPool, midnight } from '../support/a-desired-state.ts'

const change = (minuteOfDay: number, desired: number) => ({ minuteOfDay, min: 0, desired, max: 50 })
const schedules = fc
  .uniqueArray(fc.nat(1439), { minLength: 1, maxLength: 24 })
  .map((minutes) => minutes.toSorted((a, b) => a - b).map((minute, index) => change(minute, index)))

test('windows cover the day once, whatever the schedule', () => {
  fc.assert(fc.property(schedules, (schedule) => {
    assert.equal(dayWindows(schedule).reduce((sum, window) => sum + window.minutes, 0), 1440)
    assert.ok(dayWindows(schedule).every((window) => window.minutes > 0))
  }))
})

test('the change in force is the last one that began, over midnight too', () => {
  const schedule = [change(480, 5), change(1200, 2)]
  const at = (minute: number) => scheduledAt(schedule, midnight + minute * 60)?.desired
  assert.deepEqual([at(0), at(479), at(480), at(1199), at(1200), at(1439)], [2, 2, 5, 5, 2, 2])
  assert.equal(scheduledAt([], midnight), undefined)
})

test('the window that holds an instant is the change in force then', () => {
  fc.assert(fc.property(schedules, fc.nat(1439), (schedule, minute) => {
    const inForce = scheduledAt(schedule, midnight + minute * 60)
    const holding = dayWindows(schedule).find((window) => (minute - window.minuteOfDay + 1440) % 1440 < window.minutes)
    assert.equal(holding?.minuteOfDay, inForce?.minuteOfDay)
  }))
})

test('a count that its schedule does not know is kept as a floor', () => {
  assert.equal(scheduleFloor(aDesiredPool({ min: 1, desired: 7, schedule: [change(0, 5)] })), 7)
})

test('a count that its schedule knows may be lowered to the lowest minimum of the schedule, whatever the minimum of now', () => {
  const low = { ...change(60, 3), min: 2 }
  assert.equal(scheduleFloor(aDesiredPool({ min: 5, desired: 5, schedule: [{ ...change(0, 5), min: 5 }, low] })), 2)
})
