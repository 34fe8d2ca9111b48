import type { VirtualMachineScaleSetArgs } from '@pulumi/azure-native/compute/index.js'
import type { AutoscaleSettingArgs } from '@pulumi/azure-native/monitor/index.js'
import type { Input } from '@pulumi/pulumi'
import type { DesiredPool } from '../../domain/desired-state.ts'
import type { Ownership } from '../../domain/pool.ts'
import { dayWindows, scheduleFloor, type DayWindow } from '../../domain/schedule.ts'
import { tagsOf } from '../pool-labels.ts'
import { atMostWindows } from './windows.ts'

/** @returns settings that a scale set cannot do without and the pool's region does not give */
export function missingLaunchSettings(pool: DesiredPool): readonly string[] {
  return pool.launch.resourceGroup === undefined ? ['launch.resourceGroup'] : []
}

/** Azure marks Arm machines by a p after the number of cores: Standard_D4ps_v5. */
const isArm = (type: string): boolean => /^Standard_[A-Z]+\d+[a-z]*p/.test(type)

type ImageReference = { readonly id: string } | { readonly publisher: string; readonly offer: string; readonly sku: string; readonly version: string }

/**
 * A resource id (managed or gallery image), or a marketplace image as `publisher:offer:sku:version`; Ubuntu when none is given.
 * Only specialised gallery images start without an administrator account.
 */
export function imageReference(image: string | undefined, type: string): ImageReference {
  if (image?.startsWith('/')) return { id: image }
  const [publisher = '', offer = '', sku = '', version = 'latest'] =
    image?.split(':') ?? ['Canonical', 'ubuntu-24_04-lts', isArm(type) ? 'server-arm64' : 'server', 'latest']
  return { publisher, offer, sku, version }
}

/** Azure's newest interface for networks of flexible scale sets; its own default for them is this one too. */
const networkApiVersion = '2020-11-01'

/** Flexible orchestration: what Azure builds on, with zones and both purchase options. `maxPrice: -1` bids up to the on-demand price. */
export function scaleSetInputs(pool: DesiredPool): VirtualMachineScaleSetArgs {
  const { launch } = pool
  const [subnet] = launch.subnets
  const [securityGroup] = launch.securityGroups
  return {
    vmScaleSetName: pool.group,
    resourceGroupName: launch.resourceGroup ?? '',
    location: pool.region,
    zones: [...launch.zones],
    orchestrationMode: 'Flexible',
    platformFaultDomainCount: 1,
    singlePlacementGroup: false,
    sku: { name: pool.type, tier: 'Standard', capacity: pool.desired },
    virtualMachineProfile: {
      storageProfile: {
        imageReference: imageReference(launch.image, pool.type),
        osDisk: { createOption: 'FromImage', managedDisk: { storageAccountType: 'StandardSSD_LRS' } },
      },
      networkProfile: {
        networkApiVersion,
        networkInterfaceConfigurations: [
          {
            name: 'nic',
            primary: true,
            ipConfigurations: [{ name: 'ip', primary: true, ...(subnet !== undefined && { subnet: { id: subnet } }) }],
            ...(securityGroup !== undefined && { networkSecurityGroup: { id: securityGroup } }),
          },
        ],
      },
      ...(pool.option === 'spot'
        ? { priority: 'Spot', evictionPolicy: 'Delete', billingProfile: { maxPrice: -1 } }
        : { priority: 'Regular' }),
    },
    ...(launch.identity !== undefined && { identity: { type: 'UserAssigned', userAssignedIdentities: [launch.identity] } }),
    tags: tagsOf(pool),
  }
}

/** Properties of the scale set that somebody else moves. */
export const scaleSetLeavesAlone: Readonly<Record<Ownership, readonly string[]>> = { count: [], bounds: ['sku.capacity'], schedule: ['sku.capacity'] }

