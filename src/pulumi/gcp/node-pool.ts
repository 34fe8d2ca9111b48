import { InstanceTemplate, RegionAutoscaler, RegionInstanceGroupManager } from '@pulumi/gcp/compute/index.js'
import { ComponentResource, type ComponentResourceOptions, type Output } from '@pulumi/pulumi'
import type { DesiredPool } from '../../domain/desired-state.ts'
import { autoscalerInputs, autoscalerLeavesAlone, groupInputs, groupLeavesAlone, hasAutoscaler, templateInputs } from './inputs.ts'

/** One Google node pool: a regional managed group, its instance template unless the user has one, and an autoscaler for what runs by the clock. */
export class NodePool extends ComponentResource {
  readonly groupName: Output<string>

  constructor(pool: DesiredPool, options: ComponentResourceOptions) {
    super('prescale:gcp:NodePool', pool.group, {}, options)
    const template =
      pool.launch.template ?? new InstanceTemplate(pool.group, templateInputs(pool), { parent: this }).selfLinkUnique
    const group = new RegionInstanceGroupManager(pool.group, groupInputs(pool, template), {
      parent: this,
      protect: true,
      ignoreChanges: [...groupLeavesAlone[pool.owns]],
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
