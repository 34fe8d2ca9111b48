import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { projectStatus } from '../../src/app/status.ts'
import { applyStep } from '../../src/app/steps/apply-step.ts'
import { observeStep } from '../../src/app/steps/observe-step.ts'
import { minutesPerDay } from '../../src/domain/schedule.ts'
import { createResource } from '../../src/sandbox/cloud-calls.ts'
import { StateFolder } from '../../src/sandbox/state-folder.ts'
import { allRegions, anAppProject, aPool, type AppProject, applyAll, aState, ireland, virginia } from './app-project.ts'

suite('what prescale owns of a pool on which an autoscaler acts', { concurrency: false }, () => {
  let site: AppProject
  const [owned, bounded] = [aPool(virginia, 4, 0), aPool(virginia, 3, 0, { type: 'c6i.2xlarge', owns: 'bounds', min: 2, max: 40 })]
  const scheduled = aPool(ireland, 3, 0, { owns: 'schedule', min: 1, max: 20 })
  const live = (pool: { readonly group: string }) => site.cloud.liveCounts(allRegions).pools.find(({ group, region }) => group === pool.group && (pool === scheduled) === (region === 'eu-west-1'))
  /** A target-tracking policy of the team's own. */
  const follow = (group: string): void =>
    new StateFolder(join(site.directory, '.prescale', 'sandbox'), () => 0).change((state, world) => {
      createResource(
        state,
        world,
        'aws:autoscaling/policy:Policy',
        {
          name: `${group}-cpu`, region: 'us-east-1', autoscalingGroupName: group, policyType: 'TargetTrackingScaling',
          targetTrackingConfiguration: { predefinedMetricSpecification: { predefinedMetricType: 'ASGAverageCPUUtilization' }, targetValue: 10 },
        },
        { region: 'us-east-1', project: 'sandbox' },
      )
    })
  const plan = (minuteOfDay: number): void => {
    const schedule = [minuteOfDay, (minuteOfDay + 720) % minutesPerDay].sort((a, b) => a - b).map((minute) => ({ minuteOfDay: minute, min: 1, desired: minute === minuteOfDay ? 7 : 3, max: 20 }))
    site.plan(...allRegions.map((region) => aState(region, region === virginia ? [bounded, owned] : region === ireland ? [{ ...scheduled, schedule }] : [])))
  }

  before(async () => {
    site = await anAppProject()
    plan((Math.floor(site.cloud.now() / 60) + 120) % minutesPerDay)
    await observeStep(site.project, await applyStep(site.project, applyAll))
    assert.deepEqual([live(owned)?.desired, live(bounded)?.desired, live(scheduled)?.desired], [4, 3, 3])
  })
  after(() => site[Symbol.asyncDispose]())

  test('bounds: the count is the autoscaler’s within them; it is no drift, and a cycle leaves it alone', async () => {
    follow(bounded.group)
    await site.cloud.advance(1800)
    const moved = live(bounded)?.desired ?? 0
    assert.ok(moved > 3 && moved <= 40, String(moved))
    assert.deepEqual((await applyStep(site.project, applyAll)).flatMap(({ run }) => run ?? []), [])
    assert.equal(live(bounded)?.desired, moved)
    assert.deepEqual((await projectStatus(site.project)).drifts, [])
  })

  test('schedule: a hand may move the count, and at its minute the cloud does as planned', async () => {
    site.cloud.setDesired({ ...ireland, group: scheduled.group }, 5)
    assert.deepEqual((await applyStep(site.project, applyAll)).flatMap(({ run }) => run ?? []), [])
    assert.equal(live(scheduled)?.desired, 5)
    await site.cloud.advance(7200)
    assert.equal(live(scheduled)?.desired, 7)
  })

  test('count: a foreign autoscaler is found and named, what it raised is told and left', async () => {
    follow(owned.group)
    await site.cloud.advance(1800)
    const raised = live(owned)?.desired ?? 0
    assert.ok(raised > 4, String(raised))
    const { drifts, autoscalers } = await projectStatus(site.project)
    assert.deepEqual(drifts.map((drift) => [drift.subject, drift.cause, 'autoscaler' in drift && drift.autoscaler]), [['aws/us-east-1/web/m7g.xlarge/on-demand', 'autoscaler', `${owned.group}-cpu`]])
    assert.ok(autoscalers.some(({ autoscaler }) => autoscaler === `${owned.group}-cpu`))
    await applyStep(site.project, applyAll)
    assert.equal(live(owned)?.desired, raised)
  })
})
