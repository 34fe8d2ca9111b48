import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { estimateWork, learnedVcpuPerUnit, type RegionWork, type WorkEstimate } from '../../src/observe/learn-throughput.ts'

const grid = { startSeconds: 1_769_385_600, stepSeconds: 300, length: 576 }
const truth = 0.02

/** Reproducible numbers in [−1, 1). */
function seededNoise(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}

/** Two days of a daily rhythm, units per second. */
const rhythm = Float64Array.from({ length: grid.length }, (_, step) => 1000 + 700 * Math.sin((2 * Math.PI * step) / 288))

/** One region that does the work of `demand` on nodes with plenty of room. */
function aRegion(demand: Float64Array, busy: (units: number, step: number) => number, change: Partial<RegionWork> = {}): RegionWork {
  return {
    busyVcpu: demand.map(busy),
    reportingVcpu: new Float64Array(demand.length).fill(64),
    reportingNodes: new Uint32Array(demand.length).fill(8),
    untypedNodes: new Uint32Array(demand.length),
    ...change,
  }
}

function measured(estimate: WorkEstimate): Extract<WorkEstimate, { kind: 'measured' }> {
  assert.ok(estimate.kind === 'measured', JSON.stringify(estimate))
  return estimate
}

const near = (value: number, wanted: number, share: number): void =>
  assert.ok(Math.abs(value / wanted - 1) <= share, `${value} is not within ${share} of ${wanted}`)

/** @returns what is found from two days of work without background under 10 % of noise */
function foundUnderNoise(vcpuPerUnit: number, seed: number): Extract<WorkEstimate, { kind: 'measured' }> {
  const noise = seededNoise(seed)
  return measured(estimateWork(rhythm, [aRegion(rhythm, (units) => vcpuPerUnit * units * (1 + 0.1 * noise()))], grid))
}

test('work without background is found within 2 % in 99 of 100 draws of 10 % noise', () => {
  const errors = Array.from({ length: 1000 }, (_, draw) => Math.abs(foundUnderNoise(truth, 37 * draw + 1).vcpuPerUnit / truth - 1))
  assert.ok(errors.filter((error) => error <= 0.02).length >= 990)
})

test('work without background is found within 4 % under any 10 % of noise, whatever the true value', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-4, max: 0.03, noNaN: true }), fc.integer({ min: 1, max: 1e6 }), (vcpuPerUnit, seed) => {
      const found = foundUnderNoise(vcpuPerUnit, seed)
      near(found.vcpuPerUnit, vcpuPerUnit, 0.04)
      assert.equal(found.steps, grid.length)
    }),
    { numRuns: 300 },
  )
})

test('regions are added up, and background is paid for at high demand', () => {
  const half = aRegion(rhythm, (units) => 2 + (truth / 2) * units)
  const found = measured(estimateWork(rhythm, [half, half], grid))
  near(found.backgroundVcpu, 4, 1e-6)
  near(found.vcpuPerUnit * 1700, 4 + truth * 1700, 0.01)
})

test('work that grows faster than demand is read from the busier half, never with a background below zero', () => {
  const found = measured(estimateWork(rhythm, [aRegion(rhythm, (units) => (truth * units * units) / 1700)], grid))
  assert.equal(found.backgroundVcpu, 0)
  assert.ok(found.vcpuPerUnit > truth * (1450 / 1700), String(found.vcpuPerUnit))
})

test('a fifth of wild steps moves the estimate by less than 3 %', () => {
  const noise = seededNoise(7)
  const wild = aRegion(rhythm, (units, step) => (step % 5 === 0 ? 28 * (1 + noise()) : truth * units))
  near(measured(estimateWork(rhythm, [wild], grid)).vcpuPerUnit, truth, 0.03)
})

test('steps with saturated nodes, nodes of unknown type or unknown demand are left out', () => {
  const saturated = aRegion(rhythm, (units) => Math.min(20, truth * units), { reportingVcpu: new Float64Array(grid.length).fill(20) })
  const found = measured(estimateWork(rhythm, [saturated], grid))
  near(found.vcpuPerUnit, truth, 1e-6)
  assert.ok(found.steps < grid.length)
  const untyped = aRegion(rhythm, (units, step) => (step < 288 ? truth * units : (truth / 4) * units), {
    untypedNodes: Uint32Array.from(rhythm, (_, step) => (step < 288 ? 0 : 6)),
  })
  near(measured(estimateWork(rhythm, [untyped], grid)).vcpuPerUnit, truth, 1e-6)
  const halfKnown = rhythm.map((units, step) => (step < 288 ? units : Number.NaN))
  assert.equal(measured(estimateWork(halfKnown, [aRegion(rhythm, (units) => truth * units)], grid)).steps, 288)
})

