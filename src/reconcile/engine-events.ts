import type { ResourceChanges } from '../domain/observation.ts'
import type { FoundResource } from '../pulumi/found-resource.ts'
import type { EngineFailure, EngineStep, PropertyChange, StackOutcome } from './engine.ts'

/** The part of the engine's events that is judged; its own type has many more fields. */
export interface EngineEvent {
  readonly diagnosticEvent?: { readonly urn?: string; readonly message: string; readonly severity: string }
  readonly resourcePreEvent?: { readonly metadata: StepMetadata }
  readonly resOutputsEvent?: { readonly metadata: StepMetadata }
  readonly resOpFailedEvent?: { readonly metadata: StepMetadata }
  readonly summaryEvent?: { readonly resourceChanges: Readonly<Record<string, number | undefined>> }
  readonly policyEvent?: { readonly resourceUrn?: string; readonly message: string; readonly enforcementLevel: string; readonly policyName: string }
  readonly cancelEvent?: unknown
}

export interface StepMetadata {
  readonly op: string
  readonly urn: string
  readonly type: string
  readonly old?: { readonly inputs?: object; readonly outputs?: object } | null
  readonly new?: { readonly inputs?: object; readonly outputs?: object } | null
  readonly diffs?: readonly string[] | null
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null
}

/** Operations that leave the resource as it is; what a refresh finds comes as an operation of its own. */
const idle = new Set(['same', 'refresh', 'read', 'read-replacement', 'import', 'read-discard'])

/** @returns the step, or undefined for one that changes nothing */
export function stepOf(metadata: StepMetadata): EngineStep | undefined {
  if (idle.has(metadata.op)) return undefined
  const paths = Object.keys(metadata.detailedDiff ?? {})
  return {
    urn: metadata.urn,
    name: metadata.urn.slice(metadata.urn.lastIndexOf('::') + 2),
    type: metadata.type,
    operation: metadata.op,
    diffs: (paths.length > 0 ? paths : (metadata.diffs ?? [])).map((path) => propertyChange(metadata, path)),
  }
}

function propertyChange(metadata: StepMetadata, path: string): PropertyChange {
  const inputs = { path, before: atPath(metadata.old?.inputs, path), after: atPath(metadata.new?.inputs, path) }
  if (JSON.stringify(inputs.before) !== JSON.stringify(inputs.after)) return inputs
  return { path, before: atPath(metadata.old?.outputs, path), after: atPath(metadata.new?.outputs, path) }
}

/** @param path  the engine's own: `profiles[0].capacity`, `tags["a.b"]` */
function atPath(value: unknown, path: string): unknown {
  const keys = [...path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
  return keys.reduce<unknown>((at, key) => (at === null || typeof at !== 'object' ? undefined : (at as Record<string, unknown>)[key]), value)
}

/** Everything one engine run said, gathered. */
export interface RunRecord {
  readonly steps: readonly EngineStep[]
  readonly failures: readonly EngineFailure[]
  /** Resources with their properties when the engine had looked or acted; those that were gone are left out. */
  readonly found: readonly FoundResource[]
  readonly summary: Readonly<Record<string, number | undefined>> | undefined
}

/** What engine and program say of a run as a whole once the resources that failed have been named. */
const summing = /^(preview|update|refresh|destroy|destroying|import) failed$|\bfailed to register\b/

/** Gathers events as they come. */
export class EventLog {
  readonly #steps = new Map<string, EngineStep>()
  readonly #told: EngineFailure[] = []
  readonly #failed: EngineFailure[] = []
  readonly #found = new Map<string, FoundResource>()
  readonly #imported = new Set<string>()
  #summary: RunRecord['summary']

  add(event: EngineEvent): void {
    // A refresh says what it found only when it has looked: there the step comes with the outputs alone.
    for (const told of [event.resourcePreEvent, event.resOutputsEvent]) {
      const step = told && stepOf(told.metadata)
      if (step && !this.#steps.has(`${step.operation} ${step.urn}`)) this.#steps.set(`${step.operation} ${step.urn}`, step)
    }
    const after = event.resOutputsEvent?.metadata
    // What is imported is changed to the program's inputs right after: what was found is what came first.
    if (after?.new?.outputs && !this.#imported.has(after.urn)) this.#found.set(after.urn, { type: after.type, properties: { ...after.new.outputs } })
    if (after?.op === 'import') this.#imported.add(after.urn)
    const { diagnosticEvent: told, resOpFailedEvent: failed } = event
    if (told?.severity === 'error') this.#told.push({ urn: told.urn === '' ? undefined : told.urn, message: plainText(told.message) })
    const policy = event.policyEvent
    if (policy?.enforcementLevel === 'mandatory') this.#told.push({ urn: policy.resourceUrn === '' ? undefined : policy.resourceUrn, message: policyMessage(policy.policyName, policy.message) })
    if (failed) this.#failed.push({ urn: failed.metadata.urn, message: `${failed.metadata.op} failed` })
    if (event.summaryEvent) this.#summary = together(this.#summary, event.summaryEvent.resourceChanges)
  }

  /** Takes over what another run failed at, but nothing that it would have done. */
  addFailures(failures: readonly EngineFailure[]): void {
    this.#told.push(...failures)
  }

  record(): RunRecord {
    const explained = new Set(this.#told.map(({ urn }) => urn))
    const all = [...this.#told, ...this.#failed.filter(({ urn }) => !explained.has(urn))]
    const named = all.filter(({ message }) => !summing.test(message))
    return { steps: [...this.#steps.values()], failures: named.length > 0 ? named : all, found: [...this.#found.values()], summary: this.#summary }
  }
}

/** Of two runs of one apply: what either changed, and what the later left as it was. */
function together(before: RunRecord['summary'], { same, ...changes }: Readonly<Record<string, number | undefined>>): RunRecord['summary'] {
  const sum = (operation: string): [string, number] => [operation, (before?.[operation] ?? 0) + (changes[operation] ?? 0)]
  const operations = new Set([...Object.keys(before ?? {}), ...Object.keys(changes)].filter((operation) => operation !== 'same'))
  return { ...Object.fromEntries([...operations].map(sum)), same }
}

/** The engine puts a policy's description before what it says of this run. */
function policyMessage(name: string, text: string): string {
  return `policy ${name}: ${plainText(text).split('\n').at(-1) ?? ''}`
}

/** The engine colours its text with tags such as <{%reset%}>. */
function plainText(text: string): string {
  return text.replace(/<\{%[^%]*%\}>/g, '').trim()
}

/** @returns resource operations as the engine counted them */
export function changesOf(summary: RunRecord['summary']): ResourceChanges {
  const count = (...operations: string[]): number => operations.reduce((sum, operation) => sum + (summary?.[operation] ?? 0), 0)
  return {
    created: count('create', 'import'),
    updated: count('update'),
    replaced: count('replace', 'create-replacement', 'import-replacement'),
    deleted: count('delete'),
    same: count('same', 'read'),
  }
}

/** What was not to be changed, and the engine kept it. */
const refusal = /protect|^policy /i

/**
 * The verdict comes from the events: the exception that ends a failed run carries one cause at most, and a run may fail for one
 * resource and succeed for the others.
 * @param ended  how the engine's process ended
 */
export function outcomeOf(record: RunRecord, ended: 'well' | 'badly' | 'interrupted'): StackOutcome {
  if (ended === 'interrupted') return 'aborted'
  if (record.failures.length > 0 && record.failures.every((failure) => refusal.test(failure.message))) return 'refused'
  return ended === 'badly' || record.failures.length > 0 ? 'failed' : 'succeeded'
}
