import type { Resource } from '../domain/forecast.ts'
import type { DemandHistory, DemandQuery, DemandSeries, SeriesFaults } from '../domain/history.ts'
import { type RegionKey, regionName } from '../domain/pool.ts'

/** What nodes use, as telegraf's inputs `cpu`, `mem`, `net` and `diskio` report it. */
export type NodeResource = Exclude<Resource, 'requests'>

/** Whose nodes are looked at, and what their types hold. */
export interface NodeUseQuery {
  readonly workload: string
  readonly regions: readonly RegionKey[]
  readonly resources: readonly NodeResource[]
  /** Types that its nodes may have in some region, with their vCPUs. */
  readonly types: readonly { readonly cloud: string; readonly type: string; readonly vcpu: number }[]
}

/** What all nodes of a workload in one region use. */
export interface RegionUse {
  readonly workload: string
  /** `aws/us-east-1` */
  readonly region: string
  readonly resource: NodeResource
  readonly unit: string
  /** ≥ 0; NaN where no node reported. Shape [grid.length]. */
  readonly values: Float64Array
  readonly faults: SeriesFaults
}

/** A query to be read, and what its series add to. */
interface UsePart {
  readonly query: DemandQuery
  readonly resource: NodeResource
  /** What one unit of a series is worth, and in which region. */
  readonly share: (series: DemandSeries) => { readonly region: string; readonly weight: number } | undefined
}

/** Unit of each resource, whoever uses it. */
export const resourceUnits: Readonly<Record<NodeResource, string>> = { cpu: 'vCPU', memory: 'GiB', network: 'Mbit/s', disk: 'MB/s' }

/** Fields that add up to one resource, by region. Network and disk count both directions. */
const fields: Readonly<Record<Exclude<NodeResource, 'cpu'>, readonly Pick<DemandQuery, 'measurement' | 'field' | 'kind' | 'scale'>[]>> = {
  memory: [{ measurement: 'mem', field: 'used', kind: 'stock', scale: 2 ** -30 }],
  network: [
    { measurement: 'net', field: 'bytes_recv', kind: 'odometer', scale: 8e-6 },
    { measurement: 'net', field: 'bytes_sent', kind: 'odometer', scale: 8e-6 },
  ],
  disk: [
    { measurement: 'diskio', field: 'read_bytes', kind: 'odometer', scale: 1e-6 },
    { measurement: 'diskio', field: 'write_bytes', kind: 'odometer', scale: 1e-6 },
  ],
}

/** @returns what to read of a workload's nodes; each query's `workload` is a name of its own, by which `regionUse` finds its series again */
export function nodeUseQueries(wanted: NodeUseQuery): DemandQuery[] {
  return useParts(wanted).map(({ query }) => query)
}

/**
 * Adds up what was read. A region without a reporting node in a step in which others report uses nothing then; a region that never reported is
 * left out, and so is a resource of which one direction was never reported.
 * @param history  of the queries of `nodeUseQueries`, among others
 * @returns by resource, then by region, in the query's order
 */
export function regionUse(wanted: NodeUseQuery, history: DemandHistory): RegionUse[] {
  const parts = useParts(wanted)
  return wanted.resources.flatMap((resource) => {
    const own = parts.filter((part) => part.resource === resource)
    const uses = wanted.regions.map((region): RegionUse => {
      const summed = own.map((part) => sumOf(part, regionName(region), history))
      const values = Float64Array.from({ length: history.grid.length }, (_, step) => sum(resource, summed, step))
      return { workload: wanted.workload, region: regionName(region), resource, unit: resourceUnits[resource], values, faults: faultsOf(own, history) }
    })
    const reported = uses.filter(({ values }) => values.some(Number.isFinite))
    return reported.map((use) => ({ ...use, values: use.values.map((value, step) => (Number.isNaN(value) && reported.some((other) => Number.isFinite(other.values[step])) ? 0 : value)) }))
  })
}

function useParts({ workload, regions, resources, types }: NodeUseQuery): UsePart[] {
  const parts = resources.flatMap((resource): UsePart[] => {
    const common = { unit: resourceUnits[resource], flux: undefined }
    if (resource === 'cpu') {
      return regions.map((region): UsePart => {
        const own = types.filter(({ cloud }) => cloud === region.cloud)
        const vcpus = new Map(own.map(({ type, vcpu }) => [type, vcpu]))
        return {
          resource,
          query: {
            ...common,
            workload: `${workload} cpu ${regionName(region)}`,
            measurement: 'cpu',
            field: 'usage_idle',
            tags: { cpu: 'cpu-total', workload, region: regionName(region) },
            userZoneTag: 'type',
            userZones: own.map(({ type }) => type),
            kind: 'stock',
            scale: 0.01,
            complementOf: 100,
          },
          share: ({ userZone }) => ({ region: regionName(region), weight: vcpus.get(userZone) ?? 0 }),
        }
      })
    }
    return fields[resource].map((field): UsePart => ({
      resource,
      query: { ...common, ...field, workload: `${workload} ${field.measurement} ${field.field}`, tags: { workload }, userZoneTag: 'region', userZones: regions.map(regionName) },
      share: ({ userZone }) => ({ region: userZone, weight: 1 }),
    }))
  })
  return parts.filter(({ query }) => query.userZones.length > 0)
}

/** One query's use of a region; undefined when none of its nodes ever reported it. */
function sumOf({ query, share }: UsePart, region: string, { series, grid }: DemandHistory): Float64Array | undefined {
  const own = series.flatMap((one) => {
    const found = one.workload === query.workload ? share(one) : undefined
    return found?.region === region && one.newestSeconds !== undefined ? [{ values: one.values, weight: found.weight }] : []
  })
  if (own.length === 0) return undefined
  return Float64Array.from({ length: grid.length }, (_, step) => {
    const known = own.filter(({ values }) => Number.isFinite(values[step]))
    return known.length === 0 ? Number.NaN : known.reduce((total, { values, weight }) => total + weight * (values[step] ?? 0), 0)
  })
}

/** CPU is read region by region, so only one query speaks of each; of the others all directions must be known. */
function sum(resource: NodeResource, summed: readonly (Float64Array | undefined)[], step: number): number {
  const known = summed.filter((values) => values !== undefined)
  const needed = resource === 'cpu' ? 1 : summed.length
  return known.length < needed ? Number.NaN : known.reduce((total, values) => total + (values[step] ?? Number.NaN), 0)
}

/** Faults of the samples of all regions together. */
function faultsOf(parts: readonly UsePart[], { series }: DemandHistory): SeriesFaults {
  const names = new Set(parts.map(({ query }) => query.workload))
  const own = series.filter(({ workload }) => names.has(workload))
  const total = (fault: keyof SeriesFaults): number => own.reduce((count, { faults }) => count + faults[fault], 0)
  return {
    notANumber: total('notANumber'),
    infinite: total('infinite'),
    negative: total('negative'),
    counterReset: total('counterReset'),
    duplicate: total('duplicate'),
    outOfOrder: total('outOfOrder'),
    frozenSteps: 0,
    daylightSaving: 0,
    outlier: 0,
  }
}
