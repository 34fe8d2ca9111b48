import { join } from 'node:path'
import type { WorkloadSettings } from '../config/schema.ts'
import type { DemandSubject } from '../domain/forecast.ts'
import { type Grid, gridEnd } from '../domain/grid.ts'
import type { HistorySource } from '../domain/history.ts'
import { Problem } from '../domain/problem.ts'
import { exclusionsOf } from '../forecast/exclusions.ts'
import { namedSeries, type SubjectSeries } from '../forecast/subjects.ts'
import { loadHistory } from '../history/load-history.ts'
import { nodeUseQueries, type NodeUseQuery, regionUse, type RegionUse } from '../history/node-use.ts'
import { PageFiles } from '../history/page-store/files.ts'
import { openNodeSource } from './history-source.ts'
import type { Project } from './project.ts'

/**
 * Reads what the nodes of every workload use, by region.
 * @param grid  that of the demand
 * @returns nothing where no node reports; what cannot be read is told as a warning and left out, since nothing is planned from it
 */
export async function readNodeUse(project: Project, grid: Grid): Promise<readonly SubjectSeries[]> {
  const { settings, world } = project
  if (settings.forecast.resources.length === 0) return []
  const wanted = settings.workloads.map((workload) => useQuery(project, workload))
  try {
    const source = await openNodeSource(project)
    return source === undefined ? [] : (await loadUse(project, source, wanted, grid)).map((use) => subjectOf(use, grid))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    // before the first node there is no file of reports
    if (error.code !== 'file-missing') world.narrator.warn(`what nodes use was not forecast: ${error.message}`)
    return []
  }
}

async function loadUse({ settings, root, world }: Project, source: HistorySource, wanted: readonly NodeUseQuery[], grid: Grid): Promise<readonly RegionUse[]> {
  const { settle, lateness } = settings.historyLimits
  const { stepSeconds, length } = grid
  const window = { asOfSeconds: gridEnd(grid) + settle, windowSeconds: length * stepSeconds, stepSeconds, settleSeconds: settle, latenessSeconds: lateness }
  const pages = new PageFiles(join(root, '.prescale', 'pages'))
  const loaded = await loadHistory(source, wanted.flatMap(nodeUseQueries), window, pages, () => undefined, world.signal)
  return wanted.flatMap((query) => regionUse(query, loaded))
}

/** A resource that executions tell is not read from nodes too: the two would not add up to anything. */
function useQuery({ settings, catalogue }: Project, { name, types, demand }: WorkloadSettings): NodeUseQuery {
  const known = catalogue.types.filter(({ type }) => types === undefined || types.includes(type))
  return { workload: name, regions: settings.regions, resources: settings.forecast.resources.filter((resource) => demand.executions.uses[resource] === undefined), types: known }
}

function subjectOf({ workload, region, resource, unit, values, faults }: RegionUse, grid: Grid): SubjectSeries {
  const subject: DemandSubject = { workload, resource, place: { kind: 'region', region } }
  return namedSeries({ subject, unit, grid, values, excluded: exclusionsOf(values, faults) })
}
