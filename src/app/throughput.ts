import type { Settings, WorkloadSettings } from '../config/schema.ts'
import { alignDown, type Grid, gridEnd } from '../domain/grid.ts'
import { contentHash } from '../domain/hash.ts'
import type { DemandHistory } from '../domain/history.ts'
import type { LiveCounts } from '../domain/observation.ts'
import type { PoolKey } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import { type NodeReports, readNodeReports } from '../history/node-reports.ts'
import { estimateWork, type Evidence, learnedVcpuPerUnit, type WorkEstimate } from '../observe/learn-throughput.ts'
import { throughputPerNode } from '../plan/build-problem.ts'
import { openNodeSource } from './history-source.ts'
import { throughputFolder } from './learned-records.ts'
import { cycleOrigin, type Project } from './project.ts'

/** What was learned of one workload's work, with what it was learned from. */
export interface LearnedThroughput {
  readonly workload: string
  /** The cycle that learned it. */
  readonly originSeconds: number
  /** Where learning began; another value in the settings begins it anew. */
  readonly initialVcpuPerUnit: number
  /** What is planned with. */
  readonly vcpuPerUnit: number
  readonly estimate: WorkEstimate
  readonly evidence: Evidence
}

/** Work follows the week; older reports tell of programs that no longer run. */
const learningSeconds = 7 * 86_400
/** Reports older than this no longer lower what is planned with. */
const freshSeconds = 6 * 3600
/** Share of the live nodes that must report. Some nodes start or leave between a step and the look at the clouds. */
const reportingShare = 0.9

/**
 * Learns, once per origin, what one unit of demand keeps busy, for the workloads whose settings ask for it. What was
 * learned before stays where reports are missing or cannot be read.
 * @param history  up to the cycle's origin
 */
export async function learnThroughput(project: Project, history: DemandHistory, live: LiveCounts): Promise<void> {
  const origin = cycleOrigin(project)
  const coordination = await project.coordination()
  const learnedBefore = await learnedThroughputs(project)
  const due = project.settings.workloads.flatMap((workload) => {
    const initial = initialOf(workload)
    const last = learnedBefore.get(workload.name)
    return initial === undefined || last?.originSeconds === origin ? [] : [{ workload, initial, last }]
  })
  for (const { workload, initial, last } of due) {
    const grid = learningGrid(history.grid)
    const reports = await reportsOf(project, workload, grid)
    if (reports === undefined) continue
    const estimate = estimateWork(demandOf(history, workload, grid), reports, grid)
    const evidence = evidenceOf(workload, estimate, reports, grid, live)
    const vcpuPerUnit = learnedVcpuPerUnit(last?.vcpuPerUnit ?? initial, estimate, evidence)
    const learned: LearnedThroughput = {
      workload: workload.name,
      originSeconds: origin,
      initialVcpuPerUnit: initial,
      vcpuPerUnit,
      estimate,
      evidence,
    }
    // a machine that was faster has learned it from the same reports
    await coordination.change<LearnedThroughput>(`${throughputFolder}/${workload.name}`, (now) => (now !== undefined && now.originSeconds >= origin && now.initialVcpuPerUnit === initial ? now : learned))
  }
}

/** @returns what was learned, by workload; none where nothing is to be learned, or nothing was since the settings' initial value changed */
export async function learnedThroughputs(project: Project): Promise<ReadonlyMap<string, LearnedThroughput>> {
  const initials = new Map(project.settings.workloads.map((workload) => [workload.name, initialOf(workload)]))
  if ([...initials.values()].every((initial) => initial === undefined)) return new Map()
  const kept = await (await project.coordination()).readAll<LearnedThroughput>(throughputFolder)
  return new Map([...kept].filter(([workload, { initialVcpuPerUnit }]) => initials.get(workload) === initialVcpuPerUnit))
}

