import { desiredStateFile, writeDesiredState } from '../documents/desired-state-file.ts'
import type { DesiredPool, DesiredState } from '../domain/desired-state.ts'
import { kubernetesPlace } from '../domain/kubernetes.ts'
import { type PoolKey, poolName, purchaseOptions, regionName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import type { StackRun } from '../reconcile/engine.ts'
import { foundGroup, idOfGroup } from '../reconcile/taken-over.ts'
import { audit } from './audit.ts'
import { withLeases } from './lease.ts'
import { changePlannedState } from './plan-record.ts'
import { type Project, projectFile, projectNow, writeProjectFile } from './project.ts'
import { runEngine } from './run-engine.ts'
import { appliedRecord, appliedRecords, fullStackName, readDesiredStates } from './stacks.ts'

/** What became of a group that was to be taken over. */
export interface Adoption {
  readonly pool: DesiredPool
  /** The engine's run: its preview, or the take-over itself. */
  readonly run: StackRun
  /** The stack's file, written when the group was taken over. */
  readonly file: string
}

/**
 * Takes a group that is there already over into its stack, as it is: name, launch, network, tags and counts stay. From then on the plan moves
 * its counts; the rest is never touched.
 * @param group  `aws/us-east-1/web-servers`
 * @param pool   `web/m7g.large/on-demand`: what its nodes are
 * @param mode   `preview` changes nothing
 * @throws Problem `adopt-refused` when the group is not found, or the engine would replace or delete anything; `stack-unknown`, `lease-held`
 */
export async function adoptGroup(project: Project, group: string, pool: string, mode: 'preview' | 'adopt'): Promise<Adoption> {
  const { key, name, region } = named(project, group, pool)
  const before = await stateBefore(project, region)
  const known = before.pools.find((one) => one.group === name || poolName(one) === poolName(key))
  if (known !== undefined) throw refused(group, [`${poolName(known)} is already in the stack, as the group ${known.group}`])
  const kubernetes = kubernetesPlace(region.clusters, key.workload)
  const draft: DesiredPool = {
    ...key,
    group: name,
    owns: project.settings.workloads.find((one) => one.name === key.workload)?.owns ?? 'count',
    was: 0, min: 0, desired: 0, max: 0,
    schedule: [],
    reason: 'taken over as it was found',
    usdPerNodeHour: priceOf(project, key),
    launch: { ...region.launch, zones: region.zones, tags: project.settings.tags },
    ...(kubernetes && { kubernetes }),
    adopted: true,
  }
  const id = idOfGroup(draft, project.world.env, project.sandbox === undefined ? 'real' : 'simulated')
  const look = await engineRun(project, before, draft, id, 'preview')
  const found = foundGroup(look, draft, projectNow(project))
  if (found === undefined) throw refused(group, look.failures.length > 0 ? look.failures.map(({ message }) => message) : [`the cloud has no group ${name} (looked for ${id})`])
  refuseOtherMover(group, draft, found)
  const { min, desired, max } = found
  const launch = { ...draft.launch, zones: found.zones ?? draft.launch.zones }
  const whole = { ...draft, launch, was: desired, min: Math.min(min, desired), desired, max: Math.max(desired, max) }
  const file = desiredStateFile(key)
  const run = await engineRun(project, before, whole, id, 'preview')
  refuseLoss(group, run)
  if (mode === 'preview') return { pool: whole, run, file }
  const stack = fullStackName(project, key)
  const done = await withLeases(project, [stack], 'prescale adopt', 0, async (held) => {
    const taken = await engineRun(project, before, whole, id, 'apply')
    if (taken.outcome !== 'succeeded') throw refused(group, taken.failures.map(({ message }) => message))
    writeProjectFile(project, file, writeDesiredState(withPool(planned(project, before), whole)))
    await changePlannedState(project, key, (state) => withPool(state, whole))
    await held.keep(stack, appliedRecord(stack), () => undefined)
    return taken
  })
  await audit(project, 'adopt', poolName(key), `the group ${name} was taken over with ${desired} nodes`, { id })
  return { pool: whole, run: done, file }
}

function named(project: Project, group: string, pool: string): { readonly key: PoolKey; readonly name: string; readonly region: Project['settings']['regions'][number] } {
  const [cloudName = '', regionPart = '', ...rest] = group.split('/')
  const region = project.settings.regions.find((one) => regionName(one) === `${cloudName}/${regionPart}`)
  if (region === undefined) throw new Problem('stack-unknown', { stack: `${cloudName}/${regionPart}`, known: project.settings.regions.map(regionName) })
  const [workload = '', type = '', optionName = ''] = pool.split('/')
  const option = purchaseOptions.find((one) => one === optionName)
  const name = rest.join('/')
  const faults = [
    ...(name === '' ? ['the group is named as cloud/region/group, such as aws/us-east-1/web-servers'] : []),
    ...(project.settings.workloads.some((one) => one.name === workload) ? [] : [`there is no workload ${workload} in prescale.yaml`]),
    ...(project.catalogue.types.some((one) => one.cloud === region.cloud && one.type === type) ? [] : [`the catalogue has no type ${type} of ${region.cloud}`]),
    ...(option === undefined ? [`the purchase option is ${optionName === '' ? 'missing' : optionName}, expected one of ${purchaseOptions.join(', ')}`] : []),
  ]
  if (faults.length > 0 || option === undefined) throw refused(group, faults)
  return { key: { cloud: region.cloud, region: region.region, workload, type, option }, name, region }
}

function refused(group: string, reasons: readonly string[]): Problem<'adopt-refused'> {
  return new Problem('adopt-refused', { group, reasons })
}

/** What was applied last: the take-over changes nothing else. */
async function stateBefore(project: Project, region: Pick<DesiredState, 'cloud' | 'region'>): Promise<DesiredState> {
  const applied = (await appliedRecords(project)).get(fullStackName(project, region))
  return applied?.state ?? { cloud: region.cloud, region: region.region, pools: [], traffic: [], planId: 'none', expiresSeconds: projectNow(project) }
}

/** The plan in the file, where there is one: what is yet to be applied stays to be applied. */
function planned(project: Project, before: DesiredState): DesiredState {
  return projectFile(project, desiredStateFile(before)) === undefined ? before : (readDesiredStates(project, `${before.cloud}-${before.region}`)[0] ?? before)
}

function withPool(state: DesiredState, pool: DesiredPool): DesiredState {
  const others = state.pools.filter((one) => poolName(one) !== poolName(pool))
  return { ...state, pools: [...others, pool].sort((a, b) => (a.group < b.group ? -1 : 1)) }
}

async function engineRun(project: Project, before: DesiredState, pool: DesiredPool, id: string, kind: 'preview' | 'apply'): Promise<StackRun> {
  const target = { stack: fullStackName(project, pool), desired: withPool(before, pool), refresh: 'no', look: 'first', imports: { [pool.group]: id } } as const
  const [run] = await runEngine(project, kind, kind === 'preview' ? 'looking at the group' : 'taking the group over', [target], 'refuse')
  if (run === undefined) throw new TypeError('the engine gave no answer for the stack')
  return run
}

/** Of Google's and Azure's node pools the autoscaler is a property: it is on where the count is its own, and off where the count is prescale's. */
function refuseOtherMover(group: string, { cloud, workload, owns, kubernetes }: DesiredPool, found: NonNullable<ReturnType<typeof foundGroup>>): void {
  const autoscaled = found.autoscaled === true
  if (kubernetes === undefined || cloud === 'aws' || autoscaled === (owns === 'bounds')) return
  const [state, other] = autoscaled ? ['on', 'bounds'] : ['off', 'count']
  throw refused(group, [`its autoscaler is ${state}, and ${workload} owns ${owns}: switch it ${autoscaled ? 'off' : 'on'}, or let ${workload} own ${other}`])
}

/** Whatever the engine says of its outcome, a step that changes or ends something is enough. */
function refuseLoss(group: string, run: StackRun): void {
  const ending = run.steps.filter(({ operation }) => operation !== 'create')
  const reasons = [...run.failures.map(({ message }) => message), ...ending.map(({ operation, name, type }) => `${operation} of ${name} (${type})`)]
  if (reasons.length > 0) throw refused(group, reasons)
}

function priceOf(project: Project, { cloud, region, type, option }: PoolKey): number {
  return project.catalogue.types.find((one) => one.cloud === cloud && one.type === type)?.usdPerHour[region]?.[option] ?? 0
}
