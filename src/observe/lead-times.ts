import { clouds, type PoolKey } from '../domain/pool.ts'

/** Measured lead times of one kind of pool: from the order of a node until it served, seconds, oldest first. */
export type LeadTimeSamples = Readonly<Record<string, readonly number[]>>

/** A look at one pool while nodes are on their way. */
export interface PoolLook {
  readonly pool: PoolKey
  /** Name of the pool. */
  readonly name: string
  readonly desired: number
  readonly ready: number
}

/** Nodes that were ordered and of which some are not ready. */
export interface Outstanding {
  readonly orderedSeconds: number
  readonly desired: number
  readonly ready: number
  /** When this was seen, Unix seconds. */
  readonly seenSeconds: number
}

/** Newest samples that are kept per kind: a cloud's lead times of last month say little of today's. */
const mostSamples = 200
/** Fewer say nothing of a high quantile. */
const leastSamples = 20
/** Quantile that a raise is given time for. */
const patientQuantile = 0.95
/** Between two looks lies the moment a node became ready; looks further apart than this share of the time that passed measure nothing. */
const widestShare = 0.25

/** @returns `aws/m7g.xlarge/spot`: pools that start alike */
export function poolKind({ cloud, type, option }: Pick<PoolKey, 'cloud' | 'type' | 'option'>): string {
  return `${cloud}/${type}/${option}`
}

/**
 * What a look at the clouds adds to what is known: each node that became ready since the look before measures the time since its order.
 * @param outstanding  by pool name, as the look before left it
 */
export function measureLeadTimes(
  samples: LeadTimeSamples,
  outstanding: Readonly<Record<string, Outstanding>>,
  looks: readonly PoolLook[],
  nowSeconds: number,
): { readonly samples: LeadTimeSamples; readonly outstanding: Readonly<Record<string, Outstanding>> } {
  const measured: Record<string, readonly number[]> = { ...samples }
  const left: Record<string, Outstanding> = {}
  for (const { pool, name, desired, ready } of looks) {
    const before = outstanding[name]
    if (before !== undefined && ready > before.ready && nowSeconds - before.seenSeconds <= widestShare * (nowSeconds - before.orderedSeconds)) {
      const kind = poolKind(pool)
      const added = new Array<number>(ready - before.ready).fill(nowSeconds - before.orderedSeconds)
      measured[kind] = [...(measured[kind] ?? []), ...added].slice(-mostSamples)
    }
    if (desired <= ready) continue
    const isMore = before === undefined || desired > before.desired
    left[name] = { orderedSeconds: isMore ? nowSeconds : before.orderedSeconds, desired, ready, seenSeconds: nowSeconds }
  }
  return { samples: measured, outstanding: left }
}

/**
 * How long nodes of a kind may take, as measured: the 95th percentile of its own samples, or of its cloud's where it has too few.
 * @returns seconds; undefined where too little was measured
 */
export function measuredLeadTime(samples: LeadTimeSamples, pool: Pick<PoolKey, 'cloud' | 'type' | 'option'>): number | undefined {
  const own = samples[poolKind(pool)] ?? []
  const cloud = Object.entries(samples).flatMap(([kind, values]) => (kind.startsWith(`${pool.cloud}/`) ? values : []))
  const enough = [own, cloud].find((values) => values.length >= leastSamples)
  return enough === undefined ? undefined : quantileOf(enough, patientQuantile)
}

/** Lead times of one kind as they are shown. */
export interface LeadTimeSummary {
  readonly kind: string
  readonly nodes: number
  readonly medianSeconds: number
  readonly p95Seconds: number
}

/** @returns one line per kind that was measured, by cloud and name */
export function leadTimeSummaries(samples: LeadTimeSamples): readonly LeadTimeSummary[] {
  const rank = (kind: string): number => clouds.findIndex((cloud) => kind.startsWith(`${cloud}/`))
  return Object.entries(samples)
    .filter(([, values]) => values.length > 0)
    .map(([kind, values]) => ({ kind, nodes: values.length, medianSeconds: quantileOf(values, 0.5), p95Seconds: quantileOf(values, patientQuantile) }))
    .sort((a, b) => rank(a.kind) - rank(b.kind) || (a.kind < b.kind ? -1 : 1))
}

/** The smallest sample that at least this share of the samples does not exceed. */
function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? 0
}
