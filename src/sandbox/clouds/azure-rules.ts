import { groupNodes, quotaRoom } from '../groups.ts'
import { textAt, type Inputs } from '../inputs.ts'
import type { CloudState, SandboxResource } from '../state.ts'
import { worldRegion, worldType, type World } from '../world.ts'
import { CloudError } from './cloud-api.ts'

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000000'

export function groupId(name: string): string {
  return `${subscription}/resourceGroups/${name}`
}

/** `West Europe` and `westeurope` are one place. */
export function place(location: string): string {
  return location.toLowerCase().replaceAll(' ', '')
}

/** Azure's names do not heed case. */
export function keyOf(id: string): string {
  return `azure${id.toLowerCase()}`
}

export function resourceGroupOf(state: CloudState, inputs: Inputs): SandboxResource {
  const name = textAt(inputs, 'resourceGroupName') ?? ''
  const found = state.resources[keyOf(groupId(name))]
  if (found === undefined) throw new CloudError('ResourceGroupNotFound', `Resource group '${name}' could not be found.`)
  return found
}

/** Unlike AWS and GCP, Azure refuses a capacity above the quota as a whole, and nothing changes. */
export function refuseAboveQuota(state: CloudState, world: World, resource: SandboxResource, typeName: string, option: 'spot' | 'on-demand', capacity: number): void {
  const vcpu = worldType(world, 'azure', typeName)?.vcpu ?? 0
  const more = capacity - groupNodes(state, resource.key).filter((node) => node.state !== 'ordered').length
  const room = quotaRoom(state, worldRegion(world, 'azure', resource.region), option)
  if (more > 0 && more * vcpu > room) {
    throw new CloudError(
      'OperationNotAllowed',
      `Operation could not be completed as it results in exceeding approved ${option === 'spot' ? 'LowPriorityCores' : 'Total Regional Cores'} quota. ` +
        `Location: ${resource.region}, Additional Required: ${more * vcpu}, (Minimum) New Limit Required: ${more * vcpu - room} more`,
    )
  }
}
