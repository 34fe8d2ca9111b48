import { resolve } from 'node:path'
import type { WorkloadSettings } from '../config/schema.ts'
import { gridEnd } from '../domain/grid.ts'
import type { DemandHistory, DemandSeries, Executions, HistorySource } from '../domain/history.ts'
import { TimeZone } from '../domain/time-zone.ts'
import { demandHistory } from '../history/assemble.ts'
import { readExecutionCsv } from '../history/executions/csv.ts'
import { executionLevels } from '../history/executions/levels.ts'
import { readExecutions } from '../history/executions/source.ts'
import { resourceUnits } from '../history/node-use.ts'
import type { Project } from './project.ts'

/** An execution that began this long before the history may still run in it, seconds. */
const longestRun = 86_400

/**
 * The history with the demand of workloads that run as executions, what they use of further resources, and those executions.
 * @param sampled  demand of the other workloads, on the grid that is wanted
 * @throws Problem `input-invalid`, `file-missing`, `history-unreadable`
 */
export async function withExecutions(project: Project, source: HistorySource, sampled: DemandHistory, asOfSeconds: number): Promise<DemandHistory> {
  const workloads = project.settings.workloads.filter(({ demand }) => demand.kind === 'executions')
  if (workloads.length === 0) return sampled
  const { grid } = sampled
  const executions: Executions[] = []
  // what is told of the time after the moment of reading is not believed
  for (const workload of workloads) executions.push(...(await read(project, source, workload, grid.startSeconds - longestRun, asOfSeconds)).map((one) => before(one, asOfSeconds)))
  const unitOf = new Map(workloads.map(({ name, unit }) => [name, unit]))
  const levelsOf = (one: Executions): DemandSeries => executionLevels(one, one.resource === 'requests' ? (unitOf.get(one.workload) ?? '') : resourceUnits[one.resource], grid, asOfSeconds)
  const levels = executions.filter(({ resource }) => resource === 'requests').map(levelsOf)
  const use = executions.filter(({ resource }) => resource !== 'requests').map((one) => ({ ...levelsOf(one), resource: one.resource }))
  return {
    ...demandHistory({ ...grid }, [...sampled.series, ...levels]),
    executions: executions.map((one) => before(one, gridEnd(grid))),
    ...(use.length === 0 ? {} : { use }),
  }
}

async function read(project: Project, source: HistorySource, workload: WorkloadSettings, fromSeconds: number, toSeconds: number): Promise<readonly Executions[]> {
  const { settings, root, world } = project
  const { paths } = workload.demand.executions
  if (paths === undefined) return readExecutions(source, workload, { fromSeconds, toSeconds }, world.signal)
  const zone = new TimeZone(settings.history.source === 'csv' ? settings.history.timeZone : 'UTC')
  const found = await readExecutionCsv(paths.map((path) => resolve(root, path)), workload, zone, world.signal)
  return found.map((one) => after(one, fromSeconds))
}

function before(one: Executions, endSeconds: number): Executions {
  return kept(one, (start) => start < endSeconds)
}

function after(one: Executions, fromSeconds: number): Executions {
  return kept(one, (start) => start >= fromSeconds)
}

function kept(one: Executions, wanted: (start: number) => boolean): Executions {
  const chosen = [...one.startSeconds.keys()].filter((i) => wanted(one.startSeconds[i] ?? 0))
  const pick = (values: Float64Array): Float64Array => Float64Array.from(chosen, (i) => values[i] ?? 0)
  return { ...one, startSeconds: pick(one.startSeconds), durationSeconds: pick(one.durationSeconds), takes: pick(one.takes) }
}
