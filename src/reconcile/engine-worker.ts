import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ConcurrentUpdateError, type Deployment, LocalWorkspace, PulumiCommand, Stack, StackNotFoundError, type Workspace } from '@pulumi/pulumi/automation/index.js'
import { contentHash } from '../domain/hash.ts'
import { resourceOfRecord } from '../pulumi/declare-records.ts'
import { declareStack } from '../pulumi/declare-stack.ts'
import { boundsHolders } from '../pulumi/bounds-holders.ts'
import { idInCloud, regionSettings } from '../pulumi/id-in-cloud.ts'
import type { EngineRunKind, StackRun, StackTarget } from './engine.ts'
import { changesOf, EventLog, outcomeOf, stepOf, type EngineEvent } from './engine-events.ts'
import { holderIsDead, localProcesses, locksIn, removeLock } from './stack-lock.ts'
import { type StateResource, withResourceOf } from './state-move.ts'
import type { FromWorker, ToWorker, WorkerSettings } from './worker-messages.ts'

/** A process of its own: runs the engine on one stack after another, as its supervisor says, and ends with its supervisor. */
const interrupt = new AbortController()
/** Runs that make the stack where there is none, and may meet locks. */
type ChangingKind = Exclude<EngineRunKind, 'observe' | 'repair' | 'take-over'>
let command: Promise<PulumiCommand> | undefined

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message)
}

