import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../src/forecast/seeded-random.ts'
import { boostTrees, predictTrees, type TreeSettings } from '../../src/forecast/trees.ts'

const settings: TreeSettings = { quantiles: [0.1, 0.5, 0.9], rounds: 80, leaves: 8, learningRate: 0.15, leastRowsPerLeaf: 20, rowShare: 0.7, featureShare: 1, used: 2, seed: 3 }
const all = [settings.rounds]


/** Two features: the first decides level and spread, the second is noise; every seventh row lacks the first and has a level of its own. */
function rows(count: number): { features: Float32Array; targets: Float32Array } {
  const random = seededRandom(11)
  const features = new Float32Array(2 * count)
  const targets = new Float32Array(count)
  for (let row = 0; row < count; row += 1) {
    const missing = row % 7 === 0
    const x = random()
    features[2 * row] = missing ? Number.NaN : x
    features[2 * row + 1] = random()
    targets[row] = missing ? -5 + random() : x > 0.5 ? 10 + 4 * random() : random()
  }
  return { features, targets }
}

test('boosted trees find the quantiles of each regime, missing values being one of them', () => {
  const { features, targets } = rows(6000)
  const trees = boostTrees(features, targets, 6000, 2, settings)
  const [found = new Float32Array(0)] = predictTrees(trees, Float32Array.from([0.9, 0.5, 0.1, 0.5, Number.NaN, 0.5]), 3, 2, all)
  // Uniform on [10, 14], [0, 1] and [−5, −4]: quantiles .1 .5 .9 by hand.
  const expected = [10.4, 12, 13.6, 0.1, 0.5, 0.9, -4.9, -4.5, -4.1]
  expected.forEach((value, i) => assert.ok(Math.abs((found[i] ?? 0) - value) < 0.25, `${i}: ${found[i]} for ${value}`))
})

test('the quantiles of a row never cross, and cover their share of the rows', () => {
  const { features, targets } = rows(6000)
  const [found = new Float32Array(0)] = predictTrees(boostTrees(features, targets, 6000, 2, settings), features, 6000, 2, all)
  const below = [0, 0, 0]
  for (let row = 0; row < 6000; row += 1) {
    const [low, middle, high] = [found[3 * row] ?? 0, found[3 * row + 1] ?? 0, found[3 * row + 2] ?? 0]
    assert.ok(low <= middle && middle <= high)
    ;[low, middle, high].forEach((value, q) => {
      if ((targets[row] ?? 0) <= value) below[q] = (below[q] ?? 0) + 1
    })
  }
  settings.quantiles.forEach((quantile, q) => assert.ok(Math.abs((below[q] ?? 0) / 6000 - quantile) < 0.03, `${quantile}: ${(below[q] ?? 0) / 6000}`))
})

test('the same rows and seed give the same trees, another seed gives others', () => {
  const { features, targets } = rows(1000)
  const first = boostTrees(features, targets, 1000, 2, settings)
  assert.deepEqual(boostTrees(features, targets, 1000, 2, settings), first)
  assert.notDeepEqual(boostTrees(features, targets, 1000, 2, { ...settings, seed: 4 }).leafValues, first.leafValues)
})

test('what comes out after some trees is what the same trees say when no more were grown', () => {
  const { features, targets } = rows(1000)
  const early = boostTrees(features, targets, 1000, 2, { ...settings, rounds: 15 })
  const [some, most] = predictTrees(boostTrees(features, targets, 1000, 2, settings), features, 1000, 2, [15, 80])
  assert.deepEqual(some, predictTrees(early, features, 1000, 2, [15])[0])
  assert.notDeepEqual(most, some)
})

test('only the features that may be used decide', () => {
  const { features, targets } = rows(1000)
  const trees = boostTrees(features, targets, 1000, 2, { ...settings, used: 1 })
  assert.ok(trees.features.length > 0 && trees.features.every((feature) => feature === 0))
})

test('a leaf moves by the quantile of its rows’ residuals, of either sign, tied or not', () => {
  const random = seededRandom(5)
  for (const count of [1, 2, 257, 3000]) {
    const targets = Float32Array.from({ length: count }, (_, row) => (row % 4 === 0 ? 0 : (random() - 0.4) * 10 ** Math.floor(6 * random() - 3)))
    const quantiles = [0.1, 0.5, 0.99]
    const { start, leafValues } = boostTrees(new Float32Array(count), targets, count, 1, { ...settings, quantiles, rounds: 1, leaves: 1, learningRate: 1, rowShare: 1, used: 1 })
    const sorted = targets.slice().sort()
    quantiles.forEach((quantile, k) => {
      const expected = sorted[Math.floor(quantile * count)] ?? Number.NaN
      assert.equal(start[k], expected)
      // boosting starts there, so nothing is left to move by
      assert.equal(Math.abs(leafValues[k] ?? Number.NaN), 0)
    })
  }
})

test('each row counts once, however many features a tree may use', () => {
  // 1 to 9 copies of one feature: no copy can tell more than the first
  const { features, targets } = rows(1000)
  const of = (copies: number) => {
    const wide = Float32Array.from({ length: 1000 * copies }, (_, at) => features[2 * Math.floor(at / copies)] ?? Number.NaN)
    const trees = boostTrees(wide, targets, 1000, copies, { ...settings, rounds: 1, used: copies, rowShare: 1 })
    return { features: Array.from(trees.features), thresholds: trees.thresholds, leafValues: trees.leafValues }
  }
  const first = of(1)
  for (let copies = 2; copies <= 9; copies += 1) assert.deepEqual(of(copies), first, `${copies} copies`)
})

test('trees learn from the share of the rows that they are told, other rows each time', () => {
  // the first row alone is 1: with a quarter of the rows, it decides the highest quantile of a quarter of the trees
  const targets = Float32Array.from({ length: 400 }, (_, row) => (row === 0 ? 1 : 0))
  const trees = boostTrees(new Float32Array(400), targets, 400, 1, { ...settings, quantiles: [0.995], rounds: 400, leaves: 1, learningRate: 0.001, rowShare: 0.25, used: 1 })
  const moved = trees.leafValues.filter((value) => value > 0).length
  assert.ok(moved > 60 && moved < 140, `${moved} of 400`)
})
