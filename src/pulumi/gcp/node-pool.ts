import { InstanceTemplate, RegionAutoscaler, RegionInstanceGroupManager } from '@pulumi/gcp/compute/index.js'
import { ComponentResource, type ComponentResourceOptions, type Output } from '@pulumi/pulumi'
import type { DesiredPool } from '../../domain/desired-state.ts'
import { autoscalerInputs, autoscalerLeavesAlone, groupInputs, groupLeavesAlone, groupStaysAsFound, hasAutoscaler, templateInputs } from './inputs.ts'

/** One Google node pool: a regional managed group, its instance template unless the user has one, and an autoscaler for what runs by the clock. */
export class NodePool extends ComponentResource {
  readonly groupName: Output<string>

  /** @param importId  the group's id in the cloud, where it is to be taken over */
  constructor(pool: DesiredPool, options: ComponentResourceOptions, importId?: string) {
    super('prescale:gcp:NodePool', pool.group, {}, options)
    const template =
      pool.launch.template ?? (pool.adopted ? '' : new InstanceTemplate(pool.group, templateInputs(pool), { parent: this }).selfLinkUnique)
    const group = new RegionInstanceGroupManager(pool.group, groupInputs(pool, template), {
      parent: this,
      protect: true,
      ignoreChanges: [...groupLeavesAlone[pool.owns], ...(pool.adopted ? groupStaysAsFound : [])],
      ...(importId !== undefined && { import: importId }),
    })
    if (hasAutoscaler(pool)) {
      new RegionAutoscaler(
        pool.group,
        { ...autoscalerInputs(pool), target: group.selfLink },
        { parent: this, ignoreChanges: [...autoscalerLeavesAlone[pool.owns]] },
      )
    }
    this.groupName = group.name
    this.registerOutputs({ groupName: this.groupName })
  }
}
