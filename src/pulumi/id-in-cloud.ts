import type { Cloud } from '../domain/pool.ts'
import { idOf as awsId, regionSetting as awsRegion } from './aws/ids.ts'
import { idOf as azureId, regionSetting as azureRegion } from './azure/ids.ts'
import { idOf as gcpId, regionSetting as gcpRegion } from './gcp/ids.ts'

/**
 * @param type      the engine's type of a resource
 * @param inputs    its inputs, with its explicit name
 * @param knownIds  ids of resources of the same stack, which tell the project or subscription
 * @returns the id that the cloud gives such a resource, or undefined where it cannot be told in advance
 */
export type IdOf = (type: string, inputs: Readonly<Record<string, unknown>>, knownIds: readonly string[]) => string | undefined

const ids: Readonly<Record<Cloud, IdOf>> = { aws: awsId, gcp: gcpId, azure: azureId }

/** The id under which the cloud knows a resource that has an explicit name; see `IdOf`. */
export function idInCloud(cloud: Cloud, ...asked: Parameters<IdOf>): ReturnType<IdOf> {
  return ids[cloud](...asked)
}

/** By cloud, the stack setting that holds its region. */
export const regionSettings: Readonly<Record<Cloud, string>> = { aws: awsRegion, gcp: gcpRegion, azure: azureRegion }
