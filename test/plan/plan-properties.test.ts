import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Plan } from '../../src/domain/plan.ts'
import { planFleet } from '../../src/plan/plan-fleet.ts'
import type { PlanProblem } from '../../src/plan/problem.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { aProblem } from './a-problem.ts'
import type { SmallProblem } from './a-problem.ts'
import { faultsOf } from './plan-checker.ts'

const solver = await loadSolver()
const plan = async (problem: PlanProblem): Promise<Plan> => (await planFleet(problem, solver, new AbortController().signal)).plan
/** Runs are fixed, so that a failure is the same everywhere. */
const runs = { numRuns: 25, seed: 7 }
const lengthOf = 4

type Work = NonNullable<SmallProblem['deferrable']>[number]
const backup: Work = { name: 'backup', workload: 0, amount: 30, earliest: 0, deadline: 3, maxPerStep: 20, regions: [0, 1] }

const small = fc.record({
  demand: fc.array(fc.array(fc.array(fc.integer({ min: 0, max: 90 }), { minLength: lengthOf, maxLength: lengthOf }), { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
  regions: fc.constantFrom(['a', 'b'], ['a', 'b', 'c']),
  types: fc.constant([20, 5]),
  options: fc.constant(['on-demand', 'spot'] as const),
  startUsd: fc.constantFrom(0, 0.2),
  quota: fc.integer({ min: 4, max: 40 }),
  maxNodes: fc.integer({ min: 2, max: 12 }),
  leadSteps: fc.constantFrom(0, 1, 2),
  survival: fc.constantFrom<PlanProblem['survival'][]>({ zone: 'none', region: false }, { zone: 'scenario', region: false }, { zone: 'none', region: true }),
  spotShare: fc.constantFrom(0, 0.5, 1),
  frozen: fc.constantFrom<boolean[][]>([], [false, true, false, false]),
  closed: fc.constantFrom<boolean[][][]>([], [[false, true, true, false]]),
  minRunSteps: fc.constantFrom(1, 1, 2, 3),
  spotPoolShare: fc.constantFrom(1, 1, 0.5),
  maxLowering: fc.constantFrom(Infinity, Infinity, 2),
  maxUsdPerHour: fc.constantFrom(undefined, undefined, 12),
  maxUsdPerDay: fc.constantFrom(undefined, undefined, 200),
  deferrable: fc.constantFrom<Work[]>([], [backup], [backup, { ...backup, name: 'report', amount: 15, after: [0], longestSteps: 2 }]),
  limits: fc.constantFrom({ min: 0, max: 1000, minPerRegion: 0, maxPerRegion: 1000 }, { min: 0, max: 9, minPerRegion: 0, maxPerRegion: 5 }),
})
type Small = typeof small extends fc.Arbitrary<infer T> ? T : never

function problemOf({ spotShare, frozen, closed, limits, regions, minRunSteps, spotPoolShare, maxLowering, maxUsdPerHour, maxUsdPerDay, ...rest }: Small, change: Partial<SmallProblem> = {}): PlanProblem {
  const price = regions.map((_, r) => [[2 + 0.1 * r, 0.7 + 0.05 * r], [0.55 + 0.02 * r, 0.2]])
  return aProblem({
    ...rest, regions, price, latencyMs: [regions.map((_, r) => 10 + 20 * r), regions.map((_, r) => 50 - 15 * r)], usdPerUnitMs: 1e-5,
    workload: { spotShare: regions.map(() => spotShare), frozen, closed, limits, minRunSteps, spotPoolShare, maxLowering },
    ...(maxUsdPerHour === undefined ? {} : { maxUsdPerHour }), ...(maxUsdPerDay === undefined ? {} : { maxUsdPerDay }), ...change,
  })
}
/** Short demand weighs more than any node. */
const worth = (made: Plan): number => made.cost.totalUsd + made.shortages.reduce((sum, { amount }) => sum + amount * 100, 0)

test('every plan holds every limit and carries all demand that it does not report as short', async () => {
  await fc.assert(fc.asyncProperty(small, async (values) => {
    const problem = problemOf(values)
    assert.deepEqual(faultsOf(problem, await plan(problem)), [])
  }), runs)
})

test('no plan costs less than its own lower bound', async () => {
  await fc.assert(fc.asyncProperty(small, async (values) => {
    const { cost } = await plan(problemOf(values))
    assert.ok(cost.lowerBoundUsd === undefined || cost.totalUsd >= cost.lowerBoundUsd - 1e-4, JSON.stringify(cost))
  }), runs)
})

test('demand and nodes eight times as large have the same lower bound and, within two percent, the same cost', async () => {
  await fc.assert(fc.asyncProperty(small, async (values) => {
    const one = await plan(problemOf(values))
    const large = await plan({ ...problemOf(values), demand: values.demand.map((zones) => zones.map((steps) => steps.map((amount) => amount * 8))), throughput: values.demand.map(() => values.types.map((units) => units * 8)), usdPerUnitMs: 1e-5 / 8,
      deferrable: problemOf(values).deferrable.map((work) => ({ ...work, amount: work.amount * 8, maxPerStep: work.maxPerStep * 8 })) })
    assert.ok(Math.abs((one.cost.lowerBoundUsd ?? 0) - (large.cost.lowerBoundUsd ?? 0)) < 1e-3, `${one.cost.lowerBoundUsd} ${large.cost.lowerBoundUsd}`)
    // Two chains of work may be given windows that differ, where units are so few.
    if (one.shortages.length > 0 || large.shortages.length > 0) return
    assert.ok(Math.abs(one.cost.totalUsd - large.cost.totalUsd) < 0.02 * one.cost.totalUsd + 1e-3, `${one.cost.totalUsd} ${large.cost.totalUsd}`)
  }), runs)
})

test('regions in another order give a plan of the same lower bound', async () => {
  await fc.assert(fc.asyncProperty(small, async (values) => {
    const problem = problemOf(values)
    const turn = <T>(list: readonly T[]): T[] => [...list].reverse()
    const last = problem.regions.length - 1
    const turned: PlanProblem = {
      ...problem,
      workloads: problem.workloads.map((workload) => ({ ...workload, closed: turn(problem.regions.map((_, r) => workload.closed[r] ?? [])) })),
      regions: turn(problem.regions), usdPerHour: turn(problem.usdPerHour), usdPerStart: turn(problem.usdPerStart), maxNodes: turn(problem.maxNodes),
      quotaVcpu: turn(problem.quotaVcpu), latencyMs: problem.latencyMs.map(turn), fleet: problem.fleet.map(turn), leadSteps: problem.leadSteps.map(turn),
      deferrable: problem.deferrable.map((work) => ({ ...work, regions: work.regions.map((r) => last - r) })),
      reach: { normal: problem.reach.normal.map((zones) => zones.map((regions) => regions.map((r) => last - r))), failure: problem.reach.failure.map((zones) => zones.map((regions) => regions.map((r) => last - r))) },
    }
    const [one, other] = [await plan(problem), await plan(turned)]
    assert.ok(Math.abs((one.cost.lowerBoundUsd ?? 0) - (other.cost.lowerBoundUsd ?? 0)) < 1e-3, `${one.cost.lowerBoundUsd} ${other.cost.lowerBoundUsd}`)
  }), runs)
})

/** The cheapest of all fleets of one step, by trying every one. */
function cheapestByTrying(demand: number, types: readonly number[], prices: readonly number[], zones: number): number {
  const most = types.map((units) => Math.ceil(demand / units) + 3)
  let best = Infinity
  for (let a = 0; a <= (most[0] ?? 0); a++) {
    for (let b = 0; b <= (most[1] ?? 0); b++) {
      const left = (a - Math.ceil(a / zones)) * (types[0] ?? 0) + (b - Math.ceil(b / zones)) * (types[1] ?? 0)
      if (left >= demand) best = Math.min(best, a * (prices[0] ?? 0) + b * (prices[1] ?? 0))
    }
  }
  return best
}

test('on one region and two types, surviving a zone, the plan is within half a percent of the best of all fleets', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 150 }), fc.integer({ min: 2, max: 4 }), fc.double({ min: 0.3, max: 0.9, noNaN: true }), async (demand, zones, price) => {
    const made = await plan(aProblem({ demand: [[[demand]]], types: [20, 7], price: [[[2], [price]]], zones, survival: { zone: 'scenario', region: false } }))
    assert.ok(made.cost.totalUsd <= 1.005 * cheapestByTrying(demand, [20, 7], [2, price], zones) + 1e-4, `${made.cost.totalUsd}`)
  }), { numRuns: 60, seed: 3 })
})

type Tightening = (values: Small) => Partial<SmallProblem>
const tightenings: Readonly<Record<string, Tightening>> = {
  quota: ({ quota }) => ({ quota: Math.max(1, quota - 3) }),
  nodes: ({ maxNodes }) => ({ maxNodes: Math.max(1, maxNodes - 1) }),
  'budget of an hour': ({ maxUsdPerHour }) => ({ maxUsdPerHour: (maxUsdPerHour ?? 14) - 2 }),
  'budget of a day': ({ maxUsdPerDay }) => ({ maxUsdPerDay: (maxUsdPerDay ?? 240) - 40 }),
  'lead time': ({ leadSteps }) => ({ leadSteps: leadSteps + 1 }),
}
for (const [name, tighten] of Object.entries(tightenings)) {
  test(`a tighter ${name} never makes a plan cheaper than the bound of the looser one`, async () => {
    await fc.assert(fc.asyncProperty(small, async (values) => {
      const loose = await plan(problemOf(values))
      const tight = await plan(problemOf(values, tighten(values)))
      assert.ok(worth(tight) >= (loose.shortages.length === 0 ? loose.cost.lowerBoundUsd ?? 0 : 0) - 1e-4)
    }), { ...runs, numRuns: 10 })
  })
}
