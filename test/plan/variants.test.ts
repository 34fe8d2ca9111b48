import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareVariants, frontier } from '../../src/plan/compare-variants.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { ablations, whatIf } from '../../src/plan/variants.ts'
import { aProblem } from './a-problem.ts'

const solver = await loadSolver()
const problem = aProblem({
  demand: [[[40, 10], [20, 20]]], regions: ['a', 'b', 'c'], options: ['on-demand', 'spot'], price: [[[1, 0.4]], [[1.1, 0.5]], [[2, 1]]],
  latencyMs: [[10, 30, 50], [50, 30, 10]], usdPerUnitMs: 1e-5, survival: { zone: 'none', region: true }, workload: { spotShare: [0.5, 0.5, 0.5] },
})

test('without any one of its parts a plan is no cheaper, but for survival, which costs', () => {
  const compared = new Map(compareVariants(problem, ablations, solver).map((plan) => [plan.name, plan.costRatio]))
  assert.equal(compared.get('plan'), 1)
  for (const name of ['without spot', 'nearest region only', 'counts that never change']) assert.ok((compared.get(name) ?? 0) > 1.01, `${name}: ${compared.get(name)}`)
  assert.ok((compared.get('without surviving failures') ?? 1) < 0.9)
})

test('a what-if changes what it names and nothing else', () => {
  assert.deepEqual(whatIf('demand w0 x2', problem)?.change(problem).demand, [[[80, 20], [40, 40]]])
  assert.deepEqual(whatIf('spot price +50%', problem)?.change(problem).usdPerHour.map((types) => types[0]), [[1, 0.6000000000000001], [1.1, 0.75], [2, 1.5]])
  assert.deepEqual(whatIf('lose aws/a', problem)?.change(problem).reach.normal, [[[1, 2], [1, 2]]])
  assert.deepEqual(whatIf('quota x0.5', problem)?.change(problem).quotaVcpu, [[500, 500], [500, 500], [500, 500]])
})

test('a what-if about something unknown is not one', () => {
  for (const text of ['lose aws/nowhere', 'demand nobody x2', 'reserved price x2', 'demand w0', 'make coffee', 'demand w0 x-2']) assert.equal(whatIf(text, problem), undefined, text)
})

test('losing the cheapest region makes the plan dearer', () => {
  const lost = whatIf('lose aws/a', problem)
  assert.ok(lost !== undefined)
  const [own, without] = compareVariants({ ...problem, survival: { zone: 'none', region: false } }, [lost], solver)
  assert.ok((without?.totalUsd ?? 0) > (own?.totalUsd ?? 0))
})

test('along the frontier a dearer millisecond never lengthens the round trip', () => {
  const points = frontier({ ...problem, survival: { zone: 'none', region: false } }, [0.1, 1, 100], solver)
  assert.ok((points[0]?.meanLatencyMs ?? 0) >= (points[1]?.meanLatencyMs ?? 0) - 1e-9)
  assert.ok((points[1]?.meanLatencyMs ?? 0) >= (points[2]?.meanLatencyMs ?? 0) - 1e-9)
  assert.ok((points[0]?.billedUsd ?? 0) <= (points[2]?.billedUsd ?? 0) + 1e-9)
})
