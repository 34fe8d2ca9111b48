import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareVariants, frontier } from '../../src/plan/compare-variants.ts'
import type { ComparedPlan } from '../../src/plan/compare-variants.ts'
import { openPlanThread } from '../../src/plan/plan-in-worker.ts'
import type { PlanProblem } from '../../src/plan/problem.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { ablationsOf, whatIf } from '../../src/plan/variants.ts'
import type { Variant } from '../../src/plan/variants.ts'
import { generateInstance, instanceSizes } from '../../bench/plan/generate-instance.ts'
import { problemFromInstance } from '../../src/plan/documents/instance-document.ts'
import { aProblem } from './a-problem.ts'

const solver = await loadSolver()
const never = new AbortController().signal

/** Plans of variants, all of which can be solved. */
async function compared(of: PlanProblem, variants: readonly Variant[]): Promise<readonly ComparedPlan[]> {
  return (await compareVariants(of, variants, solver, never, () => undefined)).flatMap((plan) => ('isTooLarge' in plan ? [] : [plan]))
}

const problem = aProblem({
  demand: [[[40, 10], [20, 20]]], regions: ['a', 'b', 'c'], options: ['on-demand', 'spot'], price: [[[1, 0.4]], [[1.1, 0.5]], [[2, 1]]],
  latencyMs: [[10, 30, 50], [50, 30, 10]], usdPerUnitMs: 1e-5, survival: { zone: 'none', region: true }, workload: { spotShare: [0.5, 0.5, 0.5] },
})

test('without any one of its parts a plan is no cheaper, but for survival, which costs', async () => {
  const plans = new Map((await compared(problem, ablationsOf(problem))).map((plan) => [plan.name, plan.costRatio]))
  assert.equal(plans.get('plan'), 1)
  for (const name of ['without spot', 'nearest region only', 'counts that never change']) assert.ok((plans.get(name) ?? 0) > 1.01, `${name}: ${plans.get(name)}`)
  assert.ok((plans.get('without surviving failures') ?? 1) < 0.9)
})

test('a what-if changes what it names and nothing else', async () => {
  assert.deepEqual(whatIf('demand w0 x2', problem)?.change(problem).demand, [[[80, 20], [40, 40]]])
  assert.deepEqual(whatIf('spot price +50%', problem)?.change(problem).usdPerHour.map((types) => types[0]), [[1, 0.6000000000000001], [1.1, 0.75], [2, 1.5]])
  assert.deepEqual(whatIf('lose aws/a', problem)?.change(problem).reach.normal, [[[1, 2], [1, 2]]])
  assert.deepEqual(whatIf('price aws/b x2', problem)?.change(problem).usdPerHour.map((types) => types[0]), [[1, 0.4], [2.2, 1], [2, 1]])
  assert.deepEqual(whatIf('price t0 +100%', problem)?.change(problem).usdPerHour.map((types) => types[0]), [[2, 0.8], [2.2, 1], [4, 2]])
  assert.deepEqual(whatIf('quota aws/b spot x2', problem)?.change(problem).quotaVcpu, [[1000, 1000], [1000, 2000], [1000, 1000]])
  assert.equal(whatIf('budget 7.5', problem)?.change(problem).maxUsdPerHour, 7.5)
  assert.equal(whatIf('daily budget x0.5', { ...problem, maxUsdPerDay: 100 })?.change(problem).maxUsdPerDay, 50)
  assert.deepEqual(whatIf('lose zone aws/a', problem)?.change(problem).regions.map(({ zones }) => zones), [2, 3, 3])
  assert.deepEqual(whatIf('without spot', problem)?.change(problem).workloads[0]?.options, [0])
  assert.deepEqual(whatIf('quota x0.5', problem)?.change(problem).quotaVcpu, [[500, 500], [500, 500], [500, 500]])
})

test('a what-if about something unknown is not one', async () => {
  for (const text of ['lose aws/nowhere', 'demand nobody x2', 'reserved price x2', 'demand w0', 'make coffee', 'demand w0 x-2', 'price mars x2', 'budget x2', 'budget 0', 'quota aws/b gold x2', 'lose zone aws/nowhere', 'lose']) assert.equal(whatIf(text, problem), undefined, text)
})

test('the live nodes of a lost zone are gone, and what is left is spread over fewer zones', async () => {
  const live = aProblem({ fleet: [[[7]]], zones: 3 })
  assert.deepEqual(whatIf('lose zone aws/north', live)?.change(live).fleet, [[[[4]]]])
  const single = aProblem({ fleet: [[[7]]], zones: 1 })
  assert.deepEqual(whatIf('lose zone aws/north', single)?.change(single).reach.normal, [[[]]])
})

