import type { InstanceDocument } from '../../src/plan/documents/instance-document.ts'
import type { PlanDocument } from '../../src/plan/documents/plan-document.ts'

/** What a plan costs and breaks, found from its counts alone. */
export interface CheckedPlan {
  /** Each fault in words, such as `quota of region 2, option 0, at step 5`. */
  readonly faults: readonly string[]
  /** Demand that is not carried while all is well or after a failure, by workload and step: `short of 12.3 …`. */
  readonly shortages: readonly string[]
  /** Nodes, starts, cheapest routing (beside no work) and what is paid anyway, USD; NaN where some demand is not carried. */
  readonly totalUsd: number
}

/** Share of demand up to which a shortage is rounding. */
const roundingShare = 1e-5
const nothing = 1e-9

/** A directed arc and, at `index ^ 1`, its reverse. */
interface Arc {
  readonly to: number
  room: number
  readonly ms: number
}

/** Source 0, user zones from 1, then regions, then the sink. */
interface Network {
  readonly arcs: Arc[]
  readonly from: number[][]
}

function network(demand: readonly number[], capacity: readonly number[], reach: readonly (readonly number[])[], latencyMs: readonly (readonly number[])[]): Network {
  const sink = 1 + demand.length + capacity.length
  const made: Network = { arcs: [], from: Array.from({ length: sink + 1 }, () => []) }
  const arc = (tail: number, to: number, room: number, ms: number): void => {
    made.from[tail]?.push(made.arcs.length)
    made.from[to]?.push(made.arcs.length + 1)
    made.arcs.push({ to, room, ms }, { to: tail, room: 0, ms: -ms })
  }
  for (const [u, amount] of demand.entries()) {
    arc(0, 1 + u, amount, 0)
    for (const r of reach[u] ?? []) arc(1 + u, 1 + demand.length + r, amount, latencyMs[u]?.[r] ?? 0)
  }
  for (const [r, room] of capacity.entries()) arc(1 + demand.length + r, sink, Math.max(0, room), 0)
  return made
}

/**
 * Sends demand along cheapest paths until nothing more fits.
 * @returns what fits, and the sum of amount times milliseconds
 * @see Ahuja, Magnanti and Orlin, Network Flows (1993), 9.7
 */
function send({ arcs, from }: Network): { sent: number; unitMs: number } {
  const sink = from.length - 1
  let [sent, unitMs] = [0, 0]
  for (;;) {
    const ms = from.map(() => Infinity)
    const into = from.map(() => -1)
    const queued = from.map(() => false)
    ms[0] = 0
    const queue = [0]
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      queued[node] = false
      for (const index of from[node] ?? []) {
        const arc = arcs[index]
        if (arc === undefined || arc.room <= nothing) continue
        const through = (ms[node] ?? Infinity) + arc.ms
        if (through >= (ms[arc.to] ?? Infinity) - 1e-10) continue
        ms[arc.to] = through
        into[arc.to] = index
        if (queued[arc.to] === true) continue
        queued[arc.to] = true
        queue.push(arc.to)
      }
    }
    if (ms[sink] === Infinity) return { sent, unitMs }
    let amount = Infinity
    const path: number[] = []
    for (let node = sink; node !== 0;) {
      const index = into[node] ?? -1
      path.push(index)
      amount = Math.min(amount, arcs[index]?.room ?? 0)
      node = arcs[index ^ 1]?.to ?? 0
    }
    for (const index of path) {
      const [arc, back] = [arcs[index], arcs[index ^ 1]]
      if (arc === undefined || back === undefined) throw new RangeError(`no arc ${index}`)
      arc.room -= amount
      back.room += amount
    }
    sent += amount
    unitMs += amount * (ms[sink] ?? 0)
  }
}

/** Demand of one workload and the regions that may serve it, in one step. */
interface Served {
  readonly demand: readonly number[]
  readonly capacity: readonly number[]
}

/** Work that may wait, as the document states it. */
type Work = NonNullable<InstanceDocument['prescale']>['deferrable'][number]

/**
 * Sends the demand of all steps, and work in the steps and regions that it may be done in, through one network: work takes what demand leaves.
 * @returns work that finds no place beside all demand
 */
