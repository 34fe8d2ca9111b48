import type { DesiredPool, DesiredState } from '../domain/desired-state.ts'
import { alignDown, type Grid } from '../domain/grid.ts'
import type { LiveCounts, LivePool } from '../domain/observation.ts'
import { contentHash } from '../domain/hash.ts'
import { poolName, regionName, stackName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import { readNodeReports } from '../history/node-reports.ts'
import { type LeadTimeSamples, measuredLeadTime, measureLeadTimes, type Outstanding } from '../observe/lead-times.ts'
import type { AppliedRecord } from '../reconcile/changed-stacks.ts'
import { leaveRaises, undoDrifts, watchDrift } from '../reconcile/drift.ts'
import { type HandOver, handOversDue, withRecordsKept } from '../reconcile/hand-over.ts'
import { type Move, type MoveRecord, phaseFleet } from '../reconcile/moves.ts'
import { steeredWorkloads, watchTraffic } from '../reconcile/traffic-drift.ts'
import { audit } from './audit.ts'
import { type Drift, driftSubject, driftText, isTraffic, ofPools } from './drift.ts'
import { openNodeSource } from './history-source.ts'
import { leadTimesRecord } from './learned-records.ts'
import { type Project, projectNow } from './project.ts'
import { type RoutedStack, trafficOf, withTrafficInForce } from './traffic.ts'
import { appliedRecords, fullStackName, readLive, trustedState } from './stacks.ts'

/** Lead times are high quantiles, not the longest there are: of many nodes some take longer. */
const patienceFactor = 2

/** Whether what others changed is told or undone. */
export type DriftPolicy = Project['settings']['drift']

const movesRecord = 'moves'
const driftRecord = 'drift'

/** What is kept of lead times. */
interface LeadTimeRecord {
  readonly samples: LeadTimeSamples
  readonly outstanding: Readonly<Record<string, Outstanding>>
}

/** The fleet as it may be now. */
export interface FleetNow {
  /** The states that were given, as they may be applied now. */
  readonly states: readonly DesiredState[]
  readonly moves: readonly Move[]
  readonly drifts: readonly Drift[]
  /** Sets of weights that another stack has to take over first; until then they stay as they are. */
  readonly handOvers: readonly HandOver[]
  /** What the clouds hold, with the nodes that serve as far as that is known. */
  readonly live: LiveCounts
  /** The same with the counts before its move for each workload that moves: what capacity is compared with when it is lowered. */
  readonly liveBefore: LiveCounts
  /** The records of earlier cycles that this was decided by. */
  readonly known: { readonly moves: readonly MoveRecord[]; readonly drifts: readonly Drift[] }
}

/**
 * What of the desired states may be applied now; see `phaseFleet`. Measures lead times on the way.
 * @param states  all, or some: what the other stacks want is read from their files
 * @param policy  whether what others raised is undone
 */
export async function fleetNow(project: Project, states: readonly DesiredState[], counts: LiveCounts, policy: DriftPolicy = project.settings.drift): Promise<FleetNow> {
  const given = new Set(states.map(stackName))
  const others = project.settings.regions.flatMap((region) => (given.has(stackName(region)) ? [] : (trustedState(project, region) ?? [])))
  const coordination = await project.coordination()
  const records = (await coordination.read<readonly MoveRecord[]>(movesRecord)) ?? []
  const knownDrifts = (await coordination.read<readonly Drift[]>(driftRecord)) ?? []
  const applied = await appliedRecords(project)
  const routed = (wanted: DesiredState): RoutedStack => ({ wanted, applied: applied.get(fullStackName(project, wanted)) })
  const stacks = [...states, ...others].map(routed)
  const drifts = [...watchDrift(knownDrifts.filter(ofPools), stacks, counts), ...watchTraffic(knownDrifts.filter(isTraffic), stacks, counts)]
  const handOvers = handOversDue([...states, ...others], [...applied.values()])
  const kept = withRecordsKept([...states, ...others], [...applied.values()], handOvers)
  const all = (policy === 'repair' ? undoDrifts : leaveRaises)(kept, drifts.filter(ofPools), counts)
  const steered = policy === 'repair' ? new Set<string>() : steeredWorkloads(drifts.filter(isTraffic))
  const patience = patienceBy(project, await leadTimeSamples(project))
  const live = project.sandbox === undefined ? await withServingNodes(project, all, counts, { records, applied, patience }) : counts
  await learnLeadTimes(project, live)
  const { states: phased, moves } = phaseFleet(all, live, records, {
    nowSeconds: projectNow(project),
    patienceSeconds: patience,
    drainSeconds: project.settings.moves.drain,
    traffic: trafficOf(all.map(routed), counts, steered),
  })
  const staying = new Set([...moves.filter(({ phase }) => phase === 'raise').map(({ workload }) => workload), ...steered])
  const routedStates = phased.map((state) => withTrafficInForce(state, routed(state).applied, counts, staying))
  const movesNow = moves.map(({ record }) => record)
  return { states: routedStates.slice(0, states.length), moves, drifts, handOvers, live, liveBefore: { ...live, pools: live.pools.map((pool) => beforeMove(pool, movesNow)) }, known: { moves: records, drifts: knownDrifts } }
}

function beforeMove(pool: LivePool, records: readonly MoveRecord[]): LivePool {
  const record = records.find(({ workload }) => workload === pool.workload)
  return record === undefined ? pool : { ...pool, desired: record.before[poolName(pool)] ?? 0 }
}

/** Remembers moves and drifts for the next cycle; a drift that was not known before is written to the audit. */
export async function keepFleet(project: Project, { moves, drifts, known }: FleetNow): Promise<void> {
  const earlier = new Set(known.drifts.map(driftSubject))
  for (const drift of drifts) {
    if (!earlier.has(driftSubject(drift))) await audit(project, 'drift', driftSubject(drift), driftText(drift), { ...drift })
  }
  await keepRecords(project, movesRecord, ({ workload }) => workload, known.moves, moves.map(({ record }) => record))
  await keepRecords(project, driftRecord, driftSubject, known.drifts, drifts)
}

/** What another machine has changed since it was read stays as that machine left it: it knew more. */
async function keepRecords<One>(project: Project, name: string, keyOf: (one: One) => string, known: readonly One[], decided: readonly One[]): Promise<void> {
  if (known.length + decided.length === 0) return
  await (await project.coordination()).change<readonly One[] | undefined>(name, (now = []) => {
    const textOf = (records: readonly One[], key: string): string => contentHash(records.filter((one) => keyOf(one) === key))
    const isOurs = (one: One): boolean => textOf(now, keyOf(one)) === textOf(known, keyOf(one))
    const kept = [...decided.filter(isOurs), ...now.filter((one) => !isOurs(one))].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    return kept.length === 0 ? undefined : kept
  })
}

/** How long nodes of a pool are waited for, seconds. */
export type Patience = (pool: DesiredPool) => number

/** @returns twice the lead time of a pool as measured, or as set where too little was measured */
export async function patienceOf(project: Project): Promise<Patience> {
  return patienceBy(project, await leadTimeSamples(project))
}

function patienceBy(project: Project, samples: LeadTimeSamples): Patience {
  return (pool) => {
    const set = project.settings.workloads.find(({ name }) => name === pool.workload)?.leadTime ?? 0
    return patienceFactor * (measuredLeadTime(samples, pool) ?? set)
  }
}

/** Lead times as they were measured, by whichever machine. */
export async function leadTimeSamples(project: Project): Promise<LeadTimeSamples> {
  return (await (await project.coordination()).read<LeadTimeRecord>(leadTimesRecord))?.samples ?? {}
}

/** Only where it is known which nodes serve. */
export async function learnLeadTimes(project: Project, live: LiveCounts): Promise<void> {
  if (project.sandbox === undefined && project.settings.moves.ready === 'lead-time') return
  const coordination = await project.coordination()
  const none: LeadTimeRecord = { samples: {}, outstanding: {} }
  const looks = live.pools.map((pool) => ({ pool, name: poolName(pool), desired: pool.desired, ready: pool.ready }))
  const isQuiet = looks.every(({ desired, ready }) => desired <= ready)
  if (isQuiet && Object.keys((await coordination.read<LeadTimeRecord>(leadTimesRecord))?.outstanding ?? {}).length === 0) return
  await coordination.change<LeadTimeRecord>(leadTimesRecord, (kept = none) => {
    // another machine has looked since: an older look would measure the same nodes twice
    if (Object.values(kept.outstanding).some(({ seenSeconds }) => seenSeconds > live.atSeconds)) return kept
    return measureLeadTimes(kept.samples, kept.outstanding, looks, live.atSeconds)
  })
}

/** What is known of raises. */
interface RaiseKnowledge {
  readonly records: readonly MoveRecord[]
  readonly applied: ReadonlyMap<string, AppliedRecord>
  readonly patience: Patience
}

/** What the clouds hold now, with the nodes that serve as far as that is known; see `withServingNodes`. @throws as `readLive` does */
export async function readServing(project: Project): Promise<LiveCounts> {
  const live = await readLive(project)
  if (project.sandbox !== undefined) return live
  const states = project.settings.regions.flatMap((region) => trustedState(project, region) ?? [])
  const records = (await (await project.coordination()).read<readonly MoveRecord[]>(movesRecord)) ?? []
  return withServingNodes(project, states, live, { records, applied: await appliedRecords(project), patience: await patienceOf(project) })
}

/**
 * Live counts with the nodes that serve, of clouds that do not tell them as the sandbox does. Where a workload is to be lowered, of the pools that were
 * raised so many serve as report to the history source, or all once twice their lead time has passed, as the settings say. Reports do not tell
 * pools of a region apart: the nodes that are missing in a region are missing in the pools that were raised.
 */
async function withServingNodes(project: Project, states: readonly DesiredState[], live: LiveCounts, known: RaiseKnowledge): Promise<LiveCounts> {
  const lowering = loweredWorkloads(states, live)
  const raised = new Map(
    states.flatMap((state) => state.pools.flatMap((pool) => (lowering.has(pool.workload) ? raiseOf(project, pool, known) : []))).map((raise) => [raise.pool, raise]),
  )
  if (raised.size === 0) return live
  const byReports = project.settings.moves.ready === 'reports'
  const reporting = byReports ? await reportingNodes(project, [...lowering], live.atSeconds) : new Map<string, number>()
  const serving = (pool: LivePool): number => {
    const raise = raised.get(poolName(pool))
    if (raise === undefined) return pool.ready
    if (!byReports) return live.atSeconds >= raise.dueSeconds ? pool.desired : Math.min(pool.desired, raise.before)
    const inRegion = live.pools.filter((other) => other.workload === pool.workload && regionName(other) === regionName(pool))
    const missing = inRegion.reduce((sum, other) => sum + other.desired, 0) - (reporting.get(`${pool.workload} ${regionName(pool)}`) ?? 0)
    return Math.max(Math.min(pool.desired, raise.before), pool.desired - Math.max(0, missing))
  }
  return { ...live, pools: live.pools.map((pool) => ({ ...pool, ready: serving(pool) })) }
}

function loweredWorkloads(states: readonly DesiredState[], live: LiveCounts): ReadonlySet<string> {
  const desired = states.flatMap((state) => state.pools)
  const lowered = desired.filter((pool) => live.pools.some((one) => poolName(one) === poolName(pool) && one.desired > pool.desired))
  return new Set(lowered.map(({ workload }) => workload))
}

interface Raise {
  /** Name of the pool. */
  readonly pool: string
  /** Nodes before it. */
  readonly before: number
  /** When all its nodes should serve, Unix seconds. */
  readonly dueSeconds: number
}

/** @returns the raise that a pool's nodes may still be on their way from: that of its workload's move, or of the last apply; none or one */
function raiseOf(project: Project, pool: DesiredPool, known: RaiseKnowledge): readonly Raise[] {
  const name = poolName(pool)
  const patience = known.patience(pool)
  const record = known.records.find(({ workload }) => workload === pool.workload)
  if (record?.asked[name] !== undefined) return [{ pool: name, before: record.before[name] ?? 0, dueSeconds: record.raisedSeconds + patience }]
  const applied = known.applied.get(fullStackName(project, pool))
  const before = applied?.before[pool.group] ?? 0
  if (applied === undefined || (applied.counts[pool.group] ?? 0) <= before || projectNow(project) >= applied.atSeconds + patience) return []
  return [{ pool: name, before, dueSeconds: applied.atSeconds + patience }]
}

/** @returns hosts that reported lately, by workload and region; none where reports cannot be read: nothing is lowered on what is not known */
async function reportingNodes(project: Project, workloads: readonly string[], nowSeconds: number): Promise<ReadonlyMap<string, number>> {
  const { settings, world } = project
  const { step } = settings.historyLimits
  const grid: Grid = { startSeconds: alignDown(nowSeconds, step) - step, stepSeconds: step, length: 2 }
  const found = new Map<string, number>()
  try {
    const source = await openNodeSource(project)
    if (source === undefined) return found
    for (const workload of workloads) {
      const reports = await readNodeReports(source, { workload, regions: settings.regions, vcpuOf: () => undefined }, grid, world.signal)
      for (const report of reports) found.set(`${workload} ${regionName(report)}`, Math.max(...report.reportingNodes))
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    world.narrator.warn(`which nodes serve could not be read, so nothing is lowered: ${error.message}`)
  }
  return found
}

/** What a move waits for, for people. */
export function moveSentence({ workload, phase, missing, heldNodes, late }: Move): string {
  const held = heldNodes === 0 ? 'its traffic' : `${heldNodes} ${heldNodes === 1 ? 'node' : 'nodes'} to be lowered`
  switch (phase) {
    case 'raise':
      return `${workload}: ${held} ${heldNodes === 1 ? 'stays' : 'stay'} until ${missing} more ${missing === 1 ? 'node is' : 'nodes are'} ready${late ? ', which are late' : ''}`
    case 'shift':
      return `${workload}: traffic is due to follow its nodes`
    case 'steered':
      return `${workload}: ${held} ${heldNodes === 1 ? 'stays' : 'stay'} while others steer its traffic; prescale apply --repair takes it back`
    case 'drain':
      return `${workload}: ${held} ${heldNodes === 1 ? 'drains' : 'drain'}`
    case 'lower':
      return `${workload}: ${held} ${heldNodes === 1 ? 'goes' : 'go'}`
    default:
      return phase satisfies never
  }
}
