import type { Cloud } from '../domain/pool.ts'
import { liveGroupsOf as awsGroups } from './aws/live-groups.ts'
import { liveGroupsOf as azureGroups } from './azure/live-groups.ts'
import type { LiveGroup, LiveGroupsOf } from './found-resource.ts'
import { liveGroupsOf as gcpGroups } from './gcp/live-groups.ts'

const readers: Readonly<Record<Cloud, LiveGroupsOf>> = { aws: awsGroups, gcp: gcpGroups, azure: azureGroups }

/** Groups as a cloud holds them; see `LiveGroupsOf`. */
export function liveGroups(cloud: Cloud, ...found: Parameters<LiveGroupsOf>): readonly LiveGroup[] {
  return readers[cloud](...found)
}
