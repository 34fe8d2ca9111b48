import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demandFlux } from '../../src/history/influx2/flux.ts'
import { aQuery, day, monday } from './builders.ts'

const range = { fromSeconds: monday, toSeconds: monday + day }
const zones = (count: number): string[] => Array.from({ length: count }, (_, zone) => `zone-${zone}`)

test('the query of a count names bounds, windows and columns, and asks for the least value too', () => {
  assert.equal(
    demandFlux(aQuery(), 'telegraf', range, 300, 'window'),
    `from(bucket: "telegraf")
  |> range(start: 2026-01-26T00:00:00Z, stop: 2026-01-27T00:00:00Z)
  |> filter(fn: (r) => r._measurement == "requests" and r._field == "count" and r["workload"] == "web" and (r["user_zone"] == "asia" or r["user_zone"] == "europe"))
  |> aggregateWindow(every: 300s, fn: sum, createEmpty: false, timeSrc: "_start")
  |> drop(columns: ["_start", "_stop", "_measurement", "_field", "workload"])
  |> yield(name: "samples")
from(bucket: "telegraf")
  |> range(start: 2026-01-26T00:00:00Z, stop: 2026-01-27T00:00:00Z)
  |> filter(fn: (r) => r._measurement == "requests" and r._field == "count" and r["workload"] == "web" and (r["user_zone"] == "asia" or r["user_zone"] == "europe"))
  |> min()
  |> drop(columns: ["_start", "_stop", "_measurement", "_field", "workload"])
  |> yield(name: "least")`,
  )
})

test('many plain user zones become one pattern; a name that means something in a pattern never does', () => {
  assert.match(demandFlux(aQuery({ userZones: zones(9) }), 'b', range, 300, 'none'), /=~ \/\^\(zone-0\|zone-1\|.*\|zone-8\)\$\//)
  assert.doesNotMatch(demandFlux(aQuery({ userZones: [...zones(9), 'a.*'] }), 'b', range, 300, 'none'), /=~/)
})

test('no text of the settings leaves its string literal', () => {
  const hostile = '"\\") |> drop() // ${1}\n'
  const flux = demandFlux(
    aQuery({ measurement: hostile, field: hostile, tags: { [hostile]: hostile }, userZoneTag: hostile, userZones: [hostile] }),
    hostile,
    range,
    300,
    'none',
  )
  const outside = flux.replace(/"(?:[^"\\]|\\.)*"/gs, '""')
  assert.doesNotMatch(outside, /drop\(\)|\/\/|\\|\$/)
  assert.doesNotMatch(flux, /(?<!\\)\$\{/)
})

test("placeholders in the user's own Flux are filled in as literals, wherever they stand", () => {
  const flux = 'range(start: {{from}}, stop: {{to}}) |> window(every: {{every}}) // {{from}} {{other}}'
  assert.equal(
    demandFlux(aQuery({ flux }), 'b', range, 300, 'none'),
    'range(start: 2026-01-26T00:00:00Z, stop: 2026-01-27T00:00:00Z) |> window(every: 300s) // 2026-01-26T00:00:00Z {{other}}',
  )
})
