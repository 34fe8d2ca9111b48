import { nearestName } from '../../domain/nearest-name.ts'
import type { Settings } from '../schema.ts'
import { fault, type Finding } from './finding.ts'

/** Executions are told somewhere, and only of workloads whose demand they are. */
export function executions(settings: Settings): readonly Finding[] {
  return settings.workloads.flatMap((workload, at) => {
    const { kind, executions: told, flux } = workload.demand
    const place = ['workloads', at, 'demand']
    const kindPlace = [...place, 'kind']
    if (kind !== 'executions') {
      return told.paths === undefined && told.takes === undefined && Object.keys(told.uses).length === 0 ? [] : [fault([...place, 'executions'], `is used with kind ${kind}, expected kind executions`, [kindPlace])]
    }
    if (flux !== undefined) return [fault([...place, 'flux'], 'is used with kind executions, whose fields are read one by one', [kindPlace])]
    if (settings.history.source !== 'csv' || told.paths !== undefined) return []
    return [fault(kindPlace, 'is executions, which files of demand cannot tell; expected executions.paths', [['history', 'source'], [...place, 'executions', 'paths']])]
  })
}

/** Workloads depend on others that there are, and not on themselves, nor round in a circle. */
export function dependencies(settings: Settings): readonly Finding[] {
  const names = settings.workloads.map(({ name }) => name)
  const namePlaces = settings.workloads.map((_, index) => ['workloads', index, 'name'])
  const driversOf = (name: string): readonly string[] => settings.workloads.find((workload) => workload.name === name)?.dependsOn ?? []
  const leadsTo = (from: string, to: string, seen: ReadonlySet<string> = new Set()): boolean =>
    driversOf(from).some((driver) => driver === to || (!seen.has(driver) && leadsTo(driver, to, new Set([...seen, driver]))))
  return settings.workloads.flatMap((workload, at) =>
    workload.dependsOn.flatMap((driver, index) => {
      const path = ['workloads', at, 'dependsOn', index]
      if (driver === workload.name) return [fault(path, 'is the workload itself, expected another one')]
      if (!names.includes(driver)) {
        const meant = nearestName(driver, names)
        const expected = meant === undefined ? `expected one of ${names.join(', ')}` : `did you mean ${meant}?`
        return [fault(path, `${driver} is not a configured workload${meant === undefined ? ', ' : '; '}${expected}`, namePlaces)]
      }
      return leadsTo(driver, workload.name) ? [fault(path, `${driver} depends on ${workload.name} in turn`, namePlaces)] : []
    }),
  )
}
