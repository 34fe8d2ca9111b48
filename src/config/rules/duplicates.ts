import { pathText, type DocumentPath } from '../../documents/read-yaml.ts'
import { regionName } from '../../domain/pool.ts'
import type { Catalogue, Settings } from '../schema.ts'
import { fault, type Finding } from './finding.ts'

/** Names that must be unique, and lists in which nothing may stand twice. */
export function settingsDuplicates(settings: Settings): readonly Finding[] {
  const { userZones, regions, workloads, forecast } = settings
  return [
    ...twice(
      userZones.map((zone) => zone.name),
      (index) => ['userZones', index, 'name'],
    ),
    ...twice(regions.map(regionName), (index) => ['regions', index, 'region'], ['cloud', 'region']),
    ...twice(
      workloads.map((workload) => workload.name),
      (index) => ['workloads', index, 'name'],
    ),
    ...twice(forecast.quantiles, (index) => ['forecast', 'quantiles', index]),
    ...regions.flatMap((region, at) => twice(region.zones, (index) => ['regions', at, 'zones', index])),
    ...workloads.flatMap((workload, at) => [
      ...twice(workload.userZones, (index) => ['workloads', at, 'userZones', index]),
      ...twice(workload.types ?? [], (index) => ['workloads', at, 'types', index]),
      ...twice(workload.options, (index) => ['workloads', at, 'options', index]),
      ...(['allow', 'deny', 'prefer'] as const).flatMap((list) =>
        twice(workload.regions[list] ?? [], (index) => ['workloads', at, 'regions', list, index]),
      ),
    ]),
  ]
}

/** Types and regions that stand twice in the catalogue. */
export function catalogueDuplicates(catalogue: Catalogue): readonly Finding[] {
  return [
    ...twice(
      catalogue.types.map(({ cloud, type }) => `${cloud}/${type}`),
      (index) => ['types', index, 'type'],
      ['cloud', 'type'],
    ),
    ...twice(catalogue.regions.map(regionName), (index) => ['regions', index, 'region'], ['cloud', 'region']),
  ]
}

/**
 * @param identity  keys that make the name, where it is made from several keys of a block
 * @returns a fault at each name that stood before
 */
export function twice(names: readonly (string | number)[], path: (index: number) => DocumentPath, identity: readonly string[] = []): Finding[] {
  const first = new Map<string | number, number>()
  const parts = (index: number): DocumentPath[] => [path(index), ...identity.map((key) => [...path(index).slice(0, -1), key])]
  return names.flatMap((name, index) => {
    const earlier = first.get(name)
    if (earlier === undefined) {
      first.set(name, index)
      return []
    }
    return [fault(path(index), `${name} stands twice, first at ${pathText(path(earlier))}`, [...parts(index), ...parts(earlier)])]
  })
}
