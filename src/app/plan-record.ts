import { desiredStateFile, readDesiredState, writeDesiredState } from '../documents/desired-state-file.ts'
import type { DesiredState } from '../domain/desired-state.ts'
import type { Plan } from '../domain/plan.ts'
import type { RegionKey } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import { type Project, projectFile, writeProjectFile } from './project.ts'
import { trustedState } from './stacks.ts'

/** What all machines know of the last plan. */
export interface PlanRecord {
  readonly plan: Plan
  /** Hash of the forecasts it was made from. */
  readonly forecasts: string
  /** Texts of stacks/ by file, as they stood when it was made: a machine that starts from an older checkout goes on from here. */
  readonly files: Readonly<Record<string, string>>
}

const name = 'plan'
const orderName = 'plan-order'
/** Plans expire long before so many more are made. */
const mostOrdered = 1000

/** @returns undefined where nothing was planned yet */
export async function planRecord(project: Project): Promise<PlanRecord | undefined> {
  const record = await (await project.coordination()).read<PlanRecord>(name)
  return record && withFiles(record)
}

/** A record of an earlier version has no files. */
function withFiles(record: PlanRecord): PlanRecord {
  return { ...record, files: (record as Partial<PlanRecord>).files ?? {} }
}

/** @returns the last plan @throws Problem `plan-missing` */
export async function lastPlan(project: Project): Promise<Plan> {
  const record = await planRecord(project)
  if (record === undefined) throw new Problem('plan-missing', {})
  return record.plan
}

/** Remembers a plan for all machines, and that it is the latest. */
export async function keepPlan(project: Project, record: PlanRecord): Promise<void> {
  const { id } = record.plan
  const coordination = await project.coordination()
  await coordination.change<readonly string[]>(orderName, (order = []) => [...order.filter((one) => one !== id), id].slice(-mostOrdered))
  await coordination.change<PlanRecord>(name, () => record)
}

/** @returns ids of the plans that were made, the latest last; a plan that was made again stands where it was made last */
export async function planOrder(project: Project): Promise<readonly string[]> {
  return (await (await project.coordination()).read<readonly string[]>(orderName)) ?? []
}

/** Changes one stack's state in the plan in force, where there is one. */
export async function changePlannedState(project: Project, region: RegionKey, change: (state: DesiredState) => DesiredState): Promise<void> {
  const file = desiredStateFile(region)
  await (await project.coordination()).change<PlanRecord | undefined>(name, (record) => {
    const text = record && withFiles(record).files[file]
    return record === undefined || text === undefined ? record : { ...record, files: { ...record.files, [file]: writeDesiredState(change(readDesiredState(text, file))) } }
  })
}

/** @returns every state of the plan in force */
export function plannedStates(record: PlanRecord | undefined): readonly DesiredState[] {
  return Object.entries(record?.files ?? {}).map(([file, text]) => readDesiredState(text, file))
}

/**
 * What a stack should hold: as its file says, or as the plan in force says where that was planned later. A checkout may be older than the plan,
 * and where nobody shares records it may be newer.
 * @param inFile  undefined where there is no file that can be trusted
 */
export function newerState(project: Project, record: PlanRecord | undefined, region: RegionKey, inFile: DesiredState | undefined): DesiredState | undefined {
  const file = desiredStateFile(region)
  const text = record?.files[file]
  if (text === undefined || (inFile !== undefined && text === projectFile(project, file))) return inFile
  const planned = readDesiredState(text, file)
  return inFile !== undefined && (inFile.planId === planned.planId || inFile.expiresSeconds > planned.expiresSeconds) ? inFile : planned
}

/** Brings stacks/ to the plan in force. @returns files whose text changed */
export function bringFiles(project: Project, record: PlanRecord | undefined): readonly string[] {
  return project.settings.regions.flatMap((region) => {
    const file = desiredStateFile(region)
    const inFile = trustedState(project, region)
    const text = newerState(project, record, region, inFile) === inFile ? undefined : record?.files[file]
    return text !== undefined && writeProjectFile(project, file, text) === 'written' ? [file] : []
  })
}
