import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DesiredPool } from '../../src/domain/desired-state.ts'
import { dayWindows } from '../../src/domain/schedule.ts'
import { autoscaleInputs, hasAutoscaleSetting, imageReference, missingLaunchSettings, scaleSetInputs } from '../../src/pulumi/azure/inputs.ts'
import { atMostWindows } from '../../src/pulumi/azure/windows.ts'
import { aDesiredPool, aLaunch } from '../support/a-desired-state.ts'

const aPool = (change: Partial<DesiredPool> = {}): DesiredPool =>
  aDesiredPool({ cloud: 'azure', region: 'eastus', type: 'Standard_D4s_v5', launch: aLaunch({ resourceGroup: 'shop', zones: ['1', '2'] }), ...change })
const day = [
  { minuteOfDay: 480, min: 2, desired: 7, max: 12 },
  { minuteOfDay: 1200, min: 1, desired: 3, max: 14 },
]
interface Profile {
  readonly name: string
  readonly capacity: { readonly minimum: string; readonly maximum: string; readonly default: string }
  readonly rules: readonly { readonly scaleAction: { readonly direction: string } }[]
  readonly recurrence?: { readonly schedule: { readonly hours: readonly number[]; readonly minutes: readonly number[]; readonly days: readonly string[] } }
}
const profiles = (pool: DesiredPool): readonly Profile[] => autoscaleInputs(pool, 'scale-set').profiles as unknown as readonly Profile[]

test('a scale set has the name, count, type and zones of its pool', () => {
  const { vmScaleSetName, resourceGroupName, location, zones, sku } = scaleSetInputs(aPool({ desired: 5 }))
  assert.deepEqual(
    { vmScaleSetName, resourceGroupName, location, zones, sku },
    { vmScaleSetName: 'web-standard-d4s-v5-on-demand', resourceGroupName: 'shop', location: 'eastus', zones: ['1', '2'], sku: { name: 'Standard_D4s_v5', tier: 'Standard', capacity: 5 } },
  )
})

test('spot nodes may cost up to the on-demand price and are deleted when they are taken back', () => {
  const profile = scaleSetInputs(aPool({ option: 'spot' })).virtualMachineProfile as { priority: string; evictionPolicy: string; billingProfile: { maxPrice: number } }
  assert.deepEqual([profile.priority, profile.evictionPolicy, profile.billingProfile.maxPrice], ['Spot', 'Delete', -1])
  assert.equal((scaleSetInputs(aPool()).virtualMachineProfile as { priority: string }).priority, 'Regular')
})

test('an image is a resource id, a marketplace name, or Ubuntu of the type’s architecture', () => {
  assert.deepEqual(imageReference('/subscriptions/1/images/a', 'Standard_D4s_v5'), { id: '/subscriptions/1/images/a' })
  assert.deepEqual(imageReference('p:o:s:1.2', 'Standard_D4s_v5'), { publisher: 'p', offer: 'o', sku: 's', version: '1.2' })
  assert.deepEqual(imageReference('p:o:s', 'Standard_D4s_v5'), { publisher: 'p', offer: 'o', sku: 's', version: 'latest' })
  assert.deepEqual([imageReference(undefined, 'Standard_D4ps_v5'), imageReference(undefined, 'Standard_D4s_v5')].map((image) => 'sku' in image && image.sku), ['server-arm64', 'server'])
})

test('a pool without a resource group lacks it', () => {
  assert.deepEqual(missingLaunchSettings(aPool({ launch: aLaunch() })), ['launch.resourceGroup'])
  assert.deepEqual(missingLaunchSettings(aPool()), [])
})

test('only what runs by the clock or by load has an autoscale setting', () => {
  assert.deepEqual([aPool(), aPool({ schedule: day }), aPool({ owns: 'bounds' }), aPool({ owns: 'schedule' })].map(hasAutoscaleSetting), [false, true, true, false])
})

test('each change is a daily profile that holds the count exactly', () => {
  const [standard, morning, evening] = profiles(aPool({ desired: 7, schedule: day }))
  assert.deepEqual([standard?.name, standard?.recurrence, standard?.capacity.default], ['default', undefined, '7'])
  assert.deepEqual(morning?.capacity, { minimum: '7', maximum: '7', default: '7' })
  assert.deepEqual([morning?.recurrence?.schedule.hours, morning?.recurrence?.schedule.minutes, morning?.recurrence?.schedule.days.length], [[8], [0], 7])
  assert.deepEqual(evening?.capacity, { minimum: '3', maximum: '3', default: '3' })
})

test('no profile goes below a count that the schedule does not know', () => {
  assert.deepEqual(profiles(aPool({ desired: 5, schedule: day })).map(({ capacity }) => capacity.minimum), ['5', '7', '5'])
})

test('where only bounds are owned, profiles carry them and the rules by which Azure moves the count', () => {
  const [standard, morning] = profiles(aPool({ owns: 'bounds', min: 2, desired: 5, max: 20, schedule: day }))
  assert.deepEqual(standard?.capacity, { minimum: '2', maximum: '20', default: '5' })
  assert.deepEqual(morning?.capacity, { minimum: '2', maximum: '12', default: '7' })
  assert.deepEqual(standard?.rules.map(({ scaleAction }) => scaleAction.direction), ['Increase', 'Decrease'])
})

test('a day of hourly changes fits into the profiles that Azure allows', () => {
  const schedule = Array.from({ length: 24 }, (_, hour) => ({ minuteOfDay: hour * 60, min: 0, desired: hour % 5, max: 9 }))
  assert.equal(profiles(aPool({ desired: 0, schedule })).length, 20)
})

test('joined windows cover the day and never have less capacity than the ones they replace', () => {
  const schedules = fc
    .uniqueArray(fc.nat(1439), { minLength: 1, maxLength: 30 })
    .chain((minutes) => fc.array(fc.nat(40), { minLength: minutes.length, maxLength: minutes.length }).map((counts) =>
      minutes.toSorted((a, b) => a - b).map((minuteOfDay, index) => ({ minuteOfDay, min: 0, desired: counts[index] ?? 0, max: 50 }))))
  fc.assert(fc.property(schedules, fc.integer({ min: 1, max: 19 }), (schedule, limit) => {
    const windows = dayWindows(schedule)
    const joined = atMostWindows(windows, limit)
    assert.ok(joined.length <= limit)
    assert.equal(joined.reduce((sum, window) => sum + window.minutes, 0), 1440)
    for (const window of windows) {
      const holding = joined.findLast((other) => other.minuteOfDay <= window.minuteOfDay) ?? joined.at(-1)
      assert.ok((holding?.desired ?? -1) >= window.desired)
    }
  }))
})
