import type { IdOf } from '../id-in-cloud.ts'

const collections: Readonly<Record<string, (region: string) => string>> = {
  'gcp:compute/instanceTemplate:InstanceTemplate': () => 'global/instanceTemplates',
  'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager': (region) => `regions/${region}/instanceGroupManagers`,
  'gcp:compute/regionAutoscaler:RegionAutoscaler': (region) => `regions/${region}/autoscalers`,
}

/** `projects/<project>/regions/<region>/…/<name>`; the project is that of the stack's other resources. */
export const idOf: IdOf = (type, inputs, knownIds) => {
  const project = knownIds.map((id) => /^projects\/[^/]+\//.exec(id)?.[0]).find((prefix) => prefix !== undefined)
  const collection = collections[type]
  return project === undefined || collection === undefined ? undefined : `${project}${collection(String(inputs['region']))}/${String(inputs['name'])}`
}

/** The stack setting that tells the provider where to look for what names no region: an import, or a resource of the user's. */
export const regionSetting = 'gcp:region'
