import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPlan } from '../../bench/plan/check-plan.ts'
import { generateInstance, instanceSizes } from '../../bench/plan/generate-instance.ts'
import { varyInstance } from '../../bench/plan/vary-instance.ts'
import { planInstance } from '../../src/plan/plan-instance.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'

const solver = await loadSolver()
const never = new AbortController().signal

test('plans of 200 generated problems break no limit, and carry all demand or say that they do not', async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const instance = varyInstance(seed)
    const planned = await planInstance(instance, solver, never)
    const { faults, shortages, totalUsd } = checkPlan(instance, planned.plan)
    assert.deepEqual(faults, [], instance.name)
    assert.equal(planned.shortSteps > 0, shortages.length > 0, `${instance.name}: ${planned.shortSteps} steps are said to be short; ${shortages.slice(0, 3).join('; ')}`)
    if (shortages.length > 0) continue
    assert.ok(Math.abs(totalUsd - planned.cost.total) < 1e-4 * totalUsd + 1e-6, `${instance.name} costs ${totalUsd}, said to cost ${planned.cost.total}`)
    assert.ok((planned.lowerBound ?? 0) <= totalUsd * (1 + 1e-6) + 1e-6, `${instance.name} costs less than its bound`)
  }
})

test('a problem that is made with room for all demand on demand, and live counts that may rise at once, is planned without a shortage', async () => {
  for (let seed = 1; seed <= 24; seed++) {
    const size = { regions: 2 + (seed % 3), families: 1 + (seed % 2), sizes: 4, userZones: 4 + (seed % 5), steps: 6, workloads: 1 + (seed % 2), demand: [150, 600, 2000, 6000][seed % 4] ?? 600 }
    const made = generateInstance(`room-${seed}`, size, { derate: seed % 3 === 0, tight: seed % 2 === 0, committed: seed % 5 === 0 }, seed)
    const instance = { ...made, leadSteps: made.leadSteps.map((options) => options.map(() => 0)) }
    const { faults, shortages } = checkPlan(instance, (await planInstance(instance, solver, never)).plan)
    assert.deepEqual([faults, shortages], [[], []], instance.name)
  }
})

test('the checker finds one node too few, too many, and a raise before its lead time', async () => {
  const instance = generateInstance('s', instanceSizes.s, { derate: false, tight: false, committed: false }, 3)
  const { plan } = await planInstance(instance, solver, never)
  assert.deepEqual(checkPlan(instance, plan).shortages, [])
  const changed = (pool: number, step: number, by: number): ReturnType<typeof checkPlan> => checkPlan(instance, {
    ...plan, nodes: plan.nodes.map((nodes, index) => (index === pool ? { ...nodes, count: nodes.count.map((count, t) => (t === step ? count + by : count)) } : nodes)),
  })
  const largest = plan.nodes.findIndex(({ type, option, count }) => type === instance.types.length - 1 && option === 1 && (count[12] ?? 0) > 0)
  assert.notEqual(changed(largest, 12, -1).shortages.length, 0)
  assert.match(changed(largest, 12, 10000).faults.join(), /quota of region .*pool limit/s)
  assert.match(changed(largest, 0, 1 + Math.max(...plan.nodes[largest]?.count ?? [])).faults.join(), /lead time/)
  assert.match(changed(largest, 12, 0.5).faults.join(), /\.5 nodes/)
})
