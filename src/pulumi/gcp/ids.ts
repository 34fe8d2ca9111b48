import type { IdOf } from '../id-in-cloud.ts'

type Inputs = Parameters<IdOf>[1]

const inRegion = (inputs: Inputs, collection: string): string => `regions/${String(inputs['region'])}/${collection}`
const collections: Readonly<Record<string, (inputs: Inputs) => string>> = {
  'gcp:compute/instanceTemplate:InstanceTemplate': () => 'global/instanceTemplates',
  'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager': (inputs) => inRegion(inputs, 'instanceGroupManagers'),
  'gcp:compute/regionAutoscaler:RegionAutoscaler': (inputs) => inRegion(inputs, 'autoscalers'),
  'gcp:container/nodePool:NodePool': ({ location, cluster }) => `locations/${String(location)}/clusters/${String(cluster)}/nodePools`,
}

/** `projects/<project>/regions/<region>/…/<name>`; the project is the resource's own, or that of the stack's other resources. */
export const idOf: IdOf = (type, inputs, knownIds) => {
  const own = inputs['project'] === undefined ? [] : [`projects/${String(inputs['project'])}/`]
  const project = [...own, ...knownIds].map((id) => /^projects\/[^/]+\//.exec(id)?.[0]).find((prefix) => prefix !== undefined)
  const collection = collections[type]
  return project === undefined || collection === undefined ? undefined : `${project}${collection(inputs)}/${String(inputs['name'])}`
}

/** The stack setting that tells the provider where to look for what names no region: an import, or a resource of the user's. */
export const regionSetting = 'gcp:region'
