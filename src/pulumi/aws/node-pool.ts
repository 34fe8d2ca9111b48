import { Group, Schedule } from '@pulumi/aws/autoscaling/index.js'
import { LaunchTemplate } from '@pulumi/aws/ec2/index.js'
import { ComponentResource, type ComponentResourceOptions, type Output } from '@pulumi/pulumi'
import type { DesiredPool } from '../../domain/desired-state.ts'
import { clockDigits, groupInputs, groupLeavesAlone, groupStaysAsFound, launchTemplateInputs, scheduleInputs, templateReference } from './inputs.ts'

/** One AWS node pool: an auto scaling group, its launch template unless the user has one, and one scheduled action per change of the day. */
export class NodePool extends ComponentResource {
  readonly groupName: Output<string>

  /** @param importId  the group's id in the cloud, where it is to be taken over */
  constructor(pool: DesiredPool, options: ComponentResourceOptions, importId?: string) {
    super('prescale:aws:NodePool', pool.group, {}, options)
    const template =
      pool.launch.template === undefined && pool.adopted === undefined
        ? { launchTemplateId: new LaunchTemplate(pool.group, launchTemplateInputs(pool), { parent: this }).id, version: '$Latest' }
        : templateReference(pool.launch.template ?? '')
    const group = new Group(pool.group, groupInputs(pool, template), {
      parent: this,
      protect: true,
      ignoreChanges: [...groupLeavesAlone[pool.owns], ...(pool.adopted ? groupStaysAsFound : [])],
      ...(importId !== undefined && { import: importId }),
    })
    for (const change of pool.schedule) {
      new Schedule(
        `${pool.group}-${clockDigits(change.minuteOfDay)}`,
        { ...scheduleInputs(pool, change), autoscalingGroupName: group.name },
        { parent: this },
      )
    }
    this.groupName = group.name
    this.registerOutputs({ groupName: this.groupName })
  }
}
