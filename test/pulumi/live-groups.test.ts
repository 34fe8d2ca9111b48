import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FoundResource, LiveGroup, Properties } from '../../src/pulumi/found-resource.ts'
import { liveGroups } from '../../src/pulumi/live-groups.ts'
import { autoscaleInputs } from '../../src/pulumi/azure/inputs.ts'
import { autoscalerInputs } from '../../src/pulumi/gcp/inputs.ts'
import { aDesiredPool, midnight } from '../support/a-desired-state.ts'

const manager = (properties: Properties): FoundResource => ({
  type: 'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager',
  properties,
})
const autoscaler = (properties: Properties): FoundResource => ({ type: 'gcp:compute/regionAutoscaler:RegionAutoscaler', properties })
const scaleSet = (properties: Properties): FoundResource => ({ type: 'azure-native:compute:VirtualMachineScaleSet', properties })
const setting = (properties: Properties): FoundResource => ({ type: 'azure-native:monitor:AutoscaleSetting', properties })
const at = (time: string): number => Date.parse(`2026-01-28T${time}:00Z`) / 1000

const schedule = [
  { minuteOfDay: 480, min: 2, desired: 4, max: 9 },
  { minuteOfDay: 1200, min: 1, desired: 3, max: 9 },
]

test('an auto scaling group holds all three counts, also written as text', () => {
  const group = { type: 'aws:autoscaling/group:Group', properties: { name: 'web', minSize: 1, desiredCapacity: '4', maxSize: 10 } }
  const template = { type: 'aws:ec2/launchTemplate:LaunchTemplate', properties: { name: 'web' } }
  assert.deepEqual(liveGroups('aws', [group, template], midnight), [{ group: 'web', min: 1, desired: 4, max: 10 }])
})

test('a count that is missing or absurd is a fault, never 0', () => {
  for (const count of [undefined, null, '', 'many', -1, 2.5, Number.NaN]) {
    assert.throws(() => liveGroups('gcp', [manager({ name: 'web', targetSize: count })], midnight), TypeError, String(count))
    assert.throws(() => liveGroups('azure', [scaleSet({ name: 'web', sku: { capacity: count } })], midnight), TypeError, String(count))
  }
  assert.throws(() => liveGroups('azure', [scaleSet({ name: 'web' })], midnight), TypeError)
})

test('groups that nothing scales are bound by their cloud alone', () => {
  assert.deepEqual(liveGroups('gcp', [manager({ name: 'web', targetSize: 3 })], midnight), [
    { group: 'web', min: 0, desired: 3, max: 2000 },
  ])
  assert.deepEqual(liveGroups('azure', [scaleSet({ name: 'web', sku: { capacity: 3 } })], midnight), [
    { group: 'web', min: 0, desired: 3, max: 1000 },
  ])
})

test('on Google the schedule that is open raises the lower bound, over midnight too', () => {
  const pool = aDesiredPool({ cloud: 'gcp', group: 'web', owns: 'bounds', min: 1, desired: 3, max: 9, schedule })
  const target = 'https://www.googleapis.com/compute/v1/projects/p/regions/r/instanceGroupManagers/web'
  const found = [
    manager({ name: 'web', targetSize: 5 }),
    manager({ name: 'webs', targetSize: 6 }),
    autoscaler({ ...autoscalerInputs(pool), target }),
  ]
  const bounds = (time: string): readonly LiveGroup[] => liveGroups('gcp', found, at(time))
  assert.deepEqual(bounds('07:59')[0], { group: 'web', min: 1, desired: 5, max: 9 })
  assert.deepEqual(bounds('08:00')[0], { group: 'web', min: 2, desired: 5, max: 9 })
  assert.deepEqual(bounds('19:59')[0], { group: 'web', min: 2, desired: 5, max: 9 })
  assert.deepEqual(bounds('20:00')[0], { group: 'web', min: 1, desired: 5, max: 9 })
  assert.deepEqual(bounds('08:00')[1], { group: 'webs', min: 0, desired: 6, max: 2000 })
})

test('on Google an autoscaler that is off, and schedules that are off or not prescale’s own, bound nothing', () => {
  const policy = (change: Properties): readonly FoundResource[] => {
    const own = { name: 'a', schedule: '0 8 * * *', timeZone: 'Etc/UTC', durationSec: 43_200, minRequiredReplicas: 7, ...change }
    return [
      manager({ name: 'web', targetSize: 5 }),
      autoscaler({ target: 'web', autoscalingPolicy: { mode: 'ON', minReplicas: 1, maxReplicas: 9, scalingSchedules: [own] } }),
    ]
  }
  const min = (change: Properties): number | undefined => liveGroups('gcp', policy(change), at('12:00'))[0]?.min
  assert.equal(min({}), 7)
  assert.equal(min({ minRequiredReplicas: 12 }), 9)
  assert.equal(min({ disabled: true }), 1)
  assert.equal(min({ schedule: '0 8 * * 1' }), 1)
  assert.equal(min({ timeZone: 'Europe/Berlin' }), 1)
  const off = [
    manager({ name: 'web', targetSize: 5 }),
    autoscaler({ target: 'web', autoscalingPolicy: { mode: 'OFF', minReplicas: 1, maxReplicas: 9 } }),
  ]
  assert.deepEqual(liveGroups('gcp', off, midnight), [{ group: 'web', min: 0, desired: 5, max: 2000 }])
})

test('on Azure the bounds are those of the profile that started last, and names do not heed case', () => {
  const pool = aDesiredPool({ cloud: 'azure', group: 'web', owns: 'bounds', min: 1, desired: 3, max: 9, schedule })
  const found = [
    scaleSet({ name: 'Web', sku: { capacity: 5 } }),
    setting({ ...autoscaleInputs(pool, '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/web') }),
  ]
  const min = (time: string): number | undefined => liveGroups('azure', found, at(time))[0]?.min
  assert.deepEqual(['00:00', '07:59', '08:00', '19:59', '20:00', '23:59'].map(min), [1, 1, 2, 2, 1, 1])
})

test('on Azure a profile of one weekday holds until the next one starts, the default only where no other has a time', () => {
  const on = (day: string, minimum: string): Properties => ({
    capacity: { minimum, maximum: '9', default: minimum },
    recurrence: { frequency: 'Week', schedule: { timeZone: 'UTC', days: [day], hours: [6], minutes: [30] } },
  })
  const withoutTime = { capacity: { minimum: '1', maximum: '4', default: '1' } }
  const bounds = (
    profiles: readonly Properties[],
    enabled = true,
  ): { readonly min: number | undefined; readonly max: number | undefined } => {
    const [{ min, max } = {}] = liveGroups(
      'azure',
      [scaleSet({ name: 'web', sku: { capacity: 5 } }), setting({ targetResourceUri: '/x/web', enabled, profiles })],
      at('06:29'),
    )
    return { min, max }
  }
  // 2026-01-28 is a Wednesday
  assert.deepEqual(bounds([withoutTime, on('Monday', '2'), on('Wednesday', '3')]), { min: 2, max: 9 })
  assert.deepEqual(bounds([withoutTime, on('Tuesday', '2'), on('Wednesday', '3')]), { min: 2, max: 9 })
  assert.deepEqual(bounds([withoutTime, on('Wednesday', '3')]), { min: 3, max: 9 })
  assert.deepEqual(bounds([withoutTime]), { min: 1, max: 4 })
  assert.deepEqual(bounds([withoutTime], false), { min: 0, max: 1000 })
})
