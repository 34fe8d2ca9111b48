import type { DesiredRecord, DesiredState } from '../domain/desired-state.ts'
import type { ResourceChanges } from '../domain/observation.ts'
import type { FoundResource } from '../pulumi/found-resource.ts'

export const engineRunKinds = ['preview', 'apply', 'refresh', 'destroy', 'observe', 'repair', 'take-over'] as const
/**
 * What the engine is asked: show the diff, make it so, read the clouds into its state, remove everything, or read the clouds and write
 * nothing: `observe` takes no lock, makes no stack, and waits for nobody. `repair` keeps a copy of the state, clears what a run that died
 * left behind, and reads the clouds into the state. `take-over` moves resources from the state of other stacks to this one's; no cloud is asked.
 */
export type EngineRunKind = (typeof engineRunKinds)[number]

/** How the engine is started. Nothing is read from the process around it. */
export interface EngineSettings {
  /** Folder of Pulumi.yaml and stacks/, absolute. */
  readonly projectDirectory: string
  /** Folder that holds `pulumi` and `pulumi-language-nodejs`, absolute. */
  readonly commandDirectory: string
  /** The whole environment of the engine: PULUMI_HOME, PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, the clouds' credentials; PATH is added to. */
  readonly env: Readonly<Record<string, string>>
  /** Stacks at once; each takes a process of its own, about 250 MB with the engine and its providers. */
  readonly parallel: number
  /** After this long a stack's run is interrupted, and killed after the grace. */
  readonly deadlineSeconds: number
  /** From the interrupt to the kill. */
  readonly graceSeconds: number
  /** A run whose processes together hold more than this is interrupted like one that takes too long. */
  readonly mostMemoryMib: number
  /** Policy packs that the engine checks every preview and apply with: folders, absolute. */
  readonly policyPacks: readonly string[]
  /** Their settings: JSON files, absolute; none, or one for each pack in their order. */
  readonly policyPackConfigs: readonly string[]
  /** Whether a group may be deleted or replaced. */
  readonly deletions: 'refuse' | 'allow'
}

/** One stack to run the engine on. */
export interface StackTarget {
  /** The stack's full name, `sandbox.aws-us-east-1`. */
  readonly stack: string
  readonly desired: DesiredState
  /** `first`: the engine reads the cloud before it compares, which plain runs do not; needed where live counts left the last applied ones. */
  readonly refresh: 'first' | 'no'
  /**
   * `first`: an apply previews the whole change before it makes any of it, so that one which would delete or replace a group is refused whole;
   * left out where only counts and schedules can differ, which spares the engine one pass.
   */
  readonly look?: 'first'
  /** What `take-over` moves here, with the full names of the stacks that hold it. */
  readonly takes?: readonly { readonly from: string; readonly record: DesiredRecord }[]
  /** Groups that are there already and are taken over as they are, with their ids in the cloud. */
  readonly imports?: Readonly<Record<string, string>>
}

/** Asked right before the engine is started on a stack. @returns why it is left as it is, then told as `refused`; undefined when it may run */
export type HoldStack = (target: StackTarget) => Promise<string | undefined>

/** One property that a step changes; values as the program declares them, undefined where there is none. */
export interface PropertyChange {
  /** The engine's path, for example `desiredCapacity` or `sku.capacity`. */
  readonly path: string
  readonly before: unknown
  readonly after: unknown
}

/** One operation on one resource. */
export interface EngineStep {
  readonly urn: string
  /** Last part of the URN. */
  readonly name: string
  /** The resource's own type, for example `aws:autoscaling/group:Group`. */
  readonly type: string
  /** The engine's word: `create`, `update`, `delete`, `replace`, `refresh`, … */
  readonly operation: string
  readonly diffs: readonly PropertyChange[]
}

export interface EngineFailure {
  /** Undefined when the run failed as a whole. */
  readonly urn: string | undefined
  readonly message: string
}

export type StackOutcome =
  | 'succeeded'
  | 'failed'
  /** Interrupted, by the caller or by the deadline. */
  | 'aborted'
  /** Another engine run holds the stack, or may. */
  | 'lock-held'
  /** It would have deleted or replaced a group, broken a policy, or was held before it began. */
  | 'refused'

/** What one engine run did, from the engine's own events. */
export interface StackRun {
  readonly stack: string
  readonly kind: EngineRunKind
  readonly outcome: StackOutcome
  readonly changes: ResourceChanges
  readonly steps: readonly EngineStep[]
  readonly failures: readonly EngineFailure[]
  /** What `observe`, or a run that takes groups over, found in the cloud; of other runs, and of a stack that does not exist, nothing. */
  readonly found: readonly FoundResource[]
  /** Things a person should know: a lock that was cleared, a run that was repeated. */
  readonly notes: readonly string[]
  readonly durationSeconds: number
}

/** Progress while stacks run. */
export type StackEvent =
  | { readonly kind: 'started'; readonly stack: string }
  | { readonly kind: 'step'; readonly stack: string; readonly step: EngineStep }
  | { readonly kind: 'step-done'; readonly stack: string; readonly urn: string; readonly operation: string }
  | { readonly kind: 'note'; readonly stack: string; readonly note: string }
  | { readonly kind: 'finished'; readonly run: StackRun }
