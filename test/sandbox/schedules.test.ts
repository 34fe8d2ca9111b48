import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createResource, deleteResource, updateResource } from '../../src/sandbox/cloud-calls.ts'
import { lastCronSeconds, nextCronSeconds } from '../../src/sandbox/cron-times.ts'
import type { Inputs } from '../../src/sandbox/inputs.ts'
import { autoscalerToken, Clouds, day, hour, monday, scheduleToken, scope, settingToken, withAwsGroup, withAzureGroup, withGcpGroup, aWorld } from './a-world.ts'

/** Every instant, minute by minute, at which the group's count differs from the minute before. */
function moves(clouds: Clouds, minutes: number): { readonly at: number; readonly desired: number }[] {
  const seen: { at: number; desired: number }[] = []
  let last = clouds.group().desired
  for (let minute = 1; minute <= minutes; minute += 1) {
    clouds.advance(60)
    if (clouds.group().desired !== last) seen.push({ at: (clouds.state.nowSeconds - monday) / 60, desired: clouds.group().desired })
    last = clouds.group().desired
  }
  return seen
}

function scheduled(over: Inputs): Inputs {
  return { scheduledActionName: 'action', region: 'us-east-1', autoscalingGroupName: 'web', minSize: 0, maxSize: 50, desiredCapacity: 9, ...over }
}

const clock = (dayOfWeek: number, hours: number, minutes: number): number => dayOfWeek * 1440 + hours * 60 + minutes

test('daily scheduled actions of AWS move the count at their minute on each of three days', () => {
  const clouds = withAwsGroup()
  clouds.create(scheduleToken, scheduled({ scheduledActionName: 'up', recurrence: '47 8 * * *' }))
  clouds.create(scheduleToken, scheduled({ scheduledActionName: 'down', recurrence: '3 19 * * *', desiredCapacity: 2 }))
  assert.deepEqual(
    moves(clouds, 3 * 1440),
    [0, 1, 2].flatMap((date) => [
      { at: clock(date, 8, 47), desired: 9 },
      { at: clock(date, 19, 3), desired: 2 },
    ]),
  )
})

test('a scheduled action sets bounds and count, and -1 leaves each as it is', () => {
  const clouds = withAwsGroup()
  clouds.create(scheduleToken, scheduled({ recurrence: '0 1 * * *', minSize: -1, maxSize: 20, desiredCapacity: -1 }))
  clouds.advance(2 * hour)
  const { min, desired, max } = clouds.group()
  assert.deepEqual({ min, desired, max }, { min: 0, desired: 3, max: 20 })
})

test('a recurrence in New York is five hours behind UTC in January and four in July', () => {
  const july = monday + 168 * day
  for (const [start, utcHour] of [[monday, 14], [july, 13]] as const) {
    const clouds = withAwsGroup(new Clouds(aWorld({ startSeconds: start })))
    clouds.create(scheduleToken, scheduled({ recurrence: '0 9 * * *', timeZone: 'America/New_York' }))
    clouds.advance(utcHour * hour - 1)
    assert.equal(clouds.group().desired, 3)
    clouds.advance(1)
    assert.equal(clouds.group().desired, 9)
  }
})

test('an action with a start time and no recurrence acts once', () => {
  const clouds = withAwsGroup()
  clouds.create(scheduleToken, scheduled({ startTime: '2026-01-26T02:30:00Z' }))
  assert.deepEqual(moves(clouds, 2 * 1440), [{ at: 150, desired: 9 }])
})

test('a recurrence acts only between its start and end times', () => {
  const clouds = withAwsGroup()
  clouds.create(scheduleToken, scheduled({ recurrence: '0 6 * * *', startTime: '2026-01-27T00:00:00Z', endTime: '2026-01-27T12:00:00Z' }))
  assert.deepEqual(moves(clouds, 2 * 1440), [{ at: clock(1, 6, 0), desired: 9 }])
  clouds.group().desired = 3
  assert.deepEqual(moves(clouds, 2 * 1440), [])
})

