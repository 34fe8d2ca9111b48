import { groupName, regionName } from '../../domain/pool.ts'
import { allowedRegions } from '../allowed-regions.ts'
import { nearestName } from '../../domain/nearest-name.ts'
import type { Catalogue, RegionSettings, Settings, WorkloadSettings } from '../schema.ts'
import { fault, type Finding, keyFault, warning } from './finding.ts'

type CatalogueType = Catalogue['types'][number]

/** A longer name is refused by Compute Engine, the strictest of the clouds. */
const longestGroupName = 63

/** Types that are spoken of exist in the catalogue, and each workload can buy something somewhere. */
export function typesOnOffer(settings: Settings, catalogue: Catalogue): readonly Finding[] {
  const known = [...new Set(catalogue.types.map((type) => type.type))]
  return settings.workloads.flatMap((workload, at) => {
    const listed = workload.types ?? []
    const throughputs = 'perNode' in workload.serves ? Object.keys(workload.serves.perNode) : []
    const unknown = [
      ...listed.flatMap((type, index) =>
        known.includes(type) ? [] : [fault(['workloads', at, 'types', index], notInCatalogue(type, known))],
      ),
      ...throughputs.flatMap((type) =>
        known.includes(type) ? [] : [keyFault(['workloads', at, 'serves', 'perNode', type], notInCatalogue(type, known))],
      ),
    ]
    if (unknown.length > 0) return unknown
    const regions = allowedRegions(settings, workload)
    const bare = regions.filter((region) => offers(workload, region, catalogue).length === 0)
    const restsOn = [['workloads', at], ['regions']]
    if (regions.length > 0 && bare.length === regions.length) {
      const where = regions.map(regionName).join(', ')
      return [keyFault(['workloads', at, 'types'], `nothing that ${workload.name} may use has a price in ${where}`, restsOn)]
    }
    return bare.map((region) => {
      const message = `nothing that ${workload.name} may use has a price in ${regionName(region)}: it gets no nodes there`
      return warning(['workloads', at, 'name'], message, restsOn)
    })
  })
}

/** Types that a workload lists and that one of its regions' clouds sells, without a price in that region. */
export function typesWithoutPrice(settings: Settings, catalogue: Catalogue): readonly Finding[] {
  return settings.workloads.flatMap((workload, at) =>
    (workload.types ?? []).flatMap((name, index) => {
      const sold = catalogue.types.filter((type) => type.type === name)
      const missing = allowedRegions(settings, workload).filter((region) => {
        const here = sold.filter((type) => type.cloud === region.cloud)
        return here.length > 0 && here.every((type) => prices(type, region, workload).length === 0)
      })
      if (missing.length === 0) return []
      return [
        warning(['workloads', at, 'types', index], `${name} has no price in ${missing.map(regionName).join(', ')}: it is not used there`, [
          ['regions'],
        ]),
      ]
    }),
  )
}

/** Names of groups are made from workload, type and purchase option; they must fit the clouds and differ within a stack. */
export function groupNames(settings: Settings, catalogue: Catalogue): readonly Finding[] {
  const owners = new Map<string, string>()
  return settings.workloads.flatMap((workload, at) => {
    const types = candidates(workload, catalogue)
    const names = types.flatMap((type) =>
      workload.options.map((option) => ({ type, name: groupName({ ...type, workload: workload.name, region: '', option }) })),
    )
    const restsOn = [
      ['workloads', at, 'types'],
      ['workloads', at, 'serves'],
    ]
    const longest = names.reduce((long, each) => (each.name.length > long.length ? each.name : long), '')
    if (longest.length > longestGroupName) {
      const message = `makes the group name ${longest}, of ${longest.length} characters, above the ${longestGroupName} that clouds allow`
      return [fault(['workloads', at, 'name'], message, restsOn)]
    }
    for (const { type, name } of names) {
      const owner = `${workload.name} on ${type.type}`
      const other = owners.get(`${type.cloud}/${name}`)
      if (other !== undefined && other !== owner)
        return [fault(['workloads', at, 'name'], `makes the group name ${name}, which ${other} makes too`, restsOn)]
      owners.set(`${type.cloud}/${name}`, owner)
    }
    return []
  })
}

/** The least that must run has a price; a budget below it can never be kept. */
export function budget(settings: Settings, catalogue: Catalogue): readonly Finding[] {
  const { usdPerHour } = settings.limits
  if (usdPerHour === undefined) return []
  const least = settings.workloads.reduce((sum, workload) => {
    const regions = allowedRegions(settings, workload)
    const cheapest = regions.map((region) => Math.min(...offers(workload, region, catalogue))).filter(Number.isFinite)
    const spread = cheapest.reduce((cost, price) => cost + price * workload.nodes.minPerRegion, 0)
    const rest = Math.max(0, workload.nodes.min - workload.nodes.minPerRegion * cheapest.length)
    return sum + spread + (cheapest.length === 0 ? 0 : rest * Math.min(...cheapest))
  }, 0)
  if (least <= usdPerHour) return []
  const message = `is ${usdPerHour}, below the ${least.toFixed(2)} USD per hour of the fewest nodes (workloads[].nodes)`
  return [fault(['limits', 'usdPerHour'], message, [['workloads'], ['regions']])]
}

/** @returns prices at which the workload can have a node in the region, USD per hour */
function offers(workload: WorkloadSettings, region: RegionSettings, catalogue: Catalogue): readonly number[] {
  return candidates(workload, catalogue)
    .filter((type) => type.cloud === region.cloud)
    .flatMap((type) => prices(type, region, workload))
}

function prices(type: CatalogueType, region: RegionSettings, workload: WorkloadSettings): readonly number[] {
  const price = type.usdPerHour[region.region]
  return workload.options.flatMap((option) => (price?.[option] === undefined ? [] : [price[option]]))
}

function candidates(workload: WorkloadSettings, catalogue: Catalogue): readonly CatalogueType[] {
  const { types, serves } = workload
  return catalogue.types.filter(({ type }) => (types?.includes(type) ?? true) && (!('perNode' in serves) || type in serves.perNode))
}

function notInCatalogue(type: string, known: readonly string[]): string {
  const meant = nearestName(type, known)
  return meant === undefined ? `${type} is not in the catalogue` : `${type} is not in the catalogue; did you mean ${meant}?`
}
