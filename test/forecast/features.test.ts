import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyRows, everyStep, featureCount, writeFeatures } from '../../src/forecast/features.ts'
import { aSeries, dailyDemand } from './series.ts'

test('the features of a step are the same whichever other steps are wanted', () => {
  const series = aSeries(dailyDemand(40, 3))
  const all = emptyRows(48)
  writeFeatures(series, 700, everyStep(48), all, 0)
  const steps = [3, 4, 23, 24, 47]
  const some = emptyRows(2 + steps.length)
  writeFeatures(series, 700, steps, some, 2)
  steps.forEach((step, written) => {
    const [expected, row] = [step * featureCount, (2 + written) * featureCount]
    assert.deepEqual(some.features.subarray(row, row + featureCount), all.features.subarray(expected, expected + featureCount))
    assert.equal(some.base[2 + written], all.base[step])
    assert.equal(some.scale[2 + written], all.scale[step])
  })
})
