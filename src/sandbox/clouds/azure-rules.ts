import { poolTags } from '../../domain/pool-tags.ts'
import { groupNodes, quotaRoom } from '../groups.ts'
import { textAt, textsAt, valueAt, type Inputs } from '../inputs.ts'
import type { CloudState, SandboxResource } from '../state.ts'
import { worldRegion, worldType, type World } from '../world.ts'
import { CloudError } from './cloud-api.ts'
import { declareGroup } from './declared-group.ts'

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
function refuseAboveQuota(state: CloudState, world: World, resource: Pick<SandboxResource, 'key' | 'region'>, typeName: string, option: 'spot' | 'on-demand', capacity: number): void {
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

/** Where a kind of group of machines says what it is made of. */
export interface MachinePaths {
  readonly type: string
  readonly priority: string
  readonly name: string
  readonly zones: string
  /** The type's path in Azure's own words, for when it is missing. */
  readonly required: string
}

/** Puts a group of machines as a whole: the declared count is the new count, whatever it was in between. */
export function putMachines(state: CloudState, world: World, { key, region, inputs }: SandboxResource, paths: MachinePaths, counts: { readonly min: number; readonly max: number; readonly desired: number }): void {
  const typeName = textAt(inputs, paths.type)
  if (typeName === undefined) throw new CloudError('InvalidParameter', `Required parameter ${paths.required} is missing`)
  const option = textAt(inputs, paths.priority)?.toLowerCase() === 'spot' ? 'spot' : 'on-demand'
  refuseAboveQuota(state, world, { key, region }, typeName, option, counts.desired)
  const workload = textAt(valueAt(inputs, 'tags'), poolTags.workload)
  declareGroup(state, world, { key, cloud: 'azure', region, name: textAt(inputs, paths.name) ?? '', workload, type: typeName, option, zones: textsAt(inputs, paths.zones) }, counts)
}
