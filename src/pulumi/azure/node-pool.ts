import { VirtualMachineScaleSet } from '@pulumi/azure-native/compute/index.js'
import { AutoscaleSetting } from '@pulumi/azure-native/monitor/index.js'
import { ComponentResource, type ComponentResourceOptions, type Output } from '@pulumi/pulumi'
import type { DesiredPool } from '../../domain/desired-state.ts'
import { autoscaleInputs, autoscaleLeavesAlone, hasAutoscaleSetting, scaleSetInputs, scaleSetLeavesAlone, scaleSetStaysAsFound } from './inputs.ts'

/** One Azure node pool: a scale set, and an autoscale setting for what runs by the clock. */
export class NodePool extends ComponentResource {
  readonly groupName: Output<string>

  /** @param importId  the scale set's id in the cloud, where it is to be taken over */
  constructor(pool: DesiredPool, options: ComponentResourceOptions, importId?: string) {
    super('prescale:azure:NodePool', pool.group, {}, options)
    const scaleSet = new VirtualMachineScaleSet(pool.group, scaleSetInputs(pool), {
      parent: this,
      protect: true,
      ignoreChanges: [...scaleSetLeavesAlone[pool.owns], ...(pool.adopted ? scaleSetStaysAsFound : [])],
      ...(importId !== undefined && { import: importId }),
    })
    if (hasAutoscaleSetting(pool)) {
      new AutoscaleSetting(pool.group, autoscaleInputs(pool, scaleSet.id), { parent: this, ignoreChanges: [...autoscaleLeavesAlone[pool.owns]] })
    }
    this.groupName = scaleSet.name
    this.registerOutputs({ groupName: this.groupName })
  }
}
