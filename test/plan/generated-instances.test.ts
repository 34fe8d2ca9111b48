import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addWork } from '../../bench/plan/add-work.ts'
import { checkPlan } from '../../bench/plan/check-plan.ts'
import { generateInstance, instanceSizes } from '../../bench/plan/generate-instance.ts'
import { varyInstance } from '../../bench/plan/vary-instance.ts'
import { instanceFromProblem, problemFromInstance } from '../../src/plan/documents/instance-document.ts'
import type { DeferrableWork } from '../../src/plan/problem.ts'
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

test('plans of generated fleets of some hundred nodes cost on average less than 0.38 % more than their bound', async () => {
  let sum = 0
  for (let seed = 1; seed <= 6; seed++) {
    const { gapPercent, peakNodes } = await planInstance(generateInstance(`gap-${seed}`, instanceSizes.s, { derate: false, tight: false, committed: false }, seed), solver, never)
    assert.ok(peakNodes > 150)
    sum += gapPercent ?? Infinity
  }
  assert.ok(sum / 6 < 0.38, `${sum / 6} % on average`)
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

test('plans of generated problems with work that may wait do it in its window beside all demand, or say that they do not', async () => {
  let done = 0
  for (let seed = 1; seed <= 30; seed++) {
    const instance = addWork(varyInstance(seed), seed)
    const planned = await planInstance(instance, solver, never)
    const { faults, shortages, totalUsd } = checkPlan(instance, planned.plan)
    assert.deepEqual(faults, [], instance.name)
    assert.ok(planned.shortSteps > 0 || shortages.length === 0, `${instance.name}: ${shortages.slice(0, 3).join('; ')}`)
    if (planned.shortSteps > 0) continue
    done++
    assert.ok(planned.cost.total >= totalUsd * (1 - 1e-4) - 1e-6, `${instance.name} costs ${totalUsd}, said to cost ${planned.cost.total}`)
  }
  assert.ok(done > 5, `${done} of 30 carry all`)
})

test('the checker finds work that has no place: in its window, in its regions, or at its rate', async () => {
  const made = generateInstance('s', { ...instanceSizes.s, steps: 4, demand: 300 }, { derate: false, tight: false, committed: false }, 3)
  const problem = problemFromInstance(made)
  const { plan } = await planInstance(made, solver, never)
  const withWork = (work: Partial<DeferrableWork>): readonly string[] => {
    const deferrable = [{ name: 'backup', workload: 0, amount: 1, earliest: 0, deadline: 3, maxPerStep: 1, longestSteps: Infinity, after: [], regions: [0, 1, 2], ...work }]
    const { prescale } = instanceFromProblem({ ...problem, deferrable })
    return checkPlan({ ...made, ...(prescale && { prescale }) }, plan).shortages
  }
  assert.deepEqual(withWork({}), [])
  assert.match(withWork({ amount: 10 }).join(), /short of (5\.9999|6\.0000|6 )/)
  assert.match(withWork({ amount: 3, deadline: 1 }).join(), /short of (0\.9999|1\.0000|1 )/)
  assert.match(withWork({ amount: 5, maxPerStep: 5, regions: [] }).join(), /short of (4\.9999|5\.0000|5 )/)
})

test('the checker counts a user zone after the loss of a region if another could serve it, and not if none could', async () => {
  const made = generateInstance('s', { ...instanceSizes.s, steps: 2, demand: 300 }, { derate: false, tight: false, committed: false }, 3)
  const alone = { ...made, survive: { zone: false, region: true }, reach: { normal: [made.userZones.map(() => [0])], regionLoss: [made.userZones.map(() => [0])] } }
  const { plan } = await planInstance({
    ...alone, leadSteps: alone.leadSteps.map((options) => options.map(() => 0)), quotaVcpu: alone.quotaVcpu.map((vcpus) => vcpus.map((vcpu) => 10 * vcpu)), maxNodes: alone.maxNodes.map((region) => region.map((nodes) => nodes.map((node) => 10 * node))),
  }, solver, never)
  assert.deepEqual(checkPlan(alone, plan).shortages, [])
  const shared = { ...alone, reach: { normal: alone.reach.normal, regionLoss: [made.userZones.map((_, u) => (u === 0 ? [0, 1] : [0]))] } }
  const course = made.demand[0]?.[0] ?? []
  const bare = { ...plan, nodes: plan.nodes.filter(({ region }) => region === 0) }
  assert.deepEqual(checkPlan(shared, bare).shortages.map((text) => Number(/short of ([\d.]+) .* without region 0/.exec(text)?.[1]).toFixed(4)), course.map((amount) => amount.toFixed(4)))
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
