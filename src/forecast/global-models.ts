import type { MemberPaths } from './combine.ts'
import { emptyRows, everyStep, featureCount, featureNames, firstWideFeature, writeFeatures } from './features.ts'
import { fittedMembers } from './members/all.ts'
import type { Network, NetworkTraining, NetworkWeights, SequenceNetwork, SequenceTuning } from './network.ts'
import { pathsLoss, settlePaths, type QuantilePaths } from './quantiles.ts'
import type { ModelSeries } from './step-series.ts'
import { syntheticDemand } from './synthetic-demand.ts'
import { highestTarget, joinRows, lowestTarget, trainingRows, type RowChoice, type TrainingRows, type TrainingSource } from './training-rows.ts'
import { boostTrees, predictTrees, type BoostedTrees, type TreeSettings } from './trees.ts'

const treeShape = { leaves: 31, learningRate: 0.12, leastRowsPerLeaf: 100, rowShare: 0.5, featureShare: 0.5 }
/** From so many series on, more can be learned than small sets show: wide features, several models, and models of the median alone that go deeper. */
export const manySeries = 150
const middleShape = { ...treeShape, leaves: 63, learningRate: 0.16, leastRowsPerLeaf: 40, featureShare: 0.3 }
/** Rounds of the median's models, in those of the others. */
const middleRounds = 1.5
/** Share of the way from the others' median to that of the median's models, which all quantiles go. */
const middleWeight = 0.7

/** What a model's outputs are in units of: the series' level, or how far the slot's demand usually is from its mean. */
type Unit = (typeof units)[number]
const units = ['level', 'slot'] as const

/** One boosted model of a forest. */
interface ForestModel {
  /** `middle` knows the median alone. */
  readonly kind: 'quantiles' | 'middle'
  readonly unit: Unit
  readonly trees: BoostedTrees
}

/** Boosted trees on the features of all series, each on rows of its own draw and in a unit of its own; their quantiles are averaged. */
export type Forest = readonly ForestModel[]

const deviationWeek = featureNames.indexOf('deviationWeek')
const slotDeviation = featureNames.indexOf('slotDeviation')

/** Size of a unit of one row, in levels; above 0. */
function unitOf(unit: Unit, features: Float32Array, row: number): number {
  if (unit === 'level') return 1
  const slot = features[row * featureCount + slotDeviation] as number
  return 0.01 + 0.3 * (features[row * featureCount + deviationWeek] as number) + (slot === slot ? slot : 0.3)
}

/** How rows are drawn, and how many made-up ones go with them. */
export interface TaughtChoice extends RowChoice {
  /** Rows of made-up demand as a share of the real rows, at most: the more series there are, the fewer. */
  readonly madeUpShare: number
}

export interface ForestSettings extends TaughtChoice {
  readonly quantiles: readonly number[]
  readonly rounds: number
  /** Boosted models; each sees `mostRows` rows. */
  readonly models: number
}

/** Made-up series beside the real ones, and the most rows of them. With more real series than enough their rows become fewer. */
const synthetic = { series: 60, mostRows: 30000, enoughSeries: 60 }

/** Rows of the sources, and of made-up demand beside them; none when the sources give none. */
export function taughtRows(sources: readonly TrainingSource[], choice: TaughtChoice): TrainingRows {
  const real = trainingRows(sources, choice)
  const stepSeconds = sources[0]?.series.stepSeconds
  if (real.count === 0 || stepSeconds === undefined) return real
  // No longer than the real ones: rows that see further back than any real row would be told apart by that alone.
  const lengths = sources.map(({ end }) => end).filter((end) => end > 0)
  const wanted = Math.min(synthetic.mostRows, real.count * choice.madeUpShare * roomForMadeUp(lengths.length))
  if (wanted < 1) return real
  const made = syntheticDemand(synthetic.series, stepSeconds, choice.seed).map((series, i) => ({ series, end: Math.min(series.values.length, lengths[i % lengths.length] ?? 0) }))
  return joinRows(real, trainingRows(made, { ...choice, mostRows: wanted }))
}

