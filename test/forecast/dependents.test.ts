import assert from 'node:assert/strict'
import { test } from 'node:test'
import { learnLeads, leadsSurely, type DriverForecast } from '../../src/forecast/dependents.ts'
import { forecastDemand } from '../../src/forecast/forecast-demand.ts'
import { seededRandom } from '../../src/forecast/seeded-random.ts'
import type { DemandHistory } from '../../src/domain/history.ts'
import { usualDemand, aContext } from './effects/known-demand.ts'
import { aHistory, aSeries, mondaySeconds } from './series.ts'

const days = 28

/** Demand whose level wanders from hour to hour. */
function wandering(seed: number): Float64Array {
  const random = seededRandom(seed)
  let off = 0
  return usualDemand(days, seed, 0.01).map((value) => {
    off = 0.9 * off + 0.3 * (random() - 0.5)
    return value * Math.exp(off)
  })
}

function later(values: Float64Array, hours: number, ratio: number, noise: number, seed: number): Float64Array {
  const random = seededRandom(seed)
  return values.map((_, i) => ratio * (values[Math.max(0, i - hours)] ?? 0) * Math.exp(noise * (random() - 0.5)))
}

const driver = (values: Float64Array, name = 'ingest'): DriverForecast => ({ name, series: aSeries(values), origin: values.length, paths: new Float64Array(48) })

test('ratio and delay of a workload that follows another are found, and its elasticity is near 1', () => {
  for (const [seed, hours] of [[1, 0], [2, 3], [3, 7]] as const) {
    const leading = wandering(seed)
    const following = aSeries(later(leading, hours, 2.5, 0.1, seed + 10))
    const [lead] = learnLeads(following, following.values.length, [driver(leading)])
    assert.ok(lead !== undefined && leadsSurely(lead))
    assert.equal(lead.lagSteps, hours)
    assert.ok(Math.abs(lead.ratio - 2.5) < 0.1)
    assert.ok(Math.abs(lead.elasticity - 1) < 0.15, `${lead.elasticity}`)
  }
})

test('workloads that only share day and week are not taken for each other’s drivers, in nineteen of twenty pairs', () => {
  const sure = Array.from({ length: 40 }, (_, seed) => {
    const own = aSeries(wandering(seed + 1))
    const [lead] = learnLeads(own, own.values.length, [driver(wandering(seed + 100))])
    return lead !== undefined && leadsSurely(lead)
  })
  assert.ok(sure.filter(Boolean).length <= 2, `${sure.filter(Boolean).length} of 40`)
})

test('of two drivers the one that leads gets the elasticity', () => {
  const [leading, other] = [wandering(5), wandering(6)]
  const own = aSeries(later(leading, 2, 1, 0.1, 7))
  const [first, second] = learnLeads(own, own.values.length, [driver(other, 'other'), driver(leading, 'leading')])
  assert.ok((second?.elasticity ?? 0) > 0.8)
  assert.ok((first?.elasticity ?? 0) < 0.2)
})

test('a workload that follows another six hours later is forecast better for it, and says by what; so is what its executions use', async () => {
  const leading = wandering(21)
  const fine = (values: Float64Array): Float64Array => Float64Array.from({ length: values.length * 12 }, (_, i) => values[Math.floor(i / 12)] ?? 0)
  const requests: DemandHistory = aHistory([fine(later(leading, 6, 2, 0.05, 3)), fine(leading)])
  const [own] = requests.series
  assert.ok(own !== undefined)
  const untold = { workload: own.workload, userZone: own.userZone, resource: 'cpu' as const, startSeconds: new Float64Array(0), durationSeconds: new Float64Array(0), takes: new Float64Array(0) }
  const history: DemandHistory = { ...requests, executions: [untold], use: [{ ...own, unit: 'vCPU', values: own.values.map((value) => value / 4), resource: 'cpu' }] }
  const request = {
    originSeconds: mondaySeconds + days * 86400, planned: { stepSeconds: 3600, horizonSteps: 12 }, finer: undefined, quantiles: [0.1, 0.5, 0.9, 0.95, 0.99], seed: 1,
    context: aContext([], { dependencies: [{ workload: 'web0', drivers: ['web1'] }] }),
  }
  const [following, ahead, cpu] = await forecastDemand(history, request, undefined)
  const effect = following?.explanation.context?.effects[0]
  assert.ok(effect?.kind === 'driver' && effect.weight > 0)
  assert.equal(effect.lagSeconds, 6 * 3600)
  assert.ok((effect.trial?.withEffect ?? 1) < 0.9 * (effect.trial?.without ?? 0))
  assert.match(following?.explanation.sentences[0] ?? '', /^driver 'web1': .* 6 h later/)
  const used = cpu?.explanation.context?.effects[0]
  assert.ok(used?.kind === 'driver' && used.weight > 0)
  assert.equal(used.lagSeconds, 6 * 3600)
  assert.ok(Math.abs(used.ratio / effect.ratio - 0.25) < 1e-6, `${used.ratio} vCPU and ${effect.ratio} requests per request`)
  assert.deepEqual(ahead?.explanation.context?.effects, [])
  const alone = await forecastDemand(history, { ...request, context: undefined }, undefined)
  assert.ok((following?.tables[0]?.accuracy?.weightedQuantileLoss ?? 1) < (alone[0]?.tables[0]?.accuracy?.weightedQuantileLoss ?? 0))
})