function sendWithWork(steps: readonly Served[], works: readonly Work[], reach: readonly (readonly number[])[], latencyMs: readonly (readonly number[])[]): number {
  const zones = latencyMs.length
  const regions = latencyMs[0]?.length ?? 0
  const slots = steps.flatMap((_, step) => works.flatMap((work, index) => (step >= work.earliest && step <= work.deadline ? [{ step, index }] : [])))
  const [firstRegion, firstWork] = [1 + zones * steps.length, 1 + (zones + regions) * steps.length]
  const firstSlot = firstWork + works.length
  const sink = firstSlot + slots.length
  const made: Network = { arcs: [], from: Array.from({ length: sink + 1 }, () => []) }
  const arc = (tail: number, to: number, room: number, ms: number): void => {
    made.from[tail]?.push(made.arcs.length)
    made.from[to]?.push(made.arcs.length + 1)
    made.arcs.push({ to, room, ms }, { to: tail, room: 0, ms: -ms })
  }
  for (const [step, { demand, capacity }] of steps.entries()) {
    for (const [u, amount] of demand.entries()) {
      arc(0, 1 + step * zones + u, amount, 0)
      for (const r of reach[u] ?? []) arc(1 + step * zones + u, firstRegion + step * regions + r, amount, latencyMs[u]?.[r] ?? 0)
    }
    for (const [r, room] of capacity.entries()) arc(firstRegion + step * regions + r, sink, Math.max(0, room), 0)
  }
  for (const [index, { amount }] of works.entries()) arc(0, firstWork + index, amount, 0)
  for (const [position, { step, index }] of slots.entries()) {
    const work = works[index]
    arc(firstWork + index, firstSlot + position, work?.maxPerStep ?? 0, 0)
    for (const r of work?.regions ?? []) arc(firstSlot + position, firstRegion + step * regions + r, work?.maxPerStep ?? 0, 0)
  }
  const { sent } = send(made)
  const wanted = steps.reduce((sum, { demand }) => sum + demand.reduce((all, amount) => all + amount, 0), 0) + works.reduce((sum, { amount }) => sum + amount, 0)
  return wanted - sent
}

/**
 * Checks a plan of a `prescale.instance/1` that says nothing beyond the first form of the document but work that may wait, from the definition of the document
 * and with none of the planner's own code: whole counts, pool limits, quotas, spot shares, lead times, the budget, and by flow that demand is carried while all
 * is well and after the loss of each region, but for user zones that no other region may serve; and that work finds a place beside it (one that waits for other
 * work, or may not last long, is looked at without that).
 */
