import type { DemandQuery } from '../../domain/history.ts'

/** A part of the series of a project, read and forecast in one piece: whole workloads where they are small enough. */
export interface Shard {
  readonly index: number
  readonly queries: readonly DemandQuery[]
}

/** Series of a shard: enough to share the cost of a message, few enough that little is lost when a run is stopped. */
const seriesPerShard = 100

/** Splits queries into shards; a workload with more user zones than fit is split too. Order is kept. */
export function shardsOf(queries: readonly DemandQuery[]): readonly Shard[] {
  const shards: DemandQuery[][] = []
  let room = 0
  for (const query of queries) {
    for (let zone = 0; zone < query.userZones.length; ) {
      if (room === 0) {
        shards.push([])
        room = seriesPerShard
      }
      const userZones = query.userZones.slice(zone, zone + room)
      shards.at(-1)?.push({ ...query, userZones })
      zone += userZones.length
      room -= userZones.length
    }
  }
  return shards.map((own, index) => ({ index, queries: own }))
}

/** @returns queries for at most `most` of the series, spread evenly over all */
export function sampleOf(queries: readonly DemandQuery[], most: number): readonly DemandQuery[] {
  const total = queries.reduce((sum, { userZones }) => sum + userZones.length, 0)
  const stride = Math.max(1, total / most)
  let position = 0
  return queries.flatMap((query) => {
    const userZones = query.userZones.filter(() => {
      position += 1
      return Math.floor(position / stride) !== Math.floor((position - 1) / stride)
    })
    return userZones.length === 0 ? [] : [{ ...query, userZones }]
  })
}

/** @returns how many series the queries ask for */
export function seriesCount(queries: readonly DemandQuery[]): number {
  return queries.reduce((sum, { userZones }) => sum + userZones.length, 0)
}