process.on('message', (message: ToWorker) => {
  if (message.kind === 'interrupt') interrupt.abort()
  else void runStack(message.run, message.target, message.engine).then((run) => tell({ kind: 'finished', run }))
})
process.on('disconnect', () => {
  interrupt.abort()
  process.exitCode = 1
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort())

async function runStack(kind: EngineRunKind, target: StackTarget, engine: WorkerSettings): Promise<StackRun> {
  const started = performance.now()
  const log = new EventLog()
  const notes: string[] = []
  const note = (text: string): void => {
    notes.push(text)
    tell({ kind: 'progress', event: { kind: 'note', stack: target.stack, note: text } })
  }
  let ended: 'well' | 'badly' | 'interrupted' | 'locked' = 'well'
  let cause = ''
  try {
    if (kind === 'observe') await observe(target, engine, log)
    else if (kind === 'take-over') await takeResources(target, engine, note)
    else if (kind === 'repair') await withoutDeadLocks(target, engine, () => repair(target, engine, note), note)
    else await withoutDeadLocks(target, engine, () => operate(kind, target, engine, log), note)
  } catch (error) {
    cause = error instanceof Error ? error.message : String(error)
    ended = interrupt.signal.aborted ? 'interrupted' : error instanceof ConcurrentUpdateError ? 'locked' : 'badly'
  }
  const record = log.record()
  const failures = ended === 'badly' && record.failures.length === 0 ? [{ urn: undefined, message: lastLines(cause) }] : record.failures
  return {
    stack: target.stack,
    kind,
    outcome: ended === 'locked' ? 'lock-held' : outcomeOf({ ...record, failures }, ended),
    changes: changesOf(record.summary),
    steps: record.steps,
    found: kind === 'observe' || target.imports !== undefined ? record.found : [],
    failures: ended === 'locked' ? locksIn(cause).map((lock) => ({ urn: undefined, message: `locked by ${lock.holder} since ${new Date(lock.sinceSeconds * 1000).toISOString()}` })) : failures,
    notes,
    durationSeconds: (performance.now() - started) / 1000,
  }
}

/** Runs the operation; when only locks of dead processes are in its way, clears them, brings the state up to the clouds, and runs it again. */
async function withoutDeadLocks(target: StackTarget, engine: WorkerSettings, operation: () => Promise<void>, note: (text: string) => void): Promise<void> {
  try {
    await operation()
  } catch (error) {
    const locks = error instanceof ConcurrentUpdateError ? locksIn(error.message) : []
    const dead = locks.filter((lock) => holderIsDead(lock, localProcesses))
    if (dead.length === 0 || dead.length < locks.length || !dead.every(removeLock)) throw error
    note(`cleared the engine's lock of ${dead.map((lock) => lock.holder).join(', ')}: that process is gone`)
    await mendState(target, engine, note)
    await operation()
  }
}

interface Checkpoint {
  readonly resources?: readonly StateResource[]
  readonly pending_operations?: readonly { readonly type: string; readonly resource: PendingResource }[]
}
interface PendingResource {
  readonly urn: string
  readonly type: string
  /** False for a component, which exists in the state alone. */
  readonly custom?: boolean
  readonly parent?: string
  /** URN and id of the provider, joined by `::`. */
  readonly provider?: string
  readonly inputs?: Readonly<Record<string, unknown>>
}

/**
 * After a run that died midway: the engine forgets what it was creating and reads the cloud; then what was being created is looked up in
 * the cloud by its explicit name and taken over where it is there, so that it is neither lost nor made twice.
 */
async function mendState(target: StackTarget, engine: WorkerSettings, note: (text: string) => void): Promise<void> {
  const stack = await openStack(target, engine)
  const checkpoint = (await stack.exportStack()).deployment as Checkpoint
  const knownIds = (checkpoint.resources ?? []).flatMap((resource) => resource.id ?? [])
  await stack.refresh({ clearPendingCreates: true, signal: interrupt.signal })
  for (const { type, resource } of checkpoint.pending_operations ?? []) {
    if (type !== 'creating' || resource.custom !== true) continue
    const id = idInCloud(target.desired.cloud, resource.type, resource.inputs ?? {}, knownIds)
    const takenOver = id !== undefined && (await takeOver(stack, resource, id))
    note(`${resource.type} ${nameIn(resource.urn)} was being created: ${takenOver ? 'it is in the cloud and was taken over' : 'it is not known to be in the cloud and is created again'}`)
  }
}

/**
 * Moves resources from other stacks' state to this one's. One that stands in both was left behind by a run that died between the two writes, of
 * which the first is to where it goes; one that stands in neither is made by the next apply.
 */
async function takeResources(target: StackTarget, engine: WorkerSettings, note: (text: string) => void): Promise<void> {
  const { workspace } = await openStack(target, engine)
  const exported = async (stack: string): Promise<Deployment | undefined> => {
    try {
      return await workspace.exportStack(stack)
    } catch (error) {
      if (!(error instanceof StackNotFoundError)) throw error
      return undefined
    }
  }
  if ((await exported(target.stack)) === undefined) await makeStack(target, workspace)
  for (const { from, record } of target.takes ?? []) {
    const { type, name } = resourceOfRecord(record)
    const isIt = (resource: StateResource): boolean => resource.type === type && nameIn(resource.urn) === name
    const [source, here] = [await exported(from), await exported(target.stack)]
    const taken = resourcesOf(source).find(isIt)
    const own = resourcesOf(here).find(isIt)
    if (source === undefined || here === undefined || taken === undefined) {
      note(`${name} is not in the state of ${from} any more`)
      continue
    }
    if (own !== undefined && own.id !== taken.id) throw new Error(`${target.stack} holds another ${type} named ${name}, ${own.id ?? 'without an id'}; that of ${from} is ${taken.id ?? 'without an id'}`)
    if (own === undefined) await workspace.importStack(target.stack, withResources(here, withResourceOf(resourcesOf(here), target.stack, taken, from, resourcesOf(source)), source))
    await workspace.importStack(from, withResources(source, resourcesOf(source).filter((resource) => !isIt(resource)), source))
  }
}

function resourcesOf(exported: Deployment | undefined): readonly StateResource[] {
  return (exported?.deployment as Checkpoint | null | undefined)?.resources ?? []
}

/** @param like  gives what a stack that was never applied lacks */
function withResources(exported: Deployment, resources: readonly StateResource[], like: Deployment): Deployment {
  const { manifest } = like.deployment as { readonly manifest: unknown }
  return { version: like.version, deployment: { manifest, ...(exported.deployment as object | null), resources } }
}

/** Keeps a copy of the state as it is, says what was under way, and mends it; what is not known to the engine is left as it is. */
async function repair(target: StackTarget, engine: WorkerSettings, note: (text: string) => void): Promise<void> {
  try {
    const stack = await openStack(target, engine)
    const exported = await stack.exportStack()
    const copy = join('.prescale', 'backups', `${target.stack}-${contentHash(exported.deployment)}.json`)
    writeCopy(join(engine.projectDirectory, copy), JSON.stringify(exported))
    note(`the state as it was is kept in ${copy}; pulumi stack import --file brings it back`)
    const pending = (exported.deployment as Checkpoint).pending_operations ?? []
    for (const { type, resource } of pending) note(`${type}: ${resource.type} ${nameIn(resource.urn)}`)
    if (pending.length === 0) note('no operation was under way')
    await mendState(target, engine, note)
    note('the state was read from the cloud')
  } catch (error) {
    if (!(error instanceof StackNotFoundError)) throw error
    note('the stack was never applied: there is nothing to repair')
  }
}

/** What is there already is the same copy: its name is made from its content. */
function writeCopy(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.${process.pid}`, text, { mode: 0o600 })
  renameSync(`${file}.${process.pid}`, file)
}

function nameIn(urn: string): string {
  return urn.slice(urn.lastIndexOf('::') + 2)
}

/** @returns whether the cloud has it and the state now holds it */
async function takeOver(stack: Stack, { type, urn, parent, provider }: PendingResource, id: string): Promise<boolean> {
  const nameTable = {
    ...(parent !== undefined && { parent }),
    ...(provider !== undefined && { provider: provider.slice(0, provider.lastIndexOf('::')) }),
  }
  const references = Object.fromEntries(Object.keys(nameTable).map((name) => [name, name]))
  try {
    await stack.import({ resources: [{ type, name: nameIn(urn), id, ...references }], nameTable, generateCode: false })
    return true
  } catch (error) {
    if (interrupt.signal.aborted) throw error
    return false
  }
}

/**
 * Opens a stack without a run of the engine's command: selecting would only write which stack a shell talks about.
 * What is not known to exist is made when an operation does not find it.
 */
async function openStack(target: StackTarget, engine: WorkerSettings): Promise<Stack> {
  command ??= PulumiCommand.get()
  const workspace = await LocalWorkspace.create({
    workDir: engine.projectDirectory,
    pulumiCommand: await command,
    program: () => Promise.resolve({ ...declareStack(target.desired, target.imports) }),
  })
  workspace.selectStack = async () => {}
  const stack = await Stack.select(target.stack, workspace)
  // Both would start the engine's command once more after each run, for what the events have already told.
  stack.outputs = () => Promise.resolve({})
  stack.info = () => Promise.resolve(undefined)
  return stack
}

/** A refresh that is only previewed: it takes no lock, so it neither waits for other runs nor stands in their way. */
async function observe(target: StackTarget, engine: WorkerSettings, log: EventLog): Promise<void> {
  const stack = await openStack(target, engine)
  try {
    await stack.previewRefresh({ onEvent: (event: EngineEvent) => log.add(event), signal: interrupt.signal, suppressOutputs: true })
  } catch (error) {
    // what was never applied holds nothing
    if (!(error instanceof StackNotFoundError)) throw error
  }
}

async function operate(kind: ChangingKind, target: StackTarget, engine: WorkerSettings, log: EventLog): Promise<void> {
  const stack = await openStack(target, engine)
  try {
    // a machine that starts from an older checkout knows the stack, and not its settings
    if (!(await hasSettings(stack, engine))) await setRegion(target, stack.workspace)
    await operation(kind, stack, target, engine, log)
  } catch (error) {
    if (!(error instanceof StackNotFoundError)) throw error
    await makeStack(target, stack.workspace)
    await operation(kind, stack, target, engine, log)
  }
}

async function makeStack(target: StackTarget, workspace: Workspace): Promise<void> {
  await workspace.createStack(target.stack)
  await setRegion(target, workspace)
}

/** @returns whether the engine's file of the stack is there */
async function hasSettings({ name, workspace }: Stack, { projectDirectory }: WorkerSettings): Promise<boolean> {
  const { stackConfigDir = '.' } = (await workspace.projectSettings()) as { readonly stackConfigDir?: string }
  return existsSync(join(projectDirectory, stackConfigDir, `Pulumi.${name}.yaml`))
}

async function setRegion({ stack, desired }: StackTarget, workspace: Workspace): Promise<void> {
  await workspace.setConfig(stack, regionSettings[desired.cloud], { value: desired.region })
}

async function operation(kind: ChangingKind, stack: Stack, target: StackTarget, engine: WorkerSettings, log: EventLog): Promise<void> {
  const options = { onEvent: (event: EngineEvent) => report(target, log, event), signal: interrupt.signal, suppressOutputs: true }
  const policies = { policyPacks: [...engine.policyPacks], policyPackConfigs: [...engine.policyPackConfigs] }
  const refresh = target.refresh === 'first'
  if (engine.deletions === 'allow' && (kind === 'apply' || kind === 'destroy')) await unprotect(target, engine)
  switch (kind) {
    case 'preview':
      return void (await stack.preview({ ...options, refresh, ...policies }))
    case 'apply':
      if (engine.policyPacks.length > 0 || (target.look === 'first' && engine.deletions === 'refuse')) await refuseWhole(stack, { refresh, ...policies }, log)
      await stack.up({ ...options, refresh, ...policies, continueOnError: true })
      return finishCounts(stack, target, options, log)
    case 'refresh':
      return void (await stack.refresh(options))
    case 'destroy':
      return void (await stack.destroy(options))
    default:
      return kind satisfies never
  }
}

/**
 * The engine refuses a protected group's end when it comes to it, and by then has made its other changes; policies of whole
 * stacks it checks last. Both are asked beforehand.
 */
async function refuseWhole(stack: Stack, checked: { readonly refresh: boolean; policyPacks: string[]; policyPackConfigs: string[] }, log: EventLog): Promise<void> {
  const look = new EventLog()
  try {
    await stack.preview({ onEvent: (event: EngineEvent) => look.add(event), signal: interrupt.signal, suppressOutputs: true, ...checked })
  } catch (error) {
    log.addFailures(look.record().failures)
    throw error
  }
}

/**
 * The engine deletes last. A cloud's autoscaler that was removed had held its group's old bounds until then, so a count below them, asked for
 * in the same run, was not taken: it is asked for once more.
 */
async function finishCounts(stack: Stack, target: StackTarget, options: { readonly onEvent: (event: EngineEvent) => void; readonly signal: AbortSignal }, log: EventLog): Promise<void> {
  const { steps } = log.record()
  const freed = steps.some((step) => step.operation === 'delete' && boundsHolders.has(step.type))
  const lowered = target.desired.pools.length > 0 && steps.some((step) => step.operation === 'update')
  if (freed && lowered) await stack.up({ ...options, refresh: true, continueOnError: true, suppressOutputs: true })
}

/** The program protects every group again as soon as it declares it. */
async function unprotect(target: StackTarget, engine: WorkerSettings): Promise<void> {
  const options = ['state', 'unprotect', '--all', '--yes', '--non-interactive', '--stack', target.stack]
  await promisify(execFile)('pulumi', options, { cwd: engine.projectDirectory, signal: interrupt.signal })
}

function report(target: StackTarget, log: EventLog, event: EngineEvent): void {
  log.add(event)
  const { stack } = target
  const step = event.resourcePreEvent && stepOf(event.resourcePreEvent.metadata)
  if (step) tell({ kind: 'progress', event: { kind: 'step', stack, step } })
  const done = event.resOutputsEvent && stepOf(event.resOutputsEvent.metadata)
  if (done) tell({ kind: 'progress', event: { kind: 'step-done', stack, urn: done.urn, operation: done.operation } })
}

/** What the engine's command wrote of its errors, or else the end of what it wrote. */
function lastLines(text: string): string {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  const errors = lines.filter((line) => line.startsWith('error: '))
  return [...new Set(errors.length > 0 ? errors.map((line) => line.slice('error: '.length)) : lines.slice(-4))].join('; ')
}

tell({ kind: 'ready' })
