import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../../src/domain/problem.ts'
import { rfc3339 } from '../../src/domain/grid.ts'
import { readCalendar } from '../../src/events/calendar.ts'

const at = (text: string): number => Date.parse(text) / 1000
const march = { fromSeconds: at('2026-03-01T00:00:00Z'), toSeconds: at('2026-04-30T00:00:00Z') }

function calendar(...events: readonly (readonly string[])[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', ...events.flatMap((lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']), 'END:VCALENDAR', ''].join('\r\n')
}

const spans = (text: string, zone = 'UTC', range = march): string[] =>
  readCalendar(text, 'c.ics', range, zone).map(({ name, startSeconds, endSeconds }) => `${name} ${rfc3339(startSeconds)} ${rfc3339(endSeconds)}`)

function faultsOf(text: string): string[] {
  try {
    readCalendar(text, 'c.ics', march, 'UTC')
  } catch (error) {
    assert.ok(error instanceof Problem && error.code === 'input-invalid')
    return error.message.split('\n').slice(1).map((line) => line.trim())
  }
  return []
}

test('a weekly event keeps its local hour over a change to daylight saving, though the calendar describes no time zone', () => {
  const text = calendar(['UID:1', 'SUMMARY:sale', 'DTSTART;TZID=Europe/Berlin:20260320T180000', 'DTEND;TZID=Europe/Berlin:20260320T200000', 'RRULE:FREQ=WEEKLY;COUNT=3'])
  assert.deepEqual(spans(text), [
    'sale 2026-03-20T17:00:00Z 2026-03-20T19:00:00Z',
    'sale 2026-03-27T17:00:00Z 2026-03-27T19:00:00Z',
    'sale 2026-04-03T16:00:00Z 2026-04-03T18:00:00Z',
  ])
})

test('a zone of the calendar’s own is read by its VTIMEZONE, and one that nothing describes is a fault', () => {
  const zone = [
    'BEGIN:VTIMEZONE', 'TZID:Office', 'BEGIN:STANDARD', 'DTSTART:20200101T000000', 'TZOFFSETFROM:+0300', 'TZOFFSETTO:+0300', 'END:STANDARD', 'END:VTIMEZONE',
  ].join('\r\n')
  const event = ['UID:1', 'SUMMARY:close', 'DTSTART;TZID=Office:20260310T090000', 'DURATION:PT30M']
  assert.deepEqual(spans(calendar(event).replace('VERSION:2.0', `VERSION:2.0\r\n${zone}`)), ['close 2026-03-10T06:00:00Z 2026-03-10T06:30:00Z'])
  assert.deepEqual(faultsOf(calendar(event)), ["c.ics:3:1 close: is in time zone Office, which neither the calendar nor this machine's database describes"])
})

test('a cancelled, a moved and an excluded occurrence are heeded, and other series stay as they are', () => {
  const text = calendar(
    ['UID:a', 'SUMMARY:sale', 'DTSTART:20260302T100000Z', 'DTEND:20260302T110000Z', 'RRULE:FREQ=WEEKLY;COUNT=4', 'EXDATE:20260309T100000Z'],
    ['UID:a', 'SUMMARY:sale', 'RECURRENCE-ID:20260316T100000Z', 'DTSTART:20260317T120000Z', 'DTEND:20260317T150000Z'],
    ['UID:a', 'SUMMARY:sale', 'RECURRENCE-ID:20260323T100000Z', 'DTSTART:20260323T100000Z', 'DTEND:20260323T110000Z', 'STATUS:CANCELLED'],
    ['UID:b', 'SUMMARY:other', 'DTSTART:20260323T100000Z', 'DTEND:20260323T103000Z'],
  )
  assert.deepEqual(spans(text), [
    'sale 2026-03-02T10:00:00Z 2026-03-02T11:00:00Z',
    'sale 2026-03-17T12:00:00Z 2026-03-17T15:00:00Z',
    'other 2026-03-23T10:00:00Z 2026-03-23T10:30:00Z',
  ])
})

