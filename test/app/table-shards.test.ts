import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sampleOf, seriesCount, shardsOf } from '../../src/app/table/shards.ts'
import type { DemandQuery } from '../../src/domain/history.ts'

function queriesOf(zones: readonly number[]): readonly DemandQuery[] {
  return zones.map((count, i) => ({
    workload: `w${i}`,
    unit: 'requests/s',
    measurement: 'm',
    field: 'f',
    tags: {},
    userZoneTag: 'zone',
    userZones: Array.from({ length: count }, (_, zone) => `z${zone}`),
    kind: 'gauge',
    flux: undefined,
    scale: 1,
  }))
}

const names = (queries: readonly DemandQuery[]): readonly string[] => queries.flatMap(({ workload, userZones }) => userZones.map((zone) => `${workload}/${zone}`))
const fleets = fc.array(fc.integer({ min: 0, max: 350 }), { maxLength: 20 }).map(queriesOf)

test('shards hold every series once, in order, at most 100 each', () => {
  fc.assert(
    fc.property(fleets, (queries) => {
      const shards = shardsOf(queries)
      assert.deepEqual(shards.flatMap((shard) => names(shard.queries)), names(queries))
      shards.forEach(({ index, queries: own }, i) => {
        assert.equal(index, i)
        assert.ok(seriesCount(own) >= 1 && seriesCount(own) <= 100)
      })
    }),
  )
})

test('a sample holds at most as many series as asked for, each once, from all over the fleet', () => {
  fc.assert(
    fc.property(fleets, fc.integer({ min: 1, max: 200 }), (queries, most) => {
      const all = names(queries)
      const sample = names(sampleOf(queries, most))
      assert.ok(sample.length <= most)
      assert.ok(sample.length >= Math.min(all.length, most) - 1)
      assert.deepEqual(sample, all.filter((name) => sample.includes(name)))
    }),
  )
  const spread = names(sampleOf(queriesOf(Array.from({ length: 100 }, () => 10)), 100))
  assert.ok(new Set(spread.map((name) => name.split('/')[0])).size >= 99)
})
