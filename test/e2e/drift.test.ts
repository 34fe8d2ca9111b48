import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { projectStatus } from '../../src/app/status.ts'
import { readAudit } from '../../src/app/audit.ts'
import { applyStep, type StackApplied } from '../../src/app/steps/apply-step.ts'
import { observeStep } from '../../src/app/steps/observe-step.ts'
import { allRegions, anAppProject, aPool, type AppProject, applyAll, aState, azureEast, iowa, virginia } from './app-project.ts'

suite('what others change in the clouds', { concurrency: false }, () => {
  let site: AppProject
  const counts = () => site.cloud.liveCounts(allRegions).pools.map(({ desired }) => desired)
  const drifts = async () => (await projectStatus(site.project)).drifts.map(({ subject, cause, live }) => `${subject} ${live} ${cause}`)
  const ran = (applied: readonly StackApplied[]) => applied.flatMap(({ stack, run }) => (run === undefined ? [] : [stack]))
  const pools = [virginia, iowa, azureEast].map((region) => aPool(region, 4, 0))
  const byHand = (count: number): void => {
    for (const pool of pools) site.cloud.setDesired(pool, count)
  }

  /** The same plan, made on so many nodes in each pool. */
  const plan = (was: number): void =>
    site.plan(...allRegions.map((region) => aState(region, pools.filter((pool) => pool.region === region.region).map((pool) => ({ ...pool, was })))))

  before(async () => {
    site = await anAppProject()
    plan(0)
    await observeStep(site.project, await applyStep(site.project, applyAll))
    plan(4)
    assert.deepEqual(counts(), [4, 4, 4])
  })
  after(() => site[Symbol.asyncDispose]())

  test('a raise by hand is told and stays, cycle after cycle', async () => {
    byHand(7)
    assert.deepEqual(await drifts(), [
      'aws/us-east-1/web/m7g.xlarge/on-demand 7 unknown',
      'azure/eastus/web/Standard_D4as_v4/on-demand 7 unknown',
      'gcp/us-central1/web/n2d-standard-4/on-demand 7 unknown',
    ])
    const applied = await applyStep(site.project, applyAll)
    assert.deepEqual(applied.map(({ drifts: told }) => told.length), [1, 0, 1, 1])
    await site.cloud.advance(3600)
    assert.deepEqual(ran(await applyStep(site.project, applyAll)), [])
    assert.deepEqual(counts(), [7, 7, 7])
    assert.deepEqual((await drifts()).map((line) => line.split(' ').at(-1)), ['hand', 'hand', 'hand'])
  })

  test('it is written to the audit once', async () => {
    const entries = (await readAudit(site.project, 50)).filter(({ kind }) => kind === 'drift')
    assert.deepEqual(entries.map(({ what }) => what), [
      'aws/us-east-1/web/m7g.xlarge/on-demand: count is 7, wanted 4, changed by someone else',
      'azure/eastus/web/Standard_D4as_v4/on-demand: count is 7, wanted 4, changed by someone else',
      'gcp/us-central1/web/n2d-standard-4/on-demand: count is 7, wanted 4, changed by someone else',
    ])
  })

  test('a repair lowers it to the plan, and then nothing is left to tell', async () => {
    await applyStep(site.project, { ...applyAll, drift: 'repair' })
    assert.deepEqual([counts(), await drifts()], [[4, 4, 4], []])
  })

  test('what others lowered is raised again by the next plan, without being asked', async () => {
    byHand(1)
    // the auto scaling group's own least count is the plan's
    assert.deepEqual((await drifts()).map((line) => line.split('/')[0]), ['azure', 'gcp'])
    plan(1)
    await applyStep(site.project, applyAll)
    assert.deepEqual([counts(), await drifts()], [[4, 4, 4], []])
  })
})
