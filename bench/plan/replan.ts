/**
 * Plans generated problems, changes each in several ways, plans it again from the plan in force in a thread that is warm, and prints for each change what it
 * took, how far the plan is from the bound of the changed problem, what the checker finds, and what moved.
 *     node bench/plan/replan.ts [--sizes l] [--shapes each,tight-each] [--seeds 1] [--draws 4]
 * `moved` counts node-steps that differ from the plan in force; `beside` those of regions and steps for which nothing changed: neither a price or quota of
 * the region, nor the demand of any user zone that it may serve.
 */
import { parseArgs } from 'node:util'
import type { Plan } from '../../src/domain/plan.ts'
import { problemFromInstance } from '../../src/plan/documents/instance-document.ts'
import type { InstanceDocument } from '../../src/plan/documents/instance-document.ts'
import type { PlanDocument } from '../../src/plan/documents/plan-document.ts'
import { openPlanThread } from '../../src/plan/plan-in-worker.ts'
import type { PlanProblem } from '../../src/plan/problem.ts'
import { checkPlan } from './check-plan.ts'
import { generateInstance, instanceSizes } from './generate-instance.ts'
import { unitsFrom } from './units-from.ts'

const shapes = {
  derate: { derate: true, tight: false, committed: false },
  each: { derate: false, tight: false, committed: false },
  'tight-each': { derate: false, tight: true, committed: false },
} as const

/** What a change of the plan in force must save, in hours of the changed node's price: the default of the settings. */
const changeCostHours = 0.25

/** A changed problem, and for which regions and steps it changed. */
interface Change {
  readonly instance: InstanceDocument
  readonly touches: (region: number, step: number) => boolean
}

function withDemand(instance: InstanceDocument, factor: (zone: number, step: number) => number): Change {
  const demand = instance.demand.map((zones) => zones.map((course, zone) => course.map((amount, step) => amount * factor(zone, step))))
  const touches = (region: number, step: number): boolean => [...instance.reach.normal, ...instance.reach.regionLoss].some((zones) =>
    zones.some((reach, zone) => factor(zone, step) !== 1 && reach.includes(region)))
  return { instance: { ...instance, demand }, touches }
}

const changes: Readonly<Record<string, (instance: InstanceDocument, draw: (count: number) => number) => Change>> = {
  nothing: (instance) => withDemand(instance, () => 1),
  'all demand +5 %': (instance) => withDemand(instance, () => 1.05),
  'one zone x2': (instance, draw) => {
    const chosen = draw(instance.userZones.length)
    return withDemand(instance, (zone) => (zone === chosen ? 2 : 1))
  },
  'one step x1.5': (instance, draw) => {
    const chosen = 2 + draw(instance.steps - 2)
    return withDemand(instance, (_, step) => (step === chosen ? 1.5 : 1))
  },
  'noise of 10 %': (instance, draw) => {
    const noise = instance.demand.map((zones) => zones.map((course) => course.map(() => 0.9 + draw(2001) / 10000)))
    return withDemand(instance, (zone, step) => noise[0]?.[zone]?.[step] ?? 1)
  },
  'one region dearer by half': (instance, draw) => {
    const chosen = draw(instance.regions.length)
    return { instance: { ...instance, price: instance.price.map((types, r) => (r === chosen ? types.map((prices) => prices.map((usd) => (usd === null ? null : usd * 1.5))) : types)) }, touches: (region) => region === chosen }
  },
  'a quota cut by 30 %': (instance, draw) => {
    const chosen = draw(instance.regions.length)
    return { instance: { ...instance, quotaVcpu: instance.quotaVcpu.map((vcpus, r) => (r === chosen ? vcpus.map((value) => Math.floor(value * 0.7)) : vcpus)) }, touches: (region) => region === chosen }
  },
}

/** Plans in clouds name their pools: regions get a cloud. */
function problemOf(instance: InstanceDocument): PlanProblem {
  const problem = problemFromInstance(instance)
  return { ...problem, changeCostHours, regions: problem.regions.map((region) => ({ ...region, key: { cloud: 'aws', region: region.name } })) }
}

