import { noteAnswers } from './answers.ts'
import { cloudApis } from './autoscaling.ts'
import { CloudError, type CallScope, type ResourceKind } from './clouds/cloud-api.ts'
import { shortfall, type Shortfall } from './groups.ts'
import type { Inputs } from './inputs.ts'
import type { CloudState, SandboxResource } from './state.ts'
import type { World } from './world.ts'

/** A resource as a call answers it. */
export interface CallAnswer {
  readonly id: string
  /** Declared inputs, with what is live in place of counts that move by themselves. */
  readonly inputs: Inputs
  readonly outputs: Inputs
  /** The call was accepted and its nodes cannot all be had: partial failure. */
  readonly short: Shortfall | undefined
}

/** @returns undefined for a type that the sandbox does not have */
export function kindOf(token: string): ResourceKind | undefined {
  return Object.values(cloudApis).map((api) => api.kinds[token]).find((kind) => kind !== undefined)
}

function knownKind(token: string): ResourceKind {
  const kind = kindOf(token)
  if (kind === undefined) throw new CloudError('UnknownType', `the sandbox has no type ${token}`)
  return kind
}

function cloudOf(token: string): SandboxResource['cloud'] {
  const name = token.split(':')[0]
  return name === 'gcp' ? 'gcp' : name === 'azure-native' ? 'azure' : 'aws'
}

/** @throws CloudError where the real API refuses, also when a resource of that name exists */
export function createResource(state: CloudState, world: World, token: string, inputs: Inputs, scope: CallScope): CallAnswer {
  const kind = knownKind(token)
  const { key, id, region } = kind.identify(inputs, scope, state)
  const before = state.resources[key]
  if (before !== undefined && kind.isPut === undefined) throw new CloudError('AlreadyExists', `${id} already exists${region === 'global' ? '' : ` in ${region}`}`)
  const resource: SandboxResource = { key, token, id, cloud: cloudOf(token), region, inputs, version: (before?.version ?? 0) + 1 }
  admit(state, resource)
  state.resources[key] = resource
  kind.put?.(state, world, resource, before?.inputs)
  noteAnswers(state, world)
  return answer(state, world, kind, resource)
}

/**
 * @param before  inputs as the caller believes them to be
 * @throws CloudError `NotFound` when it is gone, or where the real API refuses
 */
export function updateResource(state: CloudState, world: World, token: string, id: string, before: Inputs, inputs: Inputs, scope: CallScope): CallAnswer {
  const kind = knownKind(token)
  const resource = locate(state, token, id, before, scope)
  if (resource === undefined) throw new CloudError('NotFound', `${id} does not exist`)
  admit(state, resource)
  resource.inputs = inputs
  resource.version += 1
  kind.put?.(state, world, resource, before)
  noteAnswers(state, world)
  return answer(state, world, kind, resource)
}

/** @returns undefined when there is no such resource */
export function readResource(state: CloudState, world: World, token: string, id: string, inputs: Inputs, scope: CallScope): CallAnswer | undefined {
  const kind = knownKind(token)
  const resource = locate(state, token, id, inputs, scope)
  if (resource === undefined) return undefined
  admit(state, resource)
  return { ...answer(state, world, kind, resource), short: undefined }
}

/** Deleting what is gone is done already. */
export function deleteResource(state: CloudState, world: World, token: string, id: string, inputs: Inputs, scope: CallScope): void {
  const kind = knownKind(token)
  const resource = locate(state, token, id, inputs, scope)
  if (resource === undefined) return
  admit(state, resource)
  kind.remove?.(state, world, resource)
  delete state.resources[resource.key]
  noteAnswers(state, world)
}

/** Throttling and outages meet every call, whatever it asks. */
function admit(state: CloudState, resource: SandboxResource): void {
  const { throttleEvery, lostRegions } = state.faults
  state.apiCalls += 1
  if (throttleEvery > 0 && state.apiCalls % throttleEvery === 0) throw new CloudError(throttled, 'Rate exceeded')
  const region = `${resource.cloud}/${resource.region}`
  if (lostRegions.includes(region)) throw new CloudError('ServiceUnavailable', `${region} does not answer`)
}

/** Code of the answer to a call that came too soon after others: try again later. */
export const throttled = 'Throttling'

function locate(state: CloudState, token: string, id: string, inputs: Inputs, scope: CallScope): SandboxResource | undefined {
  const sameId = Object.values(state.resources).filter((resource) => resource.token === token && answersTo(resource, id))
  if (sameId.length <= 1) return sameId[0]
  // AWS ids are unique within a region or a group only: the inputs, or the provider's region, say which is meant.
  const key = identityKey(state, token, inputs, scope)
  return sameId.find((resource) => resource.key === key) ?? sameId.find((resource) => resource.region === scope.region)
}

function identityKey(state: CloudState, token: string, inputs: Inputs, scope: CallScope): string | undefined {
  try {
    return knownKind(token).identify(inputs, scope, state).key
  } catch (error) {
    if (error instanceof CloudError) return undefined
    throw error
  }
}

/** An import may add the region (`web@eu-west-1`) or the group (`web/raise-at-9`) to an id that is not unique alone. */
function answersTo(resource: SandboxResource, id: string): boolean {
  if (resource.id === id || `${resource.id}@${resource.region}` === id) return true
  return `${String(resource.inputs['autoscalingGroupName'])}/${resource.id}` === id
}

function answer(state: CloudState, world: World, kind: ResourceKind, resource: SandboxResource): CallAnswer {
  const inputs = kind.liveInputs?.(state, resource) ?? resource.inputs
  const group = state.groups[resource.key]
  const waits = group !== undefined && kind.waitsForNodes?.(resource.inputs) === true
  return { id: resource.id, inputs, outputs: { ...inputs, ...kind.outputs(state, resource) }, short: waits ? shortfall(state, world, group) : undefined }
}
