import { textAt } from './inputs.ts'
import type { CloudState, SandboxGroup } from './state.ts'

/** By type, the input that names the group which an autoscaler acts on. */
const targets: Readonly<Record<string, string>> = {
  'aws:autoscaling/policy:Policy': 'autoscalingGroupName',
  'gcp:compute/regionAutoscaler:RegionAutoscaler': 'target',
  'azure-native:monitor:AutoscaleSetting': 'targetResourceUri',
}

/**
 * An autoscaler that acts on a group beside the group's own: those of prescale carry the group's name.
 * @returns its id; undefined where there is none
 */
export function foreignAutoscaler(state: CloudState, group: SandboxGroup): string | undefined {
  const found = Object.values(state.resources).find((resource) => {
    const target = textAt(resource.inputs, targets[resource.token] ?? '')
    if (target === undefined || resource.cloud !== group.cloud || resource.region !== group.region) return false
    return lastPart(target) === (group.heldIn ?? group.name).toLowerCase() && lastPart(resource.id) !== group.name.toLowerCase()
  })
  return found?.id
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\?.*$/, '').toLowerCase()
}
