import { parentPort, workerData } from 'node:worker_threads'
import type { Settings } from '../../config/schema.ts'
import { Problem, type ProblemCode } from '../../domain/problem.ts'
import { withNetwork, type TrainedModels } from '../../forecast/trained-models.ts'
import { openDemandSource } from '../history-source.ts'
import { openNetwork } from '../network.ts'
import { processWorld } from '../world.ts'
import { makePart, type ShardSummary, type TableRun } from './shard-work.ts'
import type { Shard } from './shards.ts'

/** What a worker is started with. */
export interface WorkerStart {
  readonly root: string
  readonly settings: Pick<Settings, 'history'>
  readonly run: TableRun
  readonly models: TrainedModels
  /** End of what they have seen, Unix seconds. */
  readonly seenToSeconds: number
}

/** What a worker is asked: one shard at a time. */
export interface ShardTask {
  readonly shard: Shard
  readonly earlier: { readonly folder: string; readonly parts: readonly number[] } | undefined
}

/** What it answers. */
export type ShardAnswer =
  | { readonly kind: 'made'; readonly index: number; readonly summary: ShardSummary }
  | { readonly kind: 'problem'; readonly code: ProblemCode; readonly facts: unknown }
  | { readonly kind: 'failure'; readonly error: unknown }

const { root, settings, run, models, seenToSeconds } = workerData as WorkerStart
const silent = { begin() {}, progress() {}, end() {}, warn() {} }
const abort = new AbortController()
const world = processWorld(silent, abort.signal)
const port = parentPort
if (port === null) throw new Error('the shard worker runs in a thread')
const answer = (given: ShardAnswer): void => port.postMessage(given)

const source = await openDemandSource({ root, settings, world })
const schooled = withNetwork(models, models.network === undefined ? undefined : await openNetwork(world))

port.on('message', ({ shard, earlier }: ShardTask) => {
  makePart(shard, run, source, { schooled, seenToSeconds }, earlier, abort.signal).then(
    (summary) => answer({ kind: 'made', index: shard.index, summary }),
    (error: unknown) => answer(error instanceof Problem ? { kind: 'problem', code: error.code, facts: error.facts } : { kind: 'failure', error }),
  )
})