test('a start time in the past, counts that fall and a cron that cannot be read are refused by AWS', () => {
  const clouds = withAwsGroup()
  assert.throws(() => clouds.create(scheduleToken, scheduled({ startTime: '2025-01-01T00:00:00Z' })), /ValidationError: .*in the past/)
  assert.throws(() => clouds.create(scheduleToken, scheduled({ scheduledActionName: 'b', recurrence: '0 6 * * *', minSize: 10 })), /must not fall: 10, 9, 50/)
  assert.throws(() => clouds.create(scheduleToken, scheduled({ scheduledActionName: 'c', recurrence: '61 6 * * *' })), /recurrence string: 61 6 \* \* \* is invalid/)
  assert.throws(() => clouds.create(scheduleToken, scheduled({ scheduledActionName: 'd', recurrence: '0 6 * * *', autoscalingGroupName: 'other' })), /name not found: other/)
})

test('an action that is deleted, or whose group is, acts no more', () => {
  const clouds = withAwsGroup()
  const { id } = clouds.create(scheduleToken, scheduled({ recurrence: '0 6 * * *' }))
  deleteResource(clouds.state, clouds.world, scheduleToken, id, scheduled({ recurrence: '0 6 * * *' }), scope)
  clouds.advance(day)
  assert.equal(clouds.group().desired, 3)
})

const policy = (over: Inputs = {}): Inputs => ({
  name: 'web',
  region: 'us-central1',
  target: 'projects/sandbox/regions/us-central1/instanceGroupManagers/web',
  autoscalingPolicy: {
    minReplicas: 2,
    maxReplicas: 20,
    scalingSchedules: [{ name: 'day', schedule: '32 8 * * *', durationSec: 4 * hour, minRequiredReplicas: 12, timeZone: 'Etc/UTC' }],
    ...over,
  },
})

test('a scaling schedule of GCP raises at its minute, and gives back at the second step after it closes, on each day', () => {
  const clouds = withGcpGroup(new Clouds(), { targetSize: 2 })
  clouds.create(autoscalerToken, policy())
  assert.deepEqual(
    moves(clouds, 2 * 1440),
    [0, 1].flatMap((date) => [
      { at: clock(date, 8, 32), desired: 12 },
      { at: clock(date, 12, 40), desired: 2 },
    ]),
  )
})

test('of scaling schedules that are open at once the largest counts, and never more than maxReplicas', () => {
  const clouds = withGcpGroup(new Clouds(), { targetSize: 2 })
  clouds.create(
    autoscalerToken,
    policy({
      maxReplicas: 10,
      scalingSchedules: [
        { name: 'low', schedule: '0 1 * * *', durationSec: 3 * hour, minRequiredReplicas: 6 },
        { name: 'high', schedule: '0 2 * * *', durationSec: hour, minRequiredReplicas: 30 },
        { name: 'off', schedule: '0 1 * * *', durationSec: 3 * hour, minRequiredReplicas: 9, disabled: true },
      ],
    }),
  )
  assert.deepEqual(moves(clouds, 5 * 60), [
    { at: 60, desired: 6 },
    { at: 120, desired: 10 },
    { at: 185, desired: 6 },
    { at: 245, desired: 2 },
  ])
})

test('windows that follow one another hold the count of the one that is open, without a dip between them', () => {
  const clouds = withGcpGroup(new Clouds(), { targetSize: 2 })
  const hours = [5, 7, 4, 6]
  clouds.create(
    autoscalerToken,
    policy({ scalingSchedules: hours.map((replicas, index) => ({ name: `at-${index}`, schedule: `0 ${index * 6} * * *`, durationSec: 6 * hour, minRequiredReplicas: replicas })) }),
  )
  assert.equal(clouds.group().desired, 5)
  assert.deepEqual(moves(clouds, 1440), [
    { at: 360, desired: 7 },
    { at: 725, desired: 4 },
    { at: 1080, desired: 6 },
  ])
})

test('an autoscaler that is off or only goes up does not give nodes back', () => {
  for (const [mode, expected] of [['OFF', 3], ['ONLY_UP', 12]] as const) {
    const clouds = withGcpGroup(new Clouds(), { targetSize: 3 })
    clouds.create(autoscalerToken, policy({ mode }))
    clouds.advance(day)
    assert.equal(clouds.group().desired, expected)
  }
})

