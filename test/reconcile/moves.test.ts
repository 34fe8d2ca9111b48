import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DesiredPool, DesiredState } from '../../src/domain/desired-state.ts'
import type { LivePool } from '../../src/domain/observation.ts'
import { poolName } from '../../src/domain/pool.ts'
import { type Move, type MoveContext, type MoveRecord, phaseFleet } from '../../src/reconcile/moves.ts'
import { aDesiredPool, aDesiredState, aLivePool, liveCounts, midnight } from '../support/a-desired-state.ts'

const here = aDesiredPool({ desired: 0, min: 0 })
const there = aDesiredPool({ region: 'eu-west-1', desired: 6, min: 6 })
const fleet = (...pools: readonly DesiredPool[]): readonly DesiredState[] => pools.map((pool) => aDesiredState([pool]))
const context = (change: Partial<MoveContext> = {}): MoveContext => ({
  nowSeconds: midnight,
  patienceSeconds: () => 600,
  drainSeconds: 120,
  traffic: () => ({ kind: 'none' }),
  ...change,
})
const counts = (states: readonly DesiredState[]): readonly number[] => states.flatMap(({ pools }) => pools.map(({ desired }) => desired))
const told = ({ phase, missing, heldNodes, late }: Move) => ({ phase, missing, heldNodes, late })

test('a move raises first: what is to be lowered keeps its live count', () => {
  const { states, moves } = phaseFleet(fleet(here, there), liveCounts([aLivePool(here, { desired: 5 })]), [], context())
  assert.deepEqual(counts(states), [5, 6])
  assert.deepEqual(moves.map(told), [{ phase: 'raise', missing: 6, heldNodes: 5, late: false }])
})

test('a workload that is only raised, or only lowered, is applied as it is', () => {
  const lowered = phaseFleet(fleet(here), liveCounts([aLivePool(here, { desired: 5 })]), [], context())
  assert.deepEqual([counts(lowered.states), lowered.moves], [[0], []])
  const raised = phaseFleet(fleet(there), liveCounts([aLivePool(there, { desired: 2 })]), [], context())
  assert.deepEqual([counts(raised.states), raised.moves], [[6], []])
})

test('the raise of one workload does not hold the lowering of another', () => {
  const other = aDesiredPool({ workload: 'feed', desired: 0, min: 0 })
  const { states } = phaseFleet(fleet(other, there), liveCounts([aLivePool(other, { desired: 5 })]), [], context())
  assert.deepEqual(counts(states), [0, 6])
})

test('what is lowered waits until the last raised node is ready', () => {
  const live = (ready: number) => liveCounts([aLivePool(here, { desired: 5 }), aLivePool(there, { ready })])
  const first = phaseFleet(fleet(here, there), live(0), [], context())
  const records = first.moves.map(({ record }) => record)
  assert.deepEqual(counts(phaseFleet(fleet(here, there), live(5), records, context()).states), [5, 6])
  const last = phaseFleet(fleet(here, there), live(6), records, context())
  assert.deepEqual([counts(last.states), last.moves.map(({ phase }) => phase)], [[0, 6], ['lower']])
})

test('nodes that are not ready in time are late, and the lowering is still held', () => {
  const live = liveCounts([aLivePool(here, { desired: 5 }), aLivePool(there, { ready: 4 })])
  const records = phaseFleet(fleet(here, there), liveCounts([aLivePool(here, { desired: 5 })]), [], context()).moves.map(({ record }) => record)
  const at = (seconds: number) => phaseFleet(fleet(here, there), live, records, context({ nowSeconds: midnight + seconds }))
  assert.deepEqual(at(599).moves.map(told), [{ phase: 'raise', missing: 2, heldNodes: 5, late: false }])
  assert.deepEqual(at(600).moves.map(told), [{ phase: 'raise', missing: 2, heldNodes: 5, late: true }])
  assert.deepEqual(counts(at(9_000).states), [5, 6])
})

test('asking for more gives the nodes their time anew', () => {
  const live = liveCounts([aLivePool(here, { desired: 5 }), aLivePool(there, { ready: 4 })])
  const records = phaseFleet(fleet(here, there), live, [], context()).moves.map(({ record }) => record)
  const more = phaseFleet(fleet(here, { ...there, desired: 8 }), live, records, context({ nowSeconds: midnight + 700 }))
  assert.deepEqual(more.moves.map(told), [{ phase: 'raise', missing: 4, heldNodes: 5, late: false }])
})

