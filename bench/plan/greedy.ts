import type { InstanceDocument } from '../../src/plan/documents/instance-document.ts'

/**
 * What a usual autoscaler would pay: each region for itself serves the user zones it is nearest to, hour by hour, with the on-demand type that is cheapest
 * per unit, at a target utilisation. Limits are not looked at, which only makes it cheaper.
 * @param holds  `own-headroom`: each region also holds, at failure utilisation, what the loss of the region that sends it most would bring
 * @returns nodes, starts, routing and what is paid anyway, USD
 */
export function greedyUsd(instance: InstanceDocument, targetUtilisation: number, holds: 'nothing' | 'own-headroom'): number {
  const { steps, regions, types, options } = instance
  const onDemand = options.findIndex(({ kind }) => kind === 'ondemand')
  let usd = (instance.sunkCostPerStep ?? 0) * steps
  for (const [p] of instance.programs.entries()) {
    const byLatency = (u: number, reach: readonly number[]): readonly number[] => [...reach].sort((a, b) => (instance.latencyMs[u]?.[a] ?? 0) - (instance.latencyMs[u]?.[b] ?? 0))
    const cheapest = regions.map((_, r) => [...types.keys()].sort((a, b) => perUnit(r, a) - perUnit(r, b))[0] ?? 0)
    function perUnit(r: number, k: number): number {
      return (instance.price[r]?.[k]?.[onDemand] ?? Infinity) / (instance.throughput[p]?.[k] ?? 0)
    }
    const before = regions.map((_, r) => types.reduce((sum, _type, k) => sum + (instance.fleet[p]?.[r]?.[k]?.[onDemand] ?? 0), 0))
    for (let step = 0; step < steps; step++) {
      const load = regions.map(() => 0)
      const failover = regions.map(() => regions.map(() => 0))
      for (const [u, course] of (instance.demand[p] ?? []).entries()) {
        const amount = course[step] ?? 0
        const home = byLatency(u, instance.reach.normal[p]?.[u] ?? [])[0]
        if (home === undefined) continue
        load[home] = (load[home] ?? 0) + amount
        usd += amount * (instance.latencyMs[u]?.[home] ?? 0) * instance.routeCostPerUnitMs
        const next = byLatency(u, instance.reach.regionLoss[p]?.[u] ?? []).find((r) => r !== home)
        const row = next === undefined ? undefined : failover[next]
        if (row !== undefined) row[home] = (row[home] ?? 0) + amount
      }
      for (const [r] of regions.entries()) {
        const unit = instance.throughput[p]?.[cheapest[r] ?? 0] ?? 0
        const normal = (load[r] ?? 0) / (unit * targetUtilisation)
        const failed = holds === 'nothing' ? 0 : ((load[r] ?? 0) + Math.max(...(failover[r] ?? []))) / (unit * instance.utilisation.regionLoss)
        const nodes = Math.ceil(Math.max(normal, failed) - 1e-9)
        const k = cheapest[r] ?? 0
        usd += nodes * (instance.price[r]?.[k]?.[onDemand] ?? 0) + Math.max(0, nodes - (before[r] ?? 0)) * (instance.startCost[r]?.[k]?.[onDemand] ?? 0)
        before[r] = nodes
      }
    }
  }
  return usd
}
