import type { IdOf } from '../id-in-cloud.ts'

/** Groups are known by their names; launch templates get an id that only AWS knows; scheduled actions are put, not created. */
export const idOf: IdOf = (type, inputs) => (type === 'aws:autoscaling/group:Group' && typeof inputs['name'] === 'string' ? inputs['name'] : undefined)

/** The stack setting that tells the provider where to look for what names no region: an import, or a resource of the user's. */
export const regionSetting = 'aws:region'