test('nodes that the cloud is asked for only now are not late, however old the move is', () => {
  const before = liveCounts([aLivePool(here, { desired: 5 }), aLivePool(there, { desired: 6, ready: 4 })])
  const records = phaseFleet(fleet(here, there), before, [], context()).moves.map(({ record }) => record)
  const at = (desired: number) => phaseFleet(fleet(here, there), liveCounts([aLivePool(here, { desired: 5 }), aLivePool(there, { desired, ready: 4 })]), records, context({ nowSeconds: midnight + 700 }))
  assert.deepEqual(at(4).moves.map(told), [{ phase: 'raise', missing: 2, heldNodes: 5, late: false }])
  assert.deepEqual(at(6).moves.map(told), [{ phase: 'raise', missing: 2, heldNodes: 5, late: true }])
})

test('traffic follows once nodes are ready, and what it left drains before it is lowered', () => {
  const live = liveCounts([aLivePool(here, { desired: 5 }), aLivePool(there)])
  const phase = (nowSeconds: number, traffic: ReturnType<MoveContext['traffic']>) => {
    const { states, moves } = phaseFleet(fleet(here, there), live, [], context({ nowSeconds, traffic: () => traffic }))
    return [counts(states), moves.map((move) => move.phase)]
  }
  assert.deepEqual(phase(midnight, { kind: 'due' }), [[5, 6], ['shift']])
  assert.deepEqual(phase(midnight + 119, { kind: 'shifted', atSeconds: midnight }), [[5, 6], ['drain']])
  assert.deepEqual(phase(midnight + 120, { kind: 'shifted', atSeconds: midnight }), [[0, 6], []])
})

test('traffic does not go where nodes are missing, also when nothing is lowered', () => {
  const live = liveCounts([aLivePool(there, { ready: 5 })])
  const { moves } = phaseFleet(fleet(there), live, [], context({ traffic: () => ({ kind: 'due' }) }))
  assert.deepEqual(moves.map(({ phase }) => phase), ['raise'])
})

test('a schedule does not lower what is held', () => {
  const schedule = [
    { minuteOfDay: 0, min: 0, desired: 0, max: 9 },
    { minuteOfDay: 600, min: 8, desired: 8, max: 9 },
  ]
  const { states } = phaseFleet(fleet({ ...here, schedule }, there), liveCounts([aLivePool(here, { desired: 5 })]), [], context())
  assert.deepEqual(states[0]?.pools[0]?.schedule, [
    { minuteOfDay: 0, min: 5, desired: 5, max: 9 },
    { minuteOfDay: 600, min: 8, desired: 8, max: 9 },
  ])
  const lower = phaseFleet(fleet({ ...here, schedule: schedule.map((change) => ({ ...change, min: 0, desired: 0 })) }, there), liveCounts([aLivePool(here, { desired: 5 })]), [], context())
  assert.deepEqual(lower.states[0]?.pools[0]?.schedule, [])
})

test('a pool whose count the cloud moves keeps its least count while the workload moves', () => {
  const bounds = { ...here, owns: 'bounds', min: 1, desired: 1, max: 9 } as const
  const { states } = phaseFleet(fleet(bounds, there), liveCounts([aLivePool(bounds, { min: 4, desired: 7 })]), [], context())
  assert.deepEqual(states[0]?.pools.map(({ min, max }) => [min, max]), [[4, 9]])
})

test('from any counts to any others, a workload never has less capacity than the smaller of before and after, and arrives', () => {
  const pool = (index: number): DesiredPool => aDesiredPool({ region: `region-${index}`, min: 0, max: 99 })
  const figures = fc.array(fc.record({ live: fc.nat(9), wanted: fc.nat(9) }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(figures, fc.infiniteStream(fc.nat(4)), (pools, boots) => {
      const states = fleet(...pools.map(({ wanted }, index) => ({ ...pool(index), desired: wanted })))
      const enough = Math.min(sum(pools.map(({ live }) => live)), sum(pools.map(({ wanted }) => wanted)))
      let live: readonly LivePool[] = pools.map((figure, index) => aLivePool(pool(index), { desired: figure.live }))
      let records: readonly MoveRecord[] = []
      for (let cycle = 0; cycle < 40; cycle += 1) {
        const phased = phaseFleet(states, liveCounts(live), records, context({ nowSeconds: midnight + cycle * 60 }))
        records = phased.moves.map(({ record }) => record)
        const wanted = new Map(phased.states.flatMap((state) => state.pools.map((one) => [poolName(one), one.desired])))
        live = live.map((one) => {
          const desired = wanted.get(poolName(one)) ?? one.desired
          return { ...one, desired, ready: Math.min(desired, one.ready + (boots.next().value ?? 0)) }
        })
        assert.ok(sum(live.map(({ ready }) => ready)) >= enough)
      }
      assert.deepEqual(live.map(({ desired }) => desired), pools.map(({ wanted }) => wanted))
    }),
  )
})

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
