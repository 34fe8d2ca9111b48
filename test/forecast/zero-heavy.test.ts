import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateForecasts, type EvaluationTask } from '../../src/forecast/evaluate.ts'
import { seededRandom } from '../../src/forecast/seeded-random.ts'
import { dailyDemand, mondaySeconds } from './series.ts'

const quantiles = [0.1, 0.5, 0.9]
const horizon = 24
const days = 40

/** Demand that is nothing in a share of hours, drawn one by one, and follows a day in the others. */
function zeroHeavy(seed: number, share: number): EvaluationTask {
  const random = seededRandom(seed)
  const values = dailyDemand(days, seed).map((value) => (random() < share ? 0 : value))
  return { series: { name: `family/${seed}`, startSeconds: mondaySeconds, stepSeconds: 3600, values }, origins: Array.from({ length: 16 }, (_, k) => (24 + k) * 24 - 24) }
}

/** @returns shares of all steps: without demand, at or below p10, with demand and yet at or below p10; and p10 relative to the median */
async function lowCoverage(share: number): Promise<{ readonly zeros: number; readonly covered: number; readonly busyCovered: number; readonly height: number }> {
  const tasks = [1, 2, 3, 4].map((seed) => zeroHeavy(seed, share))
  let [steps, zeros, covered, busyCovered, low, middle] = [0, 0, 0, 0, 0, 0]
  for await (const { series, originSeconds, paths } of evaluateForecasts(tasks, { horizonSteps: horizon, quantiles, seed: 1, phase: () => undefined }, undefined)) {
    const values = tasks.find((task) => task.series.name === series)?.series.values ?? new Float64Array(0)
    const origin = (originSeconds - mondaySeconds) / 3600 + 1
    for (let step = 0; step < horizon; step += 1) {
      const [came, p10] = [values[origin + step] ?? Number.NaN, paths[step] ?? Number.NaN]
      steps += 1
      if (came === 0) zeros += 1
      if (came <= p10) covered += 1
      if (came > 0 && came <= p10) busyCovered += 1
      low += p10
      middle += paths[horizon + step] ?? Number.NaN
    }
  }
  return { zeros: zeros / steps, covered: covered / steps, busyCovered: busyCovered / steps, height: low / middle }
}

test('where demand is nothing in 27 % of hours, p10 covers those hours, as any figure from 0 on would, and no others: it is near 0', async () => {
  const { zeros, covered, busyCovered, height } = await lowCoverage(0.27)
  assert.ok(zeros > 0.24)
  assert.ok(covered >= zeros && busyCovered < 0.005, `${covered} covered, ${zeros} without demand, ${busyCovered} with`)
  assert.ok(height < 0.1, `p10 is ${height} of the median`)
})

test('where demand is never nothing, p10 covers its nominal share within 3 points', async () => {
  const { covered } = await lowCoverage(0)
  assert.ok(Math.abs(covered - 0.1) < 0.03, `${covered}`)
})
