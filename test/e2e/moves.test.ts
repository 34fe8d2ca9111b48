import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { applyStep, type StackApplied } from '../../src/app/steps/apply-step.ts'
import { observeStep } from '../../src/app/steps/observe-step.ts'
import { previewStep } from '../../src/app/steps/preview-step.ts'
import { seeThrough } from '../../src/app/steps/see-through.ts'
import type { RegionKey } from '../../src/domain/pool.ts'
import { stackName } from '../../src/domain/pool.ts'
import { allRegions, anAppProject, aPool, type AppProject, applyAll, aState, azureEast, iowa, ireland, virginia } from './app-project.ts'

const minuteSeconds = 60

suite('a workload that moves between regions and clouds', { concurrency: false }, () => {
  let site: AppProject
  const nodes = new Map<string, number>()
  /** Plans so many nodes in each region; regions that are not named keep what they have. */
  const plan = (wanted: readonly (readonly [RegionKey, number])[]): void => {
    for (const region of allRegions) {
      const was = nodes.get(stackName(region))
      const next = wanted.find(([one]) => one === region)?.[1] ?? was
      site.plan(aState(region, next === undefined ? [] : [aPool(region, next, was ?? 0)]))
      if (next !== undefined) nodes.set(stackName(region), next)
    }
  }
  const live = () => site.cloud.liveCounts(allRegions).pools
  const desired = () => Object.fromEntries(live().map((pool) => [pool.region, pool.desired]))
  const ready = () => live().reduce((sum, pool) => sum + pool.ready, 0)
  const ran = (applied: readonly StackApplied[]) => applied.flatMap(({ stack, run }) => (run === undefined ? [] : [stack]))
  /** Lets minutes pass. @returns nodes that served at the end of each */
  const minutes = async (count: number): Promise<readonly number[]> => {
    const trace: number[] = []
    for (let minute = 0; minute < count; minute += 1) {
      await site.cloud.advance(minuteSeconds)
      trace.push(ready())
    }
    return trace
  }
  const need = 6

  before(async () => {
    site = await anAppProject()
    plan([[virginia, need]])
    await observeStep(site.project, await applyStep(site.project, applyAll))
    assert.equal(ready(), need)
  })
  after(() => site[Symbol.asyncDispose]())

  test('cycles that do not wait move it one phase at a time, and it never has fewer nodes than it needs', async () => {
    plan([[virginia, 0], [iowa, need]])
    const previews = await previewStep(site.project, undefined)
    assert.deepEqual(previews.flatMap(({ run, need: { stack } }) => (run === undefined ? [] : [stack])), ['shop.gcp-us-central1'])
    assert.deepEqual(previews.flatMap(({ waits }) => waits), ['web: 6 nodes to be lowered stay until 6 more nodes are ready'])
    assert.deepEqual(previews.flatMap(({ planned }) => planned.pools.map((pool) => pool.desired)), [0, need], 'a reviewer sees all that is planned')
    const first = await applyStep(site.project, applyAll)
    assert.deepEqual(desired(), { 'us-east-1': need, 'us-central1': need })
    assert.deepEqual(ran(first), ['shop.gcp-us-central1'])
    assert.deepEqual(first.flatMap(({ waits }) => waits), ['web: 6 nodes to be lowered stay until 6 more nodes are ready'])
    const trace = [...(await minutes(1))]
    const waiting = await applyStep(site.project, applyAll)
    assert.deepEqual([ran(waiting), waiting.map(({ verdict }) => verdict.kind)], [[], ['unchanged', 'unchanged', 'requested', 'unchanged']])
    trace.push(...(await minutes(9)))
    const last = await applyStep(site.project, applyAll)
    assert.deepEqual(ran(last), ['shop.aws-us-east-1'])
    trace.push(...(await minutes(10)))
    assert.deepEqual(desired(), { 'us-east-1': 0, 'us-central1': need })
    assert.ok(Math.min(...trace) >= need, `nodes that served, by minute: ${trace.join(' ')}`)
    assert.ok(Math.max(...trace) === 2 * need)
  })

  test('afterwards nothing is left to do', async () => {
    const applied = await applyStep(site.project, applyAll)
    assert.deepEqual([ran(applied), applied.map(({ verdict }) => verdict.kind)], [[], ['unchanged', 'unchanged', 'unchanged', 'unchanged']])
  })

  test('a cycle that may wait moves it in one go', async () => {
    plan([[iowa, 0], [ireland, 4], [azureEast, 2]])
    const { applied, waitedSeconds } = await seeThrough(site.project, applyAll, await observeStep(site.project, await applyStep(site.project, applyAll)))
    assert.deepEqual(applied.map(({ verdict, waits }) => [verdict.kind, waits]), [['unchanged', []], ['reached', []], ['reached', []], ['reached', []]])
    assert.deepEqual(desired(), { 'us-east-1': 0, 'eu-west-1': 4, 'us-central1': 0, eastus: 2 })
    assert.ok(waitedSeconds > 0 && waitedSeconds <= 900, String(waitedSeconds))
  })

  test('an apply that only raises, and one that only lowers, each run the engine once and wait for nothing', async () => {
    plan([[ireland, 6]])
    const raised = await applyStep(site.project, applyAll)
    assert.deepEqual([ran(raised), raised.flatMap(({ waits }) => waits)], [['shop.aws-eu-west-1'], []])
    await minutes(10)
    plan([[ireland, 4]])
    const lowered = await applyStep(site.project, applyAll)
    assert.deepEqual([ran(lowered), lowered.flatMap(({ waits }) => waits)], [['shop.aws-eu-west-1'], []])
    assert.equal(desired()['eu-west-1'], 4)
    await minutes(10)
  })

  test('where the new region has no room, what was to be lowered stays, and it is told', async () => {
    site.cloud.setFaults({ scarce: [{ ...virginia, nodes: 1 }] })
    plan([[ireland, 0], [virginia, 4]])
    await applyStep(site.project, applyAll)
    const trace = await minutes(12)
    const late = await applyStep(site.project, applyAll)
    assert.deepEqual(desired(), { 'us-east-1': 4, 'eu-west-1': 4, 'us-central1': 0, eastus: 2 })
    assert.ok(Math.min(...trace) >= need, trace.join(' '))
    assert.deepEqual(late.map(({ verdict }) => verdict)[1], { kind: 'held', reason: 'web: 4 nodes to be lowered stay until 3 more nodes are ready, which are late' })
  })

  test('when there is room again, the move goes on from what the store knows', async () => {
    site.cloud.setFaults({ scarce: [] })
    const trace = [...(await minutes(10))]
    assert.deepEqual(ran(await applyStep(site.project, applyAll)), ['shop.aws-eu-west-1'])
    trace.push(...(await minutes(10)))
    assert.deepEqual(desired(), { 'us-east-1': 4, 'eu-west-1': 0, 'us-central1': 0, eastus: 2 })
    assert.ok(Math.min(...trace) >= need, trace.join(' '))
  })
})