test('each failure that is survived has its price, and the blanket derate is dearer than the failures themselves', async () => {
  const safe = { ...problem, survival: { zone: 'scenario', region: true } } as const
  const plans = new Map((await compared(safe, ablationsOf(safe))).map((plan) => [plan.name, plan.totalUsd]))
  const own = plans.get('plan') ?? 0
  assert.ok((plans.get('without surviving the loss of a region') ?? Infinity) < own)
  assert.ok((plans.get('without surviving failures') ?? Infinity) < (plans.get('without surviving the loss of a region') ?? 0))
  const zoneOnly = { ...problem, survival: { zone: 'scenario', region: false }, utilisation: { normal: 0.7, failure: 0.95 } } as const
  const byZone = new Map((await compared(zoneOnly, ablationsOf(zoneOnly))).map((plan) => [plan.name, plan.totalUsd]))
  assert.ok((byZone.get('with a zone of every region lost at once') ?? 0) > (byZone.get('plan') ?? Infinity))
})

test('less spot and more headroom are dearer, and say how much of the fleet may be taken back', async () => {
  const points = await frontier({ ...problem, survival: { zone: 'none', region: false } }, [{}, { spot: 0 }, { utilisation: 0.5 }], solver, never, () => undefined)
  assert.ok((points[1]?.billedUsd ?? 0) > (points[0]?.billedUsd ?? Infinity))
  assert.ok((points[2]?.billedUsd ?? 0) > (points[0]?.billedUsd ?? Infinity))
  // Whole nodes keep a little below the half that may be spot.
  assert.deepEqual(points.map(({ spotShare }) => Math.round(spotShare * 10)), [4, 0, 5])
})

test('losing the cheapest region makes the plan dearer', async () => {
  const lost = whatIf('lose aws/a', problem)
  assert.ok(lost !== undefined)
  const [own, without] = await compared({ ...problem, survival: { zone: 'none', region: false } }, [lost])
  assert.ok((without?.totalUsd ?? 0) > (own?.totalUsd ?? 0))
})

test('along the frontier a dearer millisecond never lengthens the round trip', async () => {
  const points = await frontier({ ...problem, survival: { zone: 'none', region: false } }, [{ latency: 0.1 }, {}, { latency: 100 }], solver, never, () => undefined)
  assert.ok((points[0]?.meanLatencyMs ?? 0) >= (points[1]?.meanLatencyMs ?? 0) - 1e-9)
  assert.ok((points[1]?.meanLatencyMs ?? 0) >= (points[2]?.meanLatencyMs ?? 0) - 1e-9)
  assert.ok((points[0]?.billedUsd ?? 0) <= (points[2]?.billedUsd ?? 0) + 1e-9)
})

test('each plan of a comparison is told when it is done, and begins at the model of the first', async () => {
  const told: string[] = []
  await compareVariants(problem, ['demand w0 x2', 'price aws/b x2'].flatMap((text) => whatIf(text, problem) ?? []), solver, never, (done, total) => told.push(`${done}/${total}`))
  assert.deepEqual(told, ['0/3', '1/3', '2/3', '3/3'])
})

test('of a problem that is solved in windows, a variant that couples its steps is left out and said to be too large', async () => {
  const zones = Array.from({ length: 240 }, (_, u) => u)
  const wide = aProblem({
    regions: Array.from({ length: 40 }, (_, r) => `r${r}`), reach: zones.map((u) => [u % 40]),
    demand: [zones.map((u) => Array.from({ length: 16 }, (_, step) => 5 + (u % 3) + (step % 4)))],
  })
  const [own, dearer, coupled] = await compareVariants(wide, [{ name: 'price x2', change: (from) => whatIf('price t0 x2', from)?.change(from) ?? from }, { name: 'daily', change: (from) => ({ ...from, maxUsdPerDay: 1e6 }) }], solver, never, () => undefined)
  assert.ok(own !== undefined && dearer !== undefined && !('isTooLarge' in own) && !('isTooLarge' in dearer))
  assert.ok(Math.abs(dearer.costRatio - 2) < 0.01, String(dearer.costRatio))
  assert.deepEqual(coupled, { name: 'daily', isTooLarge: true })
})

test('comparing plans of a large problem ends within 100 ms of its cancellation, and no thread goes on', async (t) => {
  const xl = problemFromInstance(generateInstance('xl', instanceSizes.xl, { derate: false, tight: false, committed: false }, 1))
  for (const request of [{ kind: 'compare', problem: xl, texts: undefined }, { kind: 'frontier', problem: xl, weights: [{}, { latency: 2 }] }] as const) {
    const stop = new AbortController()
    const thread = openPlanThread()
    t.after(() => thread.close())
    let aborted = NaN
    setTimeout(() => {
      aborted = performance.now()
      stop.abort(new Error('stopped by hand'))
    }, 6000)
    await assert.rejects(thread.ask(request, stop.signal), /stopped by hand/)
    assert.ok(performance.now() - aborted < 100, `${performance.now() - aborted} ms`)
    await thread.close()
    await new Promise((resolve) => setTimeout(resolve, 200))
    const cpu = process.cpuUsage()
    await new Promise((resolve) => setTimeout(resolve, 500))
    const { user, system } = process.cpuUsage(cpu)
    assert.ok(user + system < 100_000, `${(user + system) / 1000} ms of CPU in half a second after the end`)
  }
})
