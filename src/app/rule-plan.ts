import { openTimes } from '../config/cron-window.ts'
import type { DesiredState } from '../domain/desired-state.ts'
import { scopeCovers } from '../domain/halt.ts'
import type { LiveCounts } from '../domain/observation.ts'
import { type PoolKey, stackName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import { needsApproval } from '../reconcile/approval.ts'
import { livePool } from '../reconcile/changed-stacks.ts'
import { capacityOf, findingSentence, type FleetFacts, fleetFindings, type GuardFinding, type GuardName, overridableGuards, type SettledFleet, stackFindings } from '../reconcile/guard.ts'
import { approvalsOf } from './approvals.ts'
import { audit } from './audit.ts'
import { type Project, projectNow } from './project.ts'
import { readForecasts } from './steps/forecast-step.ts'
import { throughputOf } from './throughput.ts'

/** Guards that a person passes over for one apply. */
export interface Overrides {
  readonly guards: readonly string[]
  readonly reason: string | undefined
}

/**
 * Whether the plan of the stacks that would be changed was approved, where that is needed.
 * @param approved  ids of plans that the command itself approves
 * @throws Problem `approval-needed`
 */
export async function refuseUnapproved(project: Project, active: readonly DesiredState[], live: LiveCounts, approved: readonly string[]): Promise<void> {
  const because = needsApproval(project.settings.approval, active, live)
  if (because === undefined) return
  const planIds = [...new Set(active.map(({ planId }) => planId))]
  const kept = await approvalsOf(project, planIds)
  const missing = planIds.filter((planId) => !approved.includes(planId) && !kept.has(planId))
  if (missing.length > 0) throw new Problem('approval-needed', { planIds: missing, because })
  for (const planId of planIds) {
    const approval = kept.get(planId)
    await audit(project, 'approval-used', planId, approval === undefined ? `plan ${planId} was approved by the command that applied it` : `plan ${planId} was approved by ${approval.by}`, { because })
  }
}

/**
 * What the guards say of a plan; every finding and every override is written to the audit.
 * @param states   all of them, as they would be applied now
 * @param active   those that would be changed
 * @param settled  where moves lead, and what was live before them
 * @returns why stacks are held, by `stackName`
 * @throws Problem `guard-refused` before anything is changed; `override-unusable`
 */
export async function ruleByGuards(
  project: Project,
  states: readonly DesiredState[],
  active: readonly DesiredState[],
  live: LiveCounts,
  settled: SettledFleet,
  overrides: Overrides,
): Promise<ReadonlyMap<string, string>> {
  refuseUnusable(overrides)
  const found = await guardFindings(project, states, active, live, settled)
  for (const finding of found) {
    const passed = overrides.guards.includes(finding.guard)
    const { guard, subject, value, limit, unit, override } = finding
    await audit(project, passed ? 'override' : 'guard', subject, `${findingSentence(finding)}${passed ? `; passed over: ${overrides.reason ?? ''}` : ''}`, { guard, value, limit, unit, override, effect: finding.effect })
  }
  const standing = found.filter(({ guard }) => !overrides.guards.includes(guard))
  const refusing = standing.filter(({ effect }) => effect === 'refuse')
  if (refusing.length > 0) throw new Problem('guard-refused', { findings: refusing.map(withOverride) })
  await rememberCapacity(project, await liveCapacity(project, states, settled.live), projectNow(project))
  return new Map([...Map.groupBy(standing, ({ stack }) => stack ?? '')].map(([stack, findings]) => [stack, findings.map(withOverride).join('; ')]))
}

/** @returns what the guards have against the plan, as far as it concerns stacks that would be changed */
export async function guardFindings(
  project: Project,
  states: readonly DesiredState[],
  active: readonly DesiredState[],
  live: LiveCounts,
  settled: SettledFleet,
): Promise<readonly GuardFinding[]> {
  const facts = await fleetFacts(project, states, settled.live)
  const names = new Set(active.map(stackName))
  const planned = settled.planned.map((state) => withMovedCounts(state, live))
  const fleet = fleetFindings(states.map((state) => withMovedCounts(state, live)), live, facts, { ...settled, planned })
  const all = [...active.flatMap((desired) => stackFindings(desired, live, project.settings.limits)), ...fleet]
  return all.filter(({ stack }) => stack === undefined || names.has(stack))
}

/** Pools whose count is not prescale's have after an apply what they have now, within the bounds that it sets. */
function withMovedCounts(state: DesiredState, live: LiveCounts): DesiredState {
  return {
    ...state,
    pools: state.pools.map((pool) => {
      const now = pool.owns === 'count' ? undefined : livePool(live, pool)?.desired
      if (now === undefined) return pool
      return { ...pool, desired: pool.owns === 'bounds' ? Math.min(pool.max, Math.max(pool.min, now)) : now }
    }),
  }
}

function withOverride(finding: GuardFinding): string {
  return `${findingSentence(finding)} (${finding.override})`
}

function refuseUnusable({ guards, reason }: Overrides): void {
  const unknown = guards.find((guard) => !overridableGuards.includes(guard as GuardName))
  if (unknown !== undefined) throw new Problem('override-unusable', { given: `--override ${unknown}`, expected: `one of ${overridableGuards.join(', ')}` })
  if (guards.length > 0 && reason === undefined) throw new Problem('override-unusable', { given: `--override ${guards.join(', ')} without a reason`, expected: '--reason <why>, for the audit' })
}

async function fleetFacts(project: Project, states: readonly DesiredState[], live: LiveCounts): Promise<FleetFacts> {
  const { settings, catalogue } = project
  const nowSeconds = projectNow(project)
  const throughputPerNode = await throughputOf(project)
  const forecasts = forecastsIfAny(project)
  return {
    limits: settings.limits,
    nowSeconds,
    throughputPerNode,
    vcpuPerNode: ({ cloud, type }) => catalogue.types.find((one) => one.cloud === cloud && one.type === type)?.vcpu ?? 0,
    quotaVcpu: ({ cloud, region, option }) => settings.regions.find((one) => one.cloud === cloud && one.region === region)?.quotaVcpu[option] ?? Infinity,
    freezeOn: (pool) => freezeOn(project, pool, nowSeconds),
    recentCapacity: await mostOfTheHour(project, await liveCapacity(project, states, live), nowSeconds),
    accuracies: (workload) => forecasts.flatMap((forecast) => (forecast.workload === workload ? [forecast.accuracy] : [])),
  }
}

/** @returns none where no forecast was made: then there is no record of forecasts to distrust */
function forecastsIfAny(project: Project): ReturnType<typeof readForecasts> {
  try {
    return readForecasts(project)
  } catch (error) {
    if (error instanceof Problem && error.code === 'file-missing') return []
    throw error
  }
}

function freezeOn(project: Project, pool: PoolKey, nowSeconds: number): { readonly reason: string; readonly untilSeconds: number } | undefined {
  const { limits, workloads } = project.settings
  const subject = { cloud: pool.cloud, region: pool.region, workloads: [pool.workload] }
  const forAll = limits.freezes.filter(({ scope }) => scopeCovers(scope, subject))
  const own = workloads.find((workload) => workload.name === pool.workload)?.freezes ?? []
  for (const window of [...forAll, ...own]) {
    const instant = { fromSeconds: Math.floor(nowSeconds), toSeconds: Math.floor(nowSeconds) + 1 }
    if (openTimes(window, instant).length === 0) continue
    const ahead = openTimes(window, { ...instant, toSeconds: instant.fromSeconds + window.lasts + 1 })
    return { reason: window.reason, untilSeconds: ahead[0]?.toSeconds ?? instant.toSeconds }
  }
  return undefined
}

/** Only regions whose stacks are asked about count: the others are compared with nothing. */
async function liveCapacity(project: Project, states: readonly DesiredState[], live: LiveCounts): Promise<ReadonlyMap<string, number>> {
  const regions = new Set(states.map(stackName))
  return capacityOf(live.pools.filter((pool) => regions.has(stackName(pool))), await throughputOf(project))
}

/** Capacity of the workloads at one moment, in their units. */
interface CapacityRecord {
  readonly atSeconds: number
  readonly capacity: Readonly<Record<string, number>>
}

const hourSeconds = 3600
const capacityRecord = 'capacity'

/** Clocks of machines differ: a record from a moment ahead of this one counts too. */
function recentOf(records: readonly CapacityRecord[], nowSeconds: number): readonly CapacityRecord[] {
  return records.filter(({ atSeconds }) => Math.abs(nowSeconds - atSeconds) < hourSeconds)
}

async function mostOfTheHour(project: Project, now: ReadonlyMap<string, number>, nowSeconds: number): Promise<ReadonlyMap<string, number>> {
  const records = await (await project.coordination()).read<readonly CapacityRecord[]>(capacityRecord)
  const most = new Map(now)
  for (const { capacity } of recentOf(records ?? [], nowSeconds)) {
    for (const [workload, held] of Object.entries(capacity)) most.set(workload, Math.max(held, most.get(workload) ?? 0))
  }
  return most
}

/** What is live before a change counts as held within the hour after it. */
async function rememberCapacity(project: Project, live: ReadonlyMap<string, number>, nowSeconds: number): Promise<void> {
  const held: CapacityRecord = { atSeconds: nowSeconds, capacity: Object.fromEntries(live) }
  await (await project.coordination()).change<readonly CapacityRecord[]>(capacityRecord, (records = []) => [...recentOf(records, nowSeconds), held])
}
