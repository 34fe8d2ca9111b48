import { poolTags } from '../../domain/pool-tags.ts'
import { removeGroup, want } from '../groups.ts'
import { isRecord, numberAt, textAt, textsAt, valueAt, type Inputs } from '../inputs.ts'
import { worldRegion, type World } from '../world.ts'
import { CloudError, type InputRule, type ResourceKind } from './cloud-api.ts'
import { declareGroup } from './declared-group.ts'
import { changed, integerRule } from './rules.ts'
import { clusterAutoscaler, trackTarget } from './target-tracking.ts'

/** Most nodes of a node pool in one zone. */
const largestInZone = 1000

/** The region of a location, which may be a zone. */
const regionOf = (location: string): string => /^[a-z]+-[a-z]+\d+/.exec(location)?.[0] ?? location

function zonesOf(world: World, inputs: Inputs, location: string): readonly string[] {
  const named = textsAt(inputs, 'nodeLocations')
  if (named.length > 0) return named
  return location === regionOf(location) ? (worldRegion(world, 'gcp', location)?.zones ?? []) : [location]
}

/** Bounds of all zones together. @returns undefined where the pool's autoscaler is off */
function limits(inputs: Inputs, zones: number): { readonly min: number; readonly max: number } | undefined {
  if (!isRecord(inputs['autoscaling'])) return undefined
  const [total, each] = [numberAt(inputs, 'autoscaling.totalMaxNodeCount'), numberAt(inputs, 'autoscaling.maxNodeCount')]
  if (total !== undefined) return { min: numberAt(inputs, 'autoscaling.totalMinNodeCount') ?? 0, max: total }
  return each === undefined ? undefined : { min: (numberAt(inputs, 'autoscaling.minNodeCount') ?? 0) * zones, max: each * zones }
}

function autoscalingRules(inputs: Inputs): InputRule[] {
  const all = limits(inputs, 1)
  if (all === undefined) return isRecord(inputs['autoscaling']) ? [{ path: 'autoscaling', message: 'limits per zone or in total are needed' }] : []
  return all.min > all.max ? [{ path: 'autoscaling', message: `the least is ${all.min}, above the most ${all.max}` }] : []
}

/** A node pool of GKE: counts are per zone. The cluster is taken to be there. */
export const nodePool: ResourceKind = {
  nameInput: 'name',
  replaceOn: ['name', 'namePrefix', 'cluster', 'location', 'project', 'initialNodeCount', 'maxPodsPerNode', 'nodeConfig.spot', 'nodeConfig.preemptible', 'nodeConfig.serviceAccount', 'nodeConfig.oauthScopes'],
  rules: (inputs) => [
    ...(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/.test(textAt(inputs, 'name') ?? 'pool') ? [] : [{ path: 'name', message: `'${textAt(inputs, 'name') ?? ''}' must be lower-case letters, digits and hyphens, at most 40 characters` }]),
    ...['nodeCount', 'initialNodeCount'].flatMap((path) => integerRule(inputs, path, 0, largestInZone)),
    ...autoscalingRules(inputs),
  ],
  identify(inputs, scope) {
    const location = textAt(inputs, 'location') ?? scope.region
    if (location === undefined) throw new CloudError('required', 'neither the resource nor the provider names a location (gcp:region)')
    const id = `projects/${textAt(inputs, 'project') ?? scope.project}/locations/${location}/clusters/${textAt(inputs, 'cluster') ?? ''}/nodePools/${textAt(inputs, 'name') ?? ''}`
    return { key: `gcp/${id}`, id, region: regionOf(location) }
  },
  put(state, world, resource, before) {
    const { inputs } = resource
    const zones = zonesOf(world, inputs, resource.id.split('/')[3] ?? resource.region)
    const perZone = before === undefined ? (numberAt(inputs, 'nodeCount') ?? numberAt(inputs, 'initialNodeCount')) : changed(before, inputs, 'nodeCount') ? numberAt(inputs, 'nodeCount') : undefined
    declareGroup(
      state,
      world,
      {
        key: resource.key,
        cloud: 'gcp',
        region: resource.region,
        name: textAt(inputs, 'name') ?? '',
        workload: textAt(valueAt(inputs, 'nodeConfig.resourceLabels'), poolTags.workload) ?? textAt(valueAt(inputs, 'nodeConfig.labels'), poolTags.workload),
        type: textAt(inputs, 'nodeConfig.machineType') ?? 'e2-medium',
        option: valueAt(inputs, 'nodeConfig.spot') === true ? 'spot' : 'on-demand',
        zones,
      },
      { ...(limits(inputs, zones.length) ?? { min: 0, max: largestInZone * zones.length }), desired: perZone === undefined ? undefined : perZone * zones.length },
    )
  },
  remove: (state, world, resource) => removeGroup(state, world, resource.key),
  liveInputs(state, resource) {
    const live = state.groups[resource.key]
    return live !== undefined && 'nodeCount' in resource.inputs ? { ...resource.inputs, nodeCount: perZoneOf(live) } : resource.inputs
  },
  outputs: (state, resource) => {
    const live = state.groups[resource.key]
    return {
      nodeCount: live === undefined ? undefined : perZoneOf(live),
      nodeLocations: live?.zones ?? textsAt(resource.inputs, 'nodeLocations'),
      location: resource.id.split('/')[3],
      project: resource.id.split('/')[1],
      version: '1.33.5-sandbox',
    }
  },
  waitsForNodes: () => true,
  followLoad(state, resource) {
    const group = state.groups[resource.key]
    if (group === undefined || limits(resource.inputs, group.zones.length) === undefined) return
    want(group, group.desired)
    trackTarget(state, group, clusterAutoscaler)
  },
}

/** As the provider reads it: the mean over the zones, rounded down. */
const perZoneOf = ({ desired, zones }: { readonly desired: number; readonly zones: readonly string[] }): number => Math.floor(desired / Math.max(1, zones.length))
