import { alignDown, type Grid, gridEnd } from '../domain/grid.ts'
import type { DemandQuery, HistorySource, RawSamples } from '../domain/history.ts'
import { type RegionKey, regionName } from '../domain/pool.ts'
import { reporterTags } from './reporter-name.ts'

const secondsPerDay = 86_400

/** What the nodes of one workload report from one region, step by step. */
export interface NodeReports extends RegionKey {
  readonly workload: string
  /** Distinct hosts that reported in the step; 0 when none did, whatever the reason. Shape [grid.length]. */
  readonly reportingNodes: Uint32Array
  /** vCPUs kept busy by the hosts whose type is known; NaN when none of those reported. Shape [grid.length]. */
  readonly busyVcpu: Float64Array
  /** vCPUs that the hosts whose type is known have, busy or not. Shape [grid.length]. */
  readonly reportingVcpu: Float64Array
  /** Hosts among those reporting whose type is not known: their work is missing from `busyVcpu`. Shape [grid.length]. */
  readonly untypedNodes: Uint32Array
}

/** Whose nodes are looked at, and what their types hold. */
export interface NodeReportQuery {
  readonly workload: string
  readonly regions: readonly RegionKey[]
  /** @returns vCPUs of one node of a type; undefined when the type is not known */
  readonly vcpuOf: (region: RegionKey, type: string) => number | undefined
}

/** One host in one region, as a page tells of it. */
interface Host {
  readonly name: string
  readonly vcpu: number | undefined
}

/** Telegraf's input `cpu` with `totalcpu`; region, workload, host and type as tags. */
function cpuQuery({ workload, regions }: NodeReportQuery): DemandQuery {
  return {
    workload,
    unit: '%',
    measurement: 'cpu',
    field: 'usage_idle',
    tags: { cpu: 'cpu-total', workload },
    userZoneTag: 'region',
    userZones: regions.map(regionName),
    kind: 'gauge',
    flux: undefined,
    scale: 1,
  }
}

/**
 * Reads which nodes report and how busy they are, from telegraf's `cpu` measurement: a node that reports is a node that runs.
 * @param grid  its step divides a UTC day
 * @returns one entry per region of the query, in its order
 * @throws Problem `history-unreadable`
 */
export async function readNodeReports(
  source: HistorySource,
  query: NodeReportQuery,
  grid: Grid,
  signal: AbortSignal,
): Promise<NodeReports[]> {
  const reports = query.regions.map((region) => ({
    cloud: region.cloud,
    region: region.region,
    workload: query.workload,
    reportingNodes: new Uint32Array(grid.length),
    busyVcpu: new Float64Array(grid.length).fill(Number.NaN),
    reportingVcpu: new Float64Array(grid.length),
    untypedNodes: new Uint32Array(grid.length),
  }))
  for (let day = alignDown(grid.startSeconds, secondsPerDay); day < gridEnd(grid); day += secondsPerDay) {
    const range = { fromSeconds: Math.max(day, grid.startSeconds), toSeconds: Math.min(day + secondsPerDay, gridEnd(grid)) }
    addPage(await source.read(cpuQuery(query), range, grid.stepSeconds, signal), query, grid, reports)
  }
  return reports
}

function addPage(page: RawSamples, query: NodeReportQuery, grid: Grid, reports: readonly NodeReports[]): void {
  const hosts = query.regions.map((region) =>
    page.reporters.map((reporter): Host => {
      const tags = reporterTags(reporter)
      const type = tags.get('type')
      return { name: tags.get('host') ?? reporter, vcpu: type === undefined ? undefined : query.vcpuOf(region, type) }
    }),
  )
  /** By region, step and host: sum and number of its idle shares. */
  const idle = new Map<string, { readonly zone: number; readonly step: number; readonly host: Host; sum: number; count: number }>()
  page.values.forEach((percent, sample) => {
    const zone = page.userZoneIndex[sample] ?? 0
    const host = hosts[zone]?.[page.reporterIndex[sample] ?? 0]
    const step = Math.floor(((page.atSeconds[sample] ?? 0) - grid.startSeconds) / grid.stepSeconds)
    if (host === undefined || !(percent >= 0 && percent <= 100)) return
    const key = `${zone} ${step} ${host.name}`
    const known = idle.get(key) ?? { zone, step, host, sum: 0, count: 0 }
    idle.set(key, known)
    known.sum += percent
    known.count++
  })
  for (const { zone, step, host, sum, count } of idle.values()) {
    const report = reports[zone]
    if (report === undefined) continue
    report.reportingNodes[step] = (report.reportingNodes[step] ?? 0) + 1
    if (host.vcpu === undefined) {
      report.untypedNodes[step] = (report.untypedNodes[step] ?? 0) + 1
      continue
    }
    report.reportingVcpu[step] = (report.reportingVcpu[step] ?? 0) + host.vcpu
    const busy = report.busyVcpu[step] ?? Number.NaN
    report.busyVcpu[step] = (Number.isNaN(busy) ? 0 : busy) + host.vcpu * (1 - sum / count / 100)
  }
}
