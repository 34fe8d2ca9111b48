import type { Plan } from '../../src/domain/plan.ts'
import type { PlanProblem } from '../../src/plan/problem.ts'

/** Whether `demand` of zones fits into `capacity` of regions: by Gale's condition on every set of zones, so at most 12 zones. */
function fits(demand: readonly number[], reach: readonly (readonly number[])[], capacity: readonly number[]): boolean {
  for (let set = 1; set < 1 << demand.length; set++) {
    const zones = [...demand.keys()].filter((u) => (set >> u) % 2 === 1)
    const regions = new Set(zones.flatMap((u) => reach[u] ?? []))
    const need = zones.reduce((sum, u) => sum + (demand[u] ?? 0), 0)
    const has = [...regions].reduce((sum, r) => sum + (capacity[r] ?? 0), 0)
    if (need > has + 1e-5 * (1 + need)) return false
  }
  return true
}

/** What a plan breaks, as words; written from the problem's definition alone, without anything of the planner. Demand that the plan reports as short is not held against it. */
export function faultsOf(problem: PlanProblem, plan: Plan): string[] {
  const faults: string[] = []
  const { steps, regions, types, options } = problem
  const index = (names: readonly { readonly name: string }[], name: string): number => names.findIndex((one) => one.name === name)
  const counts = problem.workloads.map(() => regions.map(() => types.map(() => options.map(() => Array.from({ length: steps }, () => 0)))))
  for (const pool of plan.pools) {
    const course = counts[index(problem.workloads, pool.workload)]?.[regions.findIndex(({ key }) => key?.region === pool.region && key.cloud === pool.cloud)]?.[index(types, pool.type)]?.[index(options, pool.option)]
    for (const [t, count] of pool.counts.entries()) if (course !== undefined) course[t] = count
  }
  const at = (w: number, r: number, k: number, s: number, t: number): number => counts[w]?.[r]?.[k]?.[s]?.[t] ?? 0
  const before = (w: number, r: number, k: number, s: number, t: number): number => (t === 0 ? problem.fleet[w]?.[r]?.[k]?.[s] ?? 0 : at(w, r, k, s, t - 1))
  const short = new Set(plan.shortages.map(({ workload, step }) => `${workload}/${step}`))
  const indicesOf = (list: readonly unknown[]): number[] => [...list.keys()]
  const usdOfDay = new Map<number, { usd: number; hours: number }>()
  for (const [w, workload] of problem.workloads.entries()) {
    for (const r of indicesOf(regions)) for (const k of indicesOf(types)) for (const s of indicesOf(options)) {
      const starts = Array.from({ length: steps }, (_, t) => Math.max(0, at(w, r, k, s, t) - before(w, r, k, s, t)))
      for (let t = 0; t < steps; t++) {
        const running = starts.slice(Math.max(0, t - workload.minRunSteps + 1), t + 1).reduce((a, b) => a + b, 0)
        if (at(w, r, k, s, t) < running) faults.push(`minimum run in ${t}`)
      }
    }
  }
  for (let t = 0; t < steps; t++) {
    let usd = 0
    for (const r of indicesOf(regions)) {
      for (const s of indicesOf(options)) {
        const vcpus = indicesOf(problem.workloads).flatMap((w) => indicesOf(types).map((k) => at(w, r, k, s, t) * (types[k]?.vcpu ?? 0))).reduce((a, b) => a + b, 0)
        if (vcpus > (problem.quotaVcpu[r]?.[s] ?? 0) + 1e-6) faults.push(`quota of ${r}/${s} in ${t}: ${vcpus}`)
      }
    }
    for (const [w, workload] of problem.workloads.entries()) {
      let all = 0
      for (const r of indicesOf(regions)) {
        let inRegion = 0
        let spot = 0
        let vcpus = 0
        for (const k of indicesOf(types)) {
          for (const [s, option] of options.entries()) {
            const count = at(w, r, k, s, t)
            if (!Number.isInteger(count) || count < 0) faults.push(`count ${count}`)
            if (count > (problem.maxNodes[r]?.[k]?.[s] ?? 0)) faults.push(`pool limit in ${t}`)
            if (count > before(w, r, k, s, t) && t < (problem.leadSteps[w]?.[r]?.[s] ?? 0)) faults.push(`lead time in ${t}`)
            if (count !== before(w, r, k, s, t) && workload.frozen[t] === true) faults.push(`freeze in ${t}`)
            if (before(w, r, k, s, t) - count > workload.maxLowering) faults.push(`lowering in ${t}`)
            inRegion += count
            vcpus += count * (types[k]?.vcpu ?? 0)
            if (option.kind === 'spot') spot += count * (types[k]?.vcpu ?? 0)
            usd += count * (problem.usdPerHour[r]?.[k]?.[s] ?? 0)
          }
        }
        for (const k of indicesOf(types)) for (const [s, option] of options.entries()) {
          if (option.kind === 'spot' && at(w, r, k, s, t) * (types[k]?.vcpu ?? 0) > workload.spotPoolShare * vcpus + 1e-6) faults.push(`spot pool in ${t}`)
        }
        if (spot > (workload.spotShare[r] ?? 1) * vcpus + 1e-6) faults.push(`spot share in ${t}`)
        if (inRegion > workload.limits.maxPerRegion) faults.push(`max per region in ${t}`)
        if (inRegion < workload.limits.minPerRegion) faults.push(`min per region in ${t}`)
        all += inRegion
      }
      if (all > workload.limits.max) faults.push(`max in ${t}`)
      if (all < workload.limits.min) faults.push(`min in ${t}`)
      if (short.has(`${workload.name}/${t}`)) continue
      const demand = problem.userZones.map((_, u) => problem.demand[w]?.[u]?.[t] ?? 0)
      const capacity = (kind: 'normal' | 'failure', nodes: (r: number, k: number, s: number) => number): number[] => indicesOf(regions).map((r) => (workload.closed[r]?.[t] === true
        ? 0
        : indicesOf(types).flatMap((k) => indicesOf(options).map((s) => nodes(r, k, s) * (problem.throughput[w]?.[k] ?? 0) * problem.utilisation[kind] * (problem.availability[kind][r]?.[s] ?? 1))).reduce((a, b) => a + b, 0)))
      if (!fits(demand, problem.reach.normal[w] ?? [], capacity('normal', (r, k, s) => at(w, r, k, s, t)))) faults.push(`demand of ${w} in ${t}`)
      for (const lost of indicesOf(regions)) {
        const zones = regions[lost]?.zones ?? 1
        const left = (r: number, k: number, s: number): number => {
          const count = at(w, r, k, s, t)
          if (r !== lost) return count
          return problem.survival.region ? 0 : count - Math.ceil(count / zones)
        }
        const reach = problem.reach.failure[w] ?? []
        const served = demand.map((amount, u) => ((reach[u] ?? []).some((r) => r !== lost || (!problem.survival.region && zones > 1)) ? amount : 0))
        if ((problem.survival.region || problem.survival.zone === 'scenario') && !fits(served, reach, capacity('failure', left))) faults.push(`loss of ${lost} for ${w} in ${t}`)
      }
    }
    const day = Math.floor((problem.startSeconds + t * problem.stepSeconds) / 86400)
    usdOfDay.set(day, { usd: (usdOfDay.get(day)?.usd ?? 0) + (usd * problem.stepSeconds) / 3600, hours: (usdOfDay.get(day)?.hours ?? 0) + problem.stepSeconds / 3600 })
    if (problem.maxUsdPerHour !== undefined && usd > problem.maxUsdPerHour + 1e-6) faults.push(`budget in ${t}: ${usd}`)
  }
  if (problem.maxUsdPerDay !== undefined) {
    for (const [day, { usd, hours }] of usdOfDay) if (usd > (problem.maxUsdPerDay * hours) / 24 + 1e-6) faults.push(`budget of day ${day}: ${usd}`)
  }
  return faults
}
