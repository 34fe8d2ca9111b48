import { type FoundResource, listAt, type LiveGroupsOf, type Properties, referredName, valueAt, wholeAt } from '../found-resource.ts'

/** Most nodes that Google allows in a regional group: what bounds a group without an autoscaler. */
const largestGroup = 2000
const minutesPerDay = 1440

/** Most nodes that GKE allows in one zone of a node pool. */
const largestInZone = 1000

export const liveGroupsOf: LiveGroupsOf = (resources, atSeconds) => [...managedGroups(resources, atSeconds), ...nodePools(resources)]

/** Managed groups hold their target size; their bounds are those of the autoscaler that is on, a schedule that is open among them. */
function managedGroups(resources: readonly FoundResource[], atSeconds: number): ReturnType<LiveGroupsOf> {
  return resources
    .filter(({ type }) => type === 'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager')
    .map(({ properties }) => ({
      group: String(properties['name']),
      desired: wholeAt(properties, 'targetSize'),
      ...boundsOf(autoscalerOf(resources, String(properties['name'])), atSeconds),
    }))
}

/** Node pools hold their count per zone, which GKE rounds down where an autoscaler has made them unlike; bounds are of a zone or of all together. */
function nodePools(resources: readonly FoundResource[]): ReturnType<LiveGroupsOf> {
  return resources
    .filter(({ type }) => type === 'gcp:container/nodePool:NodePool')
    .map(({ properties }) => {
      const zones = listAt(properties, 'nodeLocations').map(String)
      const inAll = (path: string): number => wholeAt(properties, path) * Math.max(1, zones.length)
      const found = { group: String(properties['name']), desired: inAll('nodeCount'), zones }
      // absent limits are read as 0
      const most = [valueAt(properties, 'autoscaling.totalMaxNodeCount'), valueAt(properties, 'autoscaling.maxNodeCount')].map(Number)
      if (most[0]) return { ...found, min: wholeAt(properties, 'autoscaling.totalMinNodeCount'), max: wholeAt(properties, 'autoscaling.totalMaxNodeCount'), autoscaled: true }
      if (most[1]) return { ...found, min: inAll('autoscaling.minNodeCount'), max: inAll('autoscaling.maxNodeCount'), autoscaled: true }
      return { ...found, min: 0, max: largestInZone * Math.max(1, zones.length) }
    })
}

function autoscalerOf(resources: readonly FoundResource[], group: string): Properties | undefined {
  return resources.find(
    ({ type, properties }) => type === 'gcp:compute/regionAutoscaler:RegionAutoscaler' && referredName(properties['target']) === group,
  )?.properties
}

function boundsOf(autoscaler: Properties | undefined, atSeconds: number): { readonly min: number; readonly max: number } {
  if (autoscaler === undefined || valueAt(autoscaler, 'autoscalingPolicy.mode') === 'OFF') return { min: 0, max: largestGroup }
  const open = listAt(autoscaler, 'autoscalingPolicy.scalingSchedules').filter((schedule) => isOpen(schedule, atSeconds))
  const asked = [wholeAt(autoscaler, 'autoscalingPolicy.minReplicas'), ...open.map((schedule) => wholeAt(schedule, 'minRequiredReplicas'))]
  const max = wholeAt(autoscaler, 'autoscalingPolicy.maxReplicas')
  return { min: Math.min(max, Math.max(...asked)), max }
}

/** Daily schedules in UTC are prescale's own; another that somebody added is not judged and does not bound the group. */
function isOpen(schedule: unknown, atSeconds: number): boolean {
  const [, minute, hour] = /^(\d+) (\d+) \* \* \*$/.exec(String(valueAt(schedule, 'schedule'))) ?? []
  if (minute === undefined || hour === undefined || valueAt(schedule, 'disabled') === true) return false
  if (!/^(Etc\/)?UTC$/.test(String(valueAt(schedule, 'timeZone') ?? 'UTC'))) return false
  const sinceStart = (((Math.floor(atSeconds / 60) - Number(hour) * 60 - Number(minute)) % minutesPerDay) + minutesPerDay) % minutesPerDay
  return sinceStart * 60 < wholeAt(schedule, 'durationSec')
}
