import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rfc3339 } from '../../src/domain/grid.ts'
import { Problem } from '../../src/domain/problem.ts'
import { TimeZone } from '../../src/domain/time-zone.ts'
import { readEventCsv } from '../../src/events/event-csv.ts'
import { readEventJson } from '../../src/events/event-json.ts'
import { readRegressorCsv, readRegressorJson } from '../../src/events/regressor-values.ts'

const berlin = new TimeZone('Europe/Berlin')

function faultsOf(read: () => unknown): string[] {
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof Problem && error.code === 'input-invalid')
    return error.message.split('\n').slice(1).map((line) => line.trim())
  }
  return []
}

test('a CSV list holds instants, local times and whole days, and an end that is a day includes it', () => {
  const text = 'Name,end,start,magnitude,workload,userZone\n"sale, big",2026-03-29,2026-03-29,2,web,us-east\nlaunch,2026-03-02T11:00:00+02:00,2026-03-02 09:00,,,\n'
  const told = readEventCsv(text, 'e.csv', berlin).map(({ startSeconds, endSeconds, ...rest }) => ({ ...rest, start: rfc3339(startSeconds), end: rfc3339(endSeconds) }))
  assert.deepEqual(told, [
    { name: 'sale, big', start: '2026-03-28T23:00:00Z', end: '2026-03-29T22:00:00Z', magnitude: 2, workload: 'web', userZone: 'us-east' },
    { name: 'launch', start: '2026-03-02T08:00:00Z', end: '2026-03-02T09:00:00Z', magnitude: 1, workload: undefined, userZone: undefined },
  ])
})

test('every fault of a CSV list is told at once at its line and column', () => {
  const text = 'name,start,end,magnitude\na,2026-13-01,2026-01-02,1\n"two\nlines",2026-01-01,2026-01-02,0\nb,2026-01-02,2026-01-01,1\nc,2026-01-01\n'
  assert.deepEqual(faultsOf(() => readEventCsv(text, 'e.csv', berlin)), [
    'e.csv:6:1 has 2 columns, the header has 4',
    'e.csv:2:3 start: is "2026-13-01", expected a time such as 2026-01-26T13:00:00Z or a day such as 2026-01-26',
    'e.csv:4:30 magnitude: is "0", expected a number above 0',
    'e.csv:5:14 end: is 2026-01-01, not after the start 2026-01-02',
  ])
  assert.deepEqual(faultsOf(() => readEventCsv('name,from\n', 'e.csv', berlin)), ['e.csv:1:1 the header lacks start and end; it has name, from'])
})

test('a JSON feed is a list, or an object with one, and its faults have lines too', () => {
  const event = '{ "name": "sale", "start": "2026-03-02T09:00:00Z", "end": "2026-03-02T10:00:00Z", "magnitude": 3 }'
  for (const text of [`[${event}]`, `{ "events": [${event}] }`]) assert.equal(readEventJson(text, 'e.json', berlin)[0]?.magnitude, 3)
  assert.deepEqual(faultsOf(() => readEventJson(`[\n  ${event},\n  { "name": "x", "start": "soon", "end": "2026-03-02" },\n  { "name": "y" }\n]`, 'e.json', berlin)), [
    'e.json:3:27 [1].start: is "soon", expected a time such as 2026-01-26T13:00:00Z or a day such as 2026-01-26',
    'e.json:4:3 [2]: lacks start and end',
  ])
  assert.match(faultsOf(() => readEventJson('<html>', 'e.json', berlin))[0] ?? '', /^e\.json:1:1 is not JSON/)
  assert.match(faultsOf(() => readEventJson('{ "events": 3 }', 'e.json', berlin))[0] ?? '', /^e\.json:1:1 events: expected a list/)
})

test('numbers come out sorted, the last of one instant wins, and what is no number is a fault', () => {
  const { atSeconds, values } = readRegressorCsv('timestamp,value\n2026-01-02T00:00:00Z,2\n2026-01-01T00:00:00Z,1\n2026-01-02T00:00:00Z,3\n', 'r.csv', berlin)
  assert.deepEqual([[...atSeconds].map(rfc3339), [...values]], [['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'], [1, 3]])
  assert.deepEqual(faultsOf(() => readRegressorJson('[{ "timestamp": "2026-01-02T00:00:00Z", "value": "warm" }, { "value": 1 }]', 'r.json', berlin)), [
    'r.json:1:50 [0].value: is "warm", expected a number',
    'r.json:1:60 [1]: lacks timestamp',
  ])
})
