import type { GroupArgs, ScheduleArgs } from '@pulumi/aws/autoscaling/index.js'
import type { LaunchTemplateArgs } from '@pulumi/aws/ec2/index.js'
import type { Input } from '@pulumi/pulumi'
import type { DesiredPool, ScheduledChange } from '../../domain/desired-state.ts'
import type { Ownership } from '../../domain/pool.ts'
import { tagsOf } from '../pool-labels.ts'

/** A launch template that a group starts its nodes from, ours or the user's. */
export interface TemplateReference {
  readonly launchTemplateId?: Input<string>
  readonly launchTemplateName?: string
  readonly version: string
}

/** Amazon Linux, by the parameter that Amazon keeps pointing at its newest image: the default of pools that name no image. */
const defaultImage = (type: string): string =>
  `resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${isArm(type) ? 'arm64' : 'x86_64'}`

/** Graviton families carry a g after the generation: m7g, c6gn, but not g4dn. */
export function isArm(type: string): boolean {
  return /^[a-z]+\d+g/.test(type)
}

/** Only for pools that refer to no template of the user's. */
export function launchTemplateInputs(pool: DesiredPool): LaunchTemplateArgs {
  const { launch } = pool
  const tags = tagsOf(pool)
  return {
    name: pool.group,
    region: pool.region,
    imageId: launch.image ?? defaultImage(pool.type),
    instanceType: pool.type,
    updateDefaultVersion: true,
    metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required' },
    ...(launch.securityGroups.length > 0 && { vpcSecurityGroupIds: [...launch.securityGroups] }),
    ...(launch.identity !== undefined && { iamInstanceProfile: launch.identity.startsWith('arn:') ? { arn: launch.identity } : { name: launch.identity } }),
    tagSpecifications: [
      { resourceType: 'instance', tags },
      { resourceType: 'volume', tags },
    ],
    tags,
  }
}

/** A template of the user's, by id or name, at its default version unless one is given after a colon: `lt-0abc`, `web`, `web:7`. */
export function templateReference(template: string): TemplateReference {
  const [name = template, version = '$Default'] = template.split(':')
  return name.startsWith('lt-') ? { launchTemplateId: name, version } : { launchTemplateName: name, version }
}

/**
 * Type and purchase option stand in the mixed-instances policy, so that one template of the user's serves every pool.
 * `waitForCapacityTimeout: '0'`: waiting here would block the stack when the region is out of capacity; readiness is observed instead.
 */
export function groupInputs(pool: DesiredPool, template: TemplateReference): GroupArgs {
  const { launch } = pool
  return {
    name: pool.group,
    region: pool.region,
    minSize: pool.min,
    desiredCapacity: pool.desired,
    maxSize: pool.max,
    ...(launch.subnets.length > 0 ? { vpcZoneIdentifiers: [...launch.subnets] } : { availabilityZones: [...launch.zones] }),
    mixedInstancesPolicy: {
      launchTemplate: { launchTemplateSpecification: { ...template }, overrides: [{ instanceType: pool.type }] },
      instancesDistribution: {
        onDemandBaseCapacity: 0,
        onDemandPercentageAboveBaseCapacity: pool.option === 'spot' ? 0 : 100,
        spotAllocationStrategy: 'price-capacity-optimized',
      },
    },
    capacityRebalance: pool.option === 'spot',
    waitForCapacityTimeout: '0',
    tags: Object.entries(tagsOf(pool)).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
  }
}

/** Properties of the group that somebody else moves. */
export const groupLeavesAlone: Readonly<Record<Ownership, readonly string[]>> = {
  count: [],
  bounds: ['desiredCapacity'],
  schedule: ['desiredCapacity', 'minSize', 'maxSize'],
}

/** Properties of a group that was there before prescale: all but its counts. The type lets none be forgotten. */
const foundProperties = {
  availabilityZoneDistribution: true, availabilityZones: true, capacityRebalance: true, capacityReservationSpecification: true, context: true,
  defaultCooldown: true, defaultInstanceWarmup: true, desiredCapacityType: true, enabledMetrics: true, forceDelete: true, forceDeleteWarmPool: true,
  healthCheckGracePeriod: true, healthCheckType: true, ignoreFailedScalingActivities: true, initialLifecycleHooks: true,
  instanceLifecyclePolicy: true, instanceMaintenancePolicy: true, instanceRefresh: true, launchConfiguration: true, launchTemplate: true, loadBalancers: true,
  maxInstanceLifetime: true, metricsGranularity: true, minElbCapacity: true, mixedInstancesPolicy: true, namePrefix: true,
  placementGroup: true, protectFromScaleIn: true, serviceLinkedRoleArn: true, suspendedProcesses: true, tags: true, targetGroupArns: true,
  terminationPolicies: true, trafficSources: true, vpcZoneIdentifiers: true, waitForCapacityTimeout: true, waitForElbCapacity: true, warmPool: true,
} satisfies Record<Exclude<keyof GroupArgs, 'name' | 'region' | 'minSize' | 'maxSize' | 'desiredCapacity'>, true>
export const groupStaysAsFound: readonly string[] = Object.keys(foundProperties)

/** @returns `1405`, which names the action of 14:05: a change of its counts updates it, hourly plans rename nothing */
export function clockDigits(minuteOfDay: number): string {
  return `${String(Math.floor(minuteOfDay / 60)).padStart(2, '0')}${String(minuteOfDay % 60).padStart(2, '0')}`
}

/** −1 tells the cloud to leave that count as it is. */
export const asItIs = -1

export function scheduleInputs(pool: DesiredPool, change: ScheduledChange): Omit<ScheduleArgs, 'autoscalingGroupName'> {
  return {
    scheduledActionName: `${pool.group}-${clockDigits(change.minuteOfDay)}`,
    region: pool.region,
    recurrence: `${change.minuteOfDay % 60} ${Math.floor(change.minuteOfDay / 60)} * * *`,
    timeZone: 'Etc/UTC',
    minSize: change.min,
    desiredCapacity: pool.owns === 'bounds' ? asItIs : change.desired,
    maxSize: change.max,
  }
}
