import type { InstanceTemplateArgs, RegionAutoscalerArgs, RegionInstanceGroupManagerArgs } from '@pulumi/gcp/compute/index.js'
import type { Input } from '@pulumi/pulumi'
import type { DesiredPool } from '../../domain/desired-state.ts'
import { contentHash } from '../../domain/hash.ts'
import type { Ownership } from '../../domain/pool.ts'
import { dayWindows, scheduleFloor } from '../../domain/schedule.ts'
import { tagsOf } from '../pool-labels.ts'

/**
 * The pool's tags as Google allows them: lower-case letters, digits, hyphens and underscores, at most 63 of them, a letter first in names.
 * A tag whose name has no letter is left out.
 */
export function labelsOf(pool: DesiredPool): Readonly<Record<string, string>> {
  const legal = (text: string): string => text.toLowerCase().replace(/[^a-z0-9_-]+/g, '-').slice(0, 63)
  const labels = Object.entries(tagsOf(pool)).map(([key, value]): [string, string] => [legal(key).replace(/^[^a-z]+/, ''), legal(value)])
  return Object.fromEntries(labels.filter(([key]) => key !== ''))
}

/** Axion and Tau T2A machines are arm64. */
const defaultImage = (type: string): string =>
  `projects/debian-cloud/global/images/family/debian-12${/^(c4a|n4a|t2a)-/.test(type) ? '-arm64' : ''}`

const scheduling: Readonly<Record<DesiredPool['option'], InstanceTemplateArgs['scheduling']>> = {
  'on-demand': { provisioningModel: 'STANDARD', automaticRestart: true, onHostMaintenance: 'MIGRATE' },
  spot: { provisioningModel: 'SPOT', preemptible: true, automaticRestart: false, onHostMaintenance: 'TERMINATE', instanceTerminationAction: 'STOP' },
}

/**
 * Only for pools that refer to no template of the user's. Templates cannot be changed, so the name carries the hash of the content:
 * a change makes a new template beside the old one, which the group then leaves.
 */
export function templateInputs(pool: DesiredPool): InstanceTemplateArgs {
  const { launch } = pool
  const [subnet] = launch.subnets
  const content = {
    region: pool.region,
    machineType: pool.type,
    disks: [{ boot: true, autoDelete: true, sourceImage: launch.image ?? defaultImage(pool.type) }],
    networkInterfaces: [subnet === undefined ? { network: 'default' } : { subnetwork: subnet }],
    scheduling: scheduling[pool.option],
    labels: labelsOf(pool),
    ...(launch.securityGroups.length > 0 && { tags: [...launch.securityGroups] }),
    ...(launch.identity !== undefined && { serviceAccount: { email: launch.identity, scopes: ['cloud-platform'] } }),
  }
  const suffix = contentHash(content).slice(0, 8)
  return { name: `${pool.group.slice(0, 62 - suffix.length)}-${suffix}`, ...content }
}

/** Nodes get random endings after this name, which together may have 63 characters. */
const longestBaseName = 58

/**
 * `OPPORTUNISTIC`: a new template is for new nodes; running ones are never restarted by a change of counts.
 * A template of the user's keeps its purchase option; its machine type gives way to the pool's.
 */
export function groupInputs(pool: DesiredPool, template: Input<string>): RegionInstanceGroupManagerArgs {
  const foreignTemplate = pool.launch.template !== undefined
  const balanced = foreignTemplate || pool.option === 'spot'
  return {
    name: pool.group,
    region: pool.region,
    baseInstanceName: pool.group.slice(0, longestBaseName).replace(/-+$/, ''),
    description: `${pool.workload}, ${pool.type}, ${pool.option}: kept by prescale`,
    versions: [{ instanceTemplate: template }],
    targetSize: pool.desired,
    distributionPolicyZones: [...pool.launch.zones],
    distributionPolicyTargetShape: balanced ? 'BALANCED' : 'EVEN',
    updatePolicy: { type: 'OPPORTUNISTIC', minimalAction: 'REPLACE', instanceRedistributionType: balanced ? 'NONE' : 'PROACTIVE' },
    waitForInstances: false,
    ...(foreignTemplate && {
      allInstancesConfig: { labels: labelsOf(pool) },
      instanceFlexibilityPolicy: { instanceSelections: [{ name: 'pool', machineTypes: [pool.type] }] },
    }),
  }
}

/** Properties of the group that somebody else moves. */
export const groupLeavesAlone: Readonly<Record<Ownership, readonly string[]>> = { count: [], bounds: ['targetSize'], schedule: ['targetSize'] }

/** Properties of a group that was there before prescale: all but its count. The type lets none be forgotten. */
const foundProperties = {
  allInstancesConfig: true, autoHealingPolicies: true, baseInstanceName: true, deletionPolicy: true, description: true, distributionPolicyTargetShape: true,
  distributionPolicyZones: true, instanceFlexibilityPolicy: true, instanceLifecyclePolicy: true, listManagedInstancesResults: true,
  namedPorts: true, params: true, project: true, resourcePolicies: true, targetSizePolicies: true, standbyPolicy: true, statefulDisks: true, statefulExternalIps: true, statefulInternalIps: true,
  targetPools: true, targetStoppedSize: true, targetSuspendedSize: true, updatePolicy: true, versions: true, waitForInstances: true,
  waitForInstancesStatus: true,
} satisfies Record<Exclude<keyof RegionInstanceGroupManagerArgs, 'name' | 'region' | 'targetSize'>, true>
export const groupStaysAsFound: readonly string[] = Object.keys(foundProperties)

/** Properties of the autoscaler that somebody else moves. */
export const autoscalerLeavesAlone: Readonly<Record<Ownership, readonly string[]>> = {
  count: [],
  bounds: [],
  schedule: ['autoscalingPolicy.minReplicas', 'autoscalingPolicy.maxReplicas', 'autoscalingPolicy.cpuUtilization'],
}

/** @returns whether the pool has an autoscaler: Google keeps schedules and bounds there, not on the group */
export function hasAutoscaler(pool: DesiredPool): boolean {
  return pool.schedule.length > 0 || pool.owns === 'bounds'
}

/** The autoscaler's own target of CPU use, for pools whose count is the cloud's to move. */
const cpuTarget = 0.6

/**
 * A scaling schedule asks for at least so many nodes from its start on, for its duration; the autoscaler takes the largest of what is asked.
 * The windows of a day follow one another, so the count is that of the window in force, never below `minReplicas`.
 */
export function autoscalerInputs(pool: DesiredPool): Omit<RegionAutoscalerArgs, 'target'> {
  const windows = dayWindows(pool.schedule)
  return {
    name: pool.group,
    region: pool.region,
    autoscalingPolicy: {
      mode: 'ON',
      minReplicas: pool.owns === 'count' && windows.length > 0 ? scheduleFloor(pool) : pool.min,
      maxReplicas: Math.max(1, pool.max, ...windows.map((window) => window.max)),
      ...(pool.owns === 'bounds' && { cpuUtilization: { target: cpuTarget } }),
      scalingSchedules: windows.map((window) => ({
        name: `at-${String(window.minuteOfDay).padStart(4, '0')}`,
        description: `${window.minutes} min from minute ${window.minuteOfDay} of the day, UTC`,
        schedule: `${window.minuteOfDay % 60} ${Math.floor(window.minuteOfDay / 60)} * * *`,
        timeZone: 'Etc/UTC',
        durationSec: window.minutes * 60,
        minRequiredReplicas: pool.owns === 'bounds' ? window.min : window.desired,
      })),
    },
  }
}
