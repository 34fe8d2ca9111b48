import type { InstanceDocument } from '../../src/plan/documents/instance-document.ts'
import { generateInstance } from './generate-instance.ts'
import { unitsFrom } from './units-from.ts'

/**
 * A small problem with limits of every tightness: quotas, pool limits, spot shares, budgets, leads, commitments, two workloads, tiny fleets, user zones
 * that reach one region or none. It need not have a plan that carries all demand. The same seed gives the same document.
 */
export function varyInstance(seed: number): InstanceDocument {
  const unit = unitsFrom(seed * 2 + 1)
  const oneOf = <T>(...values: readonly [T, ...T[]]): T => values[Math.floor(unit() * values.length)] ?? values[0]
  const size = {
    regions: oneOf(1, 2, 3, 3, 4, 6), families: oneOf(1, 1, 2, 3), sizes: oneOf(1, 2, 3, 4), userZones: oneOf(1, 2, 5, 10, 20), steps: oneOf(1, 2, 6, 12, 24),
    workloads: oneOf(1, 1, 1, 2), demand: oneOf(40, 150, 600, 600, 2000, 6000),
  }
  const shape = { derate: oneOf(true, false), tight: oneOf(true, false), committed: oneOf(true, false, false) }
  const made = generateInstance(`varied-${seed}`, size, shape, seed)
  const [quota, pool, lead] = [oneOf(0.3, 0.7, 0.9, 1, 1, 1.5), oneOf(0.1, 0.4, 0.8, 1, 1, 2), oneOf(0, 0, 1, 1, 2)]
  const jitter = (value: number, factor: number): number => Math.floor(value * factor * (0.8 + 0.4 * unit()))
  const quotaVcpu = made.quotaVcpu.map((vcpus) => vcpus.map((value) => jitter(value, quota)))
  const maxNodes = made.maxNodes.map((region) => region.map((nodes) => nodes.map((value) => jitter(value, pool))))
  const live = oneOf(0, 0.5, 1, 1, 1.4)
  const used = quotaVcpu.map((vcpus) => vcpus.map(() => 0))
  const nodesOf = new Map<string, number>()
  const fleet = made.fleet.map((regions) => regions.map((region, r) => region.map((nodes, k) => nodes.map((value, s) => {
    const vcpu = made.types[k]?.vcpu ?? 1
    const left = Math.floor(((quotaVcpu[r]?.[s] ?? 0) - (used[r]?.[s] ?? 0)) / vcpu)
    const offer = `${r}/${k}/${s}`
    const count = Math.max(0, Math.min(Math.floor(value * live), left, (maxNodes[r]?.[k]?.[s] ?? 0) - (nodesOf.get(offer) ?? 0)))
    nodesOf.set(offer, (nodesOf.get(offer) ?? 0) + count)
    const row = used[r]
    if (row !== undefined) row[s] = (row[s] ?? 0) + count * vcpu
    return count
  }))))
  const peak = Math.max(...made.demand.flatMap((zones) => (zones[0] ?? []).map((_, step) => made.demand.flat().reduce((sum, course) => sum + (course[step] ?? 0), 0))))
  const cut = oneOf(true, false, false, false)
  const reach = (zones: readonly (readonly number[])[]): number[][] => zones.map((regions) => (cut ? regions.slice(0, Math.floor(unit() * 3)) : [...regions]))
  return {
    ...made, quotaVcpu, maxNodes, fleet,
    leadSteps: made.leadSteps.map((options) => options.map(() => lead)),
    spotShareCap: made.spotShareCap.map(() => oneOf(0, 0.3, 0.6, 1)),
    budgetPerStep: unit() < 0.25 ? Math.round(peak * (0.006 + 0.01 * unit()) * 1000) / 1000 : null,
    survive: { zone: true, region: oneOf(true, true, false) },
    reach: { normal: made.reach.normal.map(reach), regionLoss: made.reach.regionLoss.map(reach) },
  }
}
