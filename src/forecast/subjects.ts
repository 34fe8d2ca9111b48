import type { DemandPlace, DemandSubject, Exclusion, Resource } from '../domain/forecast.ts'
import { subjectName } from '../domain/forecast.ts'
import type { Grid } from '../domain/grid.ts'
import type { DemandHistory, DemandSeries } from '../domain/history.ts'
import { exclusionsOf } from './exclusions.ts'
import type { MeasuredSeries } from './resample.ts'

/** A subject with what was measured of it. */
export interface SubjectSeries extends MeasuredSeries {
  readonly subject: DemandSubject
  readonly unit: string
  readonly excluded: readonly Exclusion[]
}

/** @returns the series under its subject's name */
export function namedSeries(series: Omit<SubjectSeries, 'name'>): SubjectSeries {
  return { ...series, name: subjectName(series.subject) }
}

/** A total and its parts, which add up to it. */
export interface Hierarchy {
  readonly total: SubjectSeries
  readonly parts: readonly SubjectSeries[]
}

/** @returns one subject per series of the history: requests from a user zone */
export function requestSubjects({ grid, series }: DemandHistory): SubjectSeries[] {
  return series.map((one) => userZoneSubject(one, 'requests', grid))
}

/** @returns one subject per resource that executions from a user zone use besides their own unit */
export function executionSubjects({ grid, use = [] }: DemandHistory): SubjectSeries[] {
  return use.map((one) => userZoneSubject(one, one.resource, grid))
}

function userZoneSubject({ workload, userZone, unit, values, faults }: DemandSeries, resource: Resource, grid: Grid): SubjectSeries {
  const subject: DemandSubject = { workload, resource, place: { kind: 'user-zone', userZone } }
  return namedSeries({ subject, unit, grid, values, excluded: exclusionsOf(values, faults) })
}

/**
 * The sum of each workload's parts, per resource, where there are at least two.
 * @param parts  on one grid per workload and resource
 * @returns in the order in which workloads and resources first occur; a step is known where all parts that were ever measured are known
 */
export function hierarchies(parts: readonly SubjectSeries[]): Hierarchy[] {
  const groups = new Map<string, SubjectSeries[]>()
  for (const part of parts) {
    const key = `${part.subject.workload} ${part.subject.resource}`
    groups.set(key, [...(groups.get(key) ?? []), part])
  }
  return [...groups.values()].flatMap((group) => {
    const measured = group.filter(({ values }) => values.some(Number.isFinite))
    const first = measured[0]
    return first === undefined || measured.length < 2 ? [] : [{ total: sumOf(first.subject, first.unit, measured), parts: measured }]
  })
}

function sumOf({ workload, resource }: { readonly workload: string; readonly resource: Resource }, unit: string, parts: readonly SubjectSeries[]): SubjectSeries {
  const place: DemandPlace = { kind: 'everywhere' }
  const subject = { workload, resource, place }
  const grid = (parts[0] as SubjectSeries).grid
  const values = Float64Array.from({ length: grid.length }, (_, step) => parts.reduce((sum, part) => sum + (part.values[step] ?? Number.NaN), 0))
  return namedSeries({ subject, unit, grid, values, excluded: [] })
}
