import type { Settings } from '../config/schema.ts'
import { regionName } from '../domain/pool.ts'
import type { PoolKey } from '../domain/pool.ts'

/**
 * Nodes that are paid for anyway. A committed node is an on-demand node in the cloud: what tells them apart is the bill. Plans and live counts
 * know on-demand nodes only; the first of them, workload by workload in the order of the settings, are the committed ones.
 */
export interface Commitments {
  /** @returns nodes committed to, of a type in a region */
  nodes(region: string, type: string): number
  /** USD per hour of all of them, used or not. */
  readonly usdPerHour: number
}

/** @returns the settings' commitments, those of the same type and region together */
export function commitmentsOf(commitments: Settings['commitments']): Commitments {
  const byOffer = new Map<string, number>()
  for (const one of commitments) {
    const offer = `${regionName(one)}/${one.type}`
    byOffer.set(offer, (byOffer.get(offer) ?? 0) + one.nodes)
  }
  return {
    nodes: (region, type) => byOffer.get(`${region}/${type}`) ?? 0,
    usdPerHour: commitments.reduce((sum, { nodes, usdPerHour }) => sum + nodes * usdPerHour, 0),
  }
}

/**
 * Splits on-demand counts of one offer into committed and other nodes.
 * @param counts  per workload, in the order in which they are served
 * @returns how many of each workload's nodes are committed ones
 */
export function committedPart(counts: readonly number[], committed: number): number[] {
  let left = committed
  return counts.map((count) => {
    const part = Math.min(count, left)
    left -= part
    return part
  })
}

/** @returns the pool as the clouds know it: a committed node is bought on demand */
export function inCloud(key: Omit<PoolKey, 'option'>, option: PoolKey['option'] | 'committed'): PoolKey {
  return { cloud: key.cloud, region: key.region, workload: key.workload, type: key.type, option: option === 'committed' ? 'on-demand' : option }
}
