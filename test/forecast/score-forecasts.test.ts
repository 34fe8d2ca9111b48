import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EvaluatedForecast } from '../../src/forecast/evaluate.ts'
import { ForecastScorer } from '../../src/forecast/score-forecasts.ts'
import type { StepSeries } from '../../src/forecast/step-series.ts'
import { mondaySeconds } from './series.ts'

const quantiles = [0.1, 0.5, 0.9]
const hour = 3600
const aStepSeries = (name: string, values: readonly number[]): StepSeries => ({ name, startSeconds: mondaySeconds, stepSeconds: hour, values: Float64Array.from(values) })

/** A forecast that has seen four steps. */
const aForecast = (series: string, paths: readonly number[], seen = 4): EvaluatedForecast => ({
  series, originSeconds: mondaySeconds + (seen - 1) * hour, stepSeconds: hour, paths: Float64Array.from(paths), weights: [],
})
const scorerOf = (...all: readonly StepSeries[]): ForecastScorer => new ForecastScorer(new Map(all.map((series) => [series.name, series])), quantiles, 2)
const near = (actual: number | undefined, expected: number): void => assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-12, `${actual} is not ${expected}`)

const busy = aStepSeries('busy', [10, 20, 14, 22, 12, 20])
const idle = aStepSeries('idle', [0, 0, 0, 4, Number.NaN, 4])

test('scores are those computed by hand for two series, one with a step that nobody measured', () => {
  const scorer = scorerOf(busy, idle)
  scorer.add(aForecast('busy', [10, 18, 11, 21, 11.5, 22]))
  scorer.add(aForecast('idle', [9, 1, 9, 4, 9, 6]))
  const { wql, mase, coverage, scored, series } = scorer.scores()
  // busy: losses .4 + .4, 1 + 1, .9 + .4 over three quantiles; size 98/6; 32 came. idle: .6, 0, .4; size 8/5; 4 came
  near(wql, (4.1 / 3 / (98 / 6) + 1 / 3 / 1.6) / (32 / (98 / 6) + 4 / 1.6))
  // busy: mean error 1 over a seasonal difference of (4 + 2) / 2; idle: no error
  near(mase, (1 / 3 + 0) / 2)
  assert.deepEqual(coverage, [0, (0.5 + 1) / 2, (0.5 + 1) / 2])
  assert.deepEqual([scored, series], [2, 2])
})

test('every series counts once, however many forecasts it has', () => {
  const scorer = scorerOf(aStepSeries('a', [1, 2, 3, 4, 5, 6, 7]), aStepSeries('b', [1, 2, 3, 4, 5, 6, 7]))
  for (const seen of [4, 5]) scorer.add(aForecast('a', [0, 0, 9, 9, 9, 9], seen))
  scorer.add(aForecast('b', [9, 9, 9, 9, 9, 9], 4))
  assert.deepEqual(scorer.scores().coverage, [0.5, 1, 1])
})

test('a horizon that nobody has measured yet is not scored, nor is a median that was not asked for', () => {
  const scorer = scorerOf(busy)
  scorer.add(aForecast('busy', [1, 1, 1, 1, 1, 1], 6))
  assert.deepEqual(scorer.scores(), { scored: 0, series: 0, wql: undefined, mase: undefined, coverage: [undefined, undefined, undefined] })
  const tail = new ForecastScorer(new Map([['busy', busy]]), [0.9], 2)
  tail.add(aForecast('busy', [12, 19]))
  assert.deepEqual([tail.scores().mase, tail.scores().coverage], [undefined, [0.5]])
})

test('a history without any change has no scale: the error is left out and not infinite', () => {
  const scorer = scorerOf(aStepSeries('flat', [5, 5, 5, 5, 6, 6]))
  scorer.add(aForecast('flat', [5, 5, 5, 5, 5, 5]))
  assert.equal(scorer.scores().mase, undefined)
})
