import { resolve } from 'node:path'
import { openTimes } from '../../config/cron-window.ts'
import { desiredStateFile, resourceHash, writeDesiredState } from '../../documents/desired-state-file.ts'
import type { DesiredState } from '../../domain/desired-state.ts'
import type { DemandForecast } from '../../domain/forecast.ts'
import { type Grid, rfc3339 } from '../../domain/grid.ts'
import { contentHash } from '../../domain/hash.ts'
import { type DemandHistory, seriesName } from '../../domain/history.ts'
import type { LiveCounts } from '../../domain/observation.ts'
import type { Plan } from '../../domain/plan.ts'
import { Problem } from '../../domain/problem.ts'
import { desiredStates } from '../../plan/desired-states.ts'
import type { InstanceDocument } from '../../plan/documents/instance-document.ts'
import type { HeadStart } from '../../plan/head-start.ts'
import type { PlanThread } from '../../plan/plan-in-worker.ts'
import type { PlanProblem } from '../../plan/problem.ts'
import { type AppliedRecord, driftOf, livePool } from '../../reconcile/changed-stacks.ts'
import { supersededPlan } from '../../reconcile/stale-plan.ts'
import { streamAtomically } from '../../store/atomic-file.ts'
import { bringFiles, keepPlan, planOrder, planRecord, type PlanRecord } from '../plan-record.ts'
import { type Project, projectFile, projectNow, writeProjectFile } from '../project.ts'
import { appliedRecords, fullStackName, readLive, trustedState, wantedStack } from '../stacks.ts'
import { learnThroughput, plannedWith } from '../throughput.ts'
import { withAdopted } from '../with-adopted.ts'
import { requestSubjects } from '../../forecast/subjects.ts'
import { drawForecasts } from './draw-forecasts.ts'
import { readSubjectForecasts } from './forecast-step.ts'
import { historyReasons, type HistoryOutcome } from './history-step.ts'

export interface PlanOutcome {
  readonly plan: Plan
  /** `kept`: nothing that the plan was made from has changed. */
  readonly kind: 'made' | 'kept'
  /** The desired states as they stand in stacks/ now. */
  readonly states: readonly DesiredState[]
  /** Files whose text changed. */
  readonly written: readonly string[]
}

/** The problem that a plan solves, on the machine that made it: it is large, and only asked for by people. */
interface KeptProblem {
  readonly planId: string
  readonly document: InstanceDocument
}
const problemRecord = 'plan-problem'
const headStartRecord = 'plan-head-start'

/** Where the relaxation of a plan ended, on the machine that made it; beside the plan, which is read far more often. */
interface HeadStartRecord {
  readonly planId: string
  readonly headStart: HeadStart | undefined
}

/**
 * Plans the fleet for the forecasts and writes stacks/. The last plan stands while nothing that it was made from has changed.
 * @param forecasts  made from the newest history
 * @param thread     a warm one where several plans are made; undefined starts one for this plan
 * @throws Problem `history-held`, `forecast-outdated`
 */
export async function planStep(project: Project, history: HistoryOutcome, forecasts: readonly DemandForecast[], thread?: PlanThread): Promise<PlanOutcome> {
  refuseUnreliable(history)
  refuseOutdated(history.upToOrigin, forecasts)
  const live = await readLive(project)
  await learnThroughput(project, history.upToOrigin, live)
  const last = await planRecord(project)
  const brought = bringFiles(project, last)
  const context: FileContext = { live, applied: await appliedRecords(project), order: await planOrder(project), nowSeconds: projectNow(project) }
  if (last !== undefined && await stands(project, last, forecasts, context)) return { plan: last.plan, kind: 'kept', states: statesInFiles(project), written: brought }
  const plan = await makePlan(project, forecasts, live, last?.plan, thread)
  const states = withAdopted(desiredStates(plan, project.settings, live), (state) => trustedState(project, state)?.pools ?? [])
  const texts = states.map((state) => [desiredStateFile(state), isNews(project, state, context) ? writeDesiredState(state) : textInForce(project, state)] as const)
  await keepPlan(project, { plan, forecasts: contentHash(forecasts), files: Object.fromEntries(texts) })
  const changed = texts.flatMap(([file, text]) => (writeProjectFile(project, file, text) === 'written' ? [file] : []))
  const written = [...new Set([...brought, ...changed])]
  const fromZones = readSubjectForecasts(project).filter(({ subject }) => subject.resource === 'requests' && subject.place.kind === 'user-zone')
  const drawn = drawForecasts(project, requestSubjects(history.upToOrigin), fromZones, plan)
  return { plan, kind: 'made', states: statesInFiles(project), written: [...written, ...drawn] }
}

/**
 * The problem that planning would solve now; nothing is planned or written.
 * @throws Problem `history-held`, `forecast-outdated`
 */
export async function currentProblem(project: Project, history: HistoryOutcome, forecasts: readonly DemandForecast[]): Promise<PlanProblem> {
  refuseUnreliable(history)
  refuseOutdated(history.upToOrigin, forecasts)
  return problemFor(project, forecasts, await readLive(project), (await planRecord(project))?.plan)
}

