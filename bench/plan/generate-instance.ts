import type { InstanceDocument } from '../../src/plan/documents/instance-document.ts'
import { unitsFrom } from './units-from.ts'

/** How large a generated problem is. */
export interface InstanceSize {
  readonly regions: number
  readonly families: number
  /** Sizes of each family, from 2 vCPUs on, each twice the one before. */
  readonly sizes: number
  readonly userZones: number
  readonly steps: number
  readonly workloads: number
  /** Demand of all workloads at a busy hour, units/s; a node of 2 vCPUs serves about 18. */
  readonly demand: number
}

/** What a generated problem is about. */
export interface InstanceShape {
  /** Every region is planned as if one of its zones were lost, at normal utilisation; otherwise any one region may be lost. */
  readonly derate: boolean
  /** User zones reach three regions, four after a loss; otherwise three to eight, and more after a loss. */
  readonly tight: boolean
  /** A third option without a price, limited by what was committed to. */
  readonly committed: boolean
}

export const instanceSizes = {
  s: { regions: 3, families: 1, sizes: 4, userZones: 10, steps: 24, workloads: 1, demand: 6000 },
  m: { regions: 6, families: 2, sizes: 4, userZones: 20, steps: 24, workloads: 1, demand: 9000 },
  l: { regions: 12, families: 5, sizes: 4, userZones: 60, steps: 48, workloads: 1, demand: 40000 },
  xl: { regions: 30, families: 15, sizes: 4, userZones: 200, steps: 48, workloads: 3, demand: 240000 },
} as const satisfies Readonly<Record<string, InstanceSize>>

/** Regions of public clouds: name, latitude, longitude, zones. */
const places = [
  ['us-east', 38.9, -77.4, 4], ['eu-west', 53.3, -6.3, 3], ['ap-southeast', 1.4, 103.8, 3], ['us-west', 45.8, -119.7, 3], ['eu-central', 50.1, 8.7, 3],
  ['sa-east', -23.5, -46.6, 2], ['ap-northeast', 35.7, 139.7, 3], ['ap-south', 19.1, 72.9, 2], ['us-central', 41.3, -95.9, 4], ['au-east', -33.9, 151.2, 3],
  ['ca-central', 45.5, -73.6, 3], ['eu-north', 59.3, 18.1, 4], ['af-south', -33.9, 18.4, 3], ['me-central', 25.2, 55.3, 3], ['us-south', 29.4, -98.5, 3],
  ['us-southwest', 36.2, -115.1, 3], ['eu-south', 45.5, 9.2, 3], ['uk-south', 51.5, -0.1, 3], ['fr-central', 48.9, 2.4, 3], ['ap-east', 22.3, 114.2, 3],
  ['ap-northeast-2', 37.6, 127, 4], ['ap-southeast-3', -6.2, 106.8, 3], ['ap-south-2', 17.4, 78.5, 3], ['pl-central', 52.2, 21, 3], ['es-central', 40.4, -3.7, 3],
  ['il-central', 31.8, 35.2, 3], ['mx-central', 20.6, -100.4, 3], ['cl-central', -33.4, -70.7, 3], ['nz-north', -36.8, 174.8, 3], ['ch-north', 47.4, 8.5, 2],
] as const

/** Where people live, roughly: latitude and longitude of the middle of a populated area, and its share. */
const people = [
  [39, -85, 0.2], [37, -120, 0.1], [49, 8, 0.2], [20, 78, 0.15], [33, 118, 0.12], [36, 138, 0.06], [-22, -47, 0.07], [-33, 147, 0.03], [0, 108, 0.05], [-28, 28, 0.02],
] as const

