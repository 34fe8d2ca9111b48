import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { DesiredState } from '../../src/domain/desired-state.ts'
import type { EngineSettings, StackRun, StackTarget } from '../../src/reconcile/engine.ts'
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

  test('one stack that fails leaves the others alone', async () => {
    project.cloud.setFaults({ lostRegions: ['azure/eastus'] })
    const runs = await run('apply', project, targets(states(6)))
    project.cloud.setFaults({ lostRegions: [] })
    assert.deepEqual(runs.map(({ outcome }) => outcome), ['succeeded', 'failed', 'succeeded'])
    const live = project.cloud.liveCounts(threeRegions)
    assert.deepEqual(live.pools.filter(({ option }) => option === 'on-demand').map(({ cloud, desired }) => [cloud, desired]), [['aws', 6], ['azure', 5], ['gcp', 6]])
    assert.deepEqual(
      targets(states(6)).map(({ desired }, index) => judge(desired, live, runs[index], 'waiting')),
      [{ kind: 'requested', waitingFor: 9 }, { kind: 'failed', reason: 'ServiceUnavailable: azure/eastus does not answer' }, { kind: 'requested', waitingFor: 9 }],
    )
  })

  test('a cloud without room leaves the stack short by the nodes that are missing', async () => {
    await project.cloud.advance(900)
    project.cloud.setFaults({ scarce: [{ cloud: 'azure', region: 'eastus', nodes: 0 }] })
    const azure = targets(states(6))[1]
    assert.ok(azure !== undefined)
    const [short] = await run('apply', project, [azure])
    assert.equal(short?.outcome, 'failed')
    const verdict = judge(azure.desired, project.cloud.liveCounts(threeRegions), short, 'waiting')
    assert.equal(verdict.kind, 'short')
    assert.equal(verdict.kind === 'short' && verdict.by, 1)
    project.cloud.setFaults({ scarce: [] })
    assert.deepEqual(told(await run('apply', project, targets(states(6)))), allSucceeded(targets()))
  })

  test('a count that a hand changed is seen by a run that refreshes first, and by that alone', async () => {
    project.cloud.setDesired({ cloud: 'aws', region: 'us-east-1', group: 'web-m7g-xlarge-on-demand' }, 9)
    const [aws] = states(6)
    assert.ok(aws !== undefined)
    const [blind] = await run('preview', project, [project.target(aws, 'no')])
    assert.deepEqual(blind?.steps, [])
    const [seeing] = await run('preview', project, [project.target(aws, 'first')])
    assert.deepEqual(seeing?.steps.map(({ operation, diffs }) => ({ operation, diffs })), [{ operation: 'update', diffs: [{ path: 'desiredCapacity', before: 9, after: 6 }] }])
    await run('apply', project, [project.target(aws, 'first')])
    assert.equal(project.cloud.liveCounts([aws]).pools.find(({ option }) => option === 'on-demand')?.desired, 6)
  })

  test('a group that would be deleted is refused in preview and apply, and stays', async () => {
    const [aws] = states(6)
    assert.ok(aws !== undefined)
    const without = { ...aws, pools: aws.pools.filter(({ option }) => option === 'spot') }
    for (const kind of ['preview', 'apply'] as const) {
      const [refused] = await run(kind, project, [project.target(without)])
      assert.equal(refused?.outcome, 'refused')
      assert.match(refused.failures[0]?.message ?? '', /web-m7g-xlarge-on-demand.*cannot be deleted/s)
    }
    assert.equal(project.cloud.liveCounts([aws]).pools.length, 2)
    const [allowed] = await run('apply', project, [project.target(without)], { deletions: 'allow' })
    assert.equal(allowed?.outcome, 'succeeded')
    assert.deepEqual(project.cloud.liveCounts([aws]).pools.map(({ group }) => group), ['web-m7g-xlarge-spot'])
    await run('apply', project, [project.target(aws)])
  })

  test('a group that would be replaced is refused in preview', async () => {
    const azure = states(6)[1]
    assert.ok(azure !== undefined)
    const moved = { ...azure, pools: azure.pools.map((pool) => ({ ...pool, launch: { ...pool.launch, zones: ['1'] } })) }
    const [refused] = await run('preview', project, [project.target(moved)])
    assert.equal(refused?.outcome, 'refused')
    assert.match(refused.failures[0]?.message ?? '', /unable to replace resource/)
    project.target(azure)
  })

  test('a run that is interrupted while the cloud hangs ends at once and leaves no lock', async () => {
    project.cloud.setFaults({ hang: ['web-m7g-xlarge-on-demand'], hangSeconds: 120 })
    const [aws] = states(7)
    assert.ok(aws !== undefined)
    const abort = new AbortController()
    const started = performance.now()
    const [run1] = await runStacks('apply', [project.target(aws)], project.engine, (event) => event.kind === 'step' && abort.abort(), abort.signal)
    project.cloud.setFaults({ hang: [] })
    assert.equal(run1?.outcome, 'aborted')
    assert.ok(performance.now() - started < 60_000, 'the run waited for the cloud')
    assert.deepEqual(told(await run('apply', project, [project.target(aws, 'first')])), allSucceeded([project.target(aws)]))
    assert.equal(project.cloud.liveCounts([aws]).pools.find(({ option }) => option === 'on-demand')?.desired, 7)
  })

  test('a run past its deadline is ended and named as such', async () => {
    project.cloud.setFaults({ hang: ['web-m7g-xlarge-on-demand'], hangSeconds: 120 })
    const [aws] = states(8)
    assert.ok(aws !== undefined)
    const [late] = await run('apply', project, [project.target(aws)], { deadlineSeconds: 8 })
    project.cloud.setFaults({ hang: [] })
    assert.equal(late?.outcome, 'aborted')
    assert.match(late.failures.at(-1)?.message ?? '', /took longer than 8 s/)
    await run('apply', project, [project.target(aws, 'first')])
  })

  test('destroy is refused while groups are protected, and removes them when deletions are allowed', async () => {
    assert.deepEqual((await run('destroy', project, targets())).map(({ outcome }) => outcome), ['refused', 'refused', 'refused'])
    assert.equal(project.cloud.liveCounts(threeRegions).pools.length, 6)
    assert.deepEqual(told(await run('destroy', project, targets(), { deletions: 'allow' })), allSucceeded(targets()))
    assert.equal(project.cloud.liveCounts(threeRegions).pools.length, 0)
  })
})
