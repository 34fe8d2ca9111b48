import { contentHash } from '../domain/hash.ts'
import { chooseSchooling, taughtRows, trainForest, type Forest } from './global-models.ts'
import type { Network, NetworkWeights } from './network.ts'
import type { ModelSeries } from './step-series.ts'
import type { Training } from './trained-models.ts'
import type { TrainingSource } from './training-rows.ts'

/** What models are trained on. */
export interface TrainingDemand {
  /** Series and how much of each may be seen: up to the end of the training window. */
  readonly sources: readonly TrainingSource[]
  /** The same up to the days that are held out, from which the way to teach is chosen. */
  readonly earlySources: readonly TrainingSource[]
  /** Origins in the days held out. */
  readonly heldOut: readonly { readonly series: ModelSeries; readonly origins: readonly number[] }[]
  /** End of the training window, Unix seconds. */
  readonly cutSeconds: number
}

export interface TrainingChoice {
  readonly horizonSteps: number
  readonly quantiles: readonly number[]
  readonly seed: number
  /** `compared`: ways to teach are compared, and a network takes part. `usual`: one forest, taught the usual way. */
  readonly effort: keyof typeof efforts
}

const efforts = { compared: { rows: 30000, rounds: 80 }, usual: { rows: 10000, rounds: 40, madeUpShare: 0.5 } } as const
const networkSettings = { hiddenUnits: 64, epochs: 6, batchRows: 512, learningRate: 6e-3 }

/**
 * Trains the global models on all series together.
 * @param network  undefined leaves the network out
 * @returns undefined when no series has enough history before the window's end
 */
export async function trainModels(demand: TrainingDemand, choice: TrainingChoice, network: Network | undefined): Promise<Training | undefined> {
  const { sources, cutSeconds } = demand
  if (sources.length === 0) return undefined
  const window = { fromSeconds: Math.min(...sources.map(({ series }) => series.startSeconds)), toSeconds: cutSeconds }
  const dataHash = contentHash(sources.map(({ series, end }) => [series.name, series.startSeconds, hashOf(series.values.slice(0, end)), hashOf(series.measured.slice(0, end))]))
  const { early, forest, madeUpShare } = trainedForests(demand, choice)
  const taught = choice.effort === 'compared' ? network : undefined
  const settingsHash = contentHash({ ...choice, ...efforts[choice.effort], madeUpShare, network: taught === undefined ? {} : networkSettings, sequence: taught?.sequence?.hashes ?? [] })
  const weights = async (of: Network): Promise<NetworkWeights> => {
    const { horizonSteps: horizon, quantiles, seed } = choice
    const rows = taughtRows(sources, { horizon, mostRows: efforts.compared.rows, seed, madeUpShare })
    const trained = await of.train(rows, { ...networkSettings, quantiles, seed })
    return { hash: contentHash([dataHash, settingsHash]), trainingWindow: window, trainingRows: rows.count, quantiles, ...trained }
  }
  const sequence = taught?.sequence?.tune(demand.earlySources, sources, { horizon: choice.horizonSteps, seed: choice.seed })
  return { models: { early, forest, network: taught === undefined ? undefined : await weights(taught), sequence }, window, series: sources.length, dataHash, settingsHash }
}

function trainedForests({ sources, earlySources, heldOut }: TrainingDemand, choice: TrainingChoice): { readonly early: Forest; readonly forest: Forest; readonly madeUpShare: number } {
  const { horizonSteps: horizon, quantiles, seed, effort } = choice
  if (effort === 'usual') {
    const { rows, rounds, madeUpShare } = efforts.usual
    const settings = { horizon, mostRows: rows, quantiles, seed, rounds, madeUpShare, models: 1 }
    const early = trainForest(earlySources, settings)
    return { early, forest: early.length > 0 ? early : trainForest(sources, settings), madeUpShare }
  }
  const settings = { horizon, mostRows: efforts.compared.rows, quantiles, seed }
  const { early, rounds, madeUpShare } = chooseSchooling(earlySources, heldOut, { ...settings, rounds: efforts.compared.rounds })
  return { early, forest: trainForest(sources, { ...settings, rounds, madeUpShare, models: 1 }), madeUpShare }
}

function hashOf(values: Float64Array | Uint8Array): string {
  return contentHash(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
}