export function checkPlan(instance: InstanceDocument, plan: PlanDocument): CheckedPlan {
  const { steps, regions, types, options, programs } = instance
  const faults = new Set<string>()
  const shortages: string[] = []
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
  const counts = programs.map(() => regions.map(() => types.map(() => options.map(() => upTo(steps).map(() => 0)))))
  for (const { program, region, type, option, count } of plan.nodes) {
    const course = counts[program]?.[region]?.[type]?.[option]
    if (course === undefined || count.length !== steps) {
      faults.add(`a pool that is not in the problem, or ${count.length} steps`)
      continue
    }
    for (const [step, nodes] of count.entries()) {
      if (!Number.isInteger(nodes) || nodes < 0) faults.add(`${nodes} nodes`)
      course[step] = (course[step] ?? 0) + nodes
    }
  }
  const at = (p: number, r: number, k: number, s: number, step: number): number => (step < 0 ? instance.fleet[p]?.[r]?.[k]?.[s] : counts[p]?.[r]?.[k]?.[s]?.[step]) ?? 0
  const [perProgram, perRegion, perType, perOption] = [upTo(programs.length), upTo(regions.length), upTo(types.length), upTo(options.length)]
  const vcpu = (k: number): number => types[k]?.vcpu ?? 0
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  let [usd, unitMs] = [0, 0]
  const served: Served[][] = programs.map(() => [])
  for (const step of upTo(steps)) {
    let stepUsd = 0
    for (const r of perRegion) {
      for (const s of perOption) {
        if (sum(perProgram.flatMap((p) => perType.map((k) => at(p, r, k, s, step) * vcpu(k)))) > (instance.quotaVcpu[r]?.[s] ?? 0) + 1e-6) faults.add(`quota of region ${r}, option ${s}, at step ${step}`)
        for (const k of perType) {
          if (sum(perProgram.map((p) => at(p, r, k, s, step))) > (instance.maxNodes[r]?.[k]?.[s] ?? 0)) faults.add(`pool limit of region ${r}, type ${k}, option ${s}, at step ${step}`)
          for (const p of perProgram) {
            const [now, before] = [at(p, r, k, s, step), at(p, r, k, s, step - 1)]
            if (now > before && step < (instance.leadSteps[r]?.[s] ?? 0)) faults.add(`lead time of program ${p}, region ${r}, type ${k}, option ${s}, at step ${step}`)
            if (now > 0 && (instance.price[r]?.[k]?.[s] ?? null) === null) faults.add(`a node that has no price: region ${r}, type ${k}, option ${s}, at step ${step}`)
            stepUsd += now * (instance.price[r]?.[k]?.[s] ?? 0)
            usd += Math.max(0, now - before) * (instance.startCost[r]?.[k]?.[s] ?? 0)
          }
        }
      }
      for (const p of perProgram) {
        const all = sum(perType.flatMap((k) => perOption.map((s) => at(p, r, k, s, step) * vcpu(k))))
        const spot = sum(perType.flatMap((k) => perOption.map((s) => (options[s]?.kind === 'spot' ? at(p, r, k, s, step) * vcpu(k) : 0))))
        if (spot > (instance.spotShareCap[r] ?? 1) * all + 1e-6) faults.add(`spot share of program ${p}, region ${r}, at step ${step}`)
      }
    }
    usd += stepUsd + (instance.sunkCostPerStep ?? 0)
    if (typeof instance.budgetPerStep === 'number' && stepUsd > instance.budgetPerStep + 1e-6) faults.add(`budget at step ${step}: ${stepUsd}`)
    for (const p of perProgram) {
      const demand = (instance.demand[p] ?? []).map((course) => course[step] ?? 0)
      const total = sum(demand)
      const capacity = (when: 'normal' | 'regionLoss', lost: number): number[] => perRegion.map((r) => (r === lost ? 0 : sum(perType.flatMap((k) =>
        perOption.map((s) => at(p, r, k, s, step) * (instance.throughput[p]?.[k] ?? 0) * instance.utilisation[when] * (instance.availability[when][r]?.[s] ?? 1))))))
      served[p]?.push({ demand: demand.map((amount, u) => ((instance.reach.normal[p]?.[u] ?? []).length > 0 ? amount : 0)), capacity: capacity('normal', -1) })
      const carried = send(network(demand, capacity('normal', -1), instance.reach.normal[p] ?? [], instance.latencyMs))
      unitMs += carried.unitMs
      if (total - carried.sent > roundingShare * total) shortages.push(`short of ${total - carried.sent} of program ${p} at step ${step}`)
      for (const lost of instance.survive.region ? perRegion : []) {
        const reach = (instance.reach.regionLoss[p] ?? []).map((near) => near.filter((r) => r !== lost))
        const served = demand.map((amount, u) => ((reach[u] ?? []).length > 0 ? amount : 0))
        const short = sum(served) - send(network(served, capacity('regionLoss', lost), reach, upTo(demand.length).map(() => perRegion.map(() => 0)))).sent
        if (short > roundingShare * total) shortages.push(`short of ${short} of program ${p} at step ${step} without region ${lost}`)
      }
    }
  }
  for (const p of shortages.length === 0 ? perProgram : []) {
    const works = (instance.prescale?.deferrable ?? []).filter(({ workload }) => workload === p)
    if (works.length === 0) continue
    const undone = sendWithWork(served[p] ?? [], works, instance.reach.normal[p] ?? [], instance.latencyMs)
    if (undone > roundingShare * sum(works.map(({ amount }) => amount)) + 1e-6) shortages.push(`short of ${undone} of the work of program ${p}`)
  }
  return { faults: [...faults], shortages, totalUsd: shortages.length > 0 ? NaN : usd + unitMs * instance.routeCostPerUnitMs }
}
