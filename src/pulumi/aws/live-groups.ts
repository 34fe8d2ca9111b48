import { type LiveGroupsOf, wholeAt } from '../found-resource.ts'

/** Auto scaling groups hold their counts themselves; scheduled actions have already changed them. */
export const liveGroupsOf: LiveGroupsOf = (resources) =>
  resources
    .filter(({ type }) => type === 'aws:autoscaling/group:Group')
    .map(({ properties }) => ({
      group: String(properties['name']),
      min: wholeAt(properties, 'minSize'),
      desired: wholeAt(properties, 'desiredCapacity'),
      max: wholeAt(properties, 'maxSize'),
    }))
