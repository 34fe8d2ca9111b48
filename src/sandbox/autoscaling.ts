import { aws } from './clouds/aws.ts'
import { azure } from './clouds/azure.ts'
import { gcp } from './clouds/gcp.ts'
import type { CloudApi } from './clouds/cloud-api.ts'
import type { CloudState } from './state.ts'
import type { Cloud } from '../domain/pool.ts'

/** The three clouds' own rules. */
export const cloudApis: Readonly<Record<Cloud, CloudApi>> = { aws, gcp, azure }

/** Lets the schedule or autoscaler whose time has come act, and sets its next time. */
export function actOnTimer(state: CloudState, key: string): void {
  delete state.timers[key]
  const resource = state.resources[key]
  if (resource === undefined) return
  cloudApis[resource.cloud].kinds[resource.token]?.act?.(state, resource)
}

/** Lets the autoscalers that follow CPU look at the newest step. */
export function followLoad(state: CloudState): void {
  for (const resource of Object.values(state.resources)) cloudApis[resource.cloud].kinds[resource.token]?.followLoad?.(state, resource)
}
