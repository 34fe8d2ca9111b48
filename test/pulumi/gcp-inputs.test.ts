import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DesiredPool } from '../../src/domain/desired-state.ts'
import { autoscalerInputs, groupInputs, hasAutoscaler, labelsOf, templateInputs } from '../../src/pulumi/gcp/inputs.ts'
import { aDesiredPool, aLaunch } from '../support/a-desired-state.ts'

const aPool = (change: Partial<DesiredPool> = {}): DesiredPool => aDesiredPool({ cloud: 'gcp', region: 'us-central1', type: 'n2-standard-4', ...change })
const day = [
  { minuteOfDay: 480, min: 2, desired: 7, max: 12 },
  { minuteOfDay: 1200, min: 1, desired: 3, max: 14 },
]
interface Policy {
  readonly minReplicas: number
  readonly maxReplicas: number
  readonly cpuUtilization?: { readonly target: number }
  readonly scalingSchedules: readonly { readonly name: string; readonly schedule: string; readonly durationSec: number; readonly minRequiredReplicas: number }[]
}
const policy = (pool: DesiredPool): Policy => autoscalerInputs(pool).autoscalingPolicy as unknown as Policy

test('labels are as Google allows them, whatever the tags', () => {
  fc.assert(fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string()), (tags) => {
    for (const [key, value] of Object.entries(labelsOf(aPool({ launch: aLaunch({ tags }) })))) {
      assert.match(key, /^[a-z][a-z0-9_-]{0,62}$/)
      assert.match(value, /^[a-z0-9_-]{0,63}$/)
    }
  }))
})

test('a template is named after its content, since it cannot be changed', () => {
  const names = [aPool(), aPool({ launch: aLaunch({ image: 'other' }) }), aPool({ option: 'spot', group: 'web-n2-standard-4-on-demand' })].map((pool) => templateInputs(pool).name)
  assert.equal(new Set(names).size, 3)
  assert.equal(templateInputs(aPool({ desired: 9 })).name, templateInputs(aPool()).name)
  assert.ok(String(templateInputs(aPool({ group: `w${'x'.repeat(61)}` })).name).length <= 63)
})

test('spot nodes are preemptible and not restarted, on-demand ones migrate', () => {
  const scheduling = (option: DesiredPool['option']) => templateInputs(aPool({ option })).scheduling
  assert.deepEqual(scheduling('spot'), { provisioningModel: 'SPOT', preemptible: true, automaticRestart: false, onHostMaintenance: 'TERMINATE', instanceTerminationAction: 'STOP' })
  assert.deepEqual(scheduling('on-demand'), { provisioningModel: 'STANDARD', automaticRestart: true, onHostMaintenance: 'MIGRATE' })
})

test('a group takes count, zones and template, and waits for nobody', () => {
  const { name, region, targetSize, distributionPolicyZones, versions, waitForInstances } = groupInputs(aPool({ desired: 5 }), 'templates/t')
  assert.deepEqual(
    { name, region, targetSize, distributionPolicyZones, versions, waitForInstances },
    { name: 'web-n2-standard-4-on-demand', region: 'us-central1', targetSize: 5, distributionPolicyZones: ['a', 'b'], versions: [{ instanceTemplate: 'templates/t' }], waitForInstances: false },
  )
})

test('a template of the user gives way to the type of the pool and carries its labels on the group', () => {
  const { instanceFlexibilityPolicy, allInstancesConfig, distributionPolicyTargetShape } = groupInputs(aPool({ launch: aLaunch({ template: 'mine' }) }), 'mine')
  assert.deepEqual(instanceFlexibilityPolicy, { instanceSelections: [{ name: 'pool', machineTypes: ['n2-standard-4'] }] })
  assert.deepEqual(allInstancesConfig, { labels: labelsOf(aPool()) })
  assert.equal(distributionPolicyTargetShape, 'BALANCED')
})

test('only what runs by the clock or by load has an autoscaler', () => {
  assert.deepEqual(
    [aPool(), aPool({ schedule: day }), aPool({ owns: 'bounds' }), aPool({ owns: 'schedule' }), aPool({ owns: 'schedule', schedule: day })].map(hasAutoscaler),
    [false, true, true, false, true],
  )
})

test('each change is a window until the next one, over midnight too', () => {
  assert.deepEqual(
    policy(aPool({ desired: 7, schedule: day })).scalingSchedules.map(({ name, schedule, durationSec, minRequiredReplicas }) => ({ name, schedule, durationSec, minRequiredReplicas })),
    [
      { name: 'at-0480', schedule: '0 8 * * *', durationSec: 720 * 60, minRequiredReplicas: 7 },
      { name: 'at-1200', schedule: '0 20 * * *', durationSec: 720 * 60, minRequiredReplicas: 3 },
    ],
  )
})

test('a count that the schedule does not know stays as the least', () => {
  assert.equal(policy(aPool({ min: 1, desired: 7, schedule: day })).minReplicas, 1)
  assert.equal(policy(aPool({ min: 1, desired: 9, schedule: day })).minReplicas, 9)
})

test('no window asks for more than the most', () => {
  assert.equal(policy(aPool({ max: 10, desired: 7, schedule: day })).maxReplicas, 14)
})

test('where only bounds are owned, the cloud follows its load between them', () => {
  const bounds = policy(aPool({ owns: 'bounds', min: 2, max: 20, schedule: day }))
  assert.deepEqual([bounds.minReplicas, bounds.maxReplicas, bounds.cpuUtilization?.target], [2, 20, 0.6])
  assert.deepEqual(bounds.scalingSchedules.map(({ minRequiredReplicas }) => minRequiredReplicas), [2, 1])
})
