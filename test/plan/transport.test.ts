import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTransport } from '../../src/plan/transport.ts'
import { flag } from '../../src/plan/vector.ts'

const regionCount = 4
const zones = fc.array(fc.record({ demand: fc.integer({ min: 0, max: 40 }), reach: fc.uniqueArray(fc.integer({ min: 0, max: regionCount - 1 })) }), { minLength: 1, maxLength: 7 })
const capacities = fc.array(fc.integer({ min: -5, max: 60 }), { minLength: regionCount, maxLength: regionCount })

test('what fits nowhere is the most by which any user zones ask for more than their regions have (Gale and Hoffman), and the cut names such user zones', () => {
  fc.assert(fc.property(zones, capacities, (asked, capacity) => {
    const lackOf = (isIn: (zone: number) => boolean): number => {
      const chosen = asked.filter((_, zone) => isIn(zone))
      const regions = new Set(chosen.flatMap(({ reach }) => reach))
      return chosen.reduce((sum, { demand }) => sum + demand, 0) - [...regions].reduce((sum, region) => sum + Math.max(0, capacity[region] ?? 0), 0)
    }
    let most = 0
    for (let subset = 0; subset < 2 ** asked.length; subset++) most = Math.max(most, lackOf((zone) => (subset & (1 << zone)) > 0))
    const transport = createTransport(asked.map(({ reach }) => Int32Array.from(reach)), regionCount)
    // working arrays are used again: what was routed before must not matter
    transport.route(new Float64Array(asked.length).fill(17), new Float64Array(regionCount).fill(3))
    const short = transport.route(Float64Array.from(asked, ({ demand }) => demand), Float64Array.from(capacity))
    assert.ok(Math.abs(short - most) < 1e-6, `${short} ${most}`)
    if (short > 0) assert.ok(Math.abs(lackOf((zone) => flag(transport.cutUserZones, zone) === 1) - most) < 1e-6)
  }), { numRuns: 500 })
})
