import type { Cloud, PurchaseOption } from '../../domain/pool.ts'
import type { CloudState, SandboxGroup } from '../state.ts'
import { worldRegion, worldType, type World } from '../world.ts'
import { converge, want } from '../groups.ts'
import { CloudError } from './cloud-api.ts'

/** What a cloud's group resource says about its nodes, once its templates are looked up. */
export interface DeclaredGroup {
  readonly key: string
  readonly cloud: Cloud
  readonly region: string
  readonly name: string
  readonly workload: string | undefined
  readonly type: string
  readonly option: PurchaseOption
  /** All zones of the region when empty. */
  readonly zones: readonly string[]
}

/**
 * Makes or changes a group and orders or drains nodes accordingly.
 * @param counts  `desired` is left as it is when undefined, and moved into the bounds in any case
 * @throws CloudError when the region does not exist or does not offer the type
 */
export function declareGroup(
  state: CloudState,
  world: World,
  declared: DeclaredGroup,
  counts: { readonly min: number; readonly max: number; readonly desired: number | undefined },
): SandboxGroup {
  const region = worldRegion(world, declared.cloud, declared.region)
  if (region === undefined) throw new CloudError('InvalidRegion', `the sandbox has no region ${declared.cloud}/${declared.region}`)
  const type = worldType(world, declared.cloud, declared.type)
  if (type?.usdPerHour[declared.region]?.[declared.option] === undefined) {
    throw new CloudError('UnsupportedInstanceType', `${declared.option} ${declared.type} is not offered in ${declared.cloud}/${declared.region}`)
  }
  const strangers = declared.zones.filter((zone) => !region.zones.includes(zone))
  if (strangers.length > 0) throw new CloudError('InvalidZone', `${strangers.join(', ')} is not in ${declared.region}, which has ${region.zones.join(', ')}`)
  const { key, cloud, name, workload, option } = declared
  const before = state.groups[key]
  const noCounts = { min: 0, desired: 0, max: 0, lowSteps: 0, movedSeconds: null }
  const group: SandboxGroup = before ?? { key, cloud, region: declared.region, name, workload, type: declared.type, option, zones: [], ...noCounts }
  Object.assign(group, {
    workload,
    type: declared.type,
    option,
    zones: declared.zones.length > 0 ? declared.zones : region.zones,
    min: counts.min,
    max: counts.max,
  })
  want(group, counts.desired ?? group.desired)
  state.groups[key] = group
  converge(state, world, group)
  return group
}