test('an outside hand that takes nodes below an open schedule is corrected at once', () => {
  const clouds = withGcpGroup(new Clouds(), { targetSize: 2 })
  clouds.create(autoscalerToken, policy())
  clouds.advance(9 * hour)
  const before = { name: 'web', region: 'us-central1', baseInstanceName: 'web', versions: [{ instanceTemplate: 'web' }], targetSize: 12 }
  updateResource(clouds.state, clouds.world, 'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager', 'projects/sandbox/regions/us-central1/instanceGroupManagers/web', before, { ...before, targetSize: 1 }, scope)
  assert.equal(clouds.group().desired, 12)
})

function profile(count: number, at: readonly [number, number] | undefined): Inputs {
  return {
    name: at === undefined ? 'default' : `at-${at.join('')}`,
    capacity: { minimum: String(count), maximum: String(count), default: String(count) },
    rules: [],
    ...(at !== undefined && {
      recurrence: {
        frequency: 'Week',
        schedule: { timeZone: 'UTC', days: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'], hours: [at[0]], minutes: [at[1]] },
      },
    }),
  }
}

const setting = (scaleSet: string, profiles: readonly Inputs[]): Inputs => ({
  autoscaleSettingName: 'web',
  resourceGroupName: 'sandbox',
  location: 'eastus',
  enabled: true,
  targetResourceUri: scaleSet,
  profiles,
})

test('recurring profiles of Azure hold the count from their minute to that of the next, day after day', () => {
  const { clouds, scaleSet } = withAzureGroup()
  clouds.create(settingToken, setting(scaleSet, [profile(3, undefined), profile(9, [8, 47]), profile(2, [19, 3])]))
  // Before the first start of the week, the last one of the week before holds: Sunday, 19:03.
  assert.equal(clouds.group().desired, 2)
  assert.deepEqual(
    moves(clouds, 3 * 1440),
    [0, 1, 2].flatMap((date) => [
      { at: clock(date, 8, 47), desired: 9 },
      { at: clock(date, 19, 3), desired: 2 },
    ]),
  )
})

test('a fixed date goes before recurring profiles and ends by itself', () => {
  const { clouds, scaleSet } = withAzureGroup()
  const fixed = { ...profile(14, undefined), name: 'launch', fixedDate: { timeZone: 'UTC', start: '2026-01-26T10:00:00Z', end: '2026-01-26T12:00:00Z' } }
  clouds.create(settingToken, setting(scaleSet, [profile(3, undefined), profile(9, [8, 0]), fixed]))
  assert.deepEqual(moves(clouds, 1440), [
    { at: 600, desired: 14 },
    { at: 720, desired: 9 },
  ])
})

test('a setting that is not enabled moves nothing', () => {
  const { clouds, scaleSet } = withAzureGroup()
  clouds.create(settingToken, { ...setting(scaleSet, [profile(9, undefined)]), enabled: false })
  clouds.advance(day)
  assert.equal(clouds.group().desired, 3)
})

test('the next firing of a cron expression is the first minute after an instant that matches it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 23 }), fc.integer({ min: monday, max: monday + 14 * day }), (minute, hours, after) => {
      const next = nextCronSeconds(`${minute} ${hours} * * *`, 'UTC', after) ?? 0
      assert.ok(next > after && next <= after + day)
      assert.equal((next - monday) % day, hours * hour + minute * 60)
      assert.equal(lastCronSeconds(`${minute} ${hours} * * *`, 'UTC', next, day), next)
    }),
  )
})

test('groups of one name in two regions have each their own schedule', () => {
  const clouds = withAwsGroup()
  withAwsGroup(clouds, { region: 'eu-west-1', availabilityZones: ['eu-west-1a'] }, { region: 'eu-west-1' })
  createResource(clouds.state, clouds.world, scheduleToken, scheduled({ region: 'eu-west-1', recurrence: '0 1 * * *' }), scope)
  clouds.advance(2 * hour)
  assert.deepEqual(Object.values(clouds.state.groups).map(({ region, desired }) => [region, desired]), [['us-east-1', 3], ['eu-west-1', 9]])
})