function documentOf(problem: PlanProblem, plan: Plan): PlanDocument {
  const indexIn = (list: readonly { readonly name: string }[], wanted: string): number => list.findIndex(({ name }) => name === wanted)
  return {
    schema: 'prescale.plan/1', instance: problem.name,
    nodes: plan.pools.map(({ workload, region, type, option, counts }) => ({
      program: indexIn(problem.workloads, workload), region: indexIn(problem.regions, region), type: indexIn(problem.types, type), option: indexIn(problem.options, option), count: counts,
    })),
  }
}

function movesOf(before: PlanDocument, after: PlanDocument, touches: Change['touches']): { moved: number; beside: number } {
  const known = new Map(before.nodes.map((pool) => [`${pool.program}/${pool.region}/${pool.type}/${pool.option}`, pool]))
  const all = new Map([...known, ...after.nodes.map((pool) => [`${pool.program}/${pool.region}/${pool.type}/${pool.option}`, pool] as const)])
  const now = new Map(after.nodes.map((pool) => [`${pool.program}/${pool.region}/${pool.type}/${pool.option}`, pool]))
  let [moved, beside] = [0, 0]
  for (const [name, { region, count }] of all) {
    for (const step of count.keys()) {
      const nodes = Math.abs((now.get(name)?.count[step] ?? 0) - (known.get(name)?.count[step] ?? 0))
      moved += nodes
      if (!touches(region, step)) beside += nodes
    }
  }
  return { moved, beside }
}

const { values } = parseArgs({
  options: { sizes: { type: 'string', default: 'l' }, shapes: { type: 'string', default: 'each,tight-each' }, seeds: { type: 'string', default: '1' }, draws: { type: 'string', default: '4' } },
})
const never = new AbortController().signal
const thread = openPlanThread()
try {
  console.log('instance             change                     wall s  CPU s  gap %  before  faults  moved  beside')
  for (const size of values.sizes.split(',') as (keyof typeof instanceSizes)[]) {
    for (const shape of values.shapes.split(',') as (keyof typeof shapes)[]) {
      for (const seed of values.seeds.split(',').map(Number)) {
        const instance = generateInstance(`${size}-${seed}-${shape}`, instanceSizes[size], shapes[shape], seed)
        const problem = problemOf(instance)
        const inForce = await thread.ask({ kind: 'plan', problem, inForce: undefined }, never)
        const gapOf = ({ cost }: Plan): string => (100 * (cost.totalUsd / (cost.lowerBoundUsd ?? NaN) - 1)).toFixed(3).padStart(6)
        const unit = unitsFrom(seed)
        for (const [name, change] of Object.entries(changes)) {
          for (let draw = 0; draw < (name === 'nothing' || name.startsWith('all') ? 1 : Number(values.draws)); draw++) {
            const changed = change(instance, (count) => Math.floor(unit() * count))
            const toSolve = problemOf(changed.instance)
            const [began, cpu] = [performance.now(), process.cpuUsage()]
            const { plan } = await thread.ask({ kind: 'plan', problem: toSolve, inForce }, never)
            const [wallSeconds, { user, system }] = [(performance.now() - began) / 1000, process.cpuUsage(cpu)]
            const { faults, shortages } = checkPlan(changed.instance, documentOf(toSolve, plan))
            const { moved, beside } = movesOf(documentOf(problem, inForce.plan), documentOf(toSolve, plan), changed.touches)
            console.log([
              problem.name.padEnd(20), name.padEnd(25), wallSeconds.toFixed(2).padStart(7), ((user + system) / 1e6).toFixed(2).padStart(6), gapOf(plan), ` ${gapOf(inForce.plan)}`,
              String(faults.length + shortages.length).padStart(7), String(moved).padStart(6), String(beside).padStart(7),
            ].join(' '))
          }
        }
      }
    }
  }
} finally {
  await thread.close()
}
