import { Schedule } from '@pulumi/aws/autoscaling/index.js'
import { NodeGroup } from '@pulumi/aws/eks/index.js'
import { ComponentResource, type ComponentResourceOptions, type Output } from '@pulumi/pulumi'
import type { KubernetesPool } from '../../domain/desired-state.ts'
import { clockDigits } from './inputs.ts'
import { nodeGroupInputs, nodeGroupLeavesAlone, nodeGroupScheduleInputs, nodeGroupStaysAsFound } from './node-group-inputs.ts'

/** One node group of EKS, and one scheduled action per change of the day on the auto scaling group that EKS keeps its nodes in. */
export class EksNodeGroup extends ComponentResource {
  readonly groupName: Output<string>

  /** @param importId  the node group's id in the cloud, where it is to be taken over */
  constructor(pool: KubernetesPool, options: ComponentResourceOptions, importId?: string) {
    super('prescale:aws:EksNodeGroup', pool.group, {}, options)
    const nodes = new NodeGroup(pool.group, nodeGroupInputs(pool), {
      parent: this,
      protect: true,
      ignoreChanges: [...nodeGroupLeavesAlone[pool.owns], ...(pool.adopted ? nodeGroupStaysAsFound : [])],
      ...(importId !== undefined && { import: importId }),
    })
    const autoscalingGroupName = nodes.resources.apply((held) => held[0]?.autoscalingGroups[0]?.name ?? '')
    for (const change of pool.schedule) {
      new Schedule(`${pool.group}-${clockDigits(change.minuteOfDay)}`, { ...nodeGroupScheduleInputs(pool, change), autoscalingGroupName }, { parent: this })
    }
    this.groupName = nodes.nodeGroupName
    this.registerOutputs({ groupName: this.groupName })
  }
}
