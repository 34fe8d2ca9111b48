import { nearestName } from '../../domain/nearest-name.ts'
import type { Settings } from '../schema.ts'
import { fault, type Finding, keyFault } from './finding.ts'

/** Where throughput is given per type, the types that may be used are exactly those it is given for. */
export function throughputTypes(settings: Settings): readonly Finding[] {
  return settings.workloads.flatMap((workload, at) => {
    if (!('perNode' in workload.serves)) return []
    const place = ['workloads', at, 'serves', 'perNode'] as const
    const given = Object.keys(workload.serves.perNode)
    const typesPlace = ['workloads', at, 'types'] as const
    if (given.length === 0) return [keyFault(place, 'names no instance type')]
    const { types } = workload
    if (types === undefined) return []
    return [
      ...types.flatMap((type, index) =>
        given.includes(type)
          ? []
          : [fault([...typesPlace, index], `${type} has no throughput in serves.perNode${hint(type, given)}`, [place])],
      ),
      ...given.flatMap((type) =>
        types.includes(type)
          ? []
          : [keyFault([...place, type], `${type} is not among the workload’s types${hint(type, types)}`, [typesPlace])],
      ),
    ]
  })
}

function hint(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known)
  return meant === undefined ? '' : `; did you mean ${meant}?`
}