test('an exception for this and all future occurrences moves them all', () => {
  const text = calendar(
    ['UID:a', 'SUMMARY:sale', 'DTSTART:20260302T100000Z', 'DTEND:20260302T110000Z', 'RRULE:FREQ=WEEKLY;COUNT=4'],
    ['UID:a', 'SUMMARY:sale', 'RECURRENCE-ID;RANGE=THISANDFUTURE:20260316T100000Z', 'DTSTART:20260316T120000Z', 'DTEND:20260316T140000Z'],
  )
  assert.deepEqual(spans(text), [
    'sale 2026-03-02T10:00:00Z 2026-03-02T11:00:00Z',
    'sale 2026-03-09T10:00:00Z 2026-03-09T11:00:00Z',
    'sale 2026-03-16T12:00:00Z 2026-03-16T14:00:00Z',
    'sale 2026-03-23T12:00:00Z 2026-03-23T14:00:00Z',
  ])
})

test('an all-day event is the local day, of 23 hours where clocks go forward', () => {
  const text = calendar(['UID:1', 'SUMMARY:holiday', 'DTSTART;VALUE=DATE:20260329'], ['UID:2', 'SUMMARY:fair', 'DTSTART;VALUE=DATE:20260327', 'DTEND;VALUE=DATE:20260330'])
  assert.deepEqual(spans(text, 'Europe/Berlin'), [
    'fair 2026-03-26T23:00:00Z 2026-03-29T22:00:00Z',
    'holiday 2026-03-28T23:00:00Z 2026-03-29T22:00:00Z',
  ])
})

test('times without a zone are those of the feed, and an hour that clocks skip follows the offset before it', () => {
  const text = calendar(['UID:1', 'SUMMARY:a', 'DTSTART:20260310T090000', 'DTEND:20260310T100000'], ['UID:2', 'SUMMARY:b', 'DTSTART:20260329T023000', 'DURATION:PT1H'])
  assert.deepEqual(spans(text, 'Europe/Berlin'), ['a 2026-03-10T08:00:00Z 2026-03-10T09:00:00Z', 'b 2026-03-29T01:30:00Z 2026-03-29T02:30:00Z'])
})

test('of an endless event only what touches the range is told, what began before it included', () => {
  const text = calendar(['UID:1', 'SUMMARY:night', 'DTSTART:20100101T220000Z', 'DTEND:20100102T040000Z', 'RRULE:FREQ=DAILY'])
  const range = { fromSeconds: at('2026-03-01T00:00:00Z'), toSeconds: at('2026-03-02T00:00:00Z') }
  assert.deepEqual(spans(text, 'UTC', range), ['night 2026-02-28T22:00:00Z 2026-03-01T04:00:00Z', 'night 2026-03-01T22:00:00Z 2026-03-02T04:00:00Z'])
})

test('all faults of a calendar are told at once, each at the event it is in', () => {
  const text = calendar(
    ['UID:1', 'SUMMARY:backwards', 'DTSTART:20260302T100000Z', 'DTEND:20260302T090000Z'],
    ['UID:2', 'SUMMARY:nowhen'],
    ['UID:3', 'SUMMARY:small', 'DTSTART:20260302T100000Z', 'X-PRESCALE-MAGNITUDE:-2'],
  )
  assert.deepEqual(faultsOf(text), [
    'c.ics:3:1 backwards: DTEND is before DTSTART',
    'c.ics:9:1 nowhen: has no DTSTART',
    'c.ics:13:1 small: X-PRESCALE-MAGNITUDE is -2, expected a number above 0',
  ])
})

test('a page that is no calendar, and one cut short, are faults and no empty calendar', () => {
  assert.deepEqual(faultsOf('<html>sign in</html>'), ['c.ics:1:1 has no BEGIN:VCALENDAR, expected an iCalendar file'])
  assert.match(faultsOf(calendar(['UID:1', 'SUMMARY:a', 'DTSTART:20260302T100000Z']).slice(0, 70))[0] ?? '', /^c\.ics:\d+:1 is not iCalendar: /)
})
