import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { indexProblem } from '../../src/plan/index-problem.ts'
import { capacityPrices, routeDemand } from '../../src/plan/route-demand.ts'
import { aProblem } from './a-problem.ts'

const regions = ['near', 'middle', 'far']

test('routes on other capacities cost at least what prices of capacity promise, and a full region nearby has a price', () => {
  const capacities = fc.array(fc.integer({ min: 40, max: 200 }), { minLength: 3, maxLength: 3 })
  const ms = fc.array(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 3, maxLength: 3 }), { minLength: 4, maxLength: 4 })
  fc.assert(fc.property(capacities, capacities, ms, (before, after, latencyMs) => {
    const indexed = indexProblem({ ...aProblem({ regions, demand: [[[30], [25], [40], [20]]] }), latencyMs, usdPerUnitMs: 0.001 })
    const routes = routeDemand(indexed, 0, 0, Float64Array.from(before))
    const others = routeDemand(indexed, 0, 0, Float64Array.from(after))
    const prices = capacityPrices(indexed, 0, routes.flow)
    const saved = prices.reduce((sum, usd, region) => sum + usd * ((after[region] ?? 0) - (before[region] ?? 0)), 0)
    assert.ok(others.usd >= routes.usd - saved - 1e-9, `${others.usd} < ${routes.usd} - ${saved}`)
  }))
  const indexed = indexProblem({ ...aProblem({ regions, demand: [[[30]]] }), latencyMs: [[10, 20, 50]], usdPerUnitMs: 0.001 })
  const { flow } = routeDemand(indexed, 0, 0, Float64Array.of(12, 10, 100))
  for (const [region, usd] of [0.04, 0.03, 0].entries()) assert.ok(Math.abs((capacityPrices(indexed, 0, flow)[region] ?? NaN) - usd * indexed.hours) < 1e-12)
})
