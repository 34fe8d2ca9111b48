import type { IdOf } from '../id-in-cloud.ts'

/** Groups are known by their names; launch templates get an id that only AWS knows; scheduled actions are put, not created. */
export const idOf: IdOf = (type, inputs) => (type === 'aws:autoscaling/group:Group' && typeof inputs['name'] === 'string' ? inputs['name'] : undefined)
