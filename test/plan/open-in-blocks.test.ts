import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPlan } from '../../bench/plan/check-plan.ts'
import { generateInstance, instanceSizes } from '../../bench/plan/generate-instance.ts'
import { diveInBlocks } from '../../src/plan/dive-in-blocks.ts'
import { problemFromInstance } from '../../src/plan/documents/instance-document.ts'
import type { InstanceDocument } from '../../src/plan/documents/instance-document.ts'
import { planDocument } from '../../src/plan/documents/plan-document.ts'
import { indexProblem } from '../../src/plan/index-problem.ts'
import { openedSteps, openInBlocks } from '../../src/plan/open-in-blocks.ts'
import { openingOf } from '../../src/plan/opening.ts'
import { openRelaxation } from '../../src/plan/relax.ts'
import type { Relaxation } from '../../src/plan/relax.ts'
import { judged } from '../../src/plan/round/round-nodes.ts'
import { solveProblem } from '../../src/plan/solve-problem.ts'
import type { SolvedProblem } from '../../src/plan/solve-problem.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { basisFrom, inBasis } from '../../src/plan/step-layout.ts'

const solver = await loadSolver()
const tolerance = 1e-9

function fractionalCounts({ nodes }: Relaxation, from?: number, to?: number): number {
  return [...nodes.values()].reduce((sum, course) => sum + course.subarray(from, to).filter((count) => Math.abs(count - Math.round(count)) > 1e-6).length, 0)
}

for (const tight of [false, true]) {
  test(`blocks of steps give a vertex of all of them and the same optimum, and a dive in them makes most counts whole for little: ${tight ? 'short' : 'long'} reach`, () => {
    const indexed = indexProblem(problemFromInstance(generateInstance('l', instanceSizes.l, { derate: false, tight, committed: false }, 4)))
    const { blocks, ...opening } = openInBlocks(indexed, solver)
    const anew = openRelaxation(indexed, solver, { ...openingOf(indexed, solver), tolerance })
    const begun = openRelaxation(indexed, solver, { ...opening, tolerance })
    try {
      const solved = blocks.flatMap((block) => block.solved)
      begun.startFrom(solved, openedSteps)
      begun.iterateBy('primal')
      const [relaxation, other] = [begun.solve(), anew.solve()]
      const layouts = begun.solvedSteps().map(({ layout }) => layout)
      const basis = basisFrom(solved, layouts, begun.size(), openedSteps)
      for (const [step, { columns }] of layouts.entries()) assert.ok(columns.some((column) => basis?.columns[column] === inBasis), `step ${step} begins with its slacks`)
      assert.ok(Math.abs(relaxation.objective - other.objective) < 1e-6 * other.objective, `${relaxation.objective} ${other.objective}`)
      const dived = diveInBlocks(indexed, solver, blocks, begun, relaxation)
      assert.ok(dived.objective > relaxation.objective * (1 - 1e-6) && dived.objective < 1.003 * relaxation.objective, `${dived.objective} ${relaxation.objective}`)
      assert.ok(fractionalCounts(dived) < 0.7 * fractionalCounts(relaxation), `${fractionalCounts(dived)} of ${fractionalCounts(relaxation)}`)
      for (const { from, to } of blocks) {
        const [left, before] = [fractionalCounts(dived, from, to), fractionalCounts(relaxation, from, to)]
        assert.ok(left < 0.85 * before, `from step ${from}: ${left} of ${before}`)
      }
    } finally {
      anew.close()
      begun.close()
    }
  })
}

/** What a plan is over its bound, percent; no limit may be broken. */
function gapOf(instance: InstanceDocument, { relaxation, nodes }: SolvedProblem): number {
  const { faults, shortages } = checkPlan(instance, planDocument(nodes.state.indexed, nodes.state))
  assert.deepEqual([...faults, ...shortages], [])
  return 100 * (judged(nodes).usd / relaxation.lowerBound - 1)
}

test('a fleet of a thousand nodes is planned within 0.35 % of the bound, and after a change of demand within half a percent from where it stands, churn included', () => {
  const instance = generateInstance('l', instanceSizes.l, { derate: false, tight: true, committed: false }, 1)
  const indexed = indexProblem({ ...problemFromInstance(instance), changeCostHours: 0.25 })
  const first = solveProblem(indexed, solver)
  assert.ok(gapOf(instance, first) < 0.35)
  const inForce = { counts: (pool: { readonly index: number }, step: number) => first.nodes.state.counts[pool.index * indexed.steps + step] ?? 0, headStart: first.headStart }
  const withDemand = (factor: (zone: number) => number): InstanceDocument => ({ ...instance, demand: instance.demand.map((all) => all.map((course, zone) => course.map((amount) => amount * factor(zone)))) })
  const replanned = (changed: InstanceDocument): SolvedProblem => solveProblem(indexProblem({ ...problemFromInstance(changed), changeCostHours: 0.25 }), solver, inForce)
  for (const changed of [withDemand(() => 1.05), withDemand((zone) => (zone === 7 ? 2 : 1))]) {
    const gap = gapOf(changed, replanned(changed))
    assert.ok(gap <= 0.5, `${gap} %`)
  }
  assert.deepEqual(replanned(instance).nodes.state.counts, first.nodes.state.counts)
})