/** Share of the made-up rows that so many real series leave room for. */
function roomForMadeUp(series: number): number {
  return Math.min(1, synthetic.enoughSeries / Math.max(1, series)) ** 2
}

/** @returns an empty forest when the sources give no row */
export function trainForest(sources: readonly TrainingSource[], settings: ForestSettings): Forest {
  const many = sources.filter(({ end }) => end > 0).length >= manySeries
  const { quantiles, rounds } = settings
  const used = many ? featureCount : firstWideFeature
  const planned = Array.from({ length: settings.models }, (_, model): PlannedModel => ({
    kind: 'quantiles',
    unit: units[model % units.length] as Unit,
    shape: { ...treeShape, quantiles, rounds, used, seed: settings.seed + model },
  }))
  if (many && settings.models > 1 && quantiles.includes(0.5)) {
    const shape = { ...middleShape, quantiles: [0.5], rounds: Math.round(middleRounds * rounds), used }
    planned.push(...units.map((unit, i): PlannedModel => ({ kind: 'middle', unit, shape: { ...shape, seed: settings.seed + settings.models + i } })))
  }
  const forest: ForestModel[] = []
  for (const { kind, unit, shape } of planned) {
    const rows = taughtRows(sources, { ...settings, seed: shape.seed })
    if (rows.count === 0) return []
    const targets = rows.targets.map((target, row) => Math.min(highestTarget, Math.max(lowestTarget, target / unitOf(unit, rows.features, row))))
    forest.push({ kind, unit, trees: boostTrees(rows.features, targets, rows.count, featureCount, shape) })
  }
  return forest
}

interface PlannedModel extends Omit<ForestModel, 'trees'> {
  readonly shape: TreeSettings
}

/** Mean scaled quantiles of a forest after each of some numbers of rounds, row-wise. */
function predictForest(forest: Forest, features: Float32Array, rows: number, stages: readonly number[]): Float32Array[] {
  const full = forest.filter(({ kind }) => kind === 'quantiles')
  const means = stages.map(() => new Float32Array(rows * (full[0]?.trees.quantiles.length ?? 0)))
  for (const { unit, trees } of full) {
    const levels = trees.quantiles.length
    predictTrees(trees, features, rows, featureCount, stages).forEach((output, stage) => {
      const mean = means[stage] as Float32Array
      for (let row = 0; row < rows; row += 1) {
        const scale = unitOf(unit, features, row) / full.length
        for (let i = row * levels; i < (row + 1) * levels; i += 1) mean[i] = (mean[i] as number) + (output[i] as number) * scale
      }
    })
  }
  const middles = forest.filter(({ kind }) => kind === 'middle')
  if (middles.length > 0) moveMiddles(means, full[0]?.trees.quantiles ?? [], middles, features, rows)
  return means
}

/** Moves all quantiles of each row by the way from their median to a better one, the mean of some models'. */
function moveMiddles(means: readonly Float32Array[], quantiles: readonly number[], middles: Forest, features: Float32Array, rows: number): void {
  const levels = quantiles.length
  const median = quantiles.indexOf(0.5)
  const better = new Float64Array(rows)
  for (const { unit, trees } of middles) {
    const [said] = predictTrees(trees, features, rows, featureCount, [trees.roots.length])
    for (let row = 0; row < rows; row += 1) better[row] = (better[row] as number) + ((said?.[row] as number) * unitOf(unit, features, row)) / middles.length
  }
  for (const mean of means) {
    for (let row = 0; row < rows; row += 1) {
      const move = middleWeight * ((better[row] as number) - (mean[row * levels + median] as number))
      for (let i = row * levels; i < (row + 1) * levels; i += 1) mean[i] = (mean[i] as number) + move
    }
  }
}

/** @returns a forest that stops after `rounds` trees of each model */
export function firstRounds(forest: Forest, rounds: number): Forest {
  return forest.map((model) => ({ ...model, trees: { ...model.trees, roots: model.trees.roots.subarray(0, rounds) } }))
}

