import type { IdOf } from '../id-in-cloud.ts'

/** Groups are known by their names, node groups by those of cluster and group; launch templates get an id that only AWS knows; scheduled actions are put, not created. */
export const idOf: IdOf = (type, inputs) => {
  if (type === 'aws:eks/nodeGroup:NodeGroup') return `${String(inputs['clusterName'])}:${String(inputs['nodeGroupName'])}`
  return type === 'aws:autoscaling/group:Group' && typeof inputs['name'] === 'string' ? inputs['name'] : undefined
}

/** The stack setting that tells the provider where to look for what names no region: an import, or a resource of the user's. */
export const regionSetting = 'aws:region'
