import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { solveSmall } from '../../src/plan/solver/small-integer-program.ts'
import type { SmallProgram } from '../../src/plan/solver/small-integer-program.ts'

const rowCount = 3
/** One variable: what its pieces hold, what the first costs and by how much each next one is dearer, and what one unit gives to each row. */
const variable = fc.record({
  pieces: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
  usd: fc.integer({ min: -30, max: 60 }), dearer: fc.integer({ min: 1, max: 20 }),
  gives: fc.array(fc.integer({ min: -4, max: 9 }), { minLength: rowCount, maxLength: rowCount }),
})
const asked = fc.record({
  variables: fc.array(variable, { minLength: 1, maxLength: 5 }),
  least: fc.array(fc.integer({ min: -10, max: 30 }), { minLength: rowCount, maxLength: rowCount }),
  /** What a unit of the one column that need not be whole costs; it gives 1 to the first row. */
  partUsd: fc.integer({ min: 1, max: 20 }),
})
type Asked = typeof asked extends fc.Arbitrary<infer Value> ? Value : never
const mostPart = 4

function programOf({ variables, least, partUsd }: Asked): SmallProgram {
  const columns = variables.flatMap(({ pieces, usd, dearer, gives }, group) => pieces.map((most, piece) => ({ group, most, usd: usd / 10 + (piece * dearer) / 10, gives: gives.map((units) => units / 2), isWhole: 1 })))
  const all = [...columns, { group: variables.length, most: mostPart, usd: partUsd / 10, gives: least.map((_, row) => (row === 0 ? 1 : 0)), isWhole: 0 }]
  return {
    usd: Float64Array.from(all, ({ usd }) => usd), most: Float64Array.from(all, ({ most }) => most), group: Int32Array.from(all, ({ group }) => group), isWhole: Uint8Array.from(all, ({ isWhole }) => isWhole),
    coefficients: Float64Array.from(least.flatMap((_, row) => all.map(({ gives }) => gives[row] ?? 0))), least: Float64Array.from(least, (units) => units / 2),
  }
}

/** The least cost over all whole values, tried one after another; undefined where none keeps the rows. */
function cheapest({ variables, least, partUsd }: Asked): number | undefined {
  let best: number | undefined
  const values = variables.map(() => 0)
  const room = variables.map(({ pieces }) => pieces.reduce((sum, most) => sum + most, 0))
  for (;;) {
    const has = least.map((units, row) => variables.reduce((sum, { gives }, v) => sum + ((gives[row] ?? 0) / 2) * (values[v] ?? 0), -units / 2))
    const part = Math.max(0, -(has[0] ?? 0))
    if (part <= mostPart && has.slice(1).every((units) => units >= 0)) {
      let usd = (part * partUsd) / 10
      for (const [v, { pieces, usd: first, dearer }] of variables.entries()) {
        let left = values[v] ?? 0
        for (const [piece, most] of pieces.entries()) {
          usd += Math.min(left, most) * (first / 10 + (piece * dearer) / 10)
          left -= Math.min(left, most)
        }
      }
      if (best === undefined || usd < best) best = usd
    }
    let v = 0
    while (v < values.length && values[v] === room[v]) values[v++] = 0
    if (v === values.length) return best
    values[v] = (values[v] ?? 0) + 1
  }
}

test('the cheapest whole solution is that of trying all, whatever its pieces cost, and nothing is found where nothing is cheaper', () => {
  let found = 0
  fc.assert(fc.property(asked, (one) => {
    const program = programOf(one)
    const least = cheapest(one)
    const solution = solveSmall(program, 1e6, 100_000)
    assert.equal(solution === undefined, least === undefined)
    if (solution === undefined || least === undefined) return
    found++
    assert.ok(Math.abs(solution.usd - least) < 1e-5, `${solution.usd} ${least}`)
    assert.ok(Math.abs(program.usd.reduce((sum, usd, column) => sum + usd * (solution.values[column] ?? NaN), 0) - least) < 1e-5, 'values cost what is said')
    for (const [column, isWhole] of program.isWhole.entries()) if (isWhole === 1) assert.ok(Math.abs((solution.values[column] ?? NaN) - Math.round(solution.values[column] ?? NaN)) < 1e-5)
    for (const [row, atLeast] of program.least.entries()) {
      const has = program.usd.reduce((sum, _, column) => sum + (program.coefficients[row * program.usd.length + column] ?? NaN) * (solution.values[column] ?? NaN), 0)
      assert.ok(has >= atLeast - 1e-5)
    }
    assert.ok(Math.abs((solveSmall(program, least + 0.01, 100_000)?.usd ?? NaN) - least) < 1e-5, 'also when hardly more is known')
    assert.equal(solveSmall(program, least - 1e-4, 100_000), undefined)
  }), { numRuns: 1000, seed: 1 })
  assert.ok(found > 400, `${found} of 1000 have a solution`)
})

test('a search that may see few vertices ends with what it has', () => {
  const size = 12
  const program: SmallProgram = {
    usd: Float64Array.from({ length: size }, (_, column) => 7 + ((column * 37) % 11)), most: new Float64Array(size).fill(3), group: Int32Array.from({ length: size }, (_, column) => column),
    isWhole: new Uint8Array(size).fill(1), coefficients: Float64Array.from({ length: size * 2 }, (_, position) => 3 + ((position * 29) % 13)), least: Float64Array.of(97.3, 101.9),
  }
  const best = solveSmall(program, 1e6, 1e6)?.usd ?? NaN
  const quick = solveSmall(program, 1e6, 40)?.usd ?? Infinity
  assert.ok(best <= quick)
  assert.equal(solveSmall(program, 1e6, 1), undefined)
})
