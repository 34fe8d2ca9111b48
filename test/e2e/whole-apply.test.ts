import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { DesiredState } from '../../src/domain/desired-state.ts'
import type { StackRun, StackTarget } from '../../src/reconcile/engine.ts'
import { runStacks } from '../../src/reconcile/run-stacks.ts'
import { anEngineProject, aRegionPool, aRegionState, type EngineProject, threeRegions } from './engine-project.ts'

const hourly = Array.from({ length: 24 }, (_, hour) => ({ minuteOfDay: 60 * hour, min: 5, desired: 5, max: 10 }))

suite('an apply as a whole', { concurrency: false }, () => {
  let project: EngineProject
  const apply = async (targets: readonly StackTarget[]): Promise<readonly StackRun[]> => runStacks('apply', targets, project.engine, () => {}, AbortSignal.timeout(280_000))
  const counts = () => project.cloud.liveCounts(threeRegions).pools.map(({ cloud, option, desired }) => `${cloud} ${option} ${desired}`)
  const states = (desired: number, spot: number, schedule = hourly): readonly DesiredState[] =>
    threeRegions.map((region) => aRegionState(region, [aRegionPool(region, { desired, schedule }), aRegionPool(region, { option: 'spot', desired: spot })]))

  before(async () => {
    project = await anEngineProject()
    await apply(states(5, 2).map((state) => project.target(state)))
    assert.deepEqual(counts(), ['aws on-demand 5', 'aws spot 2', 'azure on-demand 5', 'azure spot 2', 'gcp on-demand 5', 'gcp spot 2'])
  })
  after(() => project.remove())

  test('one that would delete a group makes none of its other changes', async () => {
    const targets = states(5, 4).map((state): StackTarget => ({ ...project.target({ ...state, pools: state.pools.filter(({ option }) => option === 'spot') }), look: 'first' }))
    const runs = await apply(targets)
    assert.deepEqual(runs.map(({ outcome, changes }) => [outcome, changes.updated + changes.created + changes.deleted]), [['refused', 0], ['refused', 0], ['refused', 0]])
    assert.match(runs[0]?.failures[0]?.message ?? '', /web-m7g-xlarge-on-demand.*cannot be deleted/s)
    assert.deepEqual(counts(), ['aws on-demand 5', 'aws spot 2', 'azure on-demand 5', 'azure spot 2', 'gcp on-demand 5', 'gcp spot 2'])
  })

  test('one that would replace a group makes none of its other changes', async () => {
    const [, azure] = states(5, 4)
    assert.ok(azure !== undefined)
    const moved = { ...azure, pools: azure.pools.map((pool) => (pool.option === 'on-demand' ? { ...pool, launch: { ...pool.launch, zones: ['1'] } } : pool)) }
    const [run] = await apply([{ ...project.target(moved), look: 'first' }])
    assert.equal(run?.outcome, 'refused')
    assert.ok(counts().includes('azure spot 2'), counts().join(', '))
  })

  test('a pool that loses its schedule and is lowered has its new count after one apply, in every cloud', async () => {
    const runs = await apply(states(2, 2, []).map((state) => project.target(state)))
    assert.deepEqual(runs.map(({ outcome }) => outcome), ['succeeded', 'succeeded', 'succeeded'])
    assert.deepEqual(counts(), ['aws on-demand 2', 'aws spot 2', 'azure on-demand 2', 'azure spot 2', 'gcp on-demand 2', 'gcp spot 2'])
    assert.deepEqual(runs.map(({ changes }) => [changes.updated > 0, changes.deleted > 0]), [[true, true], [true, true], [true, true]])
  })

  test('afterwards the engine finds nothing to change', async () => {
    const runs = await apply(states(2, 2, []).map((state) => project.target(state, 'first')))
    assert.deepEqual(runs.map(({ changes }) => changes.created + changes.updated + changes.deleted), [0, 0, 0])
  })
})
