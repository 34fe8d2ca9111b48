import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { DesiredState } from '../../src/domain/desired-state.ts'
import type { EngineSettings, StackEvent, StackRun, StackTarget } from '../../src/reconcile/engine.ts'
import { judge } from '../../src/reconcile/judge.ts'
import { runStacks } from '../../src/reconcile/run-stacks.ts'
import { anEngineProject, aRegionPool, aRegionState, threeRegions, type EngineProject } from './engine-project.ts'

const day = [
  { minuteOfDay: 480, min: 1, desired: 3, max: 10 },
  { minuteOfDay: 1200, min: 1, desired: 2, max: 10 },
]
const states = (desired = 3): readonly DesiredState[] =>
  threeRegions.map((region) =>
    aRegionState(region, [
      aRegionPool(region, { desired }),
      aRegionPool(region, { option: 'spot', schedule: day, launch: { ...aRegionPool(region).launch } }),
    ]),
  )

async function run(kind: 'preview' | 'apply' | 'refresh' | 'destroy', project: EngineProject, targets: readonly StackTarget[], change: Partial<EngineSettings> = {}) {
  return runStacks(kind, targets, { ...project.engine, ...change }, () => {}, AbortSignal.timeout(280_000))
}

const told = (runs: readonly StackRun[]) => runs.map(({ stack, outcome, failures }) => ({ stack, outcome, failures }))
const allSucceeded = (targets: readonly StackTarget[]) => targets.map(({ stack }) => ({ stack, outcome: 'succeeded', failures: [] }))

describe('the engine on simulated clouds', { concurrency: false }, () => {
  let project: EngineProject
  const targets = (list = states()): StackTarget[] => list.map((state) => project.target(state))
  before(async () => {
    project = await anEngineProject()
  })
  after(() => project.remove())

  test('a first apply creates the groups of three clouds, each with its counts', async () => {
    const runs = await run('apply', project, targets())
    assert.deepEqual(told(runs), allSucceeded(targets()))
    const live = project.cloud.liveCounts(threeRegions)
    assert.deepEqual(
      live.pools.map(({ cloud, option, workload, desired }) => ({ cloud, option, workload, desired })),
      threeRegions.flatMap(({ cloud }) => (['on-demand', 'spot'] as const).map((option) => ({ cloud, option, workload: 'web', desired: 3 }))),
    )
  })

  test('a second apply changes nothing', async () => {
    const runs = await run('apply', project, targets())
    assert.deepEqual(runs.map(({ changes }) => changes.created + changes.updated + changes.replaced + changes.deleted), [0, 0, 0])
    assert.deepEqual(runs.map(({ steps }) => steps), [[], [], []])
  })

  test('pulumi preview from a shell finds no change after an apply', async () => {
    for (const { stack } of targets()) {
      const { stdout, code } = await project.shell('preview', '--expect-no-changes', '--non-interactive', '-s', stack)
      assert.equal(code, 0, stdout)
    }
  })

  test('changed counts update the groups that have them and nothing else', async () => {
    const runs = await run('apply', project, targets(states(5)))
    assert.deepEqual(
      runs.map(({ steps }) => steps.map(({ type, operation, diffs }) => ({ type, operation, diffs }))),
      [
        [{ type: 'aws:autoscaling/group:Group', operation: 'update', diffs: [{ path: 'desiredCapacity', before: 3, after: 5 }] }],
        [{ type: 'azure-native:compute:VirtualMachineScaleSet', operation: 'update', diffs: [{ path: 'sku.capacity', before: 3, after: 5 }] }],
        [{ type: 'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager', operation: 'update', diffs: [{ path: 'targetSize', before: 3, after: 5 }] }],
      ],
    )
  })
})
