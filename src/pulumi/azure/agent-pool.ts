import { AgentPool } from '@pulumi/azure-native/containerservice/index.js'
import { ComponentResource, type ComponentResourceOptions, type Output } from '@pulumi/pulumi'
import type { KubernetesPool } from '../../domain/desired-state.ts'
import { agentPoolInputs, agentPoolLeavesAlone, agentPoolStaysAsFound } from './agent-pool-inputs.ts'

/** One agent pool of AKS. */
export class AksAgentPool extends ComponentResource {
  readonly groupName: Output<string>

  /** @param importId  the agent pool's id in the cloud, where it is to be taken over */
  constructor(pool: KubernetesPool, options: ComponentResourceOptions, importId?: string) {
    super('prescale:azure:AksAgentPool', pool.group, {}, options)
    const nodes = new AgentPool(pool.group, agentPoolInputs(pool), {
      parent: this,
      protect: true,
      ignoreChanges: [...agentPoolLeavesAlone[pool.owns], ...(pool.adopted ? agentPoolStaysAsFound(pool) : [])],
      ...(importId !== undefined && { import: importId }),
    })
    this.groupName = nodes.name
    this.registerOutputs({ groupName: this.groupName })
  }
}
