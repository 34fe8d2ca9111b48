import { NodePool } from '@pulumi/gcp/container/index.js'
import { ComponentResource, type ComponentResourceOptions, type Output } from '@pulumi/pulumi'
import type { KubernetesPool } from '../../domain/desired-state.ts'
import { containerNodePoolInputs, nodePoolLeavesAlone, nodePoolStaysAsFound } from './container-node-pool-inputs.ts'

/** One node pool of GKE. */
export class GkeNodePool extends ComponentResource {
  readonly groupName: Output<string>

  /** @param importId  the node pool's id in the cloud, where it is to be taken over */
  constructor(pool: KubernetesPool, options: ComponentResourceOptions, importId?: string) {
    super('prescale:gcp:GkeNodePool', pool.group, {}, options)
    const nodes = new NodePool(pool.group, containerNodePoolInputs(pool), {
      parent: this,
      protect: true,
      ignoreChanges: [...nodePoolLeavesAlone[pool.owns], ...(pool.adopted ? nodePoolStaysAsFound(pool) : [])],
      ...(importId !== undefined && { import: importId }),
    })
    this.groupName = nodes.name
    this.registerOutputs({ groupName: this.groupName })
  }
}