/**
 * Writes the problem that the plan in force solves.
 * @param file  relative to the working directory; compressed when its name ends in `.gz`
 * @throws Problem `plan-problem-missing`
 */
export async function savePlanProblem(project: Project, file: string): Promise<void> {
  const kept = project.store.read<KeptProblem>(problemRecord)
  if (kept === undefined || kept.planId !== (await planRecord(project))?.plan.id) throw new Problem('plan-problem-missing', {})
  await streamAtomically(resolve(project.world.cwd, file), [JSON.stringify(kept.document), '\n'])
}

function refuseUnreliable(history: HistoryOutcome): void {
  const reasons = historyReasons(history)
  if (reasons.length > 0) throw new Problem('history-held', { reasons })
}

function refuseOutdated(history: DemandHistory, forecasts: readonly DemandForecast[]): void {
  const old = forecasts.find((forecast) => forecast.historyHash !== history.hash)
  if (old !== undefined) throw new Problem('forecast-outdated', { series: seriesName(old), origin: rfc3339(old.originSeconds) })
}

/** What decides whether a file in stacks/ stays as it is. */
interface FileContext {
  readonly live: LiveCounts
  readonly applied: ReadonlyMap<string, AppliedRecord>
  /** Ids of the plans that were made before, the latest last. */
  readonly order: readonly string[]
  readonly nowSeconds: number
}

/** Whether the clouds hold what the last plan was made on or what it wants, and its other inputs are the same. */
async function stands(project: Project, last: PlanRecord, forecasts: readonly DemandForecast[], { live, applied, order }: FileContext): Promise<boolean> {
  const { inputs } = last.plan
  if (inputs.settings !== (await plannedWith(project)).hash || inputs.catalogue !== project.hashes.catalogue || last.forecasts !== contentHash(forecasts)) return false
  const states = project.settings.regions.map((region) => trustedState(project, region))
  return states.every((state) => {
    const record = state && applied.get(fullStackName(project, state))
    return state !== undefined && supersededPlan(wantedStack(project, state), record, order) === undefined && (driftOf(state, live, record).length === 0 || holdsBase(state, live))
  })
}

/** Whether the state is yet to be applied: the clouds hold what it was planned on. */
function holdsBase(state: DesiredState, live: LiveCounts): boolean {
  return state.pools.every((pool) => (livePool(live, pool)?.desired ?? 0) === pool.was)
}

/** @param earlier  the plan in force: what it wants stays unless moving is worth it */
async function makePlan(project: Project, forecasts: readonly DemandForecast[], live: LiveCounts, earlier: Plan | undefined, thread: PlanThread | undefined): Promise<Plan> {
  const { narrator, signal } = project.world
  narrator.begin('planning')
  const [problem, { askPlanThread }, { instanceFromProblem }] = await Promise.all([
    problemFor(project, forecasts, live, earlier),
    import('../../plan/plan-in-worker.ts'),
    import('../../plan/documents/instance-document.ts'),
  ])
  const kept = project.store.read<HeadStartRecord>(headStartRecord)
  const inForce = earlier === undefined ? undefined : { plan: earlier, headStart: kept?.planId === earlier.id ? kept.headStart : undefined }
  const { plan, headStart } = await (thread?.ask ?? askPlanThread)({ kind: 'plan', problem, inForce }, signal)
  project.store.write(problemRecord, { planId: plan.id, document: instanceFromProblem(problem, inForce) } satisfies KeptProblem)
  project.store.write(headStartRecord, { planId: plan.id, headStart } satisfies HeadStartRecord)
  narrator.end(`${plan.pools.length} pools over ${plan.grid.length} steps`)
  return plan
}

async function problemFor(project: Project, forecasts: readonly DemandForecast[], live: LiveCounts, inForce: Plan | undefined): Promise<PlanProblem> {
  const { buildProblem } = await import('../../plan/build-problem.ts')
  return buildProblem({ settings: (await plannedWith(project)).settings, catalogue: project.catalogue, forecasts, live, gridFromOrigin: planGrid(forecasts), openTimes, inForce })
}

/** The grid that all forecasts share. */
function planGrid(forecasts: readonly DemandForecast[]): Grid {
  const first = forecasts[0]
  if (first === undefined) throw new TypeError('a plan needs at least one forecast')
  return first.grid
}

/**
 * A file is rewritten when its resources change, or when the cloud holds neither what the file was planned on nor what it wants, or when it
 * expired or was superseded before it was applied.
 */
function isNews(project: Project, state: DesiredState, { live, applied, order, nowSeconds }: FileContext): boolean {
  const old = trustedState(project, state)
  if (old === undefined || resourceHash(old) !== resourceHash(state)) return true
  const record = applied.get(fullStackName(project, old))
  if (supersededPlan(wantedStack(project, old), record, order) !== undefined) return true
  if (driftOf(old, live, record).length === 0) return false
  return nowSeconds > old.expiresSeconds || !holdsBase(old, live)
}

function textInForce(project: Project, state: DesiredState): string {
  return projectFile(project, desiredStateFile(state)) ?? writeDesiredState(state)
}

function statesInFiles(project: Project): readonly DesiredState[] {
  return project.settings.regions.flatMap((region) => trustedState(project, region) ?? [])
}