/** Global models' paths of one series from some origins. */
interface GlobalPaths {
  readonly trees: readonly QuantilePaths[] | undefined
  readonly network: readonly QuantilePaths[] | undefined
}

/** Global models, as far as they could be trained, the early forest that has not seen the held-out days, and the network that came trained. */
export interface SchooledModels {
  readonly early: Forest
  readonly forest: Forest
  readonly trained: { readonly network: Network; readonly weights: NetworkWeights } | undefined
  readonly pretrained: { readonly network: SequenceNetwork; readonly tuning: SequenceTuning | undefined } | undefined
}

/** What the global models say of one series; a model that is not there says nothing. */
async function globalPaths(
  series: ModelSeries,
  origins: readonly number[],
  horizon: number,
  quantiles: readonly number[],
  forest: Forest,
  trained: { readonly network: Network; readonly weights: NetworkWeights } | undefined,
): Promise<GlobalPaths> {
  const count = origins.length * horizon
  const rows = emptyRows(count)
  const steps = everyStep(horizon)
  origins.forEach((origin, k) => writeFeatures(series, origin, steps, rows, k * horizon))
  const unscaled = (scaled: Float32Array): QuantilePaths[] => origins.map((_, k) => unscaledPaths(scaled, rows.base, rows.scale, k * horizon, horizon, quantiles.length))
  return {
    trees: forest.length > 0 ? unscaled(predictForest(forest, rows.features, count, [mostRounds(forest)])[0] as Float32Array) : undefined,
    network: trained === undefined ? undefined : unscaled(await trained.network.predict(trained.weights, rows.features, count)),
  }
}

/** Global members' paths, first from held-out origins, where the early forest speaks for the network too, then from the others. */
export async function schooledPaths(
  series: ModelSeries,
  held: readonly number[],
  origins: readonly number[],
  { early, forest, trained, pretrained }: SchooledModels,
  { horizon, quantiles }: { readonly horizon: number; readonly quantiles: readonly number[] },
): Promise<MemberPaths[]> {
  const before = held.length > 0 ? ((await globalPaths(series, held, horizon, quantiles, early, undefined)).trees ?? []) : []
  const { trees, network } = await globalPaths(series, origins, horizon, quantiles, forest, trained)
  const wanted = { horizon, quantiles }
  const sequenceBefore = pretrained?.network.paths(series, held, wanted, pretrained.tuning?.early)
  const sequence = pretrained?.network.paths(series, origins, wanted, pretrained.tuning?.late)
  return [
    ...(trees === undefined ? [] : [{ member: fittedMembers.trees.name, prior: fittedMembers.trees.prior, paths: [...before, ...trees] }]),
    ...(network === undefined ? [] : [{ member: fittedMembers.network.name, prior: fittedMembers.network.prior, paths: [...before, ...network] }]),
    ...(sequence === undefined || sequenceBefore === undefined ? [] : [{ member: fittedMembers.sequence.name, prior: fittedMembers.sequence.prior, paths: [...sequenceBefore, ...sequence] }]),
  ]
}

function mostRounds(forest: Forest): number {
  return Math.max(0, ...forest.map(({ trees }) => trees.roots.length))
}

function unscaledPaths(scaled: Float32Array, base: Float64Array, scale: Float64Array, from: number, horizon: number, count: number): QuantilePaths {
  const paths = new Float64Array(count * horizon)
  for (let step = 0; step < horizon; step += 1) {
    const row = from + step
    for (let q = 0; q < count; q += 1) paths[q * horizon + step] = (base[row] as number) + (scale[row] as number) * (scaled[row * count + q] as number)
  }
  return paths
}

/** Numbers of rounds and shares of made-up rows that are compared on origins the forest has not seen. */
const roundChoices: readonly number[] = [30, 50, 80, 120]
const madeUpChoices: readonly number[] = [0.5, 0]
/** Made-up rows that are fewer than this share of the real ones are not worth a comparison. */
const leastMadeUpRoom = 0.1
/** Series whose held-out days are looked at. */
const mostJudged = 100
/** Rounds where nothing can be held out. */
const usualRounds = 50

