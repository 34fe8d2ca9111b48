import { desiredStateFile, readDesiredState, resourceHash, shapeHash } from '../documents/desired-state-file.ts'
import type { DesiredState } from '../domain/desired-state.ts'
import { kubernetesPlace, madeName } from '../domain/kubernetes.ts'
import type { LiveCounts } from '../domain/observation.ts'
import { type PoolKey, purchaseOptions, type RegionKey, stackName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import type { AppliedRecord, StackNeed, WantedStack } from '../reconcile/changed-stacks.ts'
import type { StackTarget } from '../reconcile/engine.ts'
import type { ObservedStack } from '../reconcile/live-counts.ts'
import { engineSettings } from './engine.ts'
import { type Project, projectFile, projectNow } from './project.ts'

/**
 * The desired states in stacks/, one per region of the settings.
 * @param only  name of one stack, `aws-us-east-1`; undefined for all
 * @throws Problem `file-missing`, `input-invalid`, `plan-edited`, `stack-unknown`
 */
export function readDesiredStates(project: Project, only: string | undefined): readonly DesiredState[] {
  return regionsOf(project, only).map((region) => {
    const file = desiredStateFile(region)
    const text = projectFile(project, file)
    if (text === undefined) throw new Problem('file-missing', { what: 'the desired state', file, make: 'prescale plan' })
    return readDesiredState(text, file)
  })
}

/** @returns the desired state in a region's file; undefined where there is none that can be trusted */
export function trustedState(project: Project, region: RegionKey): DesiredState | undefined {
  const file = desiredStateFile(region)
  const text = projectFile(project, file)
  if (text === undefined) return undefined
  try {
    return readDesiredState(text, file)
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

/** @throws Problem `stack-unknown` */
export function regionsOf(project: Project, only: string | undefined): Project['settings']['regions'] {
  const { regions } = project.settings
  if (only === undefined) return regions
  const found = regions.filter((region) => stackName(region) === only || fullStackName(project, region) === only)
  if (found.length === 0) throw new Problem('stack-unknown', { stack: only, known: regions.map(stackName) })
  return found
}

/** @returns the engine's name of a stack: `sandbox.aws-us-east-1` */
export function fullStackName(project: Project, region: Pick<DesiredState, 'cloud' | 'region'>): string {
  return `${project.settings.name}.${stackName(region)}`
}

/** @returns a desired state as the engine's part of the work knows it */
export function wantedStack(project: Project, desired: DesiredState): WantedStack {
  return { stack: fullStackName(project, desired), desired, resources: resourceHash(desired), shape: shapeHash(desired) }
}

/** @returns name of the record of what was applied to a stack last */
export function appliedRecord(stack: string): string {
  return `applied/${stack}`
}

/** @returns what was applied last, by whichever machine, by stack */
export async function appliedRecords(project: Project): Promise<ReadonlyMap<string, AppliedRecord>> {
  const records = await (await project.coordination()).readAll<AppliedRecord>('applied')
  return new Map([...records].filter(([, record]) => saysWhatWasApplied(record)))
}

/** @returns what was applied to one stack last, by whichever machine */
export async function appliedTo(project: Project, stack: string): Promise<AppliedRecord | undefined> {
  const record = await (await project.coordination()).read<AppliedRecord>(appliedRecord(stack))
  return record !== undefined && saysWhatWasApplied(record) ? record : undefined
}

/** A record of an earlier version does not: the engine is asked. */
function saysWhatWasApplied(record: Partial<AppliedRecord>): boolean {
  return record.state !== undefined
}

/**
 * What the clouds hold, read now: from the sandbox's state, or by the engine through the clouds' own providers, which costs about a
 * second of CPU per stack and does not know which nodes serve.
 * @param only  one region; all of the settings if undefined
 * @throws Problem `live-unreadable`, `engine-missing`
 */
export async function readLive(project: Project, only?: RegionKey): Promise<LiveCounts> {
  const { world } = project
  const regions = project.settings.regions.filter(({ cloud, region }) => only === undefined || (cloud === only.cloud && region === only.region))
  if (project.sandbox !== undefined) return project.sandbox.read(regions, world.signal)
  const { readLiveCounts } = await import('../reconcile/live-counts.ts')
  const stacks = regions.map((region): ObservedStack => ({ stack: fullStackName(project, region), region, pools: knownPools(project, region) }))
  return readLiveCounts(stacks, engineSettings(project, 'refuse'), projectNow(project), world.signal)
}

/** Every pool that the region may hold by the settings, the catalogue and its desired state, by the name of its group. */
function knownPools(project: Project, { cloud, region, clusters }: Project['settings']['regions'][number]): ReadonlyMap<string, PoolKey> {
  const types = project.catalogue.types.filter((type) => type.cloud === cloud)
  const possible = project.settings.workloads.flatMap((workload) =>
    types.flatMap(({ type }) => purchaseOptions.map((option): PoolKey => ({ cloud, region, workload: workload.name, type, option }))),
  )
  const desired = trustedState(project, { cloud, region })?.pools ?? []
  return new Map([
    ...possible.map((pool): [string, PoolKey] => [madeName(pool, kubernetesPlace(clusters, pool.workload)), pool]),
    ...desired.map(({ group, workload, type, option }): [string, PoolKey] => [group, { cloud, region, workload, type, option }]),
  ])
}

/** @returns a stack to run the engine on, as its need says */
export function target(project: Project, desired: DesiredState, need: Pick<Extract<StackNeed, { kind: 'engine' }>, 'refresh' | 'look'>): StackTarget {
  return { stack: fullStackName(project, desired), desired, refresh: need.refresh, ...(need.look === 'first' && { look: 'first' }) }
}
