import { type LiveGroupsOf, wholeAt } from '../found-resource.ts'

/** By type, the properties that hold a group's name and counts. */
const places: Readonly<Record<string, { readonly name: string; readonly min: string; readonly desired: string; readonly max: string }>> = {
  'aws:autoscaling/group:Group': { name: 'name', min: 'minSize', desired: 'desiredCapacity', max: 'maxSize' },
  'aws:eks/nodeGroup:NodeGroup': { name: 'nodeGroupName', min: 'scalingConfig.minSize', desired: 'scalingConfig.desiredSize', max: 'scalingConfig.maxSize' },
}

/** Groups and node groups hold their counts themselves; scheduled actions have already changed them. */
export const liveGroupsOf: LiveGroupsOf = (resources) =>
  resources.flatMap(({ type, properties }) => {
    const place = places[type]
    if (place === undefined) return []
    const count = (path: string): number => wholeAt(properties, path)
    return [{ group: String(properties[place.name]), min: count(place.min), desired: count(place.desired), max: count(place.max) }]
  })
