import { rfc3339 } from '../domain/grid.ts'
import type { DemandAt } from './demand.ts'
import type { NodeStep, StepReport } from './physics.ts'
import { keyedUniform } from './random.ts'
import { stepSeconds, type World, type WorldWorkload } from './world.ts'

/** Folders of daily line-protocol files: what was asked for, what the nodes report, what was served. */
export const metricStreams = ['demand', 'nodes', 'service'] as const
export type MetricStream = (typeof metricStreams)[number]

/** Lines for one daily file. */
export interface MetricLines {
  readonly stream: MetricStream
  /** `2026-01-26`, UTC, of the samples' time. */
  readonly day: string
  /** Whole lines of line protocol, times in nanoseconds, each ended by a line feed. */
  readonly text: string
}

/** Nodes do not agree to the last digit: share by which a node's CPU use differs at most from the mean. */
const cpuJitter = 0.03
/** Memory in use without load, and what full load adds, percent; and what there is of it. */
const memory = { idle: 22, load: 48, bytesPerVcpu: 4 * 2 ** 30 }
/** Bytes that a busy vCPU moves in a second. */
const traffic = { received: 0.4e6, sent: 1.6e6, read: 0.1e6, written: 0.3e6 }

/** @returns the step's samples, stamped with its start as telegraf's aggregators do */
export function stepLines(world: World, step: StepReport): MetricLines[] {
  const day = dayOf(step.startSeconds)
  const at = nanoseconds(step.startSeconds)
  const workloads = new Map(world.workloads.map((workload) => [workload.name, workload]))
  const demand = step.workloads.flatMap((served) => {
    const workload = workloads.get(served.workload)
    return workload === undefined ? [] : served.byUserZone.map((zone) => demandLine(workload, zone.userZone, zone.count, at))
  })
  const service = step.workloads.map(
    (served) => `service,workload=${served.workload} demand=${served.demand}i,served=${served.served}i,dropped=${served.dropped}i,ready_nodes=${served.readyNodes}i ${at}\n`,
  )
  const nodes = step.nodes.map((node) => nodeLines(world, node, step.startSeconds, at))
  return [
    { stream: 'demand', day, text: demand.join('') },
    { stream: 'nodes', day, text: nodes.join('') },
    { stream: 'service', day, text: service.join('') },
  ]
}

/** @returns demand of the time before the start, one entry per day, oldest first; there were no nodes yet */
export function historyLines(world: World, demandAt: DemandAt): MetricLines[] {
  const days = new Map<string, string[]>()
  for (let seconds = world.startSeconds - world.historySeconds; seconds < world.startSeconds; seconds += stepSeconds) {
    const day = dayOf(seconds)
    const lines = days.get(day) ?? []
    days.set(day, lines)
    for (const workload of world.workloads) {
      for (const zone of workload.userZones) lines.push(demandLine(workload, zone.name, demandAt(workload, zone, seconds), nanoseconds(seconds)))
    }
  }
  return [...days].map(([day, lines]) => ({ stream: 'demand', day, text: lines.join('') }))
}

function demandLine(workload: WorldWorkload, userZone: string, count: number, at: string): string {
  return `${workload.measurement},workload=${workload.name},user_zone=${userZone} ${workload.field}=${count}i ${at}\n`
}

/** Counters stand as they stood at the step's start, which is the instant that the lines are stamped with. */
function nodeLines(world: World, { node, utilisation, workBeforeVcpuSeconds }: NodeStep, startSeconds: number, at: string): string {
  const jitter = 1 + cpuJitter * (2 * keyedUniform(world.seed, `cpu/${node.id}/${startSeconds}`) - 1)
  const busy = Math.min(100, 100 * utilisation * jitter)
  const tags = `cloud=${node.cloud},host=${node.id},region=${node.cloud}/${node.region},type=${node.type}${node.workload === undefined ? '' : `,workload=${node.workload}`}`
  const usedPercent = memory.idle + memory.load * utilisation
  const moved = (bytesPerSecond: number): string => `${Math.round(bytesPerSecond * workBeforeVcpuSeconds)}i`
  return (
    `cpu,cpu=cpu-total,${tags} usage_idle=${(100 - busy).toFixed(2)} ${at}\n` +
    `mem,${tags} used=${Math.round((usedPercent / 100) * memory.bytesPerVcpu * node.vcpu)}i,used_percent=${usedPercent.toFixed(2)} ${at}\n` +
    `net,interface=eth0,${tags} bytes_recv=${moved(traffic.received)},bytes_sent=${moved(traffic.sent)} ${at}\n` +
    `diskio,name=disk0,${tags} read_bytes=${moved(traffic.read)},write_bytes=${moved(traffic.written)} ${at}\n`
  )
}

function dayOf(seconds: number): string {
  return rfc3339(seconds).slice(0, 10)
}

function nanoseconds(seconds: number): string {
  return `${seconds}000000000`
}