/** How global models are taught: what held-out origins were forecast best with. */
export interface Schooling {
  readonly rounds: number
  readonly madeUpShare: number
  /** The forest that was best; it has seen nothing of the held-out days. */
  readonly early: Forest
}

/**
 * Picks how long to boost and whether made-up demand helps: what had the least loss on held-out origins. Each series counts by its loss
 * relative to its own mean over the choices, at most twice that, so that neither large nor unruly series decide alone.
 * @param sources   what may be learned from, the held-out days left out
 * @param heldOut   per series, origins after what `sources` hold of it
 * @param settings  of the early forests; `rounds` is the most that is tried
 */
export function chooseSchooling(
  sources: readonly TrainingSource[],
  heldOut: readonly { readonly series: ModelSeries; readonly origins: readonly number[] }[],
  settings: Omit<ForestSettings, 'madeUpShare' | 'models'>,
): Schooling {
  const { horizon, quantiles } = settings
  const taught = sources.filter(({ end }) => end > 0).length
  const shares = heldOut.length > 0 && roomForMadeUp(taught) >= leastMadeUpRoom ? madeUpChoices : madeUpChoices.slice(0, 1)
  const choices = roundChoices.filter((rounds) => rounds <= settings.rounds)
  const forests = shares.map((madeUpShare) => trainForest(sources, { ...settings, madeUpShare, models: 1 }))
  const tried = forests.flatMap((forest, i) => choices.map((rounds): Schooling => ({ rounds, madeUpShare: shares[i] ?? 0, early: firstRounds(forest, rounds) })))
  const usual = tried.find(({ rounds }) => rounds === usualRounds) ?? { rounds: usualRounds, madeUpShare: madeUpChoices[0] ?? 0, early: [] }
  if (heldOut.length === 0 || usual.early.length === 0) return usual
  const totals = tried.map(() => 0)
  for (const held of spread(heldOut, mostJudged)) {
    const losses = forests.flatMap((forest) => heldOutLosses(forest, choices, held, horizon, quantiles))
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length
    losses.forEach((loss, i) => {
      totals[i] = (totals[i] ?? 0) + (mean > 0 ? Math.min(2, loss / mean) : 1)
    })
  }
  return tried[totals.indexOf(Math.min(...totals))] ?? usual
}

/** As many items as `most`, evenly spread. */
function spread<T>(items: readonly T[], most: number): readonly T[] {
  return items.length <= most ? items : items.filter((_, i) => Math.floor((i * most) / items.length) !== Math.floor(((i - 1) * most) / items.length))
}

/** Loss on a series' held-out origins after each number of rounds. */
function heldOutLosses(
  forest: Forest,
  rounds: readonly number[],
  { series, origins }: { readonly series: ModelSeries; readonly origins: readonly number[] },
  horizon: number,
  quantiles: readonly number[],
): number[] {
  const rows = emptyRows(horizon)
  const steps = everyStep(horizon)
  const losses = rounds.map(() => 0)
  for (const origin of origins) {
    writeFeatures(series, origin, steps, rows, 0)
    predictForest(forest, rows.features, horizon, rounds).forEach((scaled, i) => {
      const paths = unscaledPaths(scaled, rows.base, rows.scale, 0, horizon, quantiles.length)
      settlePaths(paths, quantiles.length, horizon, Infinity)
      losses[i] = (losses[i] ?? 0) + pathsLoss(paths, quantiles, series.values.subarray(origin, origin + horizon), series.measured.subarray(origin, origin + horizon)).loss
    })
  }
  return losses
}

/** The network's settings for data on which a forest wants so many rounds: short boosting means that little can be learned. */
export function networkTrainingFor(rounds: number, quantiles: readonly number[], seed: number): NetworkTraining {
  return { quantiles, hiddenUnits: 96, epochs: rounds > 80 ? 6 : 3, batchRows: 512, learningRate: 6e-3, seed }
}