/** Properties of a scale set that was there before prescale: all but its capacity. The type lets none be forgotten. */
const foundProperties = {
  additionalCapabilities: true, automaticRepairsPolicy: true, constrainedMaximumCapacity: true, doNotRunExtensionsOnOverprovisionedVMs: true,
  extendedLocation: true, hostGroup: true, identity: true, orchestrationMode: true, overprovision: true, plan: true,
  platformFaultDomainCount: true, priorityMixPolicy: true, proximityPlacementGroup: true, resiliencyPolicy: true,
  scaleInPolicy: true, scheduledEventsPolicy: true, singlePlacementGroup: true, skuProfile: true, spotRestorePolicy: true, tags: true,
  upgradePolicy: true, virtualMachineProfile: true, zonalPlatformFaultDomainAlignMode: true, zoneBalance: true, zones: true,
} satisfies Record<Exclude<keyof VirtualMachineScaleSetArgs, 'vmScaleSetName' | 'resourceGroupName' | 'location' | 'sku'>, true>
export const scaleSetStaysAsFound: readonly string[] = [...Object.keys(foundProperties), 'sku.name', 'sku.tier']

/** Properties of the autoscale setting that somebody else moves: the first profile holds where no window does. */
export const autoscaleLeavesAlone: Readonly<Record<Ownership, readonly string[]>> = { count: [], bounds: [], schedule: ['profiles[0].capacity', 'profiles[0].rules'] }

/** @returns whether the scale set has an autoscale setting: Azure keeps schedules and bounds there, not on the scale set */
export function hasAutoscaleSetting(pool: DesiredPool): boolean {
  return pool.schedule.length > 0 || pool.owns === 'bounds'
}

/** Azure allows 20 profiles in a setting, of which one is the default. */
const mostWindows = 19

/** Share of CPU use, in percent as Azure counts it, between which a pool whose count is the cloud's stays as it is. */
const cpuPercent = { low: 35, high: 60 }

/**
 * A recurring profile holds from its start until the next one starts, so the windows of a day follow one another by themselves.
 * Where prescale owns the count, a profile's bounds are that count: Azure moves a count only when it is out of bounds.
 * @param scaleSetId  Azure's id of the scale set
 */
export function autoscaleInputs(pool: DesiredPool, scaleSetId: Input<string>): AutoscaleSettingArgs {
  const rules = pool.owns === 'bounds' ? cpuRules(scaleSetId) : []
  const windows = atMostWindows(dayWindows(pool.schedule), mostWindows)
  return {
    autoscaleSettingName: pool.group,
    resourceGroupName: pool.launch.resourceGroup ?? '',
    location: pool.region,
    enabled: true,
    targetResourceUri: scaleSetId,
    profiles: [
      { name: 'default', capacity: capacityOf(pool, pool), rules },
      ...windows.map((window) => ({
        name: `at-${String(window.minuteOfDay).padStart(4, '0')}`,
        capacity: capacityOf(pool, window),
        rules,
        recurrence: daily(window),
      })),
    ],
    tags: tagsOf(pool),
  }
}

function capacityOf(pool: DesiredPool, counts: Pick<DayWindow, 'min' | 'desired' | 'max'>): { minimum: string; maximum: string; default: string } {
  if (pool.owns === 'bounds') return { minimum: String(counts.min), maximum: String(counts.max), default: String(counts.desired) }
  const count = String(Math.max(counts.desired, scheduleFloor(pool)))
  return { minimum: count, maximum: count, default: count }
}

const everyDay = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

function daily(window: DayWindow) {
  return {
    frequency: 'Week' as const,
    schedule: { timeZone: 'UTC', days: everyDay, hours: [Math.floor(window.minuteOfDay / 60)], minutes: [window.minuteOfDay % 60] },
  }
}

function cpuRules(scaleSetId: Input<string>) {
  const rule = (operator: 'GreaterThan' | 'LessThan', threshold: number, direction: 'Increase' | 'Decrease') => ({
    metricTrigger: {
      metricName: 'Percentage CPU',
      metricResourceUri: scaleSetId,
      operator,
      threshold,
      statistic: 'Average' as const,
      timeAggregation: 'Average' as const,
      timeGrain: 'PT1M',
      timeWindow: 'PT5M',
    },
    scaleAction: { direction, type: 'ChangeCount' as const, value: '1', cooldown: 'PT5M' },
  })
  return [rule('GreaterThan', cpuPercent.high, 'Increase'), rule('LessThan', cpuPercent.low, 'Decrease')]
}