/** @returns the settings with what was learned in place of initial values, and their hash */
export async function plannedWith(project: Project): Promise<{ readonly settings: Settings; readonly hash: string }> {
  const learned = await learnedThroughputs(project)
  if (learned.size === 0) return { settings: project.settings, hash: project.hashes.settings }
  const workloads = project.settings.workloads.map((workload) => withLearned(workload, learned.get(workload.name)))
  const settings = { ...project.settings, workloads }
  return { settings, hash: contentHash(settings) }
}

/** @returns what one node of a pool serves at full use, in its workload's unit; 0 for a pool that the settings no longer know */
export async function throughputOf(project: Project): Promise<(pool: PoolKey) => number> {
  const { catalogue } = project
  const { settings } = await plannedWith(project)
  return (pool) => {
    const workload = settings.workloads.find((one) => one.name === pool.workload)
    const type = catalogue.types.find((one) => one.cloud === pool.cloud && one.type === pool.type)
    return workload === undefined || type === undefined ? 0 : (throughputPerNode(workload, type) ?? 0)
  }
}

function initialOf({ serves }: WorkloadSettings): number | undefined {
  return 'learn' in serves ? serves.learn.initialVcpuPerUnit : undefined
}

function withLearned(workload: WorkloadSettings, learned: LearnedThroughput | undefined): WorkloadSettings {
  if (learned === undefined || !('learn' in workload.serves)) return workload
  return { ...workload, serves: { learn: { ...workload.serves.learn, initialVcpuPerUnit: learned.vcpuPerUnit } } }
}

/** The last steps of a history, on its own grid. */
function learningGrid(grid: Grid): Grid {
  const startSeconds = Math.max(grid.startSeconds, gridEnd(grid) - alignDown(learningSeconds, grid.stepSeconds))
  return { ...grid, startSeconds, length: Math.round((gridEnd(grid) - startSeconds) / grid.stepSeconds) }
}

/** @returns demand from all user zones together; NaN where any of them is unknown */
function demandOf(history: DemandHistory, workload: WorkloadSettings, grid: Grid): Float64Array {
  const series = history.series
    .filter((one) => one.workload === workload.name)
    .map((one) => one.values.subarray(history.grid.length - grid.length))
  return Float64Array.from({ length: grid.length }, (_, step) => series.reduce((sum, values) => sum + (values[step] ?? Number.NaN), 0))
}

/** @returns none where nobody reports; undefined when reports could not be read, which is told as a warning */
async function reportsOf(project: Project, workload: WorkloadSettings, grid: Grid): Promise<readonly NodeReports[] | undefined> {
  const { catalogue, settings, world } = project
  const vcpus = new Map(catalogue.types.map((type) => [`${type.cloud} ${type.type}`, type.vcpu]))
  try {
    const source = await openNodeSource(project)
    if (source === undefined) return []
    const query = {
      workload: workload.name,
      regions: settings.regions,
      vcpuOf: ({ cloud }: { cloud: string }, type: string) => vcpus.get(`${cloud} ${type}`),
    }
    return await readNodeReports(source, query, grid, world.signal)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    // before the first node there is no file of reports
    if (error.code === 'file-missing') return []
    world.narrator.warn(`nothing was learned of ${workload.name}: ${error.message}`)
    return undefined
  }
}

/** Whole when reports are fresh and nearly as many nodes reported at last as are live. */
function evidenceOf(
  workload: WorkloadSettings,
  estimate: WorkEstimate,
  reports: readonly NodeReports[],
  grid: Grid,
  live: LiveCounts,
): Evidence {
  if (estimate.kind === 'none' || estimate.newestSeconds < gridEnd(grid) - freshSeconds) return 'partial'
  const newest = Math.round((estimate.newestSeconds - grid.startSeconds) / grid.stepSeconds) - 1
  const reporting = reports.reduce((sum, report) => sum + (report.reportingNodes[newest] ?? 0), 0)
  const ready = live.pools.filter((pool) => pool.workload === workload.name).reduce((sum, pool) => sum + pool.ready, 0)
  return reporting >= reportingShare * ready ? 'whole' : 'partial'
}
