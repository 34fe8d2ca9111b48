import type { Inputs } from '../inputs.ts'
import type { CloudState, SandboxResource } from '../state.ts'
import type { World } from '../world.ts'

/** What a call knows beside its inputs. */
export interface CallScope {
  /** Region of the provider's configuration, for resources that name none. */
  readonly region: string | undefined
  /** GCP project. */
  readonly project: string
}

/** A fault of the inputs that the API's own rules find, at a path such as `desiredCapacity`. */
export interface InputRule {
  readonly path: string
  readonly message: string
}

/** Where a resource will live and what it will be called. */
export interface Identity {
  /** Unique in the whole sandbox. */
  readonly key: string
  /** As the cloud's API and the engine know it. */
  readonly id: string
  readonly region: string
}

/** One type of resource of a cloud: its rules, its effects on the clouds, what it answers. */
export interface ResourceKind {
  /** Input that holds its name, when it has one that the provider may make up. */
  readonly nameInput?: string
  /** Set where the API puts rather than creates: what is there under the name is taken over by the new inputs. */
  readonly isPut?: true
  /** Inputs whose change needs a new resource. */
  readonly replaceOn: readonly string[]
  /** Rules over several inputs; a path whose value is not known yet must be taken as right. */
  readonly rules?: (inputs: Inputs) => readonly InputRule[]
  /** @param state  needed where the identity hangs on another resource, such as the region of an Azure resource group */
  identify(inputs: Inputs, scope: CallScope, state: CloudState): Identity
  /**
   * Makes the clouds follow new or changed inputs.
   * @param before  what the caller believed was there, undefined for a new resource
   * @throws CloudError where the real API refuses; the state is then thrown away
   */
  put?(state: CloudState, world: World, resource: SandboxResource, before: Inputs | undefined): void
  /** @throws CloudError where the real API refuses, for example while another resource uses it */
  remove?(state: CloudState, world: World, resource: SandboxResource): void
  /** The declared inputs with what the cloud has now in place of counts that move by themselves. */
  liveInputs?(state: CloudState, resource: SandboxResource): Inputs
  /** Outputs beside the inputs; the names must not hang on the state, so that a preview can call them unknown. */
  outputs(state: CloudState, resource: SandboxResource): Inputs
  /** Outputs that any update may change. */
  readonly movingOutputs?: readonly string[]
  /** Acts at the time set in `state.timers`, and sets the next. */
  act?(state: CloudState, resource: SandboxResource): void
  /** Looks at the newest step's utilisation. */
  followLoad?(state: CloudState, resource: SandboxResource): void
  /** Whether a call waits until the group's nodes are placed, and fails when they cannot be. */
  waitsForNodes?(inputs: Inputs): boolean
}

/** A cloud: its resource types by the engine's type token. */
export interface CloudApi {
  readonly kinds: Readonly<Record<string, ResourceKind>>
}

/** An answer of a cloud that is not success, as its API words it. */
export class CloudError extends Error {
  override readonly name = 'CloudError'
  /** The cloud's own error code, for example `ValidationError`. */
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}