test('nodes that are saturated all day prove what a unit needs at least, and that raises what is planned with', () => {
  const full = aRegion(rhythm, () => 4, { reportingVcpu: new Float64Array(grid.length).fill(4) })
  const estimate = estimateWork(rhythm, [full], grid)
  assert.ok(estimate.kind === 'none' && estimate.reason === 'few-steps')
  near(estimate.atLeastVcpuPerUnit, 0.004, 0.01)
  near(learnedVcpuPerUnit(0.003, estimate, 'partial'), 0.004, 0.01)
  assert.equal(learnedVcpuPerUnit(0.02, estimate, 'whole'), 0.02)
})

test('a step counts when a region without nodes is silent, and not when a region with nodes has no known work', () => {
  const whole = aRegion(rhythm, (units) => truth * units)
  const silent = aRegion(rhythm, () => Number.NaN, {
    reportingNodes: new Uint32Array(grid.length),
    reportingVcpu: new Float64Array(grid.length),
  })
  assert.equal(measured(estimateWork(rhythm, [whole, silent], grid)).steps, grid.length)
  const mute = { ...silent, reportingNodes: new Uint32Array(grid.length).fill(2) }
  assert.deepEqual(estimateWork(rhythm, [whole, mute], grid), { kind: 'none', reason: 'few-steps', steps: 0, atLeastVcpuPerUnit: 0 })
})

test('too few steps, too even a demand, and work that does not follow demand say nothing', () => {
  const few = rhythm.map((units, step) => (step < 143 ? units : Number.NaN))
  assert.deepEqual(estimateWork(few, [aRegion(few, (units) => truth * units)], grid), {
    kind: 'none',
    reason: 'few-steps',
    steps: 143,
    atLeastVcpuPerUnit: 0,
  })
  const even = rhythm.map((_, step) => 1000 + (step % 2))
  assert.equal(JSON.stringify(estimateWork(even, [aRegion(even, (units) => truth * units)], grid)).includes('even-demand'), true)
  const noise = seededNoise(3)
  for (const busy of [() => 10, () => 0, () => 10 + 5 * noise(), (units: number) => 50 - truth * units]) {
    const found = estimateWork(rhythm, [aRegion(rhythm, busy)], grid)
    assert.deepEqual(found, { kind: 'none', reason: 'no-relation', steps: grid.length, atLeastVcpuPerUnit: 0 })
  }
  assert.equal(estimateWork(rhythm, [], grid).kind, 'none')
})

const found = (vcpuPerUnit: number): WorkEstimate => ({
  kind: 'measured',
  vcpuPerUnit,
  backgroundVcpu: 0,
  scatter: 0.1,
  steps: 500,
  newestSeconds: grid.startSeconds,
})

test('what is planned with moves by a factor of two at most, not for less than 5 %, and settles', () => {
  assert.equal(learnedVcpuPerUnit(0.02, found(0.0209), 'whole'), 0.02)
  assert.equal(learnedVcpuPerUnit(0.02, found(0.0191), 'whole'), 0.02)
  assert.equal(learnedVcpuPerUnit(0.02, found(0.0215), 'whole'), 0.0215)
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e3, noNaN: true }), fc.double({ min: 1e-6, max: 1e3, noNaN: true }), (last, true_) => {
      const next = learnedVcpuPerUnit(last, found(true_), 'whole')
      assert.ok(next >= (last / 2) * 0.999 && next <= last * 2 * 1.001)
      let value = last
      for (let cycle = 0; cycle < 40; cycle++) value = learnedVcpuPerUnit(value, found(true_), 'whole')
      assert.ok(Math.abs(value / true_ - 1) <= 0.0531, `${value} for ${true_}`)
      assert.equal(learnedVcpuPerUnit(value, found(true_), 'whole'), value)
    }),
  )
})

test('partial evidence and no evidence never lower what is planned with', () => {
  assert.equal(learnedVcpuPerUnit(0.02, found(0.01), 'partial'), 0.02)
  assert.equal(learnedVcpuPerUnit(0.02, found(0.03), 'partial'), 0.03)
  assert.equal(learnedVcpuPerUnit(0.02, { kind: 'none', reason: 'no-relation', steps: 500, atLeastVcpuPerUnit: 0 }, 'whole'), 0.02)
})