/** Great-circle distance, km. */
function distanceKm(latitude: number, longitude: number, toLatitude: number, toLongitude: number): number {
  const radians = Math.PI / 180
  const half = (angle: number): number => Math.sin((angle * radians) / 2) ** 2
  const chord = half(toLatitude - latitude) + Math.cos(latitude * radians) * Math.cos(toLatitude * radians) * half(toLongitude - longitude)
  return 2 * 6371 * Math.asin(Math.sqrt(Math.min(1, chord)))
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const rounded = (value: number, decimals: number): number => Math.round(value * 10 ** decimals) / 10 ** decimals

/**
 * A made-up problem: regions of public clouds, prices and pool limits drawn at random, demand that follows the sun. There is always a plan, since
 * quotas leave room for nodes on demand that carry all demand however it is spread within reach. The same arguments give the same document.
 */
export function generateInstance(name: string, size: InstanceSize, shape: InstanceShape, seed: number): InstanceDocument {
  const unit = unitsFrom(seed)
  const between = (low: number, high: number): number => low + (high - low) * unit()
  const regions = places.slice(0, size.regions).map(([id, lat, lon, zones]) => ({ id, lat, lon, zones }))
  const types = upTo(size.sizes).flatMap((s) => upTo(size.families).map((f) => ({ id: `f${f}.${2 ** (s + 1)}`, family: `f${f}`, vcpu: 2 ** (s + 1) })))
  const familySpeed = upTo(size.families).map(() => between(0.85, 1.2))
  const throughput = upTo(size.workloads).map(() => {
    const perVcpu = between(8, 10)
    return types.map(({ vcpu }, k) => rounded(perVcpu * vcpu ** 1.03 * (familySpeed[k % size.families] ?? 1) * between(0.97, 1.03), 3))
  })
  const familyPrice = upTo(size.families).map(() => between(0.9, 1.15))
  const options = [{ id: 'spot', kind: 'spot' as const }, { id: 'on-demand', kind: 'ondemand' as const }, ...(shape.committed ? [{ id: 'committed', kind: 'committed' as const }] : [])]
  const price = regions.map(() => {
    const level = between(0.92, 1.35)
    return types.map(({ vcpu }, k) => {
      const onDemand = rounded(0.048 * vcpu * level * (familyPrice[k % size.families] ?? 1) * between(0.97, 1.03), 5)
      return [rounded(onDemand * between(0.3, 0.55), 5), onDemand, ...(shape.committed ? [0] : [])]
    })
  })

  const userZones = upTo(size.userZones).map((u) => {
    const [lat, lon] = people[u < people.length ? (u * 7) % people.length : Math.floor(unit() * people.length)] ?? [0, 0]
    return { id: `u${u}`, lat: rounded(lat + between(-9, 9), 2), lon: rounded(lon + between(-11, 11), 2) }
  })
  const latencyMs = userZones.map(({ lat, lon }) => regions.map((region) => rounded(8 + distanceKm(lat, lon, region.lat, region.lon) * 0.0147 * between(1, 1.15), 1)))
  const nearest = latencyMs.map((row) => upTo(size.regions).sort((a, b) => (row[a] ?? 0) - (row[b] ?? 0)))
  const reachOf = (least: number, most: number): number[][] => {
    const counts = userZones.map(() => Math.min(size.regions, Math.floor(between(least, most + 1))))
    return nearest.map((near, u) => near.slice(0, counts[u]).sort((a, b) => a - b))
  }
  const reachNormal = shape.tight ? reachOf(3, 3) : reachOf(3, 8)
  const reachLoss = reachNormal.map((own, u) => {
    const wanted = shape.tight ? 4 : Math.max(own.length, Math.min(6, size.regions))
    return (nearest[u] ?? []).slice(0, Math.min(size.regions, wanted)).sort((a, b) => a - b)
  })

  const weights = userZones.map((_, u) => (people[u < people.length ? (u * 7) % people.length : u % people.length]?.[2] ?? 0.05) * Math.exp(between(-0.8, 0.8)))
  const wanted = weights.reduce((sum, weight) => sum + weight, 0)
  const demand = upTo(size.workloads).map(() => {
    const share = size.workloads === 1 ? 1 : between(0.6, 1.4) / size.workloads
    return userZones.map(({ lon }, u) => upTo(size.steps).map((step) => {
      const local = (((step + lon / 15) % 24) + 24) % 24
      const sun = 0.55 + 0.45 * Math.sin(((local - 8) / 24) * 2 * Math.PI) + 0.12 * Math.sin(((local - 5) / 12) * 2 * Math.PI)
      return rounded(((size.demand * share * (weights[u] ?? 0)) / wanted / 0.55) * Math.max(0.07, sun) * between(0.97, 1.03), 2)
    }))
  })


  const availability = {
    normal: regions.map(({ zones }) => [0.75, 1, ...(shape.committed ? [1] : [])].map((spot) => rounded(shape.derate ? (spot * (zones - 1)) / zones : spot, 6))),
    regionLoss: regions.map(() => [0.6, 1, ...(shape.committed ? [1] : [])]),
  }
  const utilisation = { normal: 0.7, regionLoss: 0.9 }
  /** vCPUs on demand that each region needs in a step where demand is spread evenly within reach, whichever region is lost. */
  const evenVcpus = (step: number): number[] => {
    const vcpus = regions.map(() => 0)
    for (const w of upTo(size.workloads)) {
      const worst = Math.max(...types.map(({ vcpu }, k) => vcpu / (throughput[w]?.[k] ?? 1)))
      const loads = upTo(size.regions + 1).map((lost) => {
        const load = regions.map(() => 0)
        for (const u of upTo(size.userZones)) {
          const reach = lost === size.regions ? reachNormal[u] ?? [] : (reachLoss[u] ?? []).filter((r) => r !== lost)
          for (const r of reach) load[r] = (load[r] ?? 0) + (demand[w]?.[u]?.[step] ?? 0) / reach.length
        }
        return load
      })
      for (const r of upTo(size.regions)) {
        const normal = ((loads[size.regions]?.[r] ?? 0) * worst) / utilisation.normal / (availability.normal[r]?.[1] ?? 1)
        const lost = Math.max(...loads.slice(0, size.regions).map((load) => load[r] ?? 0)) * worst / utilisation.regionLoss
        vcpus[r] = (vcpus[r] ?? 0) + Math.max(normal, lost) + 4
      }
    }
    return vcpus
  }
  const needed = upTo(size.steps).map(evenVcpus)
  const peak = upTo(size.regions).map((r) => Math.max(...needed.map((vcpus) => vcpus[r] ?? 0)))
  const committedVcpus = peak.map((vcpus) => 2 * Math.floor((vcpus * between(0, 0.25)) / 2))
  const quotaVcpu = peak.map((vcpus, r) => [Math.round(vcpus * between(0.3, 1.2)), Math.round(vcpus * between(1.05, 1.6)), ...(shape.committed ? [committedVcpus[r] ?? 0] : [])])
  const maxNodes = peak.map((vcpus, r) => types.map(({ vcpu }) => [
    Math.floor((vcpus * between(0.05, 0.4)) / vcpu / size.families * 2),
    Math.ceil((vcpus * between(0.35, 1.6)) / vcpu) + 1,
    ...(shape.committed ? [Math.floor((committedVcpus[r] ?? 0) / vcpu)] : []),
  ]))
  const fleet = upTo(size.workloads).map((w) => regions.map((_, r) => {
    const counts = types.map(() => options.map(() => 0))
    let vcpus = ((needed[0]?.[r] ?? 0) * (demand[w] ?? []).reduce((sum, row) => sum + (row[0] ?? 0), 0)) / demand.flat().reduce((sum, row) => sum + (row[0] ?? 0), 0)
    const perUnit = (k: number): number => (price[r]?.[k]?.[1] ?? 0) / (throughput[w]?.[k] ?? 1)
    for (const k of upTo(types.length).sort((a, b) => perUnit(a) - perUnit(b))) {
      const room = Math.floor((maxNodes[r]?.[k]?.[1] ?? 0) / size.workloads)
      const nodes = Math.min(room, Math.ceil(vcpus / (types[k]?.vcpu ?? 1)))
      const row = counts[k]
      if (row !== undefined) row[1] = Math.max(0, nodes)
      vcpus -= Math.max(0, nodes) * (types[k]?.vcpu ?? 1)
      if (vcpus <= 0) break
    }
    return counts
  }))
  return {
    schema: 'prescale.instance/1', name, stepMinutes: 60, steps: size.steps,
    programs: upTo(size.workloads).map((w) => `p${w}`), regions, userZones, types, options, throughput, price,
    startCost: price.map((region) => region.map((prices) => prices.map((usd) => rounded(usd / 4, 6)))),
    maxNodes, quotaVcpu, spotShareCap: regions.map(() => 0.6), utilisation, availability, survive: { zone: true, region: true }, latencyMs,
    reach: { normal: upTo(size.workloads).map(() => reachNormal), regionLoss: upTo(size.workloads).map(() => reachLoss) },
    routeCostPerUnitMs: 2e-5, demand, fleet, leadSteps: regions.map(() => options.map(() => 1)), budgetPerStep: null,
    sunkCostPerStep: shape.committed ? rounded(committedVcpus.reduce((sum, vcpus) => sum + vcpus, 0) * 0.03, 4) : 0,
  }
}
