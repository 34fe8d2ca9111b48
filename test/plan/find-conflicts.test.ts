import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Conflict } from '../../src/domain/plan.ts'
import { planFleet } from '../../src/plan/plan-fleet.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { aProblem } from './a-problem.ts'
import type { SmallProblem } from './a-problem.ts'

const solver = await loadSolver()

async function conflictsOf(small: SmallProblem): Promise<readonly Conflict[]> {
  return (await planFleet(aProblem(small), solver, new AbortController().signal)).plan.conflicts ?? []
}
const namesOf = (conflict: Conflict | undefined): readonly string[] => conflict?.limits.map(({ limit }) => limit) ?? []

test('where a quota alone stands in the way, it alone is named, with the value that would do', async () => {
  const [conflict] = await conflictsOf({ demand: [[[10, 70, 10]]], quota: 5 })
  assert.equal(conflict?.step, 1)
  assert.equal(conflict.amount, 20)
  assert.deepEqual(conflict.limits, [{ limit: 'quota/aws/north/on-demand', unit: 'vCPU', value: 5, buys: 20, isEnough: true, enough: 7 }])
})

test('two quotas that stop each other’s way out are both named: raising either is enough', async () => {
  const [conflict] = await conflictsOf({ demand: [[[80]]], regions: ['a', 'b'], quota: 3, price: [[[1]], [[1]]] })
  assert.deepEqual(namesOf(conflict), ['quota/aws/a/on-demand', 'quota/aws/b/on-demand'])
  assert.deepEqual(conflict?.limits.map(({ enough }) => enough), [5, 5])
})

test('a budget is named before a quota that it lets nobody reach', async () => {
  const [conflict] = await conflictsOf({ demand: [[[50]]], quota: 20, maxUsdPerHour: 3 })
  assert.deepEqual(namesOf(conflict), ['budget'])
  assert.equal(conflict?.limits[0]?.enough, 5)
})

test('what only a failure leaves short names the failure beside the limit', async () => {
  const [conflict] = await conflictsOf({ demand: [[[60]]], regions: ['a', 'b'], quota: 4, survival: { zone: 'none', region: true } })
  assert.equal(conflict?.isOnlyAfterFailure, true)
  assert.ok(namesOf(conflict).includes('survive/region'))
  assert.equal(conflict.limits.find(({ limit }) => limit === 'survive/region')?.isEnough, true)
})

test('a lead time is a limit of the hours that it takes', async () => {
  const [conflict] = await conflictsOf({ demand: [[[30, 30]]], leadSteps: 1, fleet: [[[1]]] })
  assert.deepEqual(namesOf(conflict), ['lead-time/w0'])
  assert.deepEqual(conflict?.limits[0], { limit: 'lead-time/w0', unit: '', value: undefined, buys: 20, isEnough: true, enough: undefined })
})

test('a daily budget is found where no hour is short by itself', async () => {
  const [conflict] = await conflictsOf({ demand: [[[40, 40]]], maxUsdPerDay: 60 })
  assert.deepEqual(namesOf(conflict), ['budget/day'])
  assert.equal(conflict?.limits[0]?.enough, 96)
})

test('a plan that carries everything has no conflicts', async () => {
  assert.deepEqual(await conflictsOf({ demand: [[[10]]] }), [])
})
