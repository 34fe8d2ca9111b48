import assert from 'node:assert/strict'
import { test } from 'node:test'
import { distanceKm, estimatedLatencyMs } from '../../src/domain/latency.ts'

const virginia = { latitude: 37.372, longitude: -79.816 }
const netherlands = { latitude: 52.367, longitude: 4.9 }
const sydney = { latitude: -33.86, longitude: 151.209 }

test('the distance between London and Paris is 344 km, from pole to pole half the circumference', () => {
  assert.equal(Math.round(distanceKm({ latitude: 51.5074, longitude: -0.1278 }, { latitude: 48.8566, longitude: 2.3522 })), 344)
  assert.equal(Math.round(distanceKm({ latitude: 90, longitude: 0 }, { latitude: -90, longitude: 77 })), Math.round(Math.PI * 6371))
})

// Microsoft's published round trips between Azure regions: East US to West Europe 83 ms, East US to Australia East 198 ms.
test('estimates are within a third of round trips that Microsoft publishes', () => {
  for (const [to, measured] of [
    [netherlands, 83],
    [sydney, 198],
  ] as const) {
    const estimate = estimatedLatencyMs(virginia, to)
    assert.ok(Math.abs(estimate / measured - 1) < 0.34, `${estimate} against ${measured}`)
  }
})

test('a round trip is the same both ways and never free', () => {
  assert.equal(estimatedLatencyMs(virginia, sydney), estimatedLatencyMs(sydney, virginia))
  assert.equal(estimatedLatencyMs(virginia, virginia), 8)
})

test('cables across the Pacific are straighter than those from Europe to East Asia: the same distance takes less', () => {
  const [tokyo, california] = [{ latitude: 35.68, longitude: 139.77 }, { latitude: 37.783, longitude: -122.417 }]
  const perKm = (from: typeof tokyo, to: typeof tokyo): number => (estimatedLatencyMs(from, to) - 8) / distanceKm(from, to)
  assert.ok(perKm(california, sydney) < 0.85 * perKm(netherlands, tokyo))
  assert.ok(Math.abs(estimatedLatencyMs(virginia, sydney) / 198 - 1) < 0.1)
})
